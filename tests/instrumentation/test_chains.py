"""The app's own spans: kinds, decorators, verdicts, look-ups; and that they change no function."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import pickle
import sys
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from types import FunctionType
from typing import Any, cast

import pytest
from opentelemetry import trace as otel_trace
from opentelemetry.trace import StatusCode

import sightline
from sightline.testing import CapturedSpans, capture_spans
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names


def _attributes(captured: CapturedSpans, position: int = 0) -> dict[str, Any]:
    return dict(captured.spans[position].attributes or {})


def test_a_tool_shows_arguments_and_result(captured: CapturedSpans) -> None:
    @sightline.tool
    def look_up(order: int, *, deep: bool = False) -> dict[str, int]:
        return {"order": order}

    assert look_up(7) == {"order": 7}
    attributes = _attributes(captured)
    assert attributes[gen_ai.OPERATION_NAME] == "execute_tool"
    assert json.loads(attributes[gen_ai.TOOL_CALL_ARGUMENTS]) == {"order": 7}
    assert json.loads(attributes[names.OUTPUT]) == {"order": 7}


def test_no_more_documents_are_looked_at_than_are_kept() -> None:
    read = []

    class Document:
        @property
        def id(self) -> int:
            read.append(self)
            return len(read)

        content = bytes(1_000_000)

    documents = [Document() for _ in range(3000)]
    with capture_spans(capture_content=False), sightline.span("search", kind="retrieval") as step:
        step.set_documents("q", documents)
    assert not read
    with capture_spans() as captured:
        with sightline.span("search", kind="retrieval") as step:
            step.set_documents("q", documents)
        attributes = _attributes(captured)
    first = json.loads(attributes[gen_ai.RETRIEVAL_DOCUMENTS])[0]
    assert (first["id"], first["content"]["size"]) == (1, 1_000_000)
    assert len(read) <= 1000
    assert attributes[names.CONTENT_TRUNCATED] is True


def test_arguments_and_results_of_a_tool_are_bounded(captured: CapturedSpans) -> None:
    @sightline.tool
    def upload(data: bytes, rows: list[Any]) -> list[Any]:
        return rows

    upload(bytes(1_000_000), [list(range(900))] * 900)
    attributes = _attributes(captured)
    assert json.loads(attributes[gen_ai.TOOL_CALL_ARGUMENTS])["data"]["size"] == 1_000_000
    assert len(attributes[gen_ai.TOOL_CALL_ARGUMENTS]) < 1_000_000
    assert len(attributes[names.OUTPUT]) < 1_000_000
    assert attributes[names.CONTENT_TRUNCATED] is True


def test_a_retrieval_shows_query_and_documents(captured: CapturedSpans) -> None:
    class Document:
        page_content = "x" * 2000
        id = "d2"

    @sightline.retrieval(name="handbook")
    async def search(query: str) -> list[Any]:
        return [{"id": "d1", "score": 0.9, "content": "text"}, Document()]

    assert len(asyncio.run(search("returns"))) == 2
    attributes = _attributes(captured)
    assert attributes[gen_ai.RETRIEVAL_QUERY_TEXT] == "returns"
    first, second = json.loads(attributes[gen_ai.RETRIEVAL_DOCUMENTS])
    assert first == {"id": "d1", "score": 0.9, "content": "text"}
    assert (second["id"], len(second["content"])) == ("d2", 500)


def test_what_a_retrieval_finds_in_another_form_is_its_output(captured: CapturedSpans) -> None:
    found = {"ids": [["d1"]], "documents": [["text"]]}

    @sightline.retrieval
    def search(query: str) -> Any:
        return found

    assert search("returns") is found
    attributes = _attributes(captured)
    assert attributes[gen_ai.RETRIEVAL_QUERY_TEXT] == "returns"
    assert json.loads(str(attributes[names.OUTPUT])) == found


class _Outcome(Enum):
    BLOCK = "block"


@dataclass(slots=True)
class _Verdict:
    outcome: _Outcome
    score: float


class _Scalar:
    """As of numpy's."""

    ndim = 0

    def item(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (True, "pass"),
        (None, "pass"),
        (False, "block"),
        ("warn", "warn"),
        (_Outcome.BLOCK, "block"),
        ((False, "toxic"), "block"),
        (_Scalar(), "block"),
        ({"outcome": "block", "score": 0.9}, "block"),
        (_Verdict(_Outcome.BLOCK, 0.9), "block"),
    ],
)
def test_a_guardrail_gives_a_verdict(answer: Any, outcome: str, captured: CapturedSpans) -> None:
    @sightline.guardrail(name="safe", stage="output")
    def check(text: str) -> Any:
        return answer

    assert check("x") is answer
    attributes = _attributes(captured)
    assert attributes[names.GUARDRAIL_OUTCOME] == outcome
    assert (attributes[names.GUARDRAIL_NAME], attributes[names.GUARDRAIL_STAGE]) == ("safe", "output")


def test_a_cache_look_up_says_what_it_saved(captured: CapturedSpans) -> None:
    with sightline.cache("answers", kind="semantic", key_scope="tenant", query="q") as lookup:
        lookup.set_lookup(True, similarity=0.97, age_s=60, saved_tokens=800, saved_usd=0.01)
    attributes = _attributes(captured)
    assert attributes[names.SPAN_KIND] == "cache"
    assert (attributes[names.CACHE_KIND], attributes[names.CACHE_HIT]) == ("semantic", True)
    assert (attributes[names.CACHE_SIMILARITY], attributes[names.CACHE_SAVED_TOKENS]) == (0.97, 800)


def test_a_step_tells_by_which_ids_it_is_found_later(captured: CapturedSpans) -> None:
    with sightline.span("outer") as outer, sightline.span("inner") as inner:
        assert outer.trace_id == inner.trace_id
    found = captured.spans[0].context
    assert found is not None
    assert (int(inner.trace_id, 16), int(inner.span_id, 16)) == (found.trace_id, found.span_id)
    assert (len(inner.trace_id), len(inner.span_id)) == (32, 16)
    sightline.uninstrument()
    with sightline.span("off") as off:
        assert (off.trace_id, off.span_id) == ("", "")


def test_an_exception_marks_the_span_and_passes_unchanged(captured: CapturedSpans) -> None:
    raised = KeyError("gone")

    @sightline.trace
    def fail() -> None:
        raise raised

    with pytest.raises(KeyError) as seen:
        fail()
    assert seen.value is raised
    assert captured.spans[0].status.status_code is StatusCode.ERROR
    assert _attributes(captured)[gen_ai.ERROR_TYPE] == "KeyError"


def test_generators_stay_generators_and_leak_no_current_span(captured: CapturedSpans) -> None:
    seen: list[bool] = []

    @sightline.trace(kind="agent")
    def numbers() -> Generator[int, int, None]:
        seen.append(otel_trace.get_current_span().is_recording())
        received = yield 1
        yield received

    steps: Any = numbers()
    assert next(steps) == 1
    assert not otel_trace.get_current_span().is_recording()
    assert steps.send(5) == 5
    assert list(steps) == []
    assert seen == [True]
    assert len(captured.spans) == 1


def test_async_generators_stay_async_generators(captured: CapturedSpans) -> None:
    @sightline.trace
    async def numbers() -> AsyncIterator[int]:
        yield 1
        yield 2

    async def run() -> list[int]:
        return [number async for number in numbers()]

    assert asyncio.run(run()) == [1, 2]
    assert len(captured.spans) == 1


def test_decorated_functions_keep_name_and_nature() -> None:
    @sightline.trace
    async def work(first: int) -> int:
        """Docs."""
        return first

    assert inspect.iscoroutinefunction(work)
    assert (work.__name__, work.__doc__) == ("work", "Docs.")
    assert asyncio.run(work(3)) == 3  # without instrument()


@sightline.trace
def _counting(first: int, /, *, self: int = 0) -> Iterator[int]:
    """Docs."""
    for number in range(first, first + 2):
        try:
            yield number + self
        except KeyError:
            yield -1


@sightline.trace
async def _counting_async(first: int) -> AsyncIterator[int]:
    yield first


@pytest.fixture
@sightline.trace
def traced_fixture() -> Iterator[list[str]]:
    made = ["made"]
    yield made
    made.clear()


def test_generator_functions_are_such_for_those_who_ask(
    captured: CapturedSpans, traced_fixture: list[str]
) -> None:
    assert traced_fixture == ["made"]
    assert inspect.isgeneratorfunction(_counting)
    assert not inspect.isasyncgenfunction(_counting)
    assert inspect.isasyncgenfunction(_counting_async)
    assert inspect.isgenerator(_counting(1))
    assert inspect.isasyncgen(_counting_async(1))
    assert str(inspect.signature(_counting)) == "(first: 'int', /, *, self: 'int' = 0) -> 'Iterator[int]'"
    assert (_counting.__name__, _counting.__doc__) == ("_counting", "Docs.")
    assert pickle.loads(pickle.dumps(_counting)) is _counting
    assert list(contextmanager(_counting)(1, self=1).gen) == [2, 3]
    with pytest.raises(TypeError):
        _counting()
    steps: Any = _counting(1)
    assert [next(steps), steps.throw(KeyError()), next(steps)] == [1, -1, 2]
    assert steps.close() is None


def test_a_generator_function_is_carried_to_processes_that_cannot_import_it(captured: CapturedSpans) -> None:
    """As cloudpickle does (Ray, Dask, Spark) with functions of scripts, of notebooks and within others."""
    carried: list[FunctionType] = []

    class ByValue(pickle.Pickler):
        def persistent_id(self, function: Any) -> int | None:
            if not isinstance(function, FunctionType) or function.__module__ != __name__:
                return None
            parts = (function.__globals__, function.__name__, function.__defaults__, function.__closure__)
            copied = FunctionType(function.__code__, *parts)
            copied.__dict__.update(function.__dict__)
            copied.__module__, copied.__qualname__ = "__main__", function.__qualname__
            carried.append(copied)
            return len(carried) - 1

    class Loading(pickle.Unpickler):
        def persistent_load(self, position: int) -> FunctionType:
            return carried[position]

    factor = 2

    @sightline.trace
    def scaled(number: int) -> Iterator[int]:
        yield number * factor

    for function, expected in ((_counting, [1, 2]), (scaled, [2])):
        ByValue(written := io.BytesIO()).dump(function)
        loaded: Any = Loading(io.BytesIO(written.getvalue())).load()
        assert loaded is not function
        assert inspect.isgeneratorfunction(loaded)
        assert (loaded.__name__, list(loaded(1))) == (function.__name__, expected)
    assert [span.name for span in captured.spans] == ["_counting", scaled.__qualname__]


def test_a_coroutine_that_a_plain_function_returns_is_within_its_span(captured: CapturedSpans) -> None:
    async def work(text: str) -> str:
        with sightline.span("inner"):
            return text.upper()

    @sightline.trace(name="outer")
    def begin(text: str) -> Any:
        return work(text)

    begun = begin("a")
    assert inspect.iscoroutine(begun)
    assert begun.__qualname__ == work.__qualname__
    assert asyncio.run(begun) == "A"
    inner, outer = captured.spans
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert _attributes(captured, 1)[names.OUTPUT] == "A"


def test_methods_of_classes_are_decorated_on_either_side(captured: CapturedSpans) -> None:
    class Shop:
        @sightline.tool
        @classmethod
        def name(cls, word: str) -> str:
            return cls.__name__ + word

        @sightline.trace
        @staticmethod
        def double(number: int) -> int:
            return number * 2

    assert (Shop.name("!"), Shop().name("?"), Shop.double(2), Shop().double(3)) == ("Shop!", "Shop?", 4, 6)
    assert [span.name.rpartition(".")[2] for span in captured.spans] == ["name", "name", "double", "double"]
    assert json.loads(_attributes(captured)[gen_ai.TOOL_CALL_ARGUMENTS]) == {"word": "!"}


def test_generator_functions_are_methods_and_can_be_traced_twice(captured: CapturedSpans) -> None:
    class Counter:
        start = 5

        @sightline.trace(name="outer")
        @sightline.trace(name="inner")
        def count(self) -> Iterator[int]:
            yield self.start

        @classmethod
        @sightline.trace
        def count_all(cls) -> Iterator[int]:
            yield cls.start

    assert inspect.isgeneratorfunction(Counter().count)
    assert list(Counter().count()) == list(Counter.count(Counter())) == list(Counter.count_all()) == [5]
    found = [span.name.split(".")[-1] for span in captured.spans]
    assert found == ["inner", "outer", "inner", "outer", "count_all"]


def test_steps_nest_and_tags_add_up(captured: CapturedSpans) -> None:
    with (
        sightline.context(tags=["a"], session="outer"),
        sightline.span("chain"),
    ):
        inner = sightline.context(tags=["b", "a"], session="inner")
        with inner, sightline.span("step", kind="nonsense"):
            pass
    step, chain = captured.spans
    assert step.parent is not None
    assert chain.context is not None
    assert step.parent.span_id == chain.context.span_id
    assert _attributes(captured)[names.TAGS] == ("a", "b")
    assert _attributes(captured)[names.SESSION_ID] == "inner"
    assert _attributes(captured)[names.SPAN_KIND] == "internal"
    assert _attributes(captured, 1)[names.SESSION_ID] == "outer"


def test_odd_values_do_no_harm(captured: CapturedSpans) -> None:
    class Hostile:
        def __str__(self) -> str:
            raise RuntimeError("no text")

        def __bool__(self) -> bool:
            raise RuntimeError("neither yes nor no")  # numpy's arrays

    hostile: Any = Hostile()
    with sightline.span("chain", input=hostile) as handle:
        handle.set_output(hostile)
        handle.set("key", hostile)
        handle.set_documents("q", [hostile])
        handle.set_verdict(hostile, score=hostile, categories=hostile)
    with sightline.cache("answers", kind=hostile, key_scope=hostile, query=hostile) as lookup:
        lookup.set_lookup(hit=hostile, similarity=hostile, age_s=hostile)
        lookup.set_lookup(hit=False, saved_usd=hostile)
    with sightline.span(hostile):
        pass
    odd: Any = 7
    nothing: Any = None
    with sightline.span(odd, kind="guardrail") as handle:
        handle.set_verdict("block", categories=nothing)
    assert [span.name for span in captured.spans] == ["chain", "answers", "7"]
    assert _attributes(captured, 2)[names.GUARDRAIL_OUTCOME] == "block"


def test_what_generators_gave_is_their_result(captured: CapturedSpans) -> None:
    @sightline.tool
    def tell() -> Any:
        yield "a"
        yield "b"

    @sightline.retrieval
    def find(query: str) -> Any:
        yield {"id": "d", "score": 0.5}

    @sightline.guardrail
    def returning() -> Any:
        yield 1
        return False

    @sightline.guardrail(stage="output")
    async def yielding() -> Any:
        yield True
        yield {"outcome": "warn", "score": 0.4}

    async def run() -> list[Any]:
        return [item async for item in yielding()]

    assert list(tell()) + list(find("q")) + list(returning()) + asyncio.run(run())
    told, found, blocked, warned = (_attributes(captured, position) for position in range(4))
    assert told[gen_ai.TOOL_CALL_RESULT] == "ab"
    assert '"id":"d"' in found[gen_ai.RETRIEVAL_DOCUMENTS]
    assert found[gen_ai.RETRIEVAL_QUERY_TEXT] == "q"
    assert blocked[names.GUARDRAIL_OUTCOME] == "block"
    assert (warned[names.GUARDRAIL_OUTCOME], warned[names.GUARDRAIL_SCORE]) == ("warn", 0.4)


@pytest.mark.parametrize(
    ("pieces", "result"),
    [
        (["", "a", "a b", "a b"], "a b"),
        (["x" * size for size in range(1, 1_200)], "x" * 1_199),
        (["a", "ab"], "aab"),
        ([".", ".", "."], "..."),
        (["a", "ab", "abc", 1], '["a","ab","abc",1]'),
    ],
    ids=["grows", "grows beyond what is kept", "perhaps", "the same", "no text"],
)
def test_of_texts_that_grow_the_last_is_the_result(
    captured: CapturedSpans, pieces: list[Any], result: str
) -> None:
    @sightline.tool
    def tell() -> Any:
        yield from pieces

    assert list(tell()) == pieces
    told = _attributes(captured)
    assert told[gen_ai.TOOL_CALL_RESULT] == result
    assert names.CONTENT_TRUNCATED not in told


def test_few_of_the_items_of_a_generator_are_kept_and_none_without_content() -> None:
    class Chunk:
        def __init__(self) -> None:
            self.data = bytes(100_000)

    alive: weakref.WeakSet[Chunk] = weakref.WeakSet()

    @sightline.trace
    def download() -> Iterator[Chunk]:
        for _ in range(100):
            chunk = Chunk()
            alive.add(chunk)
            yield chunk

    def most_alive() -> int:
        return max(len(alive) for _ in download())

    assert most_alive() < 5  # never instrumented
    with capture_spans(capture_content=False):
        assert most_alive() < 5
    with capture_spans() as captured:
        assert most_alive() < 20
        assert _attributes(captured)[names.CONTENT_TRUNCATED] is True


def test_what_a_generator_gave_before_it_failed_or_was_left_is_kept(captured: CapturedSpans) -> None:
    @sightline.trace
    def words(*, fails: bool) -> Iterator[str]:
        yield "a"
        yield "b"
        if fails:
            raise KeyError

    @sightline.trace
    async def more_words() -> AsyncIterator[str]:
        yield "c"
        yield "d"

    async def read_one() -> None:
        reader = more_words()
        await anext(reader)
        await cast(AsyncGenerator[str], reader).aclose()

    with pytest.raises(KeyError):
        list(words(fails=True))
    left = words(fails=False)
    next(left)
    cast(Generator[str], left).close()
    asyncio.run(read_one())
    assert [_attributes(captured, position)[names.OUTPUT] for position in range(3)] == ["ab", "a", "c"]


def test_an_app_that_ends_as_it_should_has_not_failed(captured: CapturedSpans) -> None:
    for code in (0, None, 1):
        with pytest.raises(SystemExit), sightline.span("main"):
            sys.exit(code)
    assert [span.status.is_ok for span in captured.spans] == [True, True, False]


def test_what_is_no_function_stays_what_it_is(caplog: pytest.LogCaptureFixture) -> None:
    class Tools:
        pass

    given: list[Any] = [Tools, property(str), 3]
    assert [sightline.trace(each) for each in given] == given
    assert len(caplog.messages) == 3


def test_a_generator_that_is_left_has_no_verdict(captured: CapturedSpans) -> None:
    @sightline.guardrail
    def check() -> Any:
        yield False
        yield True

    assert next(check()) is False
    assert names.GUARDRAIL_OUTCOME not in _attributes(captured)


def test_a_generator_that_is_left_early_ends_its_steps_and_logs_nothing(
    captured: CapturedSpans, caplog: pytest.LogCaptureFixture
) -> None:
    async def words() -> AsyncIterator[str]:
        with sightline.context(session="s"), sightline.span("left early"):
            yield "first"
            yield "second"

    async def read_one() -> None:
        async for _ in words():
            break

    asyncio.run(read_one())  # the loop closes the generator in a task of its own
    assert [span.name for span in captured.spans] == ["left early"]
    assert caplog.messages == []


def test_a_generator_belongs_to_where_it_was_called_wherever_it_is_read(captured: CapturedSpans) -> None:
    @sightline.tool
    def look_up() -> str:
        return "found"

    @sightline.trace
    def words() -> Iterator[str]:
        yield look_up()

    @sightline.trace
    async def more_words() -> AsyncIterator[str]:
        yield look_up()

    async def read() -> list[str]:
        return [word async for word in called]

    with sightline.span("request"), sightline.context(session="s-9"):
        lazily = words()
        called = more_words()
    assert list(lazily) + asyncio.run(read()) == ["found", "found"]
    request, first_tool, first, second_tool, second = captured.spans
    for tool, step in ((first_tool, first), (second_tool, second)):
        assert tool.parent == step.context
        assert step.parent == request.context
        assert (tool.attributes or {})[names.SESSION_ID] == (step.attributes or {})[names.SESSION_ID] == "s-9"
    assert otel_trace.get_current_span() is otel_trace.INVALID_SPAN
