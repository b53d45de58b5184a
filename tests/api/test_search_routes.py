"""What the page and scripts ask beside the list, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from sightline_storage import SpanRecord, Store

MakeSpan = Callable[..., SpanRecord]


def test_the_histogram_of_all_time_begins_with_the_first_spans(
    store: Store, api: httpx.Client, span: MakeSpan
) -> None:
    store.writer.write([span(), span(status="error")], token="t")
    while store.refresh_rollups(datetime(2026, 9, 22, tzinfo=UTC)):
        pass
    answer = api.get("/traces/histogram", params={"start": "1970-01-01T00:00:00Z", "buckets": 60})
    histogram = answer.raise_for_status().json()
    assert histogram["bucket_s"] <= 3600
    assert sum(bucket["traces"] for bucket in histogram["buckets"]) == 2
    assert sum(bucket["errors"] for bucket in histogram["buckets"]) == 1


def test_the_histogram_of_all_time_of_an_empty_project_is_empty(api: httpx.Client) -> None:
    answer = api.get("/traces/histogram", params={"start": "1970-01-01T00:00:00Z"})
    assert sum(bucket["traces"] for bucket in answer.raise_for_status().json()["buckets"]) == 0
