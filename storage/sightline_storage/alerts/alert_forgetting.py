"""Removing from incidents and their messages what they tell of deleted users, sessions and traces."""

import json
from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, delete, select, update

from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_core.plain_text import one_line, short_line
from sightline_storage.alerts.alert_records import Document
from sightline_storage.alerts.alert_tables import ALERT_INCIDENTS, ALERT_OUTBOX, ALERT_STATES
from sightline_storage.alerts.incident_changes import post_end

FORGOTTEN = "(deleted)"
"""What stands for a user or a session whose traces are deleted."""

_KEYS_A_STATEMENT = 1_000


def forget_groups(metadata: Engine, project: ProjectId, gone: Mapping[str, Set[str]], at: datetime) -> None:
    """Forget users and sessions in what rules that group by them have kept.

    `gone`: "user" or "session" → ids. Incidents stay, without the name and the traces; open ones end, of
    which their channels are told.
    """
    with metadata.begin() as connection:
        for row in _groups(connection, ALERT_STATES, project, gone):
            names = json.loads(row.state).get("group_by") or []
            pairs = zip(names, json.loads(row.group_values), strict=False)
            if any(value in gone.get(name, ()) for name, value in pairs):
                this = (ALERT_STATES.c.project == project, ALERT_STATES.c.group_hash == row.group_hash)
                connection.execute(delete(ALERT_STATES).where(*this))
        for row in _groups(connection, ALERT_INCIDENTS, project, gone):
            facts, group = json.loads(row.facts), json.loads(row.group_values)
            named = {(name, value) for name, values in gone.items() for value in group if value in values}
            told = facts.get("where", "")
            where = _without_names(told, named)
            if where == told:
                continue
            values_of = {value for _, value in named}
            group = [FORGOTTEN if value in values_of else value for value in group]
            kept = {
                "group_values": json.dumps(group),
                "facts": json.dumps(_without_group(facts, told, where)),
            }
            this_one = ALERT_INCIDENTS.c.id == row.id
            connection.execute(update(ALERT_INCIDENTS).where(this_one).values(kept))
            for message in connection.execute(_messages(row.id)).all():
                document = json.loads(message.message)
                document["facts"] = _without_group(document["facts"], told, where)
                # A receiver may have quoted it in its refusal.
                _put_message(connection, message.id, document, last_error="")
            if row.resolved_at is None:
                post_end(connection, project, row.id, at)
                ended = {"open_key": None, "resolved_at": at}
                connection.execute(update(ALERT_INCIDENTS).where(this_one).values(ended))


def forget_mentions(
    metadata: Engine, project: ProjectId, trace_ids: Set[str], titles: Mapping[str, str]
) -> None:
    """Take deleted traces out of what incidents name, and give failure clusters (id → title) their new title.

    A cluster whose title is "" is gone, and so is what names it.
    """
    if not trace_ids and not titles:
        return
    with metadata.begin() as connection:
        of_project = ALERT_INCIDENTS.c.project == project
        rows = connection.execute(select(ALERT_INCIDENTS.c.id, ALERT_INCIDENTS.c.facts).where(of_project))
        for row in rows.all():
            facts = json.loads(row.facts)
            if not _names_any(facts, trace_ids, titles):
                continue
            kept = json.dumps(_without_mentions(facts, trace_ids, titles))
            connection.execute(
                update(ALERT_INCIDENTS).where(ALERT_INCIDENTS.c.id == row.id).values(facts=kept)
            )
            for message in connection.execute(_messages(row.id)).all():
                document = json.loads(message.message)
                document["facts"] = _without_mentions(document["facts"], trace_ids, titles)
                _put_message(connection, message.id, document)


def _groups(
    connection: Connection, table: Table, project: str, gone: Mapping[str, Set[str]]
) -> list[Row[Any]]:
    """Return the rows in whose group one of the values is, of whatever it is the value there."""
    values = set().union(*gone.values())
    key = table.primary_key.columns.values()[-1]
    groups = connection.execute(select(key, table.c.group_values).where(table.c.project == project)).all()
    keys = [row[0] for row in groups if not values.isdisjoint(json.loads(row.group_values))]
    found: list[Row[Any]] = []
    for some in batched(keys, _KEYS_A_STATEMENT):
        found += connection.execute(select(table).where(table.c.project == project, key.in_(some))).all()
    return found


def _messages(incident: str) -> Select[Any]:
    return select(ALERT_OUTBOX.c.id, ALERT_OUTBOX.c.message).where(ALERT_OUTBOX.c.incident == incident)


def _put_message(connection: Connection, message: str, document: Document, **others: str) -> None:
    this = ALERT_OUTBOX.c.id == message
    connection.execute(update(ALERT_OUTBOX).where(this).values(message=json.dumps(document), **others))


def _without_names(where: str, named: Set[tuple[str, str]]) -> str:
    # Longer ones first, as one may begin with another.
    for name, value in sorted(named, key=lambda pair: len(pair[1]), reverse=True):
        # Older incidents have it whole.
        for written in (one_line(value), short_line(value)):
            where = where.replace(f"{name}={written}", f"{name}={FORGOTTEN}")
    return where


def _without_group(facts: Document, told: str, where: str) -> Document:
    return facts | {
        "where": where,
        "title": facts.get("title", "").replace(told, where),
        # The query is the last of its parameters.
        "query_url": facts.get("query_url", "").partition("&q=")[0],
        "traces": [],
    }


def _names_any(facts: Document, trace_ids: Set[str], titles: Mapping[str, str]) -> bool:
    traces, clusters = _named(facts, "traces"), _named(facts, "clusters")
    return not trace_ids.isdisjoint(traces) or not titles.keys().isdisjoint(clusters)


def _named(facts: Document, what: str) -> list[str]:
    """The ids of the traces or clusters that facts of any version name; they are the end of addresses."""
    return [each["url"].rpartition("/")[2] for each in facts.get(what, [])]


def _without_mentions(facts: Document, trace_ids: Set[str], titles: Mapping[str, str]) -> Document:
    traces = zip(_named(facts, "traces"), facts.get("traces", []), strict=True)
    clusters = zip(_named(facts, "clusters"), facts.get("clusters", []), strict=True)
    return facts | {
        "traces": [trace for trace_id, trace in traces if trace_id not in trace_ids],
        "clusters": [
            cluster | {"title": titles.get(cluster_id, cluster["title"])}
            for cluster_id, cluster in clusters
            if titles.get(cluster_id) != ""
        ],
    }
