"""Answers about one trace: where a text occurs in it, what its content is, which traces to hold it beside."""

from collections.abc import Sequence
from dataclasses import dataclass

from sightline_core.ids import ProjectId, TraceId
from sightline_core.nanoseconds import DAY_NS
from sightline_storage.contract import TraceReader, TraceRow
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.statements import run
from sightline_storage.spans.stored_text import spellings_of
from sightline_storage.traces import trace_relations as sql
from sightline_storage.traces.trace_finder import read_window

BASELINE_DAYS = 7
_BASELINE_NS = BASELINE_DAYS * DAY_NS
_SESSION_NS = 30 * DAY_NS
_GOOD_RUNS = 50
_LOOKED_AT = 4 * _GOOD_RUNS


@dataclass(frozen=True, slots=True)
class ContentDigest:
    """Hashes of what a span carries; equal content has equal hashes, in every store."""

    instructions: int
    tools: int
    input: int
    output: int


@dataclass(frozen=True, slots=True)
class SessionNeighbours:
    """The traces of the same session before and after one; None where there is none."""

    previous: TraceRow | None
    next: TraceRow | None


class TraceInspector:
    """Reads what the views of one trace ask beyond its spans."""

    def __init__(self, engine: Engine, traces: TraceReader) -> None:
        self._engine = engine
        self._traces = traces

    def find_text(self, project: ProjectId, trace_id: TraceId, text: str, limit: int) -> list[str]:
        """Return ids of spans that hold the text in their name, errors or content, by start.

        Letter case does not matter. Content is stored as JSON, so a text is also looked for as that is
        escaped there. `NotFound` when the trace is not stored.
        """
        window = read_window(self._engine, project, trace_id)
        statement = sql.build_spans_with_text(
            project, trace_id, window.first_ns, window.last_ns + 1, spellings_of(text), limit
        )
        return [str(row[0]) for row in run(self._engine, statement)]

    def content_digests(self, project: ProjectId, trace_id: TraceId) -> dict[str, ContentDigest]:
        """Return the digests of a trace's spans by span id; `NotFound` when the trace is not stored."""
        window = read_window(self._engine, project, trace_id)
        statement = sql.build_content_digests(project, trace_id, window.first_ns, window.last_ns + 1)
        return {str(row[0]): ContentDigest(*row[1:]) for row in run(self._engine, statement)}

    def good_runs(self, project: ProjectId, trace: TraceRow) -> list[TraceRow]:
        """Return up to 50 traces of the same app and root name from the week before, newest first.

        None of them has an error or a failure anywhere. Empty for a trace whose root has not arrived: its
        name is not known. At most the 200 newest candidates are looked at.
        """
        if not trace.has_root:
            return []
        statement = sql.build_runs_of_kind(
            project, trace.app, trace.name, trace.start_ns - _BASELINE_NS, trace.start_ns, _LOOKED_AT
        )
        found = [TraceId(str(row[0])) for row in run(self._engine, statement)]
        rows = self._traces.read_rows(project, [trace_id for trace_id in found if trace_id != trace.trace_id])
        return [row for row in rows if _is_good(row)][:_GOOD_RUNS]

    def session_neighbours(self, project: ProjectId, trace: TraceRow) -> SessionNeighbours:
        """Return the neighbours within 30 days; none when the trace has no session."""
        if not trace.session:
            return SessionNeighbours(None, None)
        start, of = trace.start_ns, (project, trace.session, trace.trace_id)
        before = run(self._engine, sql.build_session_neighbour(*of, start - _SESSION_NS, start, newest=True))
        after = run(self._engine, sql.build_session_neighbour(*of, start, start + _SESSION_NS, newest=False))
        return SessionNeighbours(self._row_of(project, before), self._row_of(project, after))

    def _row_of(self, project: ProjectId, found: Sequence[Row]) -> TraceRow | None:
        rows = self._traces.read_rows(project, [TraceId(str(row[0])) for row in found])
        return rows[0] if rows else None


def median_run(runs: Sequence[TraceRow]) -> TraceRow | None:
    """Return the run with the median duration, the shorter of two in the middle; None without runs."""
    ordered = sorted(runs, key=lambda run: (run.duration_ns, run.trace_id))
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def _is_good(row: TraceRow) -> bool:
    return row.has_root and row.status != "error" and not row.error_count and not row.failure_categories
