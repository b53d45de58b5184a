"""Metadata tables of failure clusters: what the job found and what people decided."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from sightline_storage.metadata.metadata_tables import MAX_NAME, METADATA, UtcDateTime

FAILURE_CLUSTERS = Table(
    "failure_clusters",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("category", String(40), nullable=False),
    Column("scope", String(MAX_NAME), nullable=False),
    Column("title", String(300), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    # open, resolved or ignored: what was decided. What is shown is derived from it and from the counts.
    Column("status", String(16), nullable=False),
    Column("status_at", UtcDateTime, nullable=False),
    # Resolved "in the next version": failures of this version and of none do not reopen it.
    Column("resolved_version", String(MAX_NAME), nullable=False),
    # Ignored until this many more occurrences; 0 = for good.
    Column("ignore_until", Integer, nullable=False),
    Column("regressed_at", UtcDateTime),
    Column("regressed_version", String(MAX_NAME), nullable=False),
    Column("assignee", String(MAX_NAME), nullable=False),
    Column("severity", String(16), nullable=False),
    # Id of the cluster that took its members over, "" while it stands for itself.
    Column("merged_into", String(40), nullable=False),
)

FAILURE_MEMBERS = Table(
    "failure_members",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("fingerprint", String(40), primary_key=True),
    Column("cluster", String(40), nullable=False),
    Column("template", Text, nullable=False),
    # One message with this fingerprint: a new fingerprint version is computed from it.
    Column("message", Text, nullable=False),
    # Order of arrival: the first member of a cluster founded it.
    Column("number", Integer, nullable=False),
    Index("failure_members_by_cluster", "project", "cluster"),
)

FAILURE_DECISIONS = Table(
    "failure_decisions",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", String(64), nullable=False),
    Column("cluster", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(MAX_NAME), nullable=False),
    Column("action", String(40), nullable=False),
    Column("note", Text, nullable=False),
    # What it changed, as JSON: {"columns": {cluster: {column: value}}, "members": {fingerprint: cluster}}.
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("undone_at", UtcDateTime),
    Index("failure_decisions_by_cluster", "project", "cluster"),
)

FAILURE_SUGGESTIONS = Table(
    "failure_suggestions",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("cluster", String(40), primary_key=True),
    Column("other", String(40), primary_key=True),
    Column("similarity", Float, nullable=False),
)

SCORE_LINES = Table(
    "failure_score_lines",
    METADATA,
    Column("project", String(64), primary_key=True),
    # Name of a score with numbers.
    Column("name", String(MAX_NAME), primary_key=True),
    # What is scored below it has failed.
    Column("line", Float, nullable=False),
)
