"""Teams and their monthly statements over HTTP."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store

PLAN: dict[str, Any] = {
    "teams": [{"name": "support", "cost_centre": "4711"}, {"name": "=data", "cost_centre": "0815"}],
    "rules": [
        {"app": "support-*", "team": "support"},
        {"environment": "prod", "tag": "etl", "team": "=data"},
    ],
    "shared": [{"app": "gateway", "split": "by_spend"}],
    "version": 0,
}
SEPTEMBER = {"month": "2026-09"}


@pytest.fixture
def spent(api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan) -> None:
    """Two teams, a shared gateway, and an app of nobody."""

    def call(app: str, usd: str, **values: Any) -> SpanRecord:
        return span(app=app, environment="prod", cost_usd=Decimal(usd), **values)

    store.writer.write(
        [
            call("support-bot", "3.004"),
            call("nightly", "1.004", tags=["x", "etl"], cost_state="estimated"),
            call("gateway", "1.004"),
            call("stray", "0.004"),
            call("stray", "0", cost_state="unpriced"),
        ],
        token=project,
    )
    while store.refresh_rollups(datetime(2026, 9, 22, tzinfo=UTC)):
        pass
    api.put("/teams", json=PLAN).raise_for_status()


@pytest.mark.usefixtures("spent")
def test_statements_split_shared_cost_and_add_up_to_the_cent(api: httpx.Client) -> None:
    found = api.get("/teams/statements", params=SEPTEMBER).raise_for_status().json()
    by_team = {statement["team"]: statement for statement in found["statements"]}
    assert {team: statement["usd"] for team, statement in by_team.items()} == {
        "": "0.00",
        "=data": "1.25",
        "support": "3.77",
    }
    assert (found["usd"], found["is_over"]) == ("5.02", False)
    assert by_team["=data"]["estimated_usd"] == "1.004"
    assert by_team[""]["unpriced_calls"] == 1
    assert [line["split"] for line in by_team["support"]["lines"]] == [None, "by_spend"]
    assert by_team["support"]["cost_centre"] == "4711"


@pytest.mark.usefixtures("spent")
def test_the_csv_of_a_statement_has_the_same_lines_and_no_formulas(api: httpx.Client) -> None:
    answer = api.get("/teams/statements/csv", params={**SEPTEMBER, "team": "=data"}).raise_for_status()
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["team"] for row in rows} == {"'=data"}
    assert sum(Decimal(row["usd"]) for row in rows) == Decimal("1.25")


@pytest.mark.usefixtures("spent")
def test_a_report_can_be_grouped_and_restricted_by_team_and_cost_centre(api: httpx.Client) -> None:
    today = {"start": "2026-09-21T00:00:00Z", "end": "2026-09-22T00:00:00Z"}
    report = api.get("/costs", params={**today, "by": "team"}).raise_for_status().json()
    assert {group["key"][0]: group["spend"]["usd"] for group in report["groups"]} == {
        "support": "3.004",
        "=data": "1.004",
        "(shared)": "1.004",
        "": "0.004",
    }
    inside = {**today, "by": "app", "cost_centre": "4711"}
    report = api.get("/costs", params=inside).raise_for_status().json()
    assert [group["key"] for group in report["groups"]] == [["support-bot"]]
    text = api.get("/costs/csv", params={**today, "by": "team"}).raise_for_status().text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["usd"] for row in rows] == ["3.004", "1.004", "1.004", "0.004", "5.016"]


def test_who_saves_an_older_plan_learns_that_there_is_a_newer_one(api: httpx.Client) -> None:
    assert api.get("/teams").json()["version"] == 0
    saved = api.put("/teams", json=PLAN).raise_for_status().json()
    assert (saved["version"], saved["updated_by"]) == (1, "test")
    assert saved["rules"][0] == {"app": "support-*", "environment": "*", "tag": "*", "team": "support"}
    assert api.put("/teams", json=PLAN).status_code == 409
    assert api.put("/teams", json={**PLAN, "version": 1}).json()["version"] == 2
    assert api.put("/teams", json={**PLAN, "version": 1}).status_code == 409


def test_a_plan_with_an_unknown_team_is_refused_in_words(api: httpx.Client) -> None:
    answer = api.put("/teams", json={**PLAN, "rules": [{"team": "nobody"}]})
    assert (answer.status_code, "there is no team 'nobody'" in answer.json()["detail"]) == (400, True)
    assert api.get("/teams/statements", params={"month": "2026-13"}).status_code == 400
