"""The numbered ClickHouse files, and how one set of them becomes DDL for every layout.

A file is plain DDL with two things of its own:

    {spans}                                  the table that stores rows on a node, for any table name
    -- sharded: spans by cityHash64(trace_id)     the table is spread over a cluster by this expression

On one server `{spans}` is `spans`. On a cluster it is `spans_local`, and a `Distributed` table `spans` is
made after it; an `ALTER TABLE {spans}` is repeated for the distributed table. Replication puts `Replicated`
before every `…MergeTree` with an explicit path, because tables made node by node do not share a UUID, and
lets an `ALTER` wait for all replicas, whatever it says itself, because the next one repeats it and is refused
while it lags behind.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_SHARDED = re.compile(r"^-- sharded: (\w+) by (.+)$", re.MULTILINE)
_TABLE = re.compile(r"\{(\w+)\}")
_ENGINE = re.compile(r"ENGINE = (\w*MergeTree)(?:\(([^)]*)\))?")
_CREATED = re.compile(r"CREATE TABLE IF NOT EXISTS \{(\w+)\}")
_ALTERED = re.compile(r"^ALTER TABLE \{(\w+)\}")
_WAIT_FOR_REPLICAS = "SETTINGS alter_sync = 2, replication_wait_for_inactive_replica_timeout = 30"
_OWN_SETTINGS = re.compile(r"\s+SETTINGS .*$")
_STORED_ONLY = re.compile(r"\b(INDEX|PROJECTION|SETTING|TTL|MATERIALIZE)\b")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the tables live. `cluster` names an entry of the server's `remote_servers`; "" is one node."""

    cluster: str = ""
    replicated: bool = False

    def stored_table(self, table: str) -> str:
        """Return the name of the table that holds the rows on a node."""
        return f"{table}_local" if self.cluster and table in sharded_tables() else table


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """One numbered file. `checksum` is over its text, whatever the layout."""

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self, layout: Layout) -> list[str]:
        """Return the statements to run on one node, in order, without comments."""
        return [sql for template in _split(self.text) for sql in _render(template, layout)]


@cache
def migration_files() -> tuple[MigrationFile, ...]:
    """Return every file in order of its number. A number that was never used stays unused."""
    found = []
    for entry in resources.files("sightline_migrations").joinpath("clickhouse").iterdir():
        if match := _FILE_NAME.fullmatch(entry.name):
            found.append(MigrationFile(int(match[1]), match[2], entry.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda file: file.version))


@cache
def sharded_tables() -> dict[str, str]:
    """Return table → sharding expression of all tables that are spread over a cluster."""
    return {table: key for file in migration_files() for table, key in _SHARDED.findall(file.text)}


def _split(text: str) -> list[str]:
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return [part.strip() for part in bare.split(";\n") if part.strip().rstrip(";")]


def _render(template: str, layout: Layout) -> list[str]:
    statement = template.rstrip(";").strip()
    created, altered = _CREATED.match(statement), _ALTERED.match(statement)
    on_node = _TABLE.sub(lambda match: layout.stored_table(match[1]), statement)
    if created and layout.replicated:
        on_node = _with_replication(on_node, created[1])
    if altered and layout.replicated:
        on_node = f"{_OWN_SETTINGS.sub('', on_node)}\n{_WAIT_FOR_REPLICAS}"
    rendered = [on_node]
    if created and layout.cluster and (key := sharded_tables().get(created[1])):
        rendered.append(_distributed(created[1], key, layout))
    if altered and layout.cluster and altered[1] in sharded_tables() and not _STORED_ONLY.search(statement):
        rendered.append(statement.replace(f"{{{altered[1]}}}", altered[1]))
    return rendered


def _with_replication(statement: str, table: str) -> str:
    # A table that is not sharded is a full copy on every node, so its path leaves the shard out.
    shard = "{shard}" if table in sharded_tables() else "all"
    path = f"'/clickhouse/tables/{shard}/{{database}}/{table}', '{{replica}}'"
    return _ENGINE.sub(
        lambda match: f"ENGINE = Replicated{match[1]}({path}{', ' if match[2] else ''}{match[2] or ''})",
        statement,
    )


def _distributed(table: str, key: str, layout: Layout) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {table} AS {table}_local\n"
        f"ENGINE = Distributed('{layout.cluster}', currentDatabase(), '{table}_local', {key})"
    )
