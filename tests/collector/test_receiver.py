"""Bad input over real HTTP: a clear OTLP answer, and nothing else is lost."""

import asyncio
import base64
import gzip
import json
import socket
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import zstandard
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, NumberDataPoint, Sum
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from tests.collector.conftest import make_request, serving
from tests.e2e.polling import until

from sightline_collector import intake, receiver, trace_request
from sightline_collector.metrics_answer import answer_metrics

PROTOBUF = "application/x-protobuf"


def _status(response: httpx.Response) -> Any:
    assert response.headers["content-type"] == PROTOBUF
    return Status.FromString(response.content)


def _rejections(response: httpx.Response) -> tuple[int, str]:
    assert response.status_code == 200
    answer = ExportTraceServiceResponse.FromString(response.content)
    return answer.partial_success.rejected_spans, answer.partial_success.error_message


def test_a_plain_protobuf_request_is_acknowledged_and_stored(
    running: Any, span: Any, request_of: Any
) -> None:
    response = running.post(request_of(span(1), span(2)).SerializeToString())
    assert (response.status_code, response.content) == (200, b"")
    assert [record["span_id"] for record in running.stored()] == [f"{1:016x}", f"{2:016x}"]


def test_compressed_spans_are_taken_while_requests_beside_them_wait_for_the_store(
    running: Any, span: Any, request_of: Any
) -> None:
    threads = 40  # that routes which are no coroutines share
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def wait(_request: Request) -> PlainTextResponse:
        waiting.release()
        go_on.wait()
        return PlainTextResponse("")

    body = gzip.compress(request_of(span(1)).SerializeToString())
    headers = {"content-type": PROTOBUF, "content-encoding": "gzip"}
    with (
        serving(running.collector, Route("/wait", wait)) as client,
        ThreadPoolExecutor(threads) as others,
    ):
        try:
            for _ in range(threads):
                others.submit(client.get, "/wait")
            assert all(waiting.acquire(timeout=30) for _ in range(threads))
            assert client.post("/v1/traces", content=body, headers=headers).status_code == 200
        finally:
            go_on.set()


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:100]) + gzip.compress(body[100:])),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("zstd", zstandard.compress),
        ("zstd", lambda body: zstandard.compress(body[:100]) + zstandard.compress(body[100:])),
        ("identity", bytes),
    ],
)
def test_every_encoding_carries_the_same_span(
    running: Any, span: Any, request_of: Any, encoding: str, compress: Any
) -> None:
    body = compress(request_of(span(1, name="x" * 500)).SerializeToString())
    assert running.post(body, headers={"content-encoding": encoding}).status_code == 200
    assert running.stored()[0]["name"] == "x" * 500


_BOMB = make_request(*[Span()] * 65_537).SerializeToString()
_JSON_BOMB: dict[str, Any] = {"resourceSpans": [{"scopeSpans": [{"spans": [{}]}] * 65_537}]}


@pytest.mark.parametrize(
    ("kind", "body"), [(PROTOBUF, _BOMB), ("application/json", json.dumps(_JSON_BOMB).encode())]
)
def test_a_request_of_too_many_spans_is_refused_with_the_limit(running: Any, kind: str, body: bytes) -> None:
    packed = zstandard.compress(body)
    assert len(packed) < 1_000
    response = running.post(packed, kind=kind, headers={"content-encoding": "zstd"})
    assert (response.status_code, b"65536 spans" in response.content) == (413, True)
    assert running.collector.snapshot().requests_refused == {"payload_too_large": 1}


def test_events_are_limited_as_spans_are(running: Any) -> None:
    records: dict[str, Any] = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{}] * 65_537}]}]}
    response = running.client.post("/v1/logs", json=records)
    assert (response.status_code, "65536 log records" in response.text) == (413, True)


@pytest.mark.parametrize(
    "metrics",
    [
        pytest.param([Metric()] * 65_537, id="metrics"),
        pytest.param([Metric(sum=Sum(data_points=[NumberDataPoint()] * 65_537))], id="points"),
    ],
)
def test_metrics_are_limited_before_messages_are_made_of_them(running: Any, metrics: list[Metric]) -> None:
    body = ExportMetricsServiceRequest()
    body.resource_metrics.add().scope_metrics.add(metrics=metrics)
    headers = {"content-type": PROTOBUF}
    response = running.client.post("/v1/metrics", content=body.SerializeToString(), headers=headers)
    assert (response.status_code, b"65536 data points" in response.content) == (413, True)


def test_many_refused_spans_are_counted_and_twenty_named(running: Any, span: Any, request_of: Any) -> None:
    nameless = [Span(name=f"span {number}") for number in range(30)]
    count, message = _rejections(running.post(request_of(span(1), *nameless).SerializeToString()))
    assert (count, message.count("its trace id")) == (30, 20)
    assert message.endswith("; and 10 more")
    assert len(running.stored()) == 1


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def test_refused_spans_are_in_the_log_too_once_a_minute(
    running: Any, span: Any, request_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Exporters of Python show nothing of a partial success."""
    body = request_of(span(1), Span(name="nameless")).SerializeToString()
    assert [running.post(body).status_code for _ in range(2)] == [200, 200]
    (record,) = [record for record in caplog.records if "refused" in record.message]
    assert vars(record)["spans"] == 1
    assert "nameless" in vars(record)["reason"]


def test_a_compressed_body_however_small_is_unpacked_beside_the_event_loop(
    running: Any, span: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked: list[bool] = []

    original = zstandard.ZstdDecompressor

    def decompressor(**options: Any) -> Any:
        unpacked.append(_in_event_loop())
        return original(**options)

    monkeypatch.setattr(zstandard, "ZstdDecompressor", decompressor)
    body = zstandard.compress(request_of(span(1)).SerializeToString())
    assert running.post(body, headers={"content-encoding": "zstd"}).status_code == 200
    assert unpacked == [False]


def test_metrics_are_read_beside_the_event_loop(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bool] = []

    def answer(*arguments: Any, **options: Any) -> Any:
        read.append(_in_event_loop())
        return answer_metrics(*arguments, **options)

    monkeypatch.setattr(receiver, "answer_metrics", answer)
    body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m"}]}]}]}
    assert running.client.post("/v1/metrics", json=body).status_code == 200
    assert read == [False]


def test_a_chunked_body_is_read(running: Any, span: Any, request_of: Any) -> None:
    body = request_of(span(1)).SerializeToString()

    def chunks() -> Iterator[bytes]:
        yield body[:20]
        yield body[20:]

    response = running.client.post("/v1/traces", content=chunks(), headers={"content-type": PROTOBUF})
    assert response.status_code == 200
    assert len(running.stored()) == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"this is not OTLP at all", {}, 400),
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], {"content-encoding": "gzip"}, 400),
        (b"not gzip", {"content-encoding": "gzip"}, 400),
        (zstandard.compress(b"x" * 1000)[:-3], {"content-encoding": "zstd"}, 400),
        (b"", {"content-encoding": "br"}, 415),
        (b"x" * 8_000_001, {}, 413),
        (gzip.compress(bytes(9_000_000), mtime=0), {"content-encoding": "gzip"}, 413),
        (zstandard.compress(bytes(9_000_000)), {"content-encoding": "zstd"}, 413),
        # Each of its 350,000 empty members once made a copy of all that followed.
        (gzip.compress(b"", mtime=0) * 350_000, {"content-encoding": "gzip"}, 400),
        (zstandard.compress(b"") * 350_000, {"content-encoding": "zstd"}, 400),
        (b"", {"authorization": "Bearer wrong"}, 401),
        (b"", {"authorization": "Bearer reader"}, 403),
    ],
)
def test_bad_requests_are_refused_with_a_status_and_the_server_lives_on(
    running: Any, span: Any, request_of: Any, body: bytes, headers: dict[str, str], status: int
) -> None:
    response = running.post(body, headers=headers)
    assert response.status_code == status
    assert _status(response).message
    assert running.post(request_of(span(1)).SerializeToString()).status_code == 200
    assert len(running.stored()) == 1


def test_who_closes_with_the_answer_hears_why_its_large_body_is_refused(running: Any) -> None:
    url, body = f"{running.client.base_url}/v1/traces", bytes(9_000_000)
    for key, status in (("any", 413), ("wrong", 401)):
        headers = {"content-type": PROTOBUF, "authorization": f"Bearer {key}"}
        with pytest.raises(urllib.error.HTTPError) as refusal:  # urllib asks for the end of the connection
            urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30)
        refusal.value.close()
        assert refusal.value.code == status


def test_large_requests_are_read_one_after_the_other(
    running: Any, span: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, one, met = trace_request.read_trace_request, threading.Lock(), []

    def read_slowly(*arguments: Any, **options: Any) -> Any:
        met.append(one.locked())
        with one:
            time.sleep(0.02)
            return read(*arguments, **options)

    monkeypatch.setattr(intake, "_LARGE", 0)
    monkeypatch.setattr(intake, "read_trace_request", read_slowly)
    body = gzip.compress(request_of(span(1)).SerializeToString())
    with ThreadPoolExecutor(4) as senders:
        sent = [senders.submit(running.post, body, headers={"content-encoding": "gzip"}) for _ in range(4)]
    assert [answer.result().status_code for answer in sent] == [200] * 4
    assert met == [False] * 4


def test_a_body_that_breaks_off_is_counted(running: Any) -> None:
    with socket.create_connection(("127.0.0.1", running.client.base_url.port)) as client:
        head = f"POST /v1/traces HTTP/1.1\r\nHost: here\r\nContent-Type: {PROTOBUF}\r\n"
        client.sendall(f"{head}Content-Length: 9\r\n\r\nhalf".encode())
    until(lambda: running.collector.snapshot().requests_refused == {"incomplete": 1})


def test_a_wrong_content_type_is_415_in_json(running: Any) -> None:
    response = running.post(b"hello", kind="text/plain")
    assert response.status_code == 415
    assert "text/plain" in response.json()["message"]


def test_errors_of_json_requests_are_json(running: Any) -> None:
    response = running.post(b"{", kind="application/json")
    assert (response.status_code, response.headers["content-type"]) == (400, "application/json")
    assert response.json()["code"] == 3


def test_other_paths_and_methods_get_otlp_answers(running: Any) -> None:
    assert running.client.get("/v1/traces").status_code == 405
    assert running.client.get("/v1/traces").headers["allow"] == "POST"
    response = running.client.post("/v1/profiles", content=b"", headers={"content-type": PROTOBUF})
    assert response.status_code == 404
    assert _status(response).code == 5


def test_spans_without_identity_are_refused_one_by_one(running: Any, span: Any, request_of: Any) -> None:
    good, no_trace, short_span = span(1), span(2, name="no trace"), span(3, name="short")
    no_trace.trace_id = bytes(16)
    short_span.span_id = b"\1\2"
    response = running.post(request_of(no_trace, good, short_span).SerializeToString())
    count, message = _rejections(response)
    assert count == 2
    assert "'no trace': its trace id is all zero" in message
    assert "'short': its span id has 2 bytes, not 8" in message
    assert [record["span_id"] for record in running.stored()] == [f"{1:016x}"]


def test_invalid_utf8_is_replaced_and_the_neighbours_are_untouched(
    running: Any, span: Any, request_of: Any
) -> None:
    body = request_of(span(1, name="fine"), span(2, name="bXXd", note="aYYa")).SerializeToString()
    response = running.post(body.replace(b"bXXd", b"b\xff\xfed").replace(b"aYYa", b"a\xc3\x28a"))
    assert (response.status_code, response.content) == (200, b"")
    fine, repaired = running.stored()
    assert (fine["name"], fine["marks"]) == ("fine", [])
    assert repaired["name"] == "b��d"
    assert repaired["attributes"]["note"] == "a�(a"
    assert repaired["marks"] == ["invalid_utf8_replaced"]


def _field(number: int, payload: bytes) -> bytes:
    """One length-delimited field, in hand-made protobuf that the library refuses to build."""
    size = len(payload)
    length = bytes((size & 0x7F | 0x80, size >> 7)) if size > 0x7F else bytes((size,))
    return bytes((number << 3 | 2,)) + length + payload


@pytest.mark.parametrize(("levels", "rejected"), [(40, 0), (47, 0), (48, 1), (200, 1)])
def test_a_value_nested_beyond_reason_costs_only_its_own_span(
    running: Any, span: Any, request_of: Any, levels: int, rejected: int
) -> None:
    value = AnyValue(int_value=1).SerializeToString()
    for _ in range(levels):
        value = _field(5, _field(1, value))
    deep = span(2).SerializeToString() + _field(9, _field(1, b"x") + _field(2, value))
    scope_spans = b"".join(_field(2, raw) for raw in (span(1).SerializeToString(), deep))
    body = _field(1, _field(2, scope_spans)) + request_of(span(3)).SerializeToString()
    count, message = _rejections(running.post(body))
    assert (count, "span 1" in message) == (rejected, rejected == 1)
    stored = [record["span_id"] for record in running.stored()]
    assert stored == [f"{number:016x}" for number in ((1, 3) if rejected else (1, 2, 3))]
    assert len(running.collector.dead_letters) == 0


@pytest.mark.parametrize(
    ("start", "end", "mark", "duration_ns"),
    [
        (1_790_000_000_000_000_000, 1_789_999_999_000_000_000, "end_before_start", 0),
        (1_790_000_000_000_000_000, 0, "no_end_time", 0),
        (1_790_000_000_000_000_000, 2**64 - 1, "end_time_implausible", 0),
        (1_790_000_000_000_000_000, 1_790_086_400_000_000_001, "end_time_implausible", 0),
        (1, 1_000_001, "start_time_implausible", 1_000_000),
        (4_000_000_000_000_000_000, 4_000_000_000_000_000_500, "start_time_implausible", 500),
        (0, 1_790_000_000_000_000_000, "no_start_time", 0),
    ],
)
def test_impossible_times_are_settled_and_marked(
    running: Any, span: Any, request_of: Any, start: int, end: int, mark: str, duration_ns: int
) -> None:
    odd = span(1)
    odd.start_time_unix_nano, odd.end_time_unix_nano = start, end
    assert running.post(request_of(odd, span(2)).SerializeToString()).status_code == 200
    stored, neighbour = running.stored()
    assert stored["start_ns"] == 1_790_000_000_000_000_000
    assert (stored["marks"], stored["duration_ns"]) == ([mark], duration_ns)
    assert neighbour["marks"] == []


def test_nul_ten_thousand_attributes_and_five_megabytes_are_stored_with_marks(
    running: Any, span: Any, request_of: Any
) -> None:
    many = span(1, **{"a\0b": "nul\0"}, **{f"k{number}": number for number in range(10_000)})
    prompt = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "z" * 5_000_000}]}])
    large = span(2, **{"gen_ai.operation.name": "chat", "gen_ai.input.messages": prompt})
    assert running.post(request_of(many, large, span(3)).SerializeToString()).status_code == 200
    first, second, third = running.stored()
    assert len(first["attributes"]) == 1_000
    assert first["attributes"]["a�b"] == "nul�"
    assert first["marks"] == ["attributes_dropped", "nul_replaced"]
    assert second["marks"] == ["input_truncated"]
    content = json.loads(second["input"])[0]["parts"][0]["content"]
    assert content.startswith("zzz")
    assert content.endswith("characters cut]")
    assert len(second["input_preview"]) == 300
    assert third["marks"] == []


def test_json_keeps_the_neighbours_of_a_broken_span(running: Any) -> None:
    good = {
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": "B7AD6B7169203331",
        "parentSpanId": "",
        "name": "lone \ud800 surrogate",
        "kind": 3,
        "startTimeUnixNano": "1790000000000000000",
        "endTimeUnixNano": 1790000001000000000,
        "attributes": [
            {"key": "n", "value": {"intValue": "7"}},
            {"key": "raw", "value": {"bytesValue": base64.b64encode(b"\0\1").decode()}},
        ],
        "links": [{"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203332"}],
        "unknownField": 1,
    }
    bad_kind = {**good, "spanId": "00f067aa0ba902b7", "attributes": 5}
    bad_id = {**good, "spanId": "zz"}
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [good, bad_kind, bad_id]}]}]}
    response = running.post(json.dumps(document).encode(), kind="application/json")
    assert response.status_code == 200
    assert response.json()["partialSuccess"]["rejectedSpans"] == "2"
    (stored,) = running.stored()
    assert (stored["span_id"], stored["otel_kind"], stored["duration_ns"]) == (
        "b7ad6b7169203331", "client", 1_000_000_000,
    )  # fmt: skip
    assert stored["attributes"] == {"n": "7", "raw": "AAE="}
    assert json.loads(stored["links"])[0]["span_id"] == "b7ad6b7169203332"


def _json_span(number: int, **fields: Any) -> dict[str, Any]:
    return {"traceId": f"{number:032x}", "spanId": f"{number:016x}", "name": f"span {number}", **fields}


def test_json_names_each_span_that_it_cannot_read_and_why(running: Any) -> None:
    deep: dict[str, Any] = {"stringValue": "x"}
    for _ in range(60):
        deep = {"arrayValue": {"values": [deep]}}
    spans = [
        _json_span(1, links=[None]),
        _json_span(2, links={"traceId": "1"}),
        _json_span(3, attributes=[{"key": "n", "value": {"intValue": str(10**30)}}]),
        _json_span(4, attributes=[{"key": "n", "value": deep}]),
        _json_span(5, traceId="0af76519-16cd-43dd-8448-eb211c80319c"),
        _json_span(6),
    ]
    document = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    response = running.post(json.dumps(document).encode(), kind="application/json")
    assert response.status_code == 200
    said = response.json()["partialSuccess"]["errorMessage"].split("; ")
    for number, (reason, words) in enumerate(
        zip(
            said,
            (
                "links is not a list of objects",
                "links is not a list of objects",
                "attributes.value.intValue: Value out of range",
                "too deep",
                "its trace id '0af76519-16cd-43dd-8448-eb211c80319c' is neither hex nor base64",
            ),
            strict=True,
        )
    ):
        assert reason.startswith(f"span {number} ('span {number + 1}') is not readable: ")
        assert words in reason
    assert [record["name"] for record in running.stored()] == ["span 6"]


def test_json_of_other_writers_is_read(running: Any) -> None:
    """Bare NaN as Python prints it, base64 ids as protobuf prints them, byte order mark, lone surrogate."""
    value = {"key": "n", "value": {"doubleValue": float("nan")}}
    printed = {
        "traceId": base64.b64encode((1).to_bytes(16, "big")).decode(),
        "spanId": base64.b64encode((1).to_bytes(8, "big")).decode(),
    }
    spans = [_json_span(1, **printed, attributes=[value]), _json_span(2, name="lone \ud800 surrogate")]
    document = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    response = running.post(b"\xef\xbb\xbf" + json.dumps(document).encode(), kind="application/json")
    assert response.json() == {}
    first, second = running.stored()
    assert (first["trace_id"], first["span_id"]) == (f"{1:032x}", f"{1:016x}")
    assert first["attributes"] == {"n": "nan"}
    assert second["name"] == "lone \ufffd surrogate"


def test_metrics_and_other_logs_are_refused_honestly(running: Any) -> None:
    metrics = {
        "resourceMetrics": [
            {"scopeMetrics": [{"metrics": [{"name": "m", "sum": {"dataPoints": [{"asInt": "1"}, {}]}}]}]}
        ]
    }
    headers = {"content-type": "application/json"}
    response = running.client.post("/v1/metrics", json=metrics, headers=headers)
    assert response.json()["partialSuccess"]["rejectedDataPoints"] == "2"
    for wrong in (b"[", b"[]", b'{"resourceMetrics": "x"}'):
        assert running.client.post("/v1/metrics", content=wrong, headers=headers).status_code == 400
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}]}]}]}
    response = running.client.post("/v1/logs", json=logs, headers=headers)
    assert response.json()["partialSuccess"]["rejectedLogRecords"] == "1"
    assert running.client.post("/v1/logs", content=b"[", headers=headers).status_code == 400


def test_messages_in_span_events_become_the_conversation(running: Any, span: Any, request_of: Any) -> None:
    call = span(1, **{"gen_ai.operation.name": "chat"})
    call.events.add(name="gen_ai.user.message").attributes.add(key="content").value.string_value = "hi"
    choice = call.events.add(name="gen_ai.choice").attributes.add(key="message")
    choice.value.string_value = '{"role": "assistant", "content": "hello"}'
    running.post(request_of(call).SerializeToString())
    (record,) = running.stored()
    assert (record["input_preview"], record["output_preview"]) == ("hi", "hello")
    assert json.loads(record["input"])[0]["role"] == "user"
