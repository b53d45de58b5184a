"""Files with whole traces."""

import csv
import io
import json
from decimal import Decimal

import httpx
import pyarrow.parquet
import pytest
from tests.made_spans import BASE_NS, MakeSpan

from sightline_storage import Store
from sightline_storage.spans.span_table import RECORD_KEYS

FORMATS = ("otlp-json", "jsonl", "csv", "parquet")
HOSTILE = '=HYPERLINK("http://evil.example","x"),\n"quoted"\u202e\ufffd'


def table_of(response: httpx.Response) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


@pytest.mark.parametrize("form", FORMATS)
def test_a_download_has_every_span_of_its_trace_and_no_other(
    form: str, api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    trace_id = "a" * 32
    spans = [span(trace_id=trace_id, input="x" * 100_000) for _ in range(130)]
    store.writer.write([*spans, span()], token=form)
    response = api.get(f"/traces/{trace_id}/download", params={"format": form})
    assert response.status_code == 200
    assert response.headers["content-disposition"].startswith(f'attachment; filename="trace-{trace_id}.')
    if form == "otlp-json":
        found = [
            item["spanId"]
            for resource in response.json()["resourceSpans"]
            for scope in resource["scopeSpans"]
            for item in scope["spans"]
        ]
    elif form == "jsonl":
        found = [json.loads(line)["span_id"] for line in response.text.splitlines()]
    elif form == "csv":
        found = [row["span_id"] for row in table_of(response)]
    else:
        found = pyarrow.parquet.read_table(io.BytesIO(response.content)).column("span_id").to_pylist()
    assert found == [record["span_id"] for record in spans]


def test_a_csv_says_the_zone_and_gives_a_spreadsheet_no_formula(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    record = span(
        name=HOSTILE,
        user="@SUM(A1)",
        session="-1+1",
        start_ns=BASE_NS + 123_456_789,
        cost_state="priced",
        cost_usd=Decimal("0.000000000001"),
        tags=["=1"],
    )
    store.writer.write([record], token="csv")
    response = api.get(f"/traces/{record['trace_id']}/download", params={"format": "csv"})
    (row,) = table_of(response)
    assert row["start_time"] == "2026-09-21T14:13:20.123456789Z"
    assert (row["name"], row["user"], row["session"]) == ("'" + HOSTILE, "'@SUM(A1)", "'-1+1")
    assert row["cost_usd"] == "0.000000000001"
    assert row["tags"] == '["=1"]'
    assert "project" not in row


def test_parquet_keeps_types_and_the_zone(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    record = span(
        start_ns=BASE_NS + 1,
        cost_state="priced",
        cost_usd=Decimal("1.000000000001"),
        tags=["a", "b"],
        attributes={"tenant": "acme"},
        attributes_num={"n": 1.5},
    )
    store.writer.write([record], token="parquet")
    response = api.get(f"/traces/{record['trace_id']}/download", params={"format": "parquet"})
    table = pyarrow.parquet.read_table(io.BytesIO(response.content))
    assert table.num_columns == len(RECORD_KEYS) - 1
    assert str(table.schema.field("start_time").type) == "timestamp[ns, tz=UTC]"
    assert table.column("start_time").cast("int64").to_pylist() == [BASE_NS + 1]
    assert table.column("cost_usd").to_pylist() == [Decimal("1.000000000001")]
    assert table.column("tags").to_pylist() == [["a", "b"]]
    assert table.column("attributes").to_pylist() == [[("tenant", "acme")]]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_not_known_is_no_number_in_a_table(
    form: str, api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    known = {"output_valid": 0, "cache_hit": 0, "retrieved_count": 0, "emitter_cost_usd": Decimal(0)}
    times = {"time_to_first_token_ns": 5, "http_status": 200}
    trace_id = "c" * 32
    unpriced = span(trace_id=trace_id, cost_state="unpriced")
    priced = span(trace_id=trace_id, cost_state="priced", start_ns=unpriced["start_ns"] + 1, **known, **times)
    store.writer.write([unpriced, priced], token=f"not known {form}")
    response = api.get(f"/traces/{trace_id}/download", params={"format": form})
    if form == "csv":
        rows = [{key: value or None for key, value in row.items()} for row in table_of(response)]
    else:
        rows = pyarrow.parquet.read_table(io.BytesIO(response.content)).to_pylist()
    first, second = rows
    for column in (*known, *times, "cost_usd", "cost_output_usd"):
        assert first[column] is None
        assert second[column] is not None


def test_an_export_says_where_the_next_file_is(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    spans = [span() for _ in range(5)]
    store.writer.write(spans, token="export")
    found: list[str] = []
    url = "/traces/export?format=jsonl&limit=2&since=2h"
    sizes = []
    while url:
        response = api.get(url)
        sizes.append(response.headers["sightline-traces"])
        found += [json.loads(line)["trace_id"] for line in response.text.splitlines()]
        following = response.links.get("next", {}).get("url", "")
        url = str(api.base_url.join(following)) if following else ""
    assert found == [record["trace_id"] for record in reversed(spans)]
    assert sizes == ["2", "2", "1"]


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_of_nothing_is_a_valid_file(form: str, api: httpx.Client) -> None:
    response = api.get("/traces/export", params={"format": form})
    assert response.status_code == 200
    assert response.headers["sightline-traces"] == "0"
    if form == "otlp-json":
        assert response.json() == {"resourceSpans": []}
    elif form == "parquet":
        assert pyarrow.parquet.read_table(io.BytesIO(response.content)).num_rows == 0
    else:
        assert len(response.text.splitlines()) == (form == "csv")


def test_what_is_not_stored_or_not_a_format_is_refused(api: httpx.Client) -> None:
    assert api.get(f"/traces/{'b' * 32}/download").status_code == 404
    assert api.get(f"/traces/{'b' * 32}/download", params={"format": "xlsx"}).status_code == 400


def test_an_export_holds_whole_traces_that_fit_the_query(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    root = span(app="desk")
    child = span(trace_id=root["trace_id"], parent_span_id=root["span_id"], app="tools", status="error")
    store.writer.write([root, child, span(app="desk")], token="query")
    response = api.get("/traces/export", params={"format": "jsonl", "q": "app:desk errors>0"})
    found = [json.loads(line)["span_id"] for line in response.text.splitlines()]
    assert found == [root["span_id"], child["span_id"]]
