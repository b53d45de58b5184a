"""Exports of providers, as they look; amounts are made up."""

import contextlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.costs.invoice_formats import INVOICE_FORMATS, InvoiceFormat, parse_invoice
from sightline_analysis.costs.model_names import canonical_model
from sightline_core.errors import CallerError
from sightline_storage.spend.invoice_store import InvoiceLine

DAY = date(2026, 9, 21)
BUCKET = {"object": "bucket", "start_time": 1_789_948_800, "end_time": 1_790_035_200}
OPENAI_COST_CSV = """\
start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,project_name
1789862400,1789948800,2026-09-20T00:00:00,2026-09-21T00:00:00,,,,,
1789948800,1790035200,2026-09-21T00:00:00,,0.00383598000000000000,usd,"gpt-4o-2024-08-06, input",proj_1,Shop
1789948800,1790035200,2026-09-21T00:00:00,,0.5,usd,"gpt-4o-2024-08-06, output",proj_1,Shop
"""
OPENAI_USAGE_CSV = """\
start_time,end_time,start_time_iso,project_id,num_model_requests,api_key_id,model,input_tokens,output_tokens,input_cached_tokens
1789948800,1790035200,2026-09-21T00:00:00,proj_1,5,key_1,gpt-4o,5000,1000,4000
"""
ANTHROPIC_COST_CSV = """\
usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,cost_type
2026-09-21,Claude Haiku 4.5,Default,bot,message,≤ 200k,input_no_cache,0.05,token
2026-09-21,Claude Haiku 4.5,Default,bot,message,≤ 200k,output,0.02,token
"""
ANTHROPIC_USAGE_CSV = """\
usage_date_utc,model_version,api_key,workspace,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens
2026-09-21,claude-haiku-4-5-20251001,bot,Default,100,10,1,1000,50
"""


def parse(format: InvoiceFormat, text: str, **mapping: str) -> list[InvoiceLine]:
    return sorted(parse_invoice(format, text, mapping).lines, key=str)


def test_openai_costs_are_read_by_line_item_without_losing_a_digit() -> None:
    results = [
        {"amount": {"value": 0.1, "currency": "usd"}, "line_item": "gpt-4o, input", "project_id": "p"},
        {"amount": {"value": 0.2, "currency": "usd"}, "line_item": "gpt-4o, input", "project_id": "p"},
        {"amount": {"value": "1.5", "currency": "usd"}, "line_item": None, "project_id": None},
    ]
    page = {"object": "page", "data": [{**BUCKET, "results": results}], "has_more": False}
    assert parse("openai-json", json.dumps([page])) == [
        InvoiceLine(DAY, "", "", "", usd=Decimal("1.5")),
        InvoiceLine(DAY, "gpt-4o", "p", "input", usd=Decimal("0.3")),
    ]


def test_openai_usage_is_read_with_cached_input_inside_input() -> None:
    result = {
        "object": "organization.usage.completions.result",
        "input_tokens": 5000,
        "input_cached_tokens": 4000,
        "output_tokens": 1000,
        "num_model_requests": 5,
        "project_id": "p",
        "api_key_id": "k",
        "model": "gpt-4o-mini-2024-07-18",
    }
    text = json.dumps({"data": [{**BUCKET, "results": [result]}]})
    line = InvoiceLine(DAY, "gpt-4o-mini-2024-07-18", "p / k", "", None, 5000, 4000, 1000, 5)
    assert parse("openai-json", text) == [line]
    assert parse("openai-csv", OPENAI_USAGE_CSV) == [
        InvoiceLine(DAY, "gpt-4o", "proj_1 / key_1", "", None, 5000, 4000, 1000, 5)
    ]


def test_a_day_without_a_charge_is_covered_by_the_file() -> None:
    parsed = parse_invoice("openai-csv", OPENAI_COST_CSV, {})
    assert (parsed.kind, parsed.first_day, parsed.last_day) == ("cost", date(2026, 9, 20), DAY)
    assert parsed.usd == Decimal("0.50383598")
    assert {(line.model, line.item, line.account) for line in parsed.lines} == {
        ("gpt-4o-2024-08-06", "input", "Shop"),
        ("gpt-4o-2024-08-06", "output", "Shop"),
    }


def test_anthropic_exports_are_read_from_csv_and_json_where_cents_become_dollars() -> None:
    first, second = parse("anthropic-csv", ANTHROPIC_COST_CSV)
    assert (first.model, first.account, first.item, first.usd) == (
        "Claude Haiku 4.5",
        "Default / bot",
        "input_no_cache",
        Decimal("0.05"),
    )
    assert second.usd == Decimal("0.02")
    (usage,) = parse("anthropic-csv", ANTHROPIC_USAGE_CSV)
    assert (usage.input_tokens, usage.cached_input_tokens, usage.output_tokens) == (1111, 1000, 50)
    cost = {"amount": "123.45", "currency": "USD", "model": "claude-haiku-4-5", "token_type": "output_tokens"}
    page = {"data": [{"starting_at": "2026-09-21T00:00:00Z", "results": [cost]}]}
    assert parse("anthropic-json", json.dumps(page))[0].usd == Decimal("1.2345")


def test_any_table_can_be_mapped() -> None:
    text = '\ufeffDate;Modell;Betrag;Extra\n2026-09-21;gpt-4o;"$1,234.50";x\n\n2026-09-21;gpt-4o;0.5;y\n'
    (line,) = parse("csv", text, day="Date", model="Modell", usd="Betrag")
    assert line == InvoiceLine(DAY, "gpt-4o", "", "", usd=Decimal("1235.00"))


OPENAI_BARE_AMOUNT = '{"data": [{"start_time": 1790812800, "results": [{"amount": 1.5}]}]}'


def test_a_date_without_dashes_is_one() -> None:
    parsed = parse_invoice("csv", "d,c\n20261001,1\n", {"day": "d", "usd": "c"})
    assert [line.day for line in parsed.lines] == [date(2026, 10, 1)]


@pytest.mark.parametrize(
    ("format", "text", "mapping", "message"),
    [
        ("openai-json", "{", {}, "is not JSON"),
        ("openai-json", "[1]", {}, 'no list "data"'),
        ("openai-json", '{"data": [{"start_time": "x"}]}', {}, "bucket 1: 'x' is not a day"),
        ("openai-json", '{"data": []}', {}, "has no days"),
        ("openai-json", '{"data": [{"start_time": NaN}]}', {}, "NaN is not a number"),
        ("openai-json", "[" * 100_000, {}, "is not JSON"),
        ("openai-csv", "a,b\n1,2\n", {}, "has no column 'start_time'"),
        ("openai-csv", OPENAI_COST_CSV.replace("0.5,usd", "0.5,eur"), {}, "line 4 is in 'eur'"),
        ("openai-csv", OPENAI_COST_CSV.replace("0.5,usd", "NaN,usd"), {}, "line 4: 'NaN' is not a plausible"),
        ("anthropic-csv", "", {}, "no line with column names"),
        ("anthropic-csv", ANTHROPIC_USAGE_CSV.replace(",100,", ",-1,"), {}, "line 2: '-1' is not a count"),
        ("csv", "d,c\n", {}, "say which column is the day"),
        ("csv", "d,c\n", {"day": "d", "usd": "c", "colour": "c"}, "not to 'colour'"),
        ("csv", "d,c\n31/12/2026,1\n", {"day": "d", "usd": "c"}, "line 2: '31/12/2026' is not a day"),
        (
            "csv",
            "d;c\n2026-10-01;12,50\n",
            {"day": "d", "usd": "c"},
            "line 2: '12,50' may have a decimal comma",
        ),
        (
            "csv",
            "d;c\n2026-10-01;1,234\n",
            {"day": "d", "usd": "c"},
            "line 2: '1,234' may have a decimal comma",
        ),
        ("csv", "d;c\n2026-10-01;0,123,456\n", {"day": "d", "usd": "c"}, "'0,123,456' is not an amount"),
        ("csv", "d;t\n2026-10-01;0,123\n", {"day": "d", "input_tokens": "t"}, "'0,123' is not a number"),
        ("csv", "d;c\n2026-10-01;1.234,56\n", {"day": "d", "usd": "c"}, "'1.234,56' is not an amount"),
        ("csv", "d;t\n2026-10-01;1,5\n", {"day": "d", "input_tokens": "t"}, "line 2: '1,5' is not a number"),
        ("openai-json", OPENAI_BARE_AMOUNT, {}, "bucket 1: the amount is no object"),
        (
            "csv",
            "Day,Cost,Cost\n2026-09-21,1,2\n",
            {"day": "Day", "usd": "Cost"},
            "more than one column 'Cost'",
        ),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_place(
    format: InvoiceFormat, text: str, mapping: dict[str, str], message: str
) -> None:
    with pytest.raises(CallerError, match=message):
        parse_invoice(format, text, mapping)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "results", "amount", "value", "start_time", "starting_at", "model"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([format for format in INVOICE_FORMATS if format != "csv"]),
    st.text(max_size=200) | json_values.map(json.dumps),
)
def test_no_file_does_more_than_be_refused(format: InvoiceFormat, text: str) -> None:
    with contextlib.suppress(CallerError):
        parse_invoice(format, text, {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Claude Sonnet 4.5", "claude-sonnet-4-5-20250929"),
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("GPT-4o mini", "gpt-4o-mini"),
    ],
)
def test_spellings_of_a_model_are_one(one: str, other: str) -> None:
    assert canonical_model(one) == canonical_model(other)
    assert canonical_model("gpt-4o") != canonical_model("gpt-4o-mini")
