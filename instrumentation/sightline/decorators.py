"""Decorators that make spans of the app's functions, which stay what they were to callers and `inspect`."""

from __future__ import annotations

import functools
import inspect
import logging
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from types import CoroutineType, MethodType
from typing import Any, ParamSpec, Self, TypeVar, cast, overload

from opentelemetry import context as otel_context

from sightline.app_context import detach
from sightline.chain import ChainSpan, kind_from, open_span, span
from sightline.runtime import current_tracer
from sightline.verdict_of import verdict_of
from sightline.yielded import Yielded
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import GuardrailStage, SpanKind

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

Finisher = Callable[[ChainSpan, Any, dict[str, Any]], None]


def _traced(function: Callable[P, R], name: str, kind: SpanKind, finish: Finisher) -> Callable[P, R]:
    """The function inside a span; sync, async, generator and async generator functions stay such."""
    signature = _signature_of(function)

    def given(args: Any, kwargs: Any) -> dict[str, Any]:
        if signature is None or current_tracer() is None:
            return {}
        try:
            arguments = signature.bind(*args, **kwargs).arguments
            return {key: value for key, value in arguments.items() if key not in {"self", "cls"}}
        except TypeError:
            return {}

    def ended(handle: ChainSpan, result: Any, arguments: dict[str, Any]) -> None:
        try:
            finish(handle, result, arguments)
        except Exception:
            logger.debug("A result could not be recorded", exc_info=True)

    wrapper: Any
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        iterate: Any = _iterate_async if inspect.isasyncgenfunction(function) else _iterate

        def begin(*args: P.args, **kwargs: P.kwargs) -> Any:
            here = otel_context.get_current()
            return iterate(function(*args, **kwargs), here, name, kind, given(args, kwargs), ended)

        wrapper = _GeneratorFunction(function, begin)
        return cast(Callable[P, R], wrapper)

    if inspect.iscoroutinefunction(function):

        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
            arguments = given(args, kwargs)
            with span(name, kind, input=arguments or None) as handle:
                result = await function(*args, **kwargs)
                ended(handle, result, arguments)
                return result

    else:

        def wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
            arguments = given(args, kwargs)
            handle = open_span(name, kind, arguments or None)
            awaited: Any = None
            try:
                with handle.running():
                    result = function(*args, **kwargs)
                    if inspect.iscoroutine(result):
                        awaited = _awaited(result, handle, arguments, ended)
                        return awaited
                    ended(handle, result, arguments)
                    return result
            finally:
                if awaited is None:
                    handle.end()

    wrapped: Callable[P, R] = functools.wraps(function)(wrapper)
    return wrapped


def _awaited(
    result: CoroutineType[Any, Any, Any], handle: ChainSpan, given: dict[str, Any], ended: Finisher
) -> Coroutine[Any, Any, Any]:
    """The coroutine that a plain function returned, within the span of the call, which ends with it."""

    async def run() -> Any:
        try:
            with handle.running():
                answer = await result
                ended(handle, answer, given)
                return answer
        finally:
            handle.end()

    run.__name__, run.__qualname__ = result.__name__, result.__qualname__  # Python warns by it
    return run()


class _GeneratorFunction(functools.partial[Any]):
    """A generator function, sync or async, that does something when it is called: it notes the context.

    One that Python makes does nothing before the first item is asked for, and a function that returns a
    generator is none for those who ask `inspect`, as pytest and web frameworks do. `inspect` looks through
    partials. Otherwise it is what functions are: a method in a class, and pickled by name, or by cloudpickle,
    where the other process cannot import it, by what it does.
    """

    __slots__ = ("_begin",)
    _begin: Callable[..., Any]

    def __new__(cls, function: Callable[..., Any], begin: Callable[..., Any]) -> Self:
        made = super().__new__(cls, function)
        made._begin = begin
        for named in (made, begin):
            functools.update_wrapper(named, function)
        begin.__qualname__ = f"{begin.__qualname__}._begin"  # where pickle finds it
        return made

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._begin(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        return _generator_function, (self._begin,)


def _generator_function(begin: Any) -> _GeneratorFunction:
    """The one that this belongs to; a new one where it came by value, as cloudpickle sends functions of
    scripts and notebooks, and those within others."""
    found: Any = sys.modules.get(begin.__module__)
    for name in begin.__qualname__.split(".")[:-1]:
        found = getattr(found, name, None)
    if isinstance(found, _GeneratorFunction) and found._begin is begin:
        return found
    return _GeneratorFunction(begin.__wrapped__, begin)


def _iterate(
    items: Any, here: otel_context.Context, name: str, kind: SpanKind, given: dict[str, Any], ended: Finisher
) -> Generator[Any, Any, Any]:
    """A generator inside a span that is current only while the generator runs, not while its consumer does.

    It runs in the context of its call, which web frameworks have left when they read an answer.
    """
    handle = _open_within(here, name, kind, given)
    yielded = Yielded(handle)
    resume: Callable[[], Any] = functools.partial(items.send, None)
    try:
        while True:
            try:
                with handle.running(here):
                    item = resume()
            except StopIteration as stop:
                ended(handle, _result(kind, yielded, stop.value), given)
                return stop.value
            yielded.add(item)
            try:
                resume = functools.partial(items.send, (yield item))
            except GeneratorExit:
                raise
            except BaseException as error:
                resume = functools.partial(items.throw, error)
    except BaseException:
        yielded.keep()
        raise
    finally:
        items.close()
        handle.end()


async def _iterate_async(
    items: Any, here: otel_context.Context, name: str, kind: SpanKind, given: dict[str, Any], ended: Finisher
) -> AsyncGenerator[Any, Any]:
    """As `_iterate`, for async generators."""
    handle = _open_within(here, name, kind, given)
    yielded = Yielded(handle)
    resume: Callable[[], Any] = functools.partial(items.asend, None)
    try:
        while True:
            try:
                with handle.running(here):
                    item = await resume()
            except StopAsyncIteration:
                ended(handle, _result(kind, yielded, None), given)
                return
            yielded.add(item)
            try:
                resume = functools.partial(items.asend, (yield item))
            except GeneratorExit:
                raise
            except BaseException as error:
                resume = functools.partial(items.athrow, error)
    except BaseException:
        yielded.keep()
        raise
    finally:
        await items.aclose()
        handle.end()


def _open_within(here: otel_context.Context, name: str, kind: SpanKind, given: dict[str, Any]) -> ChainSpan:
    token = otel_context.attach(here)
    try:
        return open_span(name, kind, given or None)
    finally:
        detach(token)


def _result(kind: SpanKind, yielded: Yielded, returned: Any) -> Any:
    """What counts as the result of a generator: what it returned, a guardrail's last word, or all it gave."""
    if returned is not None:
        return returned
    return yielded.last if kind is SpanKind.GUARDRAIL else yielded.whole()


def _signature_of(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _record_output(handle: ChainSpan, result: Any, arguments: dict[str, Any]) -> None:
    handle.set_output(result)


def _decorate(function: Any, name: str | None, kind: SpanKind, finish: Finisher) -> Any:
    def decorate(target: Any) -> Any:
        if isinstance(target, classmethod | staticmethod):  # decorated before they are bound
            return type(target)(decorate(target.__func__))
        if isinstance(target, type) or not callable(target):
            logger.warning("Only functions can be traced; %r stays as it is", target)
            return target
        return _traced(target, name or str(getattr(target, "__qualname__", kind.value)), kind, finish)

    return decorate if function is None else decorate(function)


@overload
def trace(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def trace(
    *, name: str | None = None, kind: SpanKind | str = SpanKind.WORKFLOW
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def trace(
    function: Any = None, /, *, name: str | None = None, kind: SpanKind | str = SpanKind.WORKFLOW
) -> Any:
    """Decorator: each call of the function is a span, with arguments and result by the content policy."""
    return _decorate(function, name, kind_from(kind), _record_output)


@overload
def tool(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def tool(*, name: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def tool(function: Any = None, /, *, name: str | None = None) -> Any:
    """Decorator for a tool that the model may call: its arguments and its result."""

    def finish(handle: ChainSpan, result: Any, arguments: dict[str, Any]) -> None:
        handle.set_content(gen_ai.TOOL_CALL_ARGUMENTS, arguments or None)
        handle.set_content(gen_ai.TOOL_CALL_RESULT, result)
        handle.set_output(result)

    return _decorate(function, name, SpanKind.TOOL, finish)


@overload
def retrieval(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def retrieval(*, name: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def retrieval(function: Any = None, /, *, name: str | None = None) -> Any:
    """Decorator for a search: its first text argument is the query, its result the documents found."""

    def finish(handle: ChainSpan, result: Any, arguments: dict[str, Any]) -> None:
        query = next((value for value in arguments.values() if isinstance(value, str)), None)
        if isinstance(result, list | tuple):
            handle.set_documents(query, result)
            return
        handle.set_content(gen_ai.RETRIEVAL_QUERY_TEXT, query)
        if not isinstance(result, Iterator):  # one is the app's to consume
            handle.set_output(result)

    return _decorate(function, name, SpanKind.RETRIEVAL, finish)


@overload
def guardrail(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def guardrail(
    *, name: str | None = None, stage: GuardrailStage | str = GuardrailStage.INPUT
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def guardrail(
    function: Any = None, /, *, name: str | None = None, stage: GuardrailStage | str = GuardrailStage.INPUT
) -> Any:
    """Decorator for a check of what goes in, comes out or is done; what it returns is the verdict.

    True or None passes, False blocks, the name of an outcome is that outcome, a mapping or object may have
    `outcome`, `score` and `categories`, and of a tuple that begins with True or False that counts.
    """

    def finish(handle: ChainSpan, result: Any, arguments: dict[str, Any]) -> None:
        handle.set(sightline.GUARDRAIL_STAGE, str(stage))
        outcome, score, categories = verdict_of(result)
        handle.set_verdict(outcome, score=score, categories=categories)
        handle.set_output(result)

    return _decorate(function, name, SpanKind.GUARDRAIL, finish)
