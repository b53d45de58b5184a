"""Writing scores and taking them back."""

import uuid
from collections.abc import Sequence

from sightline_core.batches import batched
from sightline_core.errors import NotFound
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.native_block import insert_columns
from sightline_storage.engines.statements import run
from sightline_storage.scores.score_queries import build_score_versions
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_table import SCORES

_MONTHS_AN_INSERT = 50  # the engine refuses a block for more than 100 partitions
_NOT_STRINGS = {
    "project": "LowCardinality(String)",
    "name": "LowCardinality(String)",
    "source": "LowCardinality(String)",
    "value_type": "LowCardinality(String)",
    "number": "Float64",
    "scored_at": "DateTime64(9, 'UTC')",
    "is_deleted": "UInt8",
}
_TYPES = {column.name: _NOT_STRINGS.get(column.name, "String") for column in SCORES.columns}


class ScoreWriter:
    """The one door through which scores are stored. Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, project: ProjectId, scores: Sequence[Score]) -> None:
        """Store all scores, durably, before returning; the spans that they are about may come later.

        Of scores with the same `score_id` the one with the newest `scored_at` counts, then the later one, so
        writing them again changes nothing. Raises `BackendError` when the store did not take them.
        """
        months = sorted({_month(score) for score in scores})
        for chosen in batched(months, _MONTHS_AN_INSERT):
            self._insert([_row(project, score) for score in scores if _month(score) in chosen])

    def delete(self, project: ProjectId, score_id: str) -> None:
        """Delete what was said under a score id up to now; raises `NotFound` when there is nothing.

        What is written under it with a later `scored_at` counts again.
        """
        versions = run(self._engine, build_score_versions(project, score_id))
        if all(deleted for *_, deleted in versions):
            raise NotFound(f"no score {score_id} is stored")
        # One row in each month, because rows replace each other within a partition only; a DELETE would touch
        # every part of the table.
        for *identity, at_ns, _ in versions:
            self._insert([(project, score_id, *identity, "", 0.0, "", "", int(at_ns) + 1, 1)])

    def _insert(self, rows: Sequence[Row]) -> None:
        columns = dict(zip(_TYPES, zip(*rows, strict=True), strict=True))
        insert_columns(self._engine, SCORES.name, columns, _TYPES, token=f"scores-{uuid.uuid4().hex}")


def _month(score: Score) -> tuple[int, int]:
    return score.scored_at.year, score.scored_at.month


def _row(project: ProjectId, score: Score) -> Row:
    is_text = isinstance(score.value, str)
    return (
        project,
        score.score_id,
        score.trace_id,
        score.span_id,
        score.session,
        score.name,
        score.source,
        score.author,
        score.value_type,
        0.0 if is_text else float(score.value),
        str(score.value) if is_text else "",
        score.comment,
        to_ns(score.scored_at),
        0,
    )
