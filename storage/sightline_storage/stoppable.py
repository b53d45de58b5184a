"""A store for work that may have to stop: its next read ends it, as a crash would."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sightline_migrations import Layout, MigrationFile
from sightline_storage.engines.engine import Engine, Node, Row
from sightline_storage.span_writer import EngineSpanWriter
from sightline_storage.store import Store
from sightline_storage.traces.trace_reader import EngineTraceReader

GoOn = Callable[[], None]
"""Raises, in the thread that asks, when the work shall end."""


def stoppable(store: Store, go_on: GoOn) -> Store:
    """Return the store for work whose reads each ask first whether to go on.

    Writes do not ask: what is written and what marks it as changed belong together.
    """
    engine = _StoppableEngine(store.engine, go_on)
    return Store(engine, EngineSpanWriter(engine), EngineTraceReader(engine))


class _StoppableNode:
    def __init__(self, node: Node, go_on: GoOn) -> None:
        self._node = node
        self._go_on = go_on

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        self._go_on()
        return self._node.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        self._node.command(sql, params)


class _StoppableEngine(_StoppableNode):
    def __init__(self, engine: Engine, go_on: GoOn) -> None:
        super().__init__(engine, go_on)
        self._engine = engine

    def insert(self, table: str, columns: Sequence[str], blocks: Sequence[bytes], *, token: str) -> None:
        self._engine.insert(table, columns, blocks, token=token)

    @property
    def layout(self) -> Layout:
        return self._engine.layout

    def nodes(self) -> Sequence[Node]:
        return [_StoppableNode(node, self._go_on) for node in self._engine.nodes()]

    def read_native(self, sql: str, params: Mapping[str, Any]) -> bytes:
        self._go_on()
        return self._engine.read_native(sql, params)

    def read_json(self, sql: str, params: Mapping[str, Any], settings: Mapping[str, Any]) -> bytes:
        self._go_on()
        return self._engine.read_json(sql, params, settings)

    def migrate(self) -> None:
        self._engine.migrate()

    def lacking(self) -> list[MigrationFile]:
        return self._engine.lacking()

    def close(self) -> None:
        self._engine.close()
