"""Cost reports over HTTP."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from sightline_analysis.costs import reporting
from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store

MakeSpan = Callable[..., SpanRecord]
HOUR_NS = 3_600_000_000_000


@pytest.fixture
def spent(store: Store, project: ProjectId, span: MakeSpan) -> None:
    """Two apps today, and one of them yesterday."""
    now = 1_790_000_000_000_000_000
    records = [
        span(app="chat", model="gpt-4o", cost_usd=Decimal("0.3"), start_ns=now),
        span(app="chat", model="gpt-4o", cost_usd=Decimal("0.1"), start_ns=now),
        span(app="search", model="tiny", cost_usd=Decimal("0.2"), cost_state="estimated", start_ns=now),
        span(app="search", model="new", cost_usd=Decimal(0), cost_state="unpriced", start_ns=now),
        span(app="chat", model="gpt-4o", cost_usd=Decimal("0.1"), start_ns=now - 24 * HOUR_NS),
    ]
    store.writer.write(records, token=project)
    while store.refresh_rollups(datetime(2026, 9, 22, tzinfo=UTC)):
        pass


TODAY = {"start": "2026-09-21T00:00:00Z", "end": "2026-09-22T00:00:00Z"}


@pytest.mark.usefixtures("spent")
def test_a_report_shows_groups_that_add_up_beside_the_day_before(api: httpx.Client) -> None:
    report = api.get("/costs", params={**TODAY, "by": "app", "unit": "hour"}).raise_for_status().json()
    groups = {tuple(group["key"]): group for group in report["groups"]}
    assert groups["chat",]["spend"]["usd"] == "0.4"
    assert groups["chat",]["change_usd"] == "0.3"
    search = groups["search",]["spend"]
    assert (search["usd"], search["estimated_usd"], search["unpriced_calls"]) == ("0.2", "0.2", 1)
    assert report["total"]["spend"]["usd"] == "0.6"
    assert (len(report["buckets"]), report["sampled"]) == (24, False)
    assert len(groups["chat",]["series_usd"]) == 24
    assert sum(map(Decimal, report["total"]["series_usd"])) == Decimal("0.6")


@pytest.mark.parametrize("by", ["kind", "model", "user"])
def test_what_made_no_call_is_no_group(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan, by: str
) -> None:
    nothing = {"cost_state": "none", "cost_usd": Decimal(0), "input_tokens": 0, "output_tokens": 0}
    tool = span(kind="tool", model="", user="t", **nothing)
    refused = span(model="busy", user="r", status="error", **nothing)
    store.writer.write([span(user="u"), refused, tool], token=f"{project}-{by}")
    while store.refresh_rollups(datetime(2026, 9, 22, tzinfo=UTC)):
        pass
    report = api.get("/costs", params={**TODAY, "by": by}).raise_for_status().json()
    (group,) = report["groups"]
    assert (group["key"], report["group_count"]) == ([{"kind": "llm", "model": "gpt-4o", "user": "u"}[by]], 1)


@pytest.mark.usefixtures("spent")
def test_movers_explain_the_change_to_the_last_digit(api: httpx.Client) -> None:
    answer = api.get("/costs/movers", params={**TODAY, "by": "app"}).raise_for_status().json()
    chat = answer["movers"][0]
    assert (chat["key"], chat["change_usd"]) == (["chat"], "0.3")
    for change in [*answer["movers"], answer["total"]]:
        assert sum(map(Decimal, change["causes"].values())) == Decimal(change["change_usd"])


@pytest.mark.usefixtures("spent")
def test_groups_that_are_too_many_to_look_at_one_by_one_move_as_one(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "MOVERS_LISTED", 1)
    answer = api.get("/costs/movers", params={**TODAY, "by": "session"}).raise_for_status().json()
    told = [(change["key"], change["is_rest"], change["change_usd"]) for change in answer["movers"]]
    assert told == [([""], False, "0.3"), ([], True, "0.2")]
    assert (answer["total"]["change_usd"], answer["total"]["after_usd"]) == ("0.5", "0.6")


@pytest.mark.usefixtures("spent")
def test_a_cost_that_nobody_knows_is_null_and_never_zero(api: httpx.Client) -> None:
    params = {**TODAY, "by": "model", "unit": "hour"}
    report = api.get("/costs", params=params).raise_for_status().json()
    groups = {group["key"][0]: group for group in report["groups"]}
    new = groups["new"]
    assert (new["spend"]["usd"], new["spend"]["state"], new["spend"]["unpriced_calls"]) == (
        None,
        "unpriced",
        1,
    )
    assert (new["spend"]["failed_usd"], new["change_usd"]) == (None, None)
    assert (new["previous"]["usd"], new["previous"]["state"]) == (None, "none")
    assert sorted(new["series_usd"], key=str) == ["0"] * 23 + [None]
    assert new["series_usd"][new["series_unpriced_calls"].index(1)] is None
    assert [groups[name]["spend"]["state"] for name in ("gpt-4o", "tiny")] == ["priced", "estimated"]
    assert (report["total"]["spend"]["usd"], report["total"]["spend"]["state"]) == ("0.6", "partial")


@pytest.mark.usefixtures("spent")
def test_a_report_can_be_restricted_and_grouped_by_what_only_spans_know(api: httpx.Client) -> None:
    params = {**TODAY, "by": ["user", "model"], "app": "search"}
    report = api.get("/costs", params=params).raise_for_status().json()
    assert {group["key"][1] for group in report["groups"]} == {"tiny", "new"}


def test_savings_are_price_differences_and_waste_is_what_came_to_nothing(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    now = 1_790_000_000_000_000_000

    def call(**values: object) -> SpanRecord:
        return span(start_ns=now, model="m", **values)

    store.writer.write(
        [
            # Input at 0.01 a token; 60 cached ones at 0.001 spare 60 × 0.009.
            call(
                input_tokens=100,
                cached_input_tokens=60,
                cost_input_usd=Decimal("0.4"),
                cost_cached_usd=Decimal("0.06"),
                cost_usd=Decimal("0.46"),
            ),
            # Writing 10 tokens for 0.0125 each instead of 0.01 takes 0.025 of it away.
            call(
                input_tokens=10,
                cache_write_tokens=10,
                cost_input_usd=Decimal("0.125"),
                cost_usd=Decimal("0.125"),
            ),
            call(input_tokens=0, status="error", cost_usd=Decimal("0.05"), retries=2),
            call(input_tokens=0, status="error", cost_state="unpriced", cost_usd=Decimal(0)),
            call(input_tokens=0, stream_outcome="cancelled", cost_state="unpriced", cost_usd=Decimal(0)),
            call(cost_state="none", cost_usd=Decimal(0), cache_hit=1, cache_saved_tokens=7),
        ],
        token=project,
    )
    (row,) = api.get("/costs/savings", params=TODAY).raise_for_status().json()["models"]
    assert (row["cached_tokens"], row["prompt_cache_usd"]) == (60, "0.515")
    assert row["failed"] == {"calls": 2, "unpriced_calls": 1, "usd": "0.05"}
    assert row["abandoned"] == {"calls": 1, "unpriced_calls": 1, "usd": None}
    assert (row["retried_calls"], row["retries"]) == (1, 2)
    assert (row["cache_hits"], row["hits_without_price"], row["hit_tokens"]) == (1, 1, 7)
    assert row["hit_usd"] is None
    assert api.get("/costs/savings", params={**TODAY, "app": "other"}).json()["models"] == []


@pytest.mark.usefixtures("spent")
def test_all_time_begins_with_the_first_calls(api: httpx.Client) -> None:
    ever = {"start": "1970-01-01T00:00:00Z"}
    report = api.get("/costs", params={**ever, "unit": "day"}).raise_for_status().json()
    assert (report["start"], report["total"]["spend"]["usd"]) == ("2026-09-20T14:00:00Z", "0.7")
    movers = api.get("/costs/movers", params=ever).raise_for_status().json()
    assert movers["total"]["after_usd"] == "0.7"


def test_all_time_of_a_project_without_calls_is_empty(api: httpx.Client) -> None:
    report = api.get("/costs", params={"start": "1970-01-01T00:00:00Z"}).raise_for_status().json()
    assert report["groups"] == []


@pytest.mark.usefixtures("spent")
def test_every_group_says_how_long_its_calls_took(api: httpx.Client) -> None:
    report = api.get("/costs", params={**TODAY, "by": "app"}).raise_for_status().json()
    for group in [*report["groups"], report["total"]]:
        assert group["latency"]["p95_ns"] == pytest.approx(1_000_000, rel=0.02)
        assert group["latency"]["first_token_p95_ns"] is None


@pytest.mark.usefixtures("spent")
def test_groups_over_the_limit_are_one_that_makes_the_sum_complete(api: httpx.Client) -> None:
    answer = api.get("/costs", params={**TODAY, "by": ["session", "model"], "limit": 1})
    report = answer.raise_for_status().json()
    first, rest = report["groups"]
    assert (first["key"], first["spend"]["usd"], first["is_rest"]) == (["", "gpt-4o"], "0.4", False)
    assert (rest["key"], rest["spend"]["usd"], rest["is_rest"]) == ([], "0.2", True)
    assert (report["total"]["spend"]["usd"], report["group_count"]) == ("0.6", 3)


def test_a_report_by_tag_counts_a_call_in_each_of_its_tags_and_once_in_the_total(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    calls = [span(tags=["a", "b"], cost_usd=Decimal("0.5")), span(cost_usd=Decimal("0.25"))]
    store.writer.write(calls, token=project)
    report = api.get("/costs", params={**TODAY, "by": "tag"}).raise_for_status().json()
    assert {group["key"][0]: group["spend"]["usd"] for group in report["groups"]} == {
        "a": "0.5",
        "b": "0.5",
        "": "0.25",
    }
    assert (report["total"]["spend"]["usd"], report["overlaps"]) == ("0.75", True)
    assert api.get("/costs/movers", params={**TODAY, "by": "tag"}).status_code == 400


def test_a_month_and_a_change_without_prices_are_unknown_and_not_zero(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    unknown = [
        span(cost_state="unpriced", cost_usd=Decimal(0)),
        span(cost_state="none", cost_usd=Decimal(0), cache_hit=1),
    ]
    store.writer.write(unknown, token=project)
    while store.refresh_rollups(datetime(2026, 9, 22, tzinfo=UTC)):
        pass
    forecast = api.get("/costs/forecast").raise_for_status().json()
    assert (forecast["spent_usd"], forecast["expected_usd"], forecast["unpriced_calls"]) == (None, None, 1)
    total = api.get("/costs/movers", params=TODAY).raise_for_status().json()["total"]
    assert (total["after_usd"], total["after_state"], total["change_usd"]) == (None, "unpriced", None)
    spend = api.get("/costs", params=TODAY).raise_for_status().json()["total"]["spend"]
    assert (spend["cache_hits"], spend["cache_saved_usd"]) == (1, None)


def test_the_cost_of_what_failed_is_in_the_price_of_each_success(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    good = span(app="chat", user="ana", session="s", cost_usd=Decimal("0.3"))
    bad = span(app="chat", user="ana", session="s", status="error", cost_usd=Decimal("0.1"))
    unknown = span(app="search", cost_state="unpriced", cost_usd=Decimal(0))
    store.writer.write([good, bad, unknown], token=project)
    units = api.get("/costs/units", params={**TODAY, "by": "app"}).raise_for_status().json()
    chat, search = units["groups"]
    assert chat["trace"] == {"count": 2, "usd": "0.2"}
    assert chat["success"] == {"count": 1, "usd": "0.4"}
    assert chat["session"] == chat["user"] == {"count": 1, "usd": "0.4"}
    assert search["trace"] == {"count": 1, "usd": None}
    assert units["total"]["trace"]["count"] == 3


@pytest.mark.usefixtures("spent")
def test_the_month_has_a_forecast(api: httpx.Client) -> None:
    forecast = api.get("/costs/forecast").raise_for_status().json()
    assert forecast["spent_usd"] == "0.7"
    assert forecast["basis"] == "daily_mean"
    assert Decimal(forecast["expected_usd"]) >= Decimal("0.7")


@pytest.mark.usefixtures("spent")
def test_a_budget_shows_what_was_spent_day_by_day_and_where_it_is_going(api: httpx.Client) -> None:
    rule = {
        "name": "Chat",
        "query": "app:chat",
        "measure": "cost",
        "window": "1h",
        "group_by": ["app"],
        "condition": {"kind": "budget", "amount": 2.5},
    }
    api.put("/alerts/rules/chat", json=rule).raise_for_status()
    api.put("/alerts/rules/far", json=rule | {"query": "cost>1"}).raise_for_status()
    budgets = api.get("/costs/budgets").raise_for_status().json()["budgets"]
    chat, far = budgets
    assert (chat["amount_usd"], chat["period"], len(chat["buckets"])) == ("2.5", "month", 21)
    (group,) = chat["groups"]
    assert (group["key"], group["spent_usd"]) == (["chat"], "0.5")
    assert [group["cumulative_usd"][day] for day in (18, 19, 20)] == ["0", "0.1", "0.5"]
    assert Decimal(group["expected_usd"]) > Decimal("0.5")
    assert (far["groups"], far["reason"] != "") == ([], True)


@pytest.mark.parametrize(
    "params",
    [
        {"by": "planet"},
        {"zone": "Mars/Olympus"},
        {"unit": "year"},
        {"by": ["app"] * 4},
        {"by": ["app"] * 2},
        {"limit": 0},
    ],
)
def test_a_report_that_cannot_be_made_is_a_problem_of_the_caller(
    api: httpx.Client, params: dict[str, str]
) -> None:
    answer = api.get("/costs", params={**TODAY, **params})
    assert answer.status_code == 400
    assert answer.json()["detail"]


@pytest.mark.usefixtures("spent")
def test_a_preview_shows_when_a_rule_would_have_fired(api: httpx.Client) -> None:
    rule = {
        "measure": "cost",
        "window": "1h",
        "group_by": ["app"],
        "no_data": "zero",
        "condition": {"kind": "threshold", "alert": 0.05},
    }
    preview = api.post("/alerts/preview", json=rule).raise_for_status().json()
    assert preview["end"] == "2026-09-21T16:00:00Z"  # not an hour later, which nobody has seen
    (chat,) = (group for group in preview["groups"] if group["group"] == ["chat"])
    first = chat["incidents"][0]
    assert (first["value"], first["threshold"], first["level"]) == ("$0.10", "$0.05", "alert")
    assert first["resolved_at"] is not None
    burning = {"kind": "burn_rate", "amount": 1, "period": "30d", "fast": "1h", "slow": "2h", "factor": 10}
    preview = api.post("/alerts/preview", json=rule | {"condition": burning}).raise_for_status().json()
    (chat,) = (group for group in preview["groups"] if group["group"] == ["chat"])
    assert {incident["threshold"] for incident in chat["incidents"]} == {"10 times"}


def test_every_answer_about_costs_says_that_sampled_calls_are_in_it(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span(), span(app="kept one in ten", sample_weight=10.0)], token=project)
    while store.refresh_rollups(datetime(2026, 9, 22, tzinfo=UTC)):
        pass
    rule = {
        "name": "Month",
        "measure": "cost",
        "window": "1h",
        "group_by": [],
        "condition": {"kind": "budget", "amount": 100, "period": "month"},
    }
    for key, query in (("all", ""), ("shop", "app:shop")):
        api.put(f"/alerts/rules/{key}", json={**rule, "query": query}).raise_for_status()
    budgets = api.get("/costs/budgets").raise_for_status().json()["budgets"]
    assert {budget["rule"]: budget["sampled"] for budget in budgets} == {"all": True, "shop": False}
    what_if = {"candidate": "openai/gpt-4o-mini"}
    for app, sampled in (([], True), (["shop"], False)):
        for path, more in (
            ("", {}),
            ("/movers", {}),
            ("/units", {}),
            ("/savings", {}),
            ("/what-if", what_if),
        ):
            answer = api.get(f"/costs{path}", params={**TODAY, **more, "app": app}).raise_for_status().json()
            assert answer["sampled"] is sampled, path
        assert api.get("/costs/forecast", params={"app": app}).json()["sampled"] is sampled
        possible = api.get("/costs/savings/possible", params={**TODAY, "app": app}).raise_for_status().json()
        assert possible["batch"]["sampled"] is sampled
        text = api.get("/costs/csv", params={**TODAY, "app": app}).raise_for_status().text
        assert {row["sampled"] for row in csv.DictReader(io.StringIO(text))} == {str(sampled).lower()}
    month = {"month": "2026-09"}
    assert api.get("/teams/statements", params=month).raise_for_status().json()["sampled"] is True
    text = api.get("/teams/statements/csv", params=month).raise_for_status().text
    assert {row["sampled"] for row in csv.DictReader(io.StringIO(text))} == {"true"}
