"""Failure clusters in the metadata database: members, decisions with undo, suggestions.

Every call is one transaction. A decision is stored as what it changed before and after, so that undoing is
the same for every action; what somebody changed since is not overwritten (`Conflict`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from secrets import randbelow
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from sightline_core.batches import batched
from sightline_core.errors import Conflict, NotFound
from sightline_core.ids import ProjectId
from sightline_storage.failures.failure_forgetting import forget_messages
from sightline_storage.failures.failure_records import Change, ClusterRow, DecisionRow, MemberRow, Sighting
from sightline_storage.failures.failure_tables import (
    FAILURE_CLUSTERS,
    FAILURE_DECISIONS,
    FAILURE_MEMBERS,
    FAILURE_SUGGESTIONS,
    SCORE_LINES,
)
from sightline_storage.metadata.metadata_database import read_rows, reading

_C, _M, _D, _S = FAILURE_CLUSTERS.c, FAILURE_MEMBERS.c, FAILURE_DECISIONS.c, FAILURE_SUGGESTIONS.c
_CLUSTER_ROWS = select(*(_C[name] for name in ClusterRow.__slots__))
MAX_LISTED = 10_000
_VALUES_A_STATEMENT = 1_000
_NUMBERS = 2**31 - 1
"""As many as the column of PostgreSQL has above zero."""


class FailureStore:
    """Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def projects(self) -> list[ProjectId]:
        """Return the projects that have clusters."""
        statement = select(_C.project).distinct().order_by(_C.project)
        return [ProjectId(str(name)) for (name,) in read_rows(self._engine, statement)]

    def every_cluster(self, project: ProjectId, ids: Collection[str] | None = None) -> list[ClusterRow]:
        """Return all clusters, or those of these that there are, also those that were merged."""
        statement = _CLUSTER_ROWS.where(_C.project == project).order_by(_C.id)
        with reading(self._engine) as connection:
            return [ClusterRow(*row) for row in _chosen(connection, statement, _C.id, ids)]

    def clusters(self, project: ProjectId) -> list[ClusterRow]:
        """Return the clusters that stand for themselves, last seen first, at most `MAX_LISTED`.

        They were seen when they or what was merged into them were seen.
        """
        statement = _CLUSTER_ROWS.where(_C.project == project, _C.merged_into == "")
        with reading(self._engine) as connection:
            newest = statement.order_by(_C.last_seen.desc(), _C.id).limit(MAX_LISTED)
            rows = [ClusterRow(*row) for row in connection.execute(newest).all()]
            return _seen_with_merged(connection, project, rows)

    def cluster(self, project: ProjectId, cluster: str) -> ClusterRow:
        """Return one cluster, also a merged one, seen as in `clusters`; `NotFound` when there is none."""
        with reading(self._engine) as connection:
            (row,) = _seen_with_merged(connection, project, [_cluster(connection, project, cluster)])
            return row

    def clusters_of(self, project: ProjectId, fingerprints: Collection[str] | None = None) -> dict[str, str]:
        """Return the id of the cluster of every fingerprint, or of every one of these, that has one."""
        statement = select(_M.fingerprint, _M.cluster).where(_M.project == project)
        with reading(self._engine) as connection:
            rows = _chosen(connection, statement, _M.fingerprint, fingerprints)
            return {str(fingerprint): str(cluster) for fingerprint, cluster in rows}

    def cluster_of(self, project: ProjectId, fingerprint: str) -> str:
        """Return the id of the cluster that holds a fingerprint; `NotFound` when none does (yet)."""
        statement = select(_M.cluster).where(_M.project == project, _M.fingerprint == fingerprint)
        with reading(self._engine) as connection:
            found = connection.execute(statement).scalar()
        if found is None:
            raise NotFound(f"no failure cluster holds {fingerprint!r}")
        return str(found)

    def members(self, project: ProjectId, cluster: str | None = None) -> list[MemberRow]:
        """Return the members of one or all clusters in their order of arrival."""
        statement = select(_M.fingerprint, _M.cluster, _M.template, _M.message).where(_M.project == project)
        if cluster is not None:
            statement = statement.where(_M.cluster == cluster)
        return [MemberRow(*row) for row in read_rows(self._engine, statement.order_by(_M.number))]

    def add(
        self,
        project: ProjectId,
        clusters: Sequence[ClusterRow],
        members: Sequence[MemberRow],
        suggestions: Sequence[tuple[str, str, float]],
    ) -> None:
        """Store what the job found or a person splits off; what is stored already stays as it is."""
        named = {cluster.id: cluster for cluster in clusters}
        new = {member.fingerprint: member for member in members}
        pairs = {(cluster, other): similarity for cluster, other, similarity in suggestions}
        with self._engine.begin() as connection:
            ids = select(_C.id).where(_C.project == project)
            for row in _chosen(connection, ids, _C.id, named):
                del named[row.id]
            held = select(_M.fingerprint).where(_M.project == project)
            for row in _chosen(connection, held, _M.fingerprint, new):
                del new[row.fingerprint]
            suggested = select(_S.cluster, _S.other).where(_S.project == project)
            for row in _chosen(connection, suggested, _S.cluster, {cluster for cluster, _ in pairs}):
                pairs.pop((row.cluster, row.other), None)
            last = select(func.coalesce(func.max(_M.number), 0)).where(_M.project == project)
            number = connection.execute(last).scalar_one()
            _insert(connection, FAILURE_CLUSTERS, project, map(_columns, named.values()))
            numbered = enumerate(new.values(), start=number + 1)
            _insert(
                connection, FAILURE_MEMBERS, project, (_columns(row) | {"number": at} for at, row in numbered)
            )
            found = [{"cluster": pair[0], "other": pair[1], "similarity": pairs[pair]} for pair in pairs]
            _insert(connection, FAILURE_SUGGESTIONS, project, found)

    def touch(self, project: ProjectId, sightings: Mapping[str, Sighting]) -> None:
        """Widen the span of time in which clusters were seen."""
        first, last = bindparam("first", type_=_C.first_seen.type), bindparam("last", type_=_C.last_seen.type)
        wider = {
            "first_seen": case((_C.first_seen > first, first), else_=_C.first_seen),
            "last_seen": case((_C.last_seen < last, last), else_=_C.last_seen),
        }
        statement = update(FAILURE_CLUSTERS).where(_C.project == project, _C.id == bindparam("cluster"))
        seen = [{"cluster": name, "first": at.first, "last": at.last} for name, at in sightings.items()]
        if seen:
            with self._engine.begin() as connection:
                connection.execute(statement.values(wider), seen)

    def forget(self, project: ProjectId, fingerprints: Collection[str]) -> None:
        """Remove members whose failures are no causes, and clusters that have no other ones."""
        forget_messages(self._engine, project, dict.fromkeys(fingerprints))

    def suggestions(self, project: ProjectId, *, limit: int) -> list[tuple[str, str, float]]:
        """Return at most `limit` pairs of standing clusters that may belong together, most alike first."""
        pairs = select(_S.cluster, _S.other, _S.similarity).where(_S.project == project)
        for name in (_S.cluster, _S.other):
            cluster = FAILURE_CLUSTERS.alias().c
            # Not among a list of those that stand: SQLite would try each of them with each.
            is_standing = (cluster.project == project, cluster.id == name, cluster.merged_into == "")
            pairs = pairs.where(exists().where(*is_standing))
        statement = pairs.order_by(_S.similarity.desc(), _S.cluster, _S.other).limit(limit)
        return [(str(row[0]), str(row[1]), float(row[2])) for row in read_rows(self._engine, statement)]

    def dismiss(self, project: ProjectId, cluster: str, other: str) -> None:
        """Forget a suggestion; `NotFound` when there is none."""
        pair = and_(_S.project == project, _S.cluster == cluster, _S.other == other)
        with self._engine.begin() as connection:
            if connection.execute(delete(FAILURE_SUGGESTIONS).where(pair)).rowcount == 0:
                raise NotFound("there is no such suggestion")

    def decide(
        self,
        project: ProjectId,
        cluster: str,
        *,
        actor: str,
        action: str,
        note: str,
        change: Change,
        at: datetime,
    ) -> int:
        """Apply a change and write its line of the audit trail; return the decision's number."""
        with self._engine.begin() as connection:
            before = _current(connection, project, change)
            _apply(connection, project, change)
            line = {"project": project, "cluster": cluster, "actor": actor, "at": at}
            return _add_decision(connection, before, change, line | {"action": action, "note": note})

    def undo(self, project: ProjectId, decision: int, *, actor: str, at: datetime) -> str:
        """Take a decision back and return its cluster; `Conflict` when what it changed has changed since."""
        with self._engine.begin() as connection:
            statement = select(_D.cluster, _D.before, _D.after, _D.action, _D.undone_at).where(
                _D.project == project, _D.id == decision
            )
            row = connection.execute(statement).first()
            if row is None:
                raise NotFound(f"there is no decision {decision}")
            if row.undone_at is not None:
                raise Conflict("this decision was undone before")
            after, before = Change.from_json(row.after), Change.from_json(row.before)
            if _current(connection, project, after).to_json() != after.to_json():
                raise Conflict("what this decision changed has been changed again since")
            _apply(connection, project, before)
            connection.execute(update(FAILURE_DECISIONS).where(_D.id == decision).values(undone_at=at))
            line = {"project": project, "cluster": row.cluster, "actor": actor, "at": at}
            undo = {"action": "undo", "note": f"took back: {row.action}"}
            _add_decision(connection, after, before, line | undo)
            return str(row.cluster)

    def decided(self, project: ProjectId, actions: Collection[str]) -> set[str]:
        """Return the clusters about which one of these actions was ever decided, undone or not."""
        statement = select(_D.cluster).distinct().where(_D.project == project, _D.action.in_(list(actions)))
        return {str(cluster) for (cluster,) in read_rows(self._engine, statement)}

    def decisions(self, project: ProjectId, cluster: str) -> list[DecisionRow]:
        """Return the audit trail of a cluster, newest first."""
        columns = (_D.id, _D.cluster, _D.at, _D.actor, _D.action, _D.note, _D.undone_at)
        statement = select(*columns).where(_D.project == project, _D.cluster == cluster)
        newest = statement.order_by(_D.at.desc(), _D.id).limit(500)
        return [DecisionRow(*row) for row in read_rows(self._engine, newest)]

    def score_lines(self, project: ProjectId) -> dict[str, float]:
        """Return below which number each score counts as a failure; other scores have no line."""
        statement = select(SCORE_LINES.c.name, SCORE_LINES.c.line).where(SCORE_LINES.c.project == project)
        rows = read_rows(self._engine, statement.order_by(SCORE_LINES.c.name).limit(MAX_LISTED))
        return {str(name): float(line) for name, line in rows}

    def set_score_line(self, project: ProjectId, name: str, line: float | None) -> None:
        """Draw the line of a score, or take it away with `None`."""
        this = and_(SCORE_LINES.c.project == project, SCORE_LINES.c.name == name)
        with self._engine.begin() as connection:
            connection.execute(delete(SCORE_LINES).where(this))
            if line is not None:
                connection.execute(insert(SCORE_LINES).values(project=project, name=name, line=line))


def _chosen(
    connection: Connection,
    statement: Select[Any],
    column: ColumnElement[str],
    values: Collection[str] | None,
) -> Iterator[Any]:
    """Yield the rows that have one of these values there, or all with `None`."""
    if values is None:
        yield from connection.execute(statement)
        return
    for some in batched(sorted(values), _VALUES_A_STATEMENT):
        yield from connection.execute(statement.where(column.in_(some)))


def _insert(connection: Connection, table: Table, project: str, rows: Iterable[dict[str, Any]]) -> None:
    if values := [{"project": project, **row} for row in rows]:
        connection.execute(insert(table), values)


def _columns(row: ClusterRow | MemberRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _cluster(connection: Connection, project: str, cluster: str) -> ClusterRow:
    row = connection.execute(_CLUSTER_ROWS.where(_C.project == project, _C.id == cluster)).first()
    if row is None:
        raise NotFound(f"there is no failure cluster {cluster!r}")
    return ClusterRow(*row)


def _seen_with_merged(connection: Connection, project: str, rows: Sequence[ClusterRow]) -> list[ClusterRow]:
    """Return the clusters with the times of those merged into them, which keep their own for an undo."""
    columns = (_C.id, _C.merged_into, _C.first_seen, _C.last_seen)
    merged = connection.execute(select(*columns).where(_C.project == project, _C.merged_into != "")).all()
    into = {str(row.id): str(row.merged_into) for row in merged}
    seen = {row.id: Sighting(row.first_seen, row.last_seen) for row in rows}
    for row in merged:
        holder, passed = into[row.id], {row.id}
        while holder not in passed:
            if holder in seen:
                first, last = seen[holder].first, seen[holder].last
                seen[holder] = Sighting(min(first, row.first_seen), max(last, row.last_seen))
            passed.add(holder)
            holder = into.get(holder, holder)
    return [replace(row, first_seen=seen[row.id].first, last_seen=seen[row.id].last) for row in rows]


def _current(connection: Connection, project: str, change: Change) -> Change:
    """Return the present values of everything that a change touches."""
    columns = {}
    for cluster, values in change.columns.items():
        row = _cluster(connection, project, cluster)
        columns[cluster] = {name: getattr(row, name) for name in values}
    members = {}
    for fingerprint in change.members:
        statement = select(_M.cluster).where(_M.project == project, _M.fingerprint == fingerprint)
        found = connection.execute(statement).scalar()
        if found is None:
            raise NotFound(f"no failure cluster holds {fingerprint!r}")
        members[fingerprint] = str(found)
    return Change(columns, members)


def _add_decision(connection: Connection, before: Change, after: Change, line: dict[str, Any]) -> int:
    """Write a line of the audit trail and return its number.

    The table is that of all projects: numbers in a row would tell each how much the others decide.
    """
    number = 0
    while not number or connection.execute(select(_D.id).where(_D.id == number)).first():
        number = randbelow(_NUMBERS) + 1
    changed = {"before": before.to_json(), "after": after.to_json()}
    connection.execute(insert(FAILURE_DECISIONS).values(line | changed | {"id": number}))
    return number


def _apply(connection: Connection, project: str, change: Change) -> None:
    for cluster, values in change.columns.items():
        connection.execute(
            update(FAILURE_CLUSTERS).where(_C.project == project, _C.id == cluster).values(**values)
        )
    for fingerprint, cluster in change.members.items():
        connection.execute(
            update(FAILURE_MEMBERS)
            .where(_M.project == project, _M.fingerprint == fingerprint)
            .values(cluster=cluster)
        )
