"""The hooks in the `openai` package: at the one place every request passes, on the classes themselves.

`request` of the two API clients sees bound methods kept from before, raw wrappers, subclasses, the
module-level client and endpoints yet to come, with the request already serialised, so that an iterator given
by the app is not touched. `_process_response` tells which HTTP response and how many retries belong to it;
the constructors of the two stream classes tell which stream object reads it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar, Token
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.trace import set_span_in_context

from sightline.app_context import detach
from sightline.batches import is_batch_fetch
from sightline.call import Call
from sightline.cost import load_package
from sightline.endpoints import find_endpoint
from sightline.http_tap import outcome_of, tap_body
from sightline.patching import Patches
from sightline.recorder import Recorder
from sightline.stream_tap import AsyncItems, SyncItems
from sightline_semconv.kinds import StreamOutcome

logger = logging.getLogger(__name__)

_CALL_KEY = "sightline.call"  # in `response.extensions`
_RAW_HEADER = "X-Stainless-Raw-Response"  # "stream" with `with_streaming_response`
_LARGE_BYTES = 256 * 1024
_current: ContextVar[Call | None] = ContextVar("sightline_call", default=None)


class OpenAIHooks(Patches):
    """The hooks, installed when the app imports `openai`. Without a `recorder`, requests pass untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.recorder: Recorder | None = None

    def install(self, recorder: Recorder) -> None:
        """Wrap the class attributes, now or once the package is imported."""
        self.recorder = recorder
        self.active = True
        self.when_imported("openai", self._patch_client)

    def _patch_client(self, package: Any) -> None:
        from openai import _base_client, _streaming

        for client_class in _with_own_request(_base_client.SyncAPIClient):
            self.wrap(client_class, "request", self._request)
        for client_class in _with_own_request(_base_client.AsyncAPIClient):
            self.wrap(client_class, "request", self._async_request)
        self.wrap(_base_client.SyncAPIClient, "_process_response", self._process_response)
        self.wrap(_base_client.AsyncAPIClient, "_process_response", self._process_response)
        self.wrap(_streaming.Stream, "__init__", self._stream_made)
        self.wrap(_streaming.AsyncStream, "__init__", self._async_stream_made)
        load_package()

    def remove(self) -> None:
        """Put the originals back."""
        self.recorder = None
        super().remove()

    def _begin(self, client: Any, args: Any, kwargs: Any) -> Call | None:
        recorder = self.recorder
        if recorder is None:
            return None
        try:
            options = _options_of(args, kwargs)
            endpoint = find_endpoint(options.method, options.url)
            if endpoint is None:
                return None
            call = recorder.begin(endpoint, client, options)
            if call is not None and recorder.include_usage and kwargs.get("stream"):
                _ask_for_usage(call, options)
            return call
        except Exception:
            logger.debug("A request is not traced", exc_info=True)
            return None

    def _request(self, wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
        if _is_passed_on(args, kwargs):
            return wrapped(*args, **kwargs)
        call = self._begin(client, args, kwargs)
        if call is None:
            return _untraced(wrapped, args, kwargs)
        token = _current.set(call)
        inner = otel_context.attach(set_span_in_context(call.span))
        try:
            result = wrapped(*args, **kwargs)
        except BaseException as error:
            _note_failed_request(call, error)
            call.finish(outcome_of(error), error)
            raise
        finally:
            detach(inner)
            _put_back(token)
        if call.body is None:
            call.finish(_outcome_of_read(call))
        return result

    async def _async_request(self, wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
        if _is_passed_on(args, kwargs):
            return await wrapped(*args, **kwargs)
        call = self._begin(client, args, kwargs)
        if call is None:
            token = _current.set(None)
            try:
                return await wrapped(*args, **kwargs)
            finally:
                _put_back(token)
        token = _current.set(call)
        inner = otel_context.attach(set_span_in_context(call.span))
        try:
            result = await wrapped(*args, **kwargs)
        except BaseException as error:
            _note_failed_request(call, error)
            call.finish(outcome_of(error), error)
            raise
        finally:
            detach(inner)
            _put_back(token)
        if call.body is None:
            call.finish(_outcome_of_read(call))
        return result

    def _process_response(self, wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
        call = _current.get()
        if call is not None:
            try:
                _note_response(
                    call, kwargs["response"], kwargs.get("retries_taken"), bool(kwargs.get("stream"))
                )
            except Exception:
                logger.debug("A response is not read", exc_info=True)
        elif self.recorder is not None:
            try:
                _note_batch(self.recorder, client, kwargs["response"])
            except Exception:
                logger.debug("A batch is not read", exc_info=True)
        return wrapped(*args, **kwargs)

    def _stream_made(self, wrapped: Any, stream: Any, args: Any, kwargs: Any) -> None:
        wrapped(*args, **kwargs)
        call = _call_of(stream)
        if call is not None and call.open:
            stream._iterator = SyncItems(stream._iterator, call)

    def _async_stream_made(self, wrapped: Any, stream: Any, args: Any, kwargs: Any) -> None:
        wrapped(*args, **kwargs)
        call = _call_of(stream)
        if call is not None and call.open:
            stream._iterator = AsyncItems(stream._iterator, call)


def _with_own_request(base: type[Any]) -> Iterator[type[Any]]:
    """The class that all clients inherit `request` from, and those of the package that others have given one:
    an instrumentation that was here before calls the original, which is hooked nowhere else."""
    yield base
    for client_class in base.__subclasses__():
        for found in _with_own_request(client_class):
            if "request" in vars(found) and found.__module__.partition(".")[0] == "openai":
                yield found


def _options_of(args: Any, kwargs: Any) -> Any:
    return kwargs["options"] if "options" in kwargs else args[1]


def _is_passed_on(args: Any, kwargs: Any) -> bool:
    """Whether a request comes here a second time, through the wrapper of somebody else around our hook."""
    call = _current.get()
    try:
        return call is not None and call.options is _options_of(args, kwargs)
    except Exception:
        return False


def _untraced(wrapped: Any, args: Any, kwargs: Any) -> Any:
    """A request inside a traced one (a token provider's, say) must not be taken for it."""
    if _current.get() is None:
        return wrapped(*args, **kwargs)
    token = _current.set(None)
    try:
        return wrapped(*args, **kwargs)
    finally:
        _current.reset(token)


def _put_back(token: Token[Call | None]) -> None:
    with suppress(ValueError):  # a task that never ended is collected elsewhere than it ran
        _current.reset(token)


def _note_response(call: Call, response: Any, retries: int | None, streams: bool) -> None:
    """Take what the response tells; listen to its body when the app is the one who reads it."""
    call.note_head(response)
    call.request_bytes = _sent_bytes(response.request)
    call.retries = _retries_of(response.request) if retries is None else retries
    call.streams = streams
    if response.is_closed:
        content: bytes = response.content
        if call.endpoint.shorten is not None and len(content) > _LARGE_BYTES:
            content = call.endpoint.shorten(content)  # vectors of a thousand texts are not kept until then
        call.content = content
    else:
        response.extensions[_CALL_KEY] = call
        tap_body(response, call)


def _note_batch(recorder: Recorder, client: Any, response: Any) -> None:
    request = response.request
    if is_batch_fetch(request.method, request.url.path) and response.is_closed:
        recorder.record_batch(client, response.json())


def _note_failed_request(call: Call, error: BaseException) -> None:
    """What the client's exception knows of request and response."""
    try:
        response = getattr(error, "response", None)
        request = getattr(error, "request", None) or getattr(response, "request", None)
        if request is not None and call.request_bytes is None:
            call.request_bytes = _sent_bytes(request)
            call.retries = _retries_of(request)
        if response is not None and not call.status:
            call.note_head(response)
    except Exception:
        logger.debug("A failed request is not read", exc_info=True)


def _outcome_of_read(call: Call) -> StreamOutcome | None:
    """Of an answer that was read before the app has it, as streamed ones are where a hook of the HTTP client
    asks for the body."""
    return StreamOutcome.COMPLETE if call.streams else None


def _sent_bytes(request: Any) -> bytes | None:
    """The body as sent: immutable, so it may be read later. None for a form or a stream.

    Told by its beginning: a look at the headers takes longer than all else here.
    """
    content = getattr(request, "_content", None)
    return content if isinstance(content, bytes) and content[:1] == b"{" else None


def _retries_of(request: Any) -> int:
    """The client numbers its attempts in a header."""
    count = request.headers.get("x-stainless-retry-count", "")
    return int(count) if count.isascii() and count.isdigit() else 0


def _call_of(stream: Any) -> Call | None:
    try:
        call = stream.response.extensions.get(_CALL_KEY)
    except Exception:
        return None
    return call if isinstance(call, Call) and hasattr(stream, "_iterator") else None


def _ask_for_usage(call: Call, options: Any) -> None:
    """Ask for the usage chunk on the app's behalf, and keep it from the app, which did not ask.

    It cannot be kept from an app that reads the answer as bytes or lines.
    """
    body, headers = options.json_data, options.headers
    if (
        not call.endpoint.done_marker
        or not isinstance(body, dict)
        or call.endpoint.operation == "invoke_agent"
        or (isinstance(headers, Mapping) and headers.get(_RAW_HEADER) == "stream")
    ):
        return
    asked = body.get("stream_options")
    if isinstance(asked, dict) and "include_usage" in asked:
        return
    options.json_data = {**body, "stream_options": {**(asked or {}), "include_usage": True}}
    call.hides_usage = True
