"""Deletions over HTTP."""

from typing import Any

import httpx
import pytest
from tests.api.conftest import NOW
from tests.made_spans import MakeSpan

from sightline_storage import Store


def _ask(api: httpx.Client, kind: str, value: str) -> dict[str, Any]:
    answer = api.post("/deletions", json={"kind": kind, "value": value})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _traces(api: httpx.Client) -> set[str]:
    range_ = {"end": NOW.isoformat()}
    return {trace["trace_id"] for trace in api.get("/traces", params=range_).json()["traces"]}


def test_a_trace_a_session_and_a_user_are_gone_when_the_answer_comes(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    spans = [span(), span(session="s é"), span(user="ann"), span(user="ann"), span(user="bob")]
    store.writer.write(spans, token="deletions")
    ids = [str(each["trace_id"]) for each in spans]
    assert _traces(api) == set(ids)
    asked = [_ask(api, "trace", ids[0].upper()), _ask(api, "session", "s é"), _ask(api, "user", "ann")]
    assert _traces(api) == {ids[4]}
    assert [(each["state"], each["traces"], each["asked_by"]) for each in asked] == [
        ("deleted", 1, "test"),
        ("deleted", 1, "test"),
        ("deleted", 2, "test"),
    ]
    assert asked[0]["value"] == ids[0]
    listed = api.get("/deletions").json()["deletions"]
    assert sorted(listed, key=str) == sorted(asked, key=str)
    assert len(api.get("/deletions", params={"limit": 1}).json()["deletions"]) == 1


def test_what_is_not_stored_is_said_and_still_deleted_when_it_arrives(api: httpx.Client) -> None:
    asked = _ask(api, "user", "nobody")
    assert (asked["state"], asked["traces"]) == ("deleted", 0)
    assert api.get("/deletions").json()["deletions"] == [asked]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"kind": "trace", "value": "12"}, "32 hex digits"),
        ({"kind": "trace", "value": "0" * 32}, "not all zero"),
        ({"kind": "app", "value": "shop"}, "kind"),
        ({"kind": "user", "value": ""}, "value"),
        ({"kind": "user", "value": "a\x00b"}, "value"),
        ({"kind": "user", "value": "x" * 1_001}, "value"),
        ({"kind": "user"}, "value"),
        ({"kind": "user", "value": "a", "project": "other"}, "project"),
    ],
)
def test_a_target_that_cannot_be_is_refused_and_leaves_no_request(
    api: httpx.Client, body: dict[str, str], words: str
) -> None:
    answer = api.post("/deletions", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert api.get("/deletions").json() == {"deletions": [], "more": False}


def test_a_reading_key_deletes_nothing_and_a_key_only_in_its_project(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    kept = span(user="carl")
    store.writer.write([kept], token="kept")
    bearer = api.headers["authorization"]
    body = {"kind": "user", "value": "carl"}
    refused = api.post("/deletions", json=body, headers={"authorization": f"{bearer} read-only"})
    assert refused.status_code == 403
    other = api.post("/deletions", json=body, headers={"authorization": f"{bearer}-other"})
    assert other.json()["traces"] == 0
    assert _traces(api) == {kept["trace_id"]}
    assert api.get("/deletions").json() == {"deletions": [], "more": False}


def test_a_list_of_deletions_says_that_there_are_more(api: httpx.Client) -> None:
    for user in ("u1", "u2"):
        _ask(api, "user", user)
    listed = api.get("/deletions", params={"limit": 1}).json()
    assert (len(listed["deletions"]), listed["more"]) == (1, True)
    assert api.get("/deletions", params={"limit": 2}).json()["more"] is False
