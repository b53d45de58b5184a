"""Answers about who used the apps: sessions as conversations, and users."""

from dataclasses import dataclass

from sightline_core.errors import NotFound
from sightline_core.ids import ProjectId, TraceId
from sightline_core.nanoseconds import to_ns
from sightline_core.query_fields import FieldName
from sightline_core.query_tree import EVERYTHING, Node, Pattern, TextMatch
from sightline_core.time_range import TimeRange
from sightline_storage.activity.activity_queries import (
    ActivitySort,
    Holder,
    build_activity,
    build_session_traces,
    build_turn_texts,
    build_window,
)
from sightline_storage.contract import CostTotals, TokenTotals, TraceRow
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.statements import run
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.search.trace_search import looked_at
from sightline_storage.search.trace_totals import TOTALS, cost_of, is_sampled, tokens_of
from sightline_storage.search.whole_traces import judged_whole
from sightline_storage.spans.page_cursor import FIRST_PAGE, RowKey
from sightline_storage.traces.trace_finder import TraceWindow, bounds_of, read_windows
from sightline_storage.traces.trace_reader import EngineTraceReader

_TURNS = "turn"


@dataclass(frozen=True, slots=True)
class Activity:
    """What a session or a user did in a time range. Times in nanoseconds since the epoch.

    `others` are some users of the session, or sessions of the user; `other_count` is how many there are, as
    `app_count` is of `apps`.
    `sampled`: sampled traces are among them, and the totals are estimates.
    """

    id: str
    traces: int
    errors: int
    tokens: TokenTotals
    cost: CostTotals
    first_ns: int
    last_ns: int
    apps: list[str]
    app_count: int
    others: list[str]
    other_count: int
    sampled: bool


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """In the order that was asked for. `next_cursor` is None on the last page."""

    rows: list[Activity]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TurnText:
    """The start of what went in or came out, and which span has all of it; both "" when nothing was kept."""

    span_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One trace of a conversation."""

    trace: TraceRow
    input: TurnText
    output: TurnText


@dataclass(frozen=True, slots=True)
class TurnPage:
    """In order of time. `next_cursor` is None on the last page."""

    turns: list[Turn]
    next_cursor: str | None


class ActivityReader:
    """Thread-safe, like its engine. A cursor that is not ours is a `CallerError`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._traces = EngineTraceReader(engine)

    def find(
        self,
        holder: Holder,
        project: ProjectId,
        time_range: TimeRange,
        node: Node,
        *,
        sort: ActivitySort = "last",
        limit: int,
        cursor: str | None,
    ) -> ActivityPage:
        """Return sessions or users with a trace that fits, those with the most of `sort` first.

        The figures cover all of their traces in the range, on later pages as they were stored at the first.
        """
        order = holder + sort
        glance, scope, inner = looked_at(project, time_range, cursor)
        before = RowKey.decode(inner, order) if inner else FIRST_PAGE
        rows = run(
            self._engine, build_activity(holder, node, scope, sort=sort, before=before, limit=limit + 1)
        )
        page = [_activity(row) for row in rows[:limit]]
        last = RowKey(int(rows[limit - 1][-1]), page[-1].id).encode(order) if len(rows) > limit else None
        return ActivityPage(page, glance.encode(last) if last else None)

    def read(self, holder: Holder, project: ProjectId, time_range: TimeRange, id_: str) -> Activity:
        """Return one session or user; `NotFound` when it has no trace in the range."""
        bounds = to_ns(time_range.start), to_ns(time_range.end)
        ((first_ns, last_ns, spans),) = run(self._engine, build_window(holder, project, id_, *bounds))
        # An index knows when that was; what follows groups all traces of its scope.
        if id_ and spans:
            named = TextMatch(FieldName(holder), (Pattern(id_),))
            part = SearchScope(project, int(first_ns), int(last_ns) + 1)
            # Not every span names the holder.
            scope, _ = judged_whole(self._engine, named, part, SearchScope(project, *bounds))
            query = build_activity(holder, EVERYTHING, scope, only=id_, before=FIRST_PAGE, limit=1)
            for row in run(self._engine, query):
                return _activity(row)
        raise NotFound(f"no trace of this {holder} is stored in the time range")

    def turns(
        self, project: ProjectId, time_range: TimeRange, session: str, *, limit: int, cursor: str | None
    ) -> TurnPage:
        """Return the traces of a session that began in the range, with what went in and came out.

        Empty for an unknown session.
        """
        after = RowKey.decode(cursor, _TURNS) if cursor else RowKey(to_ns(time_range.start), "")
        found = run(
            self._engine,
            build_session_traces(
                project, session, to_ns(time_range.start), to_ns(time_range.end), after, limit + 1
            ),
        )
        keys = [RowKey(int(first_ns), str(trace_id)) for trace_id, first_ns in found]
        windows = read_windows(self._engine, project, [key.id for key in keys[:limit]])
        texts = self._texts(project, session, windows)
        trace_ids = [TraceId(key.id) for key in keys[:limit] if key.id in texts]
        return TurnPage(
            [Turn(row, *texts[row.trace_id]) for row in self._traces.read_rows(project, trace_ids, windows)],
            keys[limit - 1].encode(_TURNS) if len(keys) > limit else None,
        )

    def _texts(
        self, project: ProjectId, session: str, windows: dict[str, TraceWindow]
    ) -> dict[str, tuple[TurnText, TurnText]]:
        """Return the texts of those of the traces that are of the session as they were stored last."""
        if not windows:
            return {}
        start_ns, end_ns = bounds_of(windows.values())
        rows = run(self._engine, build_turn_texts(project, session, list(windows), start_ns, end_ns))
        return {
            str(trace_id): (_text(asked), _text(by_root) if by_root[1] else _text(by_model))
            for trace_id, asked, by_root, by_model in rows
        }


def _text(pair: tuple[str, str]) -> TurnText:
    span_id, text = pair
    return TurnText(span_id, text)


def _activity(row: Row) -> Activity:
    id_, first_ns, last_ns, apps, app_count, others, other_count, _ = row[TOTALS:]
    return Activity(
        id=id_,
        traces=row[0],
        errors=row[1],
        tokens=tokens_of(row),
        cost=cost_of(row),
        first_ns=int(first_ns),
        last_ns=int(last_ns),
        apps=list(apps),
        app_count=int(app_count),
        others=list(others),
        other_count=int(other_count),
        sampled=is_sampled(row),
    )
