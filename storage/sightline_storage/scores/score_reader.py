"""Answers about scores."""

from dataclasses import dataclass

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import time_of
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.statements import run
from sightline_storage.scores.score_queries import ScoreFilter, build_scores
from sightline_storage.scores.score_record import Score, ScoreValue
from sightline_storage.spans.page_cursor import FIRST_PAGE, RowKey

_ORDER = "scored"


@dataclass(frozen=True, slots=True)
class ScorePage:
    """Newest first, at most the limit asked for. `next_cursor` is None on the last page."""

    scores: list[Score]
    next_cursor: str | None


class ScoreReader:
    """Thread-safe, like its engine. Every call sees one project only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, project: ProjectId, wanted: ScoreFilter, *, limit: int, cursor: str | None) -> ScorePage:
        """Return what was last said under each score id; `CallerError` for a cursor that is not ours."""
        before = RowKey.decode(cursor, _ORDER) if cursor else FIRST_PAGE
        rows = run(self._engine, build_scores(project, wanted, before, limit + 1))
        page = rows[:limit]
        more = RowKey(int(page[-1][8]), str(page[-1][0])).encode(_ORDER) if len(rows) > limit else None
        return ScorePage([_score(row) for row in page], more)


def _score(row: Row) -> Score:
    _, trace_id, span_id, session, name, source, author, judgement, at_ns = row
    value_type, number, text, comment = judgement
    value: ScoreValue = text if value_type in ("category", "text") else number
    return Score(
        trace_id=trace_id,
        span_id=span_id,
        session=session,
        name=name,
        source=source,
        author=author,
        value_type=value_type,
        value=bool(value) if value_type == "boolean" else value,
        comment=comment,
        scored_at=time_of(int(at_ns)),
    )
