"""What the rest of this part needs from ClickHouse, embedded or not."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from sightline_migrations import Layout, MigrationFile

Row = tuple[Any, ...]

OF_ANY_SIZE: Final = "SETTINGS max_partition_size_to_drop = 0"
"""Of statements that drop parts or partitions: by default, an engine refuses to drop more than 50 GB."""


class Node(Protocol):
    """One node of an engine; failures are `BackendError`s."""

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """Return all rows of a SELECT."""

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run a statement that returns nothing."""


class Engine(Protocol):
    """Blocking and thread-safe. Every failure of the engine or the way to it is a `BackendError`."""

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """Return all rows of a SELECT with `{name:Type}` placeholders bound by the server."""

    def insert(self, table: str, columns: Sequence[str], blocks: Sequence[bytes], *, token: str) -> None:
        """Insert blocks in Native format as one, durably; doing it twice is for readers to pass over.

        A replicated table knows a block that it has by `token`, which names it for ever. `columns` are those
        that any of the blocks has. Raises `RowsRefused` when the rows are at fault.
        """

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run a statement that returns nothing."""

    @property
    def layout(self) -> Layout:
        """How tables are laid out on the nodes."""

    def nodes(self) -> "Sequence[Node]":
        """Return each node on its own, for statements about the tables that are stored there."""

    def read_native(self, sql: str, params: Mapping[str, Any]) -> bytes:
        """Return the rows of a SELECT in ClickHouse's Native format."""

    def read_json(self, sql: str, params: Mapping[str, Any], settings: Mapping[str, Any]) -> bytes:
        """Return the rows of a SELECT in ClickHouse's JSONCompact format, run with settings of its own."""

    def migrate(self) -> None:
        """Bring every node's schema up to date; raises `ConfigurationError` when it is of a newer version."""

    def lacking(self) -> list[MigrationFile]:
        """Return what `migrate` would apply to any node, and change nothing; raises as it does."""

    def close(self) -> None:
        """Let go of everything. Calls under way finish first."""
