"""Removing from incidents and their messages what they tell of deleted users, sessions and traces."""

import json
from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, Select, Table, delete, select, update

from sightline_core.ids import ProjectId
from sightline_core.plain_text import one_line
from sightline_storage.alerts.alert_records import Document
from sightline_storage.alerts.alert_store import post_end
from sightline_storage.alerts.alert_tables import ALERT_INCIDENTS, ALERT_OUTBOX, ALERT_STATES

FORGOTTEN = "(deleted)"
"""What stands for a user or a session whose traces are deleted."""


def forget_group(
    metadata: Engine, project: ProjectId, name: Literal["user", "session"], value: str, at: datetime
) -> None:
    """Forget a user or a session in what rules that group by it have kept.

    Incidents stay, without the name and the traces; open ones end, of which their channels are told.
    """
    with metadata.begin() as connection:
        for row in _of_value(connection, ALERT_STATES, project, value):
            names = json.loads(row.state).get("group_by") or []
            if (name, value) in zip(names, json.loads(row.group_values), strict=False):
                this = (ALERT_STATES.c.project == project, ALERT_STATES.c.group_hash == row.group_hash)
                connection.execute(delete(ALERT_STATES).where(*this))
        for row in _of_value(connection, ALERT_INCIDENTS, project, value):
            facts, told = json.loads(row.facts), f"{name}={one_line(value)}"
            if told not in facts["where"]:
                continue
            where = facts["where"].replace(told, f"{name}={FORGOTTEN}")
            group = [FORGOTTEN if each == value else each for each in json.loads(row.group_values)]
            values = {"group_values": json.dumps(group), "facts": json.dumps(_without_group(facts, where))}
            this_one = ALERT_INCIDENTS.c.id == row.id
            connection.execute(update(ALERT_INCIDENTS).where(this_one).values(values))
            for message in connection.execute(_messages(row.id)).all():
                document = json.loads(message.message)
                document["facts"] = _without_group(document["facts"], where)
                _put_message(connection, message.id, document)
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


def _of_value(connection: Connection, table: Table, project: str, value: str) -> list[Row[Any]]:
    holds = table.c.group_values.contains(json.dumps(value), autoescape=True)
    found = connection.execute(select(table).where(table.c.project == project, holds)).all()
    return [row for row in found if value in json.loads(row.group_values)]


def _messages(incident: str) -> Select[Any]:
    return select(ALERT_OUTBOX.c.id, ALERT_OUTBOX.c.message).where(ALERT_OUTBOX.c.incident == incident)


def _put_message(connection: Connection, message: str, document: Document) -> None:
    this = ALERT_OUTBOX.c.id == message
    connection.execute(update(ALERT_OUTBOX).where(this).values(message=json.dumps(document)))


def _without_group(facts: Document, where: str) -> Document:
    return facts | {
        "where": where,
        "title": facts["title"].replace(facts["where"], where),
        # The query is the last of its parameters.
        "query_url": facts["query_url"].partition("&q=")[0],
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
