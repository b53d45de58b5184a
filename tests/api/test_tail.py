"""The live tail over HTTP."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
from tests.api.conftest import NOW, REVOKED
from tests.made_spans import MakeSpan

from sightline_api.routes.tail import MAX_TAILS
from sightline_api.trace_tail import MAX_TRACES_A_LOOK
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_storage import Store

NOW_NS = to_ns(NOW)


@dataclass
class Event:
    """One server-sent event."""

    name: str
    data: dict[str, Any]
    id: str


def events_of(response: httpx.Response) -> Iterator[Event]:
    """Parse the stream as a browser would; comments are passed over."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Event(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
            fields = {}


def test_a_tail_sends_what_arrives_and_nothing_that_was_there(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    store.writer.write([span(ingested_ns=NOW_NS - 5)], token="old")
    with api.stream("GET", "/traces/tail") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        new = span(ingested_ns=NOW_NS + 7, name="line one\nevent: forged\n\n")
        store.writer.write([new], token="new")
        event = next(events_of(response))
    assert (event.name, event.id) == ("trace", str(NOW_NS + 7))
    assert event.data["trace_id"] == new["trace_id"]
    assert event.data["name"] == new["name"]


def test_a_trace_comes_again_when_it_grows(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    with api.stream("GET", "/traces/tail") as response:
        events = events_of(response)
        root = span(ingested_ns=NOW_NS + 1)
        store.writer.write([root], token="root")
        assert next(events).data["span_count"] == 1
        child = span(trace_id=root["trace_id"], parent_span_id=root["span_id"], ingested_ns=NOW_NS + 2)
        store.writer.write([child], token="child")
        assert next(events).data["span_count"] == 2


def test_a_span_that_was_written_late_is_news(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    with api.stream("GET", "/traces/tail") as response:
        events = events_of(response)
        store.writer.write([span(ingested_ns=NOW_NS + 10**9)], token="in time")
        next(events)
        late = span(ingested_ns=NOW_NS - 60 * 10**9)
        store.writer.write([late], token="late")
        assert next(events).data["trace_id"] == late["trace_id"]


def test_an_interrupted_tail_goes_on_after_its_last_event(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    spans = [span(ingested_ns=NOW_NS - 10**9 * (5 - n)) for n in range(5)]
    store.writer.write(spans, token="five")
    headers = {"Last-Event-ID": str(spans[2]["ingested_ns"])}
    with api.stream("GET", "/traces/tail", headers=headers) as response:
        events = events_of(response)
        assert [next(events).data["trace_id"] for _ in range(2)] == [span["trace_id"] for span in spans[3:]]


def test_an_interruption_amid_traces_of_one_moment_loses_none_of_them(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    with api.stream("GET", "/traces/tail") as response:
        events = events_of(response)
        spans = [span(ingested_ns=NOW_NS + moment) for moment in (1, 2, 2, 2)]
        store.writer.write(spans, token="moment")
        seen = [next(events) for _ in range(4)]
    assert sorted(event.id for event in seen) == ["", "", str(NOW_NS + 1), str(NOW_NS + 2)]
    assert (seen[0].id, seen[3].id) == (str(NOW_NS + 1), str(NOW_NS + 2))


def test_more_traces_at_once_than_anybody_reads_are_counted_not_sent(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    with api.stream("GET", "/traces/tail") as response:
        events = events_of(response)
        burst = [span(ingested_ns=NOW_NS + n + 1) for n in range(MAX_TRACES_A_LOOK + 7)]
        store.writer.write(burst, token="burst")
        assert next(events) == Event("skipped", {"traces": 7}, "")
        assert next(events).data["trace_id"] == burst[7]["trace_id"]


def test_tails_of_another_project_see_nothing(
    api_url: str, api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    headers = {"authorization": "Bearer somebody-else"}
    with (
        api.stream("GET", "/traces/tail", headers=headers) as other,
        api.stream("GET", "/traces/tail") as own,
    ):
        own_events, other_events = events_of(own), events_of(other)
        store.writer.write([span(ingested_ns=NOW_NS + 1)], token="own")
        next(own_events)
        foreign = span(project="somebody-else", ingested_ns=NOW_NS + 2)
        store.writer.write([foreign], token="foreign")
        assert next(other_events).data["trace_id"] == foreign["trace_id"]


def test_a_tail_ends_when_its_key_is_revoked(
    api: httpx.Client, store: Store, span: MakeSpan, project: ProjectId
) -> None:
    with api.stream("GET", "/traces/tail") as response:
        events = events_of(response)
        store.writer.write([span(ingested_ns=NOW_NS + 1)], token="before")
        next(events)
        REVOKED.add(project)
        store.writer.write([span(ingested_ns=NOW_NS + 2)], token="after")
        assert next(events, None) is None


def test_tails_are_capped_and_a_closed_one_makes_room(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    with ExitStack() as open_tails:
        for _ in range(MAX_TAILS):
            open_tails.enter_context(api.stream("GET", "/traces/tail"))
        refused = api.get("/traces/tail")
        assert refused.status_code == 429
        assert refused.headers["content-type"] == "application/problem+json"
        assert str(MAX_TAILS) in refused.json()["detail"]
        assert "retry-after" in refused.headers
        # A project that has none gets its own, and a stranger is told so.
        headers = {"authorization": "Bearer quiet-neighbour"}
        with api.stream("GET", "/traces/tail", headers=headers) as neighbours:
            assert neighbours.status_code == 200
            assert api.get("/traces/tail", headers=headers).status_code == 429
        assert api.get("/traces/tail", headers={"authorization": ""}).status_code == 401
    # The server notices a caller that left with the next event or look.
    status = 429
    while status == 429:
        with api.stream("GET", "/traces/tail") as response:
            status = response.status_code
    assert status == 200


def test_an_id_that_is_not_ours_is_refused(api: httpx.Client) -> None:
    assert api.get("/traces/tail", headers={"Last-Event-ID": "x"}).status_code == 400
    assert api.get("/traces/tail", headers={"Last-Event-ID": "9" * 30}).status_code == 400


def test_a_tail_of_a_query_sends_what_fits_it(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    query = 'app:desk "refund policy" errors>0 -env:dev'
    with api.stream("GET", "/traces/tail", params={"q": query}) as response:
        events = events_of(response)
        fits: dict[str, Any] = {"app": "desk", "input": "What is the Refund Policy?", "status": "error"}
        other = [
            span(**{**fits, "app": "shop"}, ingested_ns=NOW_NS + 1),
            span(**{**fits, "input": "hello"}, ingested_ns=NOW_NS + 2),
            span(**fits, environment="dev", ingested_ns=NOW_NS + 3),
        ]
        late = span(**{**fits, "status": "ok"}, ingested_ns=NOW_NS + 4)
        store.writer.write([*other, late], token="other")
        right = span(**fits, ingested_ns=NOW_NS + 5)
        store.writer.write([right], token="right")
        assert next(events).data["trace_id"] == right["trace_id"]
        # A trace that did not fit does so once the span arrives that makes it fit.
        child = span(trace_id=late["trace_id"], parent_span_id=late["span_id"], status="error", app="desk")
        store.writer.write([{**child, "ingested_ns": NOW_NS + 6}], token="child")
        assert next(events).data["trace_id"] == late["trace_id"]


def test_a_query_that_cannot_be_read_is_refused_before_the_stream(api: httpx.Client) -> None:
    response = api.get("/traces/tail", params={"q": "app:("})
    assert response.status_code == 400
    assert "position" in response.json()
