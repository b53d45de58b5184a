"""Metadata tables of alerts. A rule or channel is one JSON document; columns are what is asked for."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from sightline_storage.metadata.metadata_tables import MAX_NAME, METADATA, UtcDateTime

ALERT_RULES = Table(
    "alert_rules",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("document", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("revision", String(32), nullable=False, server_default=""),
)

ALERT_CHANNELS = Table(
    "alert_channels",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("kind", String(32), nullable=False),
    # Holds the channel's secrets (routing keys, webhook addresses); never returned by the API.
    Column("document", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # Another one whenever the row is stored, drawn by lot.
    Column("revision", String(32), nullable=False, server_default=""),
)

ALERT_STATES = Table(
    "alert_states",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("rule", String(64), primary_key=True),
    # SHA-256 of the group's values, which may be longer than a key can be.
    Column("group_hash", String(64), primary_key=True),
    Column("group_values", Text, nullable=False),
    # The state machine's state and what channels were told, as JSON.
    Column("state", Text, nullable=False),
    Column("snoozed_until", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
)

ALERT_INCIDENTS = Table(
    "alert_incidents",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("project", String(64), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("group_values", Text, nullable=False),
    # Rule and group while it is open, NULL afterwards: the database itself allows one open incident.
    Column("open_key", String(64), unique=True),
    Column("level", String(16), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", String(MAX_NAME), nullable=False),
    # What the page and the messages say: rule name, value, threshold, reason, window, cause, as JSON.
    Column("facts", Text, nullable=False),
    Index("alert_incidents_by_time", "project", "opened_at"),
)

ALERT_TIMELINE = Table(
    "alert_timeline",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", String(32), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
)

ALERT_OUTBOX = Table(
    "alert_outbox",
    METADATA,
    # Incident, channel and number of the announcement: deciding twice writes one row.
    Column("id", String(64), primary_key=True),
    Column("project", String(64), nullable=False),
    Column("incident", String(32), nullable=False, index=True),
    Column("channel", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Of the announcement: two of one incident may be decided at the same moment.
    Column("number", Integer, nullable=False),
    # NULL once it is delivered or given up.
    Column("next_attempt_at", UtcDateTime, index=True),
    Column("attempts", Integer, nullable=False),
    Column("delivered_at", UtcDateTime),
    Column("gave_up_at", UtcDateTime),
    Column("last_error", Text, nullable=False),
)

IN_ORDER = (ALERT_OUTBOX.c.created_at, ALERT_OUTBOX.c.number, ALERT_OUTBOX.c.id)
"""How messages follow one another."""

ALERT_PROGRESS = Table(
    "alert_progress",
    METADATA,
    Column("project", String(64), primary_key=True),
    # Newest rollup version that was looked at for late minutes.
    Column("rollup_version", BigInteger, nullable=False),
)
