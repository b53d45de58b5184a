"""The WebSocket APIs of `openai` (realtime, live, responses): connections, and the answers that come over.

An answer is a span from its `response.created` to its last event, read like any other answer. What was asked
is spread over earlier events of the conversation and is not collected. An event that the app takes as bytes
and never parses is not seen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import time_ns
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from sightline.call import Call, note_open_stream
from sightline.chain import span
from sightline.endpoints import Endpoint
from sightline.facts import Facts
from sightline.patching import Patches
from sightline.readers.json_values import JsonObject, as_object
from sightline.readers.responses import fold_events, read_response
from sightline.runtime import current_recorder
from sightline_semconv import gen_ai
from sightline_semconv.kinds import SpanKind, StreamOutcome

logger = logging.getLogger(__name__)

_MODULES = (
    "openai.resources.realtime.realtime",
    "openai.resources.beta.realtime.realtime",
    "openai.resources.realtime.translations.translations",
    "openai.resources.responses.responses",
    "openai.resources.beta.responses.responses",
    "openai.resources.live.live",
    "openai.resources.live.sideband",
    "openai.resources.live.forks",
)
_BEGIN = "response.created"
_LAST = (
    "response.done",
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
)
_MARKS = tuple(f'"{name}"'.encode() for name in (_BEGIN, *_LAST))
_MAX_OPEN = 64  # answers of one connection


def _fold(events: list[JsonObject], facts: Facts) -> JsonObject:
    """The only event is the last one. Realtime's `response.done` tells of failures in its own place."""
    body = {**as_object(events[0].get("response"))} if events else {}
    if events and events[0].get("type") != "response.done":
        return fold_events(events, facts)
    facts.terminal_index = 0
    if error := as_object(as_object(body.get("status_details")).get("error")):
        body["error"] = error
    return body


def _read_nothing(body: JsonObject, facts: Facts) -> None:
    """The request is not one message."""


_ANSWER = Endpoint("chat", _read_nothing, read_response, _fold)


class _Connection:
    """What is known of an open connection: who opened it, and the answers that have begun."""

    def __init__(self, client: Any, model: str) -> None:
        self.client = client
        self.model = model
        self.open: dict[str, Call] = {}

    def close(self) -> None:
        while self.open:
            self.open.popitem()[1].finish(StreamOutcome.ABANDONED)


class ConnectionHooks(Patches):
    """Wraps the managers, which connect, and the connections, which parse events."""

    def __init__(self) -> None:
        super().__init__()
        self._connections: WeakKeyDictionary[Any, _Connection] = WeakKeyDictionary()

    def install(self) -> None:
        """Patch what is loaded and wait for the rest."""
        self.active = True
        for name in _MODULES:
            self.when_imported(name, self._patch)

    def remove(self) -> None:
        """Put the originals back; answers that have not ended are abandoned."""
        super().remove()
        for known in list(self._connections.values()):
            known.close()

    def _patch(self, module: Any) -> None:
        for name, owner in list(vars(module).items()):
            if not isinstance(owner, type) or owner.__module__ != module.__name__:
                continue
            if name.endswith("ConnectionManager"):
                is_async = "__aenter__" in owner.__dict__
                for method in ("__aenter__" if is_async else "__enter__", "enter"):
                    if method in owner.__dict__:
                        self.wrap(owner, method, self._connect_async if is_async else self._connect)
            elif name.endswith("Connection") and "parse_event" in owner.__dict__:
                self.wrap(owner, "parse_event", self._parsed)

    def _connect(self, wrapped: Any, manager: Any, args: Any, kwargs: Any) -> Any:
        with span("connect", SpanKind.INTERNAL) as handle:
            self._note_model(handle, manager)
            connection = wrapped(*args, **kwargs)
            self._remember(connection, manager)
            return connection

    async def _connect_async(self, wrapped: Any, manager: Any, args: Any, kwargs: Any) -> Any:
        with span("connect", SpanKind.INTERNAL) as handle:
            self._note_model(handle, manager)
            connection = await wrapped(*args, **kwargs)
            self._remember(connection, manager)
            return connection

    def _note_model(self, handle: Any, manager: Any) -> None:
        handle.set(gen_ai.OPERATION_NAME, "connect")
        handle.set(gen_ai.REQUEST_MODEL, _model_of(manager) or None)

    def _remember(self, connection: Any, manager: Any) -> None:
        client = _private(manager, "client")
        if client is not None and connection not in self._connections:
            self._connections[connection] = _Connection(client, _model_of(manager))

    def _parsed(self, wrapped: Any, connection: Any, args: Any, kwargs: Any) -> Any:
        event = wrapped(*args, **kwargs)
        data = args[0] if args else kwargs.get("data")
        _guarded(lambda: self._heard(connection, event, data))
        return event

    def _heard(self, connection: Any, event: Any, data: Any) -> None:
        known = self._connections.get(connection)
        if known is None or not isinstance(data, str | bytes):
            return
        raw = data.encode() if isinstance(data, str) else data
        if not any(mark in raw for mark in _MARKS):
            for call in known.open.values():
                call.first_chunk_ns = call.first_chunk_ns or time_ns()
            return
        kind, answer = getattr(event, "type", ""), getattr(event, "response", None)
        answer_id = str(getattr(answer, "id", None) or "")
        if kind == _BEGIN and len(known.open) < _MAX_OPEN:
            if (begun := _begin(known)) is not None:
                known.open[answer_id] = begun
        elif kind in _LAST and answer_id in known.open:
            call = known.open.pop(answer_id)
            call.content = b"data: " + b" ".join(raw.splitlines()) + b"\n\n"
            call.finish(StreamOutcome.COMPLETE)


def _begin(known: _Connection) -> Call | None:
    recorder = current_recorder()
    if recorder is None:
        return None
    call = recorder.begin(_ANSWER, known.client, SimpleNamespace(json_data={"model": known.model}))
    if call is not None:
        call.options, call.streams = None, True
        note_open_stream(call)
    return call


def _model_of(manager: Any) -> str:
    model = _private(manager, "model")
    return model if isinstance(model, str) else ""


def _private(manager: Any, name: str) -> Any:
    """A double-underscored attribute of the client's manager classes."""
    return getattr(manager, f"_{type(manager).__name__}__{name}", None)


def _guarded(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:
        logger.debug("An event is not read", exc_info=True)
