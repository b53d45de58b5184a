"""Importing what a provider charged, and comparing it, over HTTP."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId
from sightline_storage import Store

SEPTEMBER = {"provider": "openai", "month": "2026-09"}
CHARGES = """Day,Model,USD,Key
2026-09-21,gpt-4o-2024-08-06,0.50,shop
2026-09-21,o3,0.25,batch
"""
MAPPING = {"day": "Day", "model": "Model", "usd": "USD", "account": "Key"}


@pytest.fixture
def counted(store: Store, project: ProjectId, span: MakeSpan) -> None:
    """What was counted on the 21st and, where nothing is imported, on the 20th."""
    day_ns = 86_400_000_000_000
    calls = [
        span(provider="openai", cost_usd=Decimal("0.30")),
        span(provider="openai", cost_usd=Decimal("0.101")),
        span(provider="openai", cost_usd=Decimal("7"), start_ns=1_790_000_000_000_000_000 - day_ns),
        span(provider="anthropic", cost_usd=Decimal("5")),
    ]
    store.writer.write(calls, token=project)
    while store.refresh_rollups(datetime(2026, 9, 22, tzinfo=UTC)):
        pass


def send(api: httpx.Client, content: str, **more: Any) -> httpx.Response:
    body = {"format": "csv", "provider": "openai", "mapping": MAPPING, "file": "s.csv", "content": content}
    return api.post("/reconciliation/imports", json=body | more)


@pytest.mark.usefixtures("counted")
def test_a_month_is_compared_by_day_and_model_where_it_was_imported(api: httpx.Client) -> None:
    entry = send(api, CHARGES).raise_for_status().json()
    assert (entry["kind"], entry["lines"], entry["usd"]) == ("cost", 2, "0.75")
    found = api.get("/reconciliation", params=SEPTEMBER).raise_for_status().json()
    models = {row["model"]: row for row in found["models"]}
    assert (models["gpt-4o"]["counted_usd"], models["gpt-4o"]["gap_usd"]) == ("0.401", "0.099")
    assert models["gpt-4o"]["causes"] == {"unexplained": "0.099"}
    assert models["o3"]["causes"] == {"never_counted": "0.25"}
    assert [charge["account"] for charge in found["accounts"]] == ["shop", "batch"]
    assert found["accounts"][1]["never_counted_usd"] == "0.25"
    assert found["total"]["gap_usd"] == "0.349"
    assert "2026-09-20" in found["uncovered_days"]
    text = api.get("/reconciliation/csv", params=SEPTEMBER).raise_for_status().text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sum(Decimal(row["gap_usd"]) for row in rows) == Decimal("0.349")


@pytest.mark.usefixtures("counted")
def test_calls_without_a_provider_are_compared_where_their_model_was_charged(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    calls = [
        span(provider="", cost_usd=Decimal("0.09")),
        span(provider="", cost_usd=Decimal("3"), model="claude-x"),
    ]
    store.writer.write(calls, token=f"{project} unreported")
    while store.refresh_rollups(datetime(2026, 9, 22, tzinfo=UTC)):
        pass
    send(api, CHARGES).raise_for_status()
    found = api.get("/reconciliation", params=SEPTEMBER).raise_for_status().json()
    models = {row["model"]: row for row in found["models"]}
    assert set(models) == {"gpt-4o", "o3"}
    assert (models["gpt-4o"]["counted_usd"], models["gpt-4o"]["gap_usd"]) == ("0.491", "0.009")


@pytest.mark.usefixtures("counted")
def test_a_comparison_says_that_what_was_counted_is_an_estimate(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span(provider="anthropic", sample_weight=10.0)], token=f"{project} sampled")
    for provider, sampled in (("openai", False), ("anthropic", True)):
        send(api, CHARGES, provider=provider).raise_for_status()
        asked = {**SEPTEMBER, "provider": provider}
        assert api.get("/reconciliation", params=asked).raise_for_status().json()["sampled"] is sampled
        text = api.get("/reconciliation/csv", params=asked).raise_for_status().text
        assert {row["sampled"] for row in csv.DictReader(io.StringIO(text))} == {str(sampled).lower()}


@pytest.mark.usefixtures("counted")
def test_the_same_file_again_and_a_corrected_one_take_the_place_of_the_first(api: httpx.Client) -> None:
    for content in (CHARGES, CHARGES, CHARGES.replace("0.25", "0.35")):
        send(api, content).raise_for_status()
    found = api.get("/reconciliation", params=SEPTEMBER).raise_for_status().json()
    assert found["total"]["invoiced_usd"] == "0.85"
    assert len(api.get("/reconciliation/imports").json()["imports"]) == 3
    api.delete("/reconciliation/imports", params={"provider": "openai"}).raise_for_status()
    assert api.get("/reconciliation/imports").json() == {"imports": []}
    found = api.get("/reconciliation", params=SEPTEMBER).raise_for_status().json()
    assert (found["total"]["invoiced_usd"], found["days"]) == (None, [])


def test_a_file_that_cannot_be_read_changes_nothing(api: httpx.Client) -> None:
    send(api, CHARGES).raise_for_status()
    refused = send(api, CHARGES.replace("0.25", "much"))
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "line 3: 'much' is not an amount of money",
    )
    assert send(api, CHARGES, provider="").status_code == 400
    assert send(api, CHARGES, format="pdf").status_code == 400
    assert send(api, CHARGES, provider="open\0ai").status_code == 400
    lone_surrogate = r'{"format": "openai-csv", "content": "\ud800"}'
    json_type = {"content-type": "application/json"}
    answer = api.post("/reconciliation/imports", content=lone_surrogate, headers=json_type)
    assert answer.status_code == 400
    for month in ("0001-01", "9999-12", "soon"):
        assert api.get("/reconciliation", params={**SEPTEMBER, "month": month}).status_code == 400
    assert api.get("/reconciliation", params=SEPTEMBER).json()["total"]["invoiced_usd"] == "0.75"
