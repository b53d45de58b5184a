"""Removing from failure clusters the messages of failures that are not stored any more."""

from collections.abc import Mapping, Set

from sqlalchemy import Connection, Engine, and_, delete, or_, select, update

from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_storage.failures.failure_records import Change, title_of
from sightline_storage.failures.failure_tables import (
    FAILURE_CLUSTERS,
    FAILURE_DECISIONS,
    FAILURE_MEMBERS,
    FAILURE_SUGGESTIONS,
)

_C, _M, _D, _S = FAILURE_CLUSTERS.c, FAILURE_MEMBERS.c, FAILURE_DECISIONS.c, FAILURE_SUGGESTIONS.c
_VALUES_A_STATEMENT = 1_000


def forget_messages(
    metadata: Engine, project: ProjectId, message_of: Mapping[str, str | None]
) -> dict[str, str]:
    """Replace the messages of members, and the titles that were made of them.

    `message_of`: fingerprint → a message that is stored with it; None: no failure has it any more, so that
    the member goes, and with its last member a cluster. Names that people or a model gave to others stay.
    Returns the titles of the clusters that it concerned; "" for those that are gone.
    """
    titles: dict[str, str] = {}
    with metadata.begin() as connection:
        clusters: set[str] = set()
        for some in batched(sorted(message_of), _VALUES_A_STATEMENT):
            held = select(_M.cluster).where(_M.project == project, _M.fingerprint.in_(some))
            clusters |= set(connection.execute(held).scalars())
        for cluster in sorted(clusters):
            titles[cluster] = _forget_in(connection, project, cluster, message_of)
    return titles


def _forget_in(
    connection: Connection, project: str, cluster: str, message_of: Mapping[str, str | None]
) -> str:
    of_cluster = and_(_M.project == project, _M.cluster == cluster)
    columns = (_M.fingerprint, _M.message)
    members = connection.execute(select(*columns).where(of_cluster).order_by(_M.number)).all()
    new_of: dict[str, str | None] = {}
    for fingerprint, message in members:
        if fingerprint in message_of and new_of.get(message) is None:
            new_of[message] = message_of[fingerprint]
    # Also those that a newer version of the rules has named by the same message.
    for fingerprint, message in members:
        this = and_(of_cluster, _M.fingerprint == fingerprint)
        if message in new_of:
            new = new_of[message]
            connection.execute(
                delete(FAILURE_MEMBERS).where(this)
                if new is None
                else update(FAILURE_MEMBERS).where(this).values(message=new)
            )
    left = [new_of.get(message, message) for _, message in members]
    forgotten = {message for message, new in new_of.items() if message != new}
    return _retitle(connection, project, cluster, forgotten, [each for each in left if each is not None])


def _retitle(connection: Connection, project: str, cluster: str, forgotten: Set[str], left: list[str]) -> str:
    """Return the cluster's title from now on; "" when nothing is left of it, and it is gone."""
    with_merged = and_(_C.project == project, or_(_C.id == cluster, _C.merged_into == cluster))
    rows = connection.execute(select(_C.id, _C.title, _C.category).where(with_merged)).all()
    ids = [row.id for row in rows]
    decided = and_(_D.project == project, _D.cluster.in_(ids))
    if not left:
        suggested = and_(_S.project == project, or_(_S.cluster.in_(ids), _S.other.in_(ids)))
        connection.execute(delete(FAILURE_DECISIONS).where(decided))
        connection.execute(delete(FAILURE_SUGGESTIONS).where(suggested))
        connection.execute(delete(FAILURE_CLUSTERS).where(with_merged))
        return ""
    category = next(row.category for row in rows if row.id == cluster)
    old, new = {title_of(message, category) for message in forgotten}, title_of(left[0], category)
    made_of_them = and_(with_merged, _C.title.in_(old))
    connection.execute(update(FAILURE_CLUSTERS).where(made_of_them).values(title=new))
    for decision in connection.execute(select(_D.id, _D.before, _D.after).where(decided)).all():
        changed = {name: _without(getattr(decision, name), old, new) for name in ("before", "after")}
        connection.execute(update(FAILURE_DECISIONS).where(_D.id == decision.id).values(changed))
    return next(new if row.title in old else str(row.title) for row in rows if row.id == cluster)


def _without(text: str, old: Set[str], new: str) -> str:
    change = Change.from_json(text)
    columns = {
        cluster: {**values, "title": new} if values.get("title") in old else values
        for cluster, values in change.columns.items()
    }
    return Change(columns, change.members).to_json()
