"""Sessions, users, prompts and apps over HTTP."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.made_spans import MakeSpan

from sightline_storage import SpanRecord, Store

DAY = {"start": "2026-09-21T00:00:00Z", "end": "2026-09-22T00:00:00Z"}
HOSTILE = "../s?1&x=%2F#'\\ \x00𝒳"


def _get(api: httpx.Client, path: str, **params: Any) -> dict[str, Any]:
    answer = api.get(path, params={**DAY, **params})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def spans(store: Store, span: MakeSpan) -> list[SpanRecord]:
    made = [
        span(session=HOSTILE, user=HOSTILE, input_preview="hi", output_preview="hello", app="web"),
        span(session=HOSTILE, user="bob", status="error", cost_state="unpriced", cost_usd=Decimal(0)),
        span(session="s2", prompt_name="greet", prompt_version="2", model="m2"),
    ]
    store.writer.write(made, token=f"{made[0]['project']}-t")
    return made


def test_sessions_are_listed_and_found_by_a_query(api: httpx.Client, spans: list[SpanRecord]) -> None:
    listed = _get(api, "/sessions")["sessions"]
    assert [row["session"] for row in listed] == ["s2", HOSTILE]
    assert listed[1]["traces"] == 2
    assert listed[1]["errors"] == 1
    assert listed[1]["cost"] == {"usd": "0.000001000001", "state": "partial", "unpriced_calls": 1}
    assert set(listed[1]["users"]) == {HOSTILE, "bob"}
    found = _get(api, "/sessions", q="status:error")["sessions"]
    assert [row["session"] for row in found] == [HOSTILE]
    assert [row["traces"] for row in _get(api, "/sessions", sort="-traces")["sessions"]] == [2, 1]
    page = _get(api, "/sessions", limit=1)
    assert _get(api, "/sessions", cursor=page["next_cursor"])["sessions"] == listed[1:]
    assert api.get("/sessions", params={"q": "app:("}).status_code == 400


def test_a_conversation_has_its_turns_in_order_with_their_scores(
    api: httpx.Client, spans: list[SpanRecord]
) -> None:
    on_trace = {"trace_id": spans[0]["trace_id"], "name": "good", "value": True, "source": "human"}
    on_session = {"session": HOSTILE, "name": "solved", "value": False, "source": "code"}
    assert api.post("/scores", json=[on_trace, on_session]).status_code == 200
    conversation = _get(api, "/sessions/conversation", session=HOSTILE)
    assert conversation["session"]["traces"] == 2
    assert [score["name"] for score in conversation["scores"]] == ["solved"]
    first, second = conversation["turns"]
    assert (first["input"]["text"], first["output"]["text"]) == ("hi", "hello")
    assert first["input"]["span_id"] == spans[0]["span_id"]
    assert [score["name"] for score in first["scores"]] == ["good"]
    assert second["trace"]["status"] == "error"
    assert second["scores"] == []
    assert api.get("/sessions/conversation", params={**DAY, "session": "none"}).status_code == 404
    assert api.get("/sessions/conversation", params=DAY).status_code == 400


def test_users_are_listed_and_a_profile_says_what_they_used(
    api: httpx.Client, spans: list[SpanRecord]
) -> None:
    assert [(row["user"], row["sessions"]) for row in _get(api, "/users")["users"]] == [
        ("bob", 1),
        (HOSTILE, 1),
    ]
    profile = _get(api, "/users/profile", user=HOSTILE)
    assert profile["user"]["traces"] == 1
    assert [group["value"] for group in profile["by_app"]] == ["web"]
    assert [group["value"] for group in profile["by_model"]] == ["gpt-4o"]
    assert api.get("/users/profile", params={**DAY, "user": "nobody"}).status_code == 404


def test_prompts_are_listed_with_their_versions(api: httpx.Client, spans: list[SpanRecord]) -> None:
    score = {"trace_id": spans[2]["trace_id"], "name": "good", "value": 0.25, "source": "model"}
    assert api.post("/scores", json=score).status_code == 200
    (prompt,) = _get(api, "/prompts")["prompts"]
    assert (prompt["prompt"], prompt["calls"]) == ("greet", 1)
    (version,) = prompt["versions"]
    assert (version["version"], version["models"], version["errors"]) == ("2", ["m2"], 0)
    assert version["scores"] == [{"name": "good", "mean": 0.25, "count": 1}]
    assert _get(api, "/prompts", q="model:other")["prompts"] == []


def test_the_figures_of_a_prompt_are_of_all_its_versions(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    made = [
        span(prompt_name="greet", prompt_version="1", cost_usd=Decimal("0.25")),
        span(prompt_name="greet", prompt_version="1", cost_state="unpriced", cost_usd=Decimal(0)),
        span(prompt_name="greet", prompt_version="2", cost_usd=Decimal("0.5"), status="error"),
        span(prompt_name="greet", prompt_version="2", cost_usd=Decimal("0.125"), kind="embedding"),
        span(prompt_name="greet", prompt_version="2", cost_state="none", cost_usd=Decimal(0), status="error"),
    ]
    store.writer.write(made, token=f"{made[0]['project']}-t")
    (prompt,) = _get(api, "/prompts")["prompts"]
    assert (prompt["calls"], prompt["errors"], prompt["sampled"]) == (5, 2, False)
    assert prompt["cost"] == {"usd": "0.875", "state": "partial", "unpriced_calls": 1}
    (group,) = _get(api, "/costs", by="prompt_name", prompt_name="greet")["groups"]
    assert (group["spend"]["calls"], group["spend"]["errors"], group["spend"]["usd"]) == (4, 1, "0.875")


def test_the_overview_of_apps_has_series_and_the_period_before(
    api: httpx.Client, store: Store, spans: list[SpanRecord], span: MakeSpan
) -> None:
    earlier = span(app="web", trace_id="e" * 32, start_ns=spans[0]["start_ns"] - 86_400 * 10**9)
    store.writer.write([earlier], token=f"{earlier['project']}-earlier")
    overview = _get(api, "/apps/overview", buckets=24)
    assert overview["bucket_s"] == 3600
    shop, web = overview["apps"]
    assert (shop["app"], shop["traces"], shop["errors"], shop["before"]) == ("shop", 2, 1, None)
    assert shop["trace_series"].index(2) == 14
    assert sum(shop["error_series"]) == 1
    assert web["before"]["traces"] == 1
    everything: dict[str, str | int] = {"start": "1970-01-01T00:00:00Z", "end": DAY["end"], "buckets": 2}
    ages = api.get("/apps/overview", params=everything).json()
    assert ages["start"].startswith("2026-09-20")
    assert ages["apps"][0]["before"] is None
    assert sum(ages["apps"][1]["trace_series"]) == 2


def test_lists_say_that_there_is_more_than_they_hold(
    store: Store, api: httpx.Client, spans: list[SpanRecord], span: MakeSpan
) -> None:
    versions = [
        span(user="bob", prompt_name="greet", prompt_version=str(n), model=f"m{n}") for n in range(21)
    ]
    store.writer.write(versions, token=f"{spans[0]['project']}-versions")
    for path, name in (("/apps", "apps"), ("/apps/overview", "apps")):
        assert [(row["app"]) for row in _get(api, path, limit=1)[name]] == ["shop"]
        assert (_get(api, path, limit=1)["more"], _get(api, path, limit=2)["more"]) == (True, False)
    prompts = _get(api, "/prompts", limit=20)
    assert (len(prompts["prompts"][0]["versions"]), prompts["more"]) == (20, True)
    assert _get(api, "/prompts", limit=22)["more"] is False
    profile = _get(api, "/users/profile", user="bob")
    assert (len(profile["by_model"]), profile["more_models"]) == (20, True)
    assert (len(profile["by_app"]), profile["more_apps"]) == (1, False)


def test_the_period_before_is_that_of_the_apps_that_are_listed(
    store: Store, api: httpx.Client, spans: list[SpanRecord], span: MakeSpan
) -> None:
    # In the period before, another app had the most traces.
    day_ns = 86_400 * 10**9
    earlier = [span(app=app, start_ns=spans[0]["start_ns"] - day_ns) for app in ("web", "web", "shop")]
    store.writer.write(earlier, token=f"{spans[0]['project']}-earlier")
    (shop,) = _get(api, "/apps/overview", limit=1)["apps"]
    assert (shop["app"], shop["before"]["traces"]) == ("shop", 1)


def test_a_conversation_says_that_it_has_older_scores(api: httpx.Client, spans: list[SpanRecord]) -> None:
    target = {"trace_id": spans[0]["trace_id"], "value": True, "source": "code"}
    assert _get(api, "/sessions/conversation", session=HOSTILE)["more_scores"] is False
    for part in range(2):
        scores = [{**target, "name": f"n{part}-{number}"} for number in range(501)]
        api.post("/scores", json=scores).raise_for_status()
    assert _get(api, "/sessions/conversation", session=HOSTILE)["more_scores"] is True


def test_a_list_goes_on_after_the_longest_id_of_another_script(
    store: Store, api: httpx.Client, span: MakeSpan
) -> None:
    names = ["𒀀" * 1_000, "𒀁" * 1_000]
    store.writer.write([span(session=name, user=name) for name in names], token=f"{api.headers}")
    for path, name in (("/sessions", "session"), ("/users", "user")):
        first = _get(api, path, limit=1)
        rest = _get(api, path, limit=1, cursor=first["next_cursor"])
        assert sorted(row[name] for page in (first, rest) for row in page[f"{name}s"]) == names
