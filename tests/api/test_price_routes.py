"""A project's own prices over HTTP."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId
from sightline_core.price_overrides import PriceOverride
from sightline_core.price_rates import TokenCounts
from sightline_core.pricing import CataloguePricer, ModelCall
from sightline_storage import Store

PRICE: dict[str, Any] = {
    "model": "gpt-4o*",
    "service_tier": "Batch",
    "start": "2026-10-01T02:00:00+02:00",
    "usd_per_mtok": {"input": "2.50", "output": 1e1, "cached_input": "0.000000000001"},
    "long_context": {"above_input_tokens": 200_000, "usd_per_mtok": {"input": "5"}},
}


def _prices(api: httpx.Client) -> list[dict[str, Any]]:
    return list(api.get("/prices").raise_for_status().json()["prices"])


def test_a_price_is_made_changed_and_removed_by_those_who_know_the_last_one(api: httpx.Client) -> None:
    found = api.get("/prices").raise_for_status().json()
    assert found["prices"] == []
    assert found["catalogue"]["source"].startswith("genai-prices-")
    assert found["catalogue"]["fetched_at"] is None

    answer = api.post("/prices", json={**PRICE, "name": "a/b c"})
    assert answer.status_code == 201
    made = answer.json()
    assert _prices(api) == [made]
    assert (made["service_tier"], made["start"], made["end"]) == ("batch", "2026-10-01T00:00:00Z", None)
    assert made["usd_per_mtok"]["input"] == "2.5"
    assert made["usd_per_mtok"]["cached_input"] == "0.000000000001"
    assert made["usd_per_mtok"]["reasoning"] is None
    assert made["long_context"]["usd_per_mtok"]["input"] == "5"
    assert api.post("/prices", json={**PRICE, "name": "a/b c"}).status_code == 409

    only_as_it_was = {"If-Match": made["etag"]}
    address = "/prices/a%2Fb%20c"
    changed = api.put(address, json={**PRICE, "model": "gpt-5"}, headers=only_as_it_was).raise_for_status()
    assert _prices(api) == [changed.json()]
    for late in (
        api.put(address, json=PRICE, headers=only_as_it_was),
        api.put(address, json=PRICE, headers={"If-None-Match": "*"}),
        api.delete(address, headers=only_as_it_was),
    ):
        assert late.status_code == 412
    assert _prices(api) == [changed.json()]
    # What a list says can be sent back as it is.
    again = {key: value for key, value in changed.json().items() if key in {*PRICE, "end", "provider"}}
    assert api.put("/prices/other", json=again).json()["etag"] != made["etag"]
    assert [price["name"] for price in _prices(api)] == ["other", "a/b c"]
    assert api.delete(address, headers={"If-Match": changed.json()["etag"]}).status_code == 204
    assert api.delete(address).status_code == 404
    assert [price["name"] for price in _prices(api)] == ["other"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": " "}, "the model is missing"),
        ({"model": "a\nb"}, "printable"),
        ({"usd_per_mtok": {"input": "1"}}, "usd_per_mtok.output: is missing"),
        ({"usd_per_mtok": {"input": "-1", "output": "1"}}, "between 0 and 1000000"),
        ({"usd_per_mtok": {"input": "1", "output": "1e-13"}}, "at most 12 digits"),
        ({"usd_per_mtok": {"input": "1", "output": True}}, "is an amount"),
        ({"usd_per_mtok": {"input": "1", "output": "NaN"}}, "between 0 and 1000000"),
        ({"usd_per_mtok": {"input": "1", "output": "1", "sound": "1"}}, "is not known here"),
        ({"start": "2026-10-01T00:00:30Z"}, "without seconds"),
        ({"end": "2026-10-01T00:00:00Z"}, "ends after it begins"),
        ({"long_context": {"above_input_tokens": 0, "usd_per_mtok": {"input": "1"}}}, "at least 1"),
        ({"long_context": {"above_input_tokens": 9, "usd_per_mtok": {}}}, "at least one price"),
    ],
)
def test_what_cannot_be_a_price_is_refused(api: httpx.Client, changes: dict[str, Any], words: str) -> None:
    answer = api.put("/prices/own", json={**PRICE, **changes})
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert _prices(api) == []


def test_only_who_may_change_things_sets_prices_and_only_of_the_own_project(
    api: httpx.Client, project: ProjectId
) -> None:
    api.put("/prices/own", json=PRICE).raise_for_status()
    reader = httpx.Client(
        base_url=api.base_url, headers={"authorization": f"Bearer {project} read-only"}, trust_env=False
    )
    stranger = httpx.Client(
        base_url=api.base_url, headers={"authorization": f"Bearer {project}x"}, trust_env=False
    )
    with reader, stranger:
        assert len(_prices(reader)) == 1
        assert reader.put("/prices/own", json=PRICE).status_code == 403
        assert reader.post("/prices", json={**PRICE, "name": "new"}).status_code == 403
        assert reader.delete("/prices/own").status_code == 403
        assert _prices(stranger) == []
        assert stranger.delete("/prices/own").status_code == 404
    assert len(_prices(api)) == 1


def test_a_project_takes_no_more_prices_than_its_share(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_storage.spend.price_store.MAX_PROJECT_OVERRIDES", 1)
    api.put("/prices/one", json=PRICE).raise_for_status()
    answer = api.put("/prices/two", json=PRICE)
    assert (answer.status_code, answer.json()["detail"]) == (400, "there are 1 own prices already")
    api.put("/prices/one", json=PRICE).raise_for_status()


def test_the_calls_of_each_own_price_are_counted(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    own = PriceOverride("deal", "gpt*", Decimal(1), Decimal(1))
    price = CataloguePricer(overrides=[own]).price(
        ModelCall(project, "openai", "gpt-4o", "", 0, "", TokenCounts(10))
    )
    store.writer.write(
        [
            span(price_id=price.price_id, sample_weight=10.0),
            span(price_id=price.price_id),
            span(price_id=price.price_id, counted=False),
            span(price_id="genai-prices-1/openai/gpt-4o"),
        ],
        token=project,
    )
    (use,) = api.get("/prices/uses").raise_for_status().json()["uses"]
    assert (use["name"], use["calls"]) == ("deal", 11)
    assert datetime.fromisoformat(use["last_call_at"]).tzinfo is not None
    assert api.get("/prices/uses", params={"since": "1m"}).json()["uses"] == []
