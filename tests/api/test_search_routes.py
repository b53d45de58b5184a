"""What the page and scripts ask beside the list, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
from tests.made_spans import MakeSpan

from sightline_storage import Store


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


def test_a_field_that_there_is_not_is_told_with_the_one_that_may_be_meant(api: httpx.Client) -> None:
    for path, parameter in (("/traces/groups", "by"), ("/traces/facets", "field")):
        for name, hint in (("modle", "did you mean model?"), ("tenant.name", "attributes stand after attr.")):
            answer = api.get(path, params={parameter: name})
            told = (answer.status_code, answer.json()["detail"])
            assert told == (400, f"there is no field {name!r}; {hint}")


def test_the_histogram_counts_what_the_list_of_its_range_has(
    store: Store, api: httpx.Client, span: MakeSpan
) -> None:
    before, within = span(), span()
    within["start_ns"] = before["start_ns"] + 20 * 10**9
    store.writer.write([before, within], token="t")
    start = datetime.fromtimestamp(before["start_ns"] // 10**9 + 10, UTC)
    scope = {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}
    histogram = api.get("/traces/histogram", params=scope).raise_for_status().json()
    assert datetime.fromisoformat(histogram["buckets"][0]["start"]) <= start
    assert {name: datetime.fromisoformat(histogram[name]).isoformat() for name in scope} == scope
    assert histogram["bucket_s"] > 60
    assert sum(bucket["traces"] for bucket in histogram["buckets"]) == 1
