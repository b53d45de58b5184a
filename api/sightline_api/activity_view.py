"""Sessions, users, prompts and apps as response models."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sightline_api.activity_models import (
    AppFigures,
    AppHealth,
    MeanScore,
    Prompt,
    PromptVersion,
    SessionSummary,
    SessionTurn,
    TurnText,
    UserSummary,
)
from sightline_api.amounts import cost_of, sum_of, tokens_of
from sightline_api.score_models import ScoreView
from sightline_api.score_view import score_view
from sightline_api.trace_view import trace_summary
from sightline_core.nanoseconds import time_of
from sightline_storage.activity import app_reader, prompt_reader
from sightline_storage.activity.activity_reader import Activity, Turn
from sightline_storage.scores.score_record import Score


def session_summary(row: Activity) -> SessionSummary:
    """Return one row of the session list."""
    return SessionSummary(session=row.id, users=row.others, user_count=row.other_count, **_summary(row))


def user_summary(row: Activity) -> UserSummary:
    """Return one row of the user list."""
    return UserSummary(user=row.id, sessions=row.other_count, **_summary(row))


def session_turns(turns: Sequence[Turn], scores: Sequence[Score]) -> list[SessionTurn]:
    """Return turns with the scores on their traces and spans."""
    by_trace: dict[str, list[ScoreView]] = defaultdict(list)
    for score in scores:
        by_trace[score.trace_id].append(score_view(score))
    return [
        SessionTurn(
            trace=trace_summary(turn.trace),
            input=TurnText(span_id=turn.input.span_id, text=turn.input.text),
            output=TurnText(span_id=turn.output.span_id, text=turn.output.text),
            scores=by_trace[turn.trace.trace_id],
        )
        for turn in turns
    ]


def prompts_of(rows: Sequence[prompt_reader.PromptVersion]) -> list[Prompt]:
    """Return prompts with their versions, last used first; `rows` come in that order."""
    found: dict[str, list[prompt_reader.PromptVersion]] = {}
    for row in rows:
        found.setdefault(row.prompt, []).append(row)
    return [
        Prompt(
            prompt=prompt,
            calls=sum(row.calls for row in versions),
            errors=sum(row.errors for row in versions),
            cost=cost_of(sum_of([row.cost for row in versions])),
            last_seen=time_of(versions[0].last_ns),
            versions=[_prompt_version(row) for row in versions],
            sampled=any(row.sampled for row in versions),
        )
        for prompt, versions in found.items()
    ]


def app_health(row: app_reader.AppHealth, before: app_reader.AppHealth | None) -> AppHealth:
    """Return an app beside what it did in the period before."""
    return AppHealth(
        app=row.app,
        last_seen=time_of(row.last_ns),
        trace_series=[traces for traces, _ in row.series],
        error_series=[errors for _, errors in row.series],
        before=None if before is None else AppFigures(**_figures(before)),
        **_figures(row),
    )


def _summary(row: Activity) -> dict[str, Any]:
    return {
        "traces": row.traces,
        "errors": row.errors,
        "tokens": tokens_of(row.tokens),
        "cost": cost_of(row.cost),
        "first_seen": time_of(row.first_ns),
        "last_seen": time_of(row.last_ns),
        "apps": row.apps,
        "app_count": row.app_count,
        "sampled": row.sampled,
    }


def _prompt_version(row: prompt_reader.PromptVersion) -> PromptVersion:
    return PromptVersion(
        version=row.version,
        calls=row.calls,
        errors=row.errors,
        p50_ns=row.p50_ns,
        p95_ns=row.p95_ns,
        tokens=tokens_of(row.tokens),
        cost=cost_of(row.cost),
        first_seen=time_of(row.first_ns),
        last_seen=time_of(row.last_ns),
        apps=row.apps,
        models=row.models,
        scores=[MeanScore(name=each.name, mean=each.mean, count=each.count) for each in row.scores],
        sampled=row.sampled,
    )


def _figures(row: app_reader.AppHealth) -> dict[str, Any]:
    return {
        "traces": row.traces,
        "errors": row.errors,
        "p50_ns": row.p50_ns,
        "p95_ns": row.p95_ns,
        "tokens": tokens_of(row.tokens),
        "cost": cost_of(row.cost),
        "sampled": row.sampled,
    }
