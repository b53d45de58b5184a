"""What the rest of this part needs from ClickHouse, embedded or not."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sightline_migrations import Layout

Row = tuple[Any, ...]


class Engine(Protocol):
    """Blocking and thread-safe. Every failure of the engine or the way to it is a `BackendError`."""

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """Return all rows of a SELECT with `{name:Type}` placeholders bound by the server."""

    def insert(
        self,
        table: str,
        columns: Sequence[str],
        types: Sequence[str],
        data: Sequence[Sequence[Any]],
        *,
        token: str,
    ) -> None:
        """Insert one block, given column by column, durably; `token` makes a second time do nothing."""

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run a statement that returns nothing."""

    @property
    def layout(self) -> Layout:
        """How tables are laid out on the nodes."""

    def command_on_every_node(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run a statement about the tables of each node; all nodes must be up."""

    def migrate(self) -> None:
        """Bring every node's schema up to date; raises `ConfigurationError` when it is of a newer version."""

    def close(self) -> None:
        """Let go of everything. Calls under way finish first."""
