"""Answers about named prompts and their versions."""

from collections import defaultdict
from dataclasses import dataclass

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_core.query_tree import Node
from sightline_core.time_range import TimeRange
from sightline_storage.activity.prompt_queries import build_prompt_scores, build_prompts
from sightline_storage.contract import CostTotals, TokenTotals
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.statements import run
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.traces.usage_totals import read_tokens

_MAX_MEANS = 200_000


@dataclass(frozen=True, slots=True)
class MeanScore:
    """Mean of the numbers, and of booleans as 0 and 1, that were given under one name."""

    name: str
    mean: float
    count: int


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """The model calls made with one version. Times in nanoseconds since the epoch; `version` may be "".

    `sampled`: sampled calls are among them, and the totals and means are estimates.
    """

    prompt: str
    version: str
    calls: int
    errors: int
    p50_ns: int
    p95_ns: int
    tokens: TokenTotals
    cost: CostTotals
    first_ns: int
    last_ns: int
    apps: list[str]
    models: list[str]
    scores: list[MeanScore]
    sampled: bool


class PromptReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(
        self, project: ProjectId, time_range: TimeRange, node: Node, *, limit: int
    ) -> list[PromptVersion]:
        """Return at most `limit` versions with a call that fits, last used first."""
        scope = SearchScope(project, to_ns(time_range.start), to_ns(time_range.end))
        rows = run(self._engine, build_prompts(node, scope, limit))
        scores: dict[tuple[str, str], list[MeanScore]] = defaultdict(list)
        if rows:
            for prompt, version, name, mean, count in run(
                self._engine, build_prompt_scores(node, scope, _MAX_MEANS)
            ):
                scores[prompt, version].append(MeanScore(name, mean, int(count)))
        return [_version(row, scores[row[0], row[1]]) for row in rows]


def _version(row: Row, scores: list[MeanScore]) -> PromptVersion:
    prompt, version, calls, errors, (p50_ns, p95_ns) = row[:5]
    first_ns, last_ns, apps, models, sampled = row[15:]
    return PromptVersion(
        prompt=prompt,
        version=version,
        calls=int(calls),
        errors=int(errors),
        p50_ns=int(p50_ns),
        p95_ns=int(p95_ns),
        tokens=read_tokens(row[5:11]),
        cost=CostTotals(*row[11:15]),
        first_ns=int(first_ns),
        last_ns=int(last_ns),
        apps=list(apps),
        models=list(models),
        scores=scores,
        sampled=bool(sampled),
    )
