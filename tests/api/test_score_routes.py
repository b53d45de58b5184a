"""Scores over HTTP."""

import json
from typing import Any

import httpx
import pytest

TRACE = "a" * 32


def _post(api: httpx.Client, body: Any) -> httpx.Response:
    return api.post("/scores", json=body)


def _one(**given: Any) -> dict[str, Any]:
    return {"trace_id": TRACE, "name": "helpful", "value": True, "source": "human", **given}


def _list(api: httpx.Client, **params: Any) -> list[dict[str, Any]]:
    answer = api.get("/scores", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["scores"])


def test_a_score_of_a_trace_that_is_not_stored_yet_comes_back_complete(api: httpx.Client) -> None:
    answer = _post(api, _one(comment="quick", scored_at="2026-09-21T17:00:00+02:00"))
    assert answer.status_code == 200, answer.text
    (score_id,) = answer.json()["score_ids"]
    assert _list(api, trace_id=TRACE.upper()) == [
        {
            "score_id": score_id,
            "trace_id": TRACE,
            "span_id": "",
            "session": "",
            "name": "helpful",
            "source": "human",
            "author": "test",
            "value_type": "boolean",
            "value": True,
            "comment": "quick",
            "scored_at": "2026-09-21T15:00:00Z",
        }
    ]


def test_a_list_is_stored_as_a_whole_and_again_changes_nothing(api: httpx.Client) -> None:
    session = "../é?&#\x00"
    scores = [
        _one(),
        _one(span_id="b" * 16, value=0.75, source="model", author="judge"),
        _one(trace_id=None, session=session, value="refund", source="code"),
        _one(trace_id=None, session=session, value="long", value_type="text", source="code", name="why"),
    ]
    ids = _post(api, scores).json()["score_ids"]
    assert _post(api, scores).json()["score_ids"] == ids
    assert {score["score_id"] for score in _list(api)} == set(ids)
    assert {score["value"] for score in _list(api, session=session)} == {"refund", "long"}
    assert [score["value"] for score in _list(api, span_id="b" * 16)] == [0.75]
    assert [score["value_type"] for score in _list(api, name="why")] == ["text"]


def test_a_whole_number_stays_a_number_and_is_not_taken_for_a_boolean(api: httpx.Client) -> None:
    _post(api, _one(value=1))
    (score,) = _list(api, trace_id=TRACE)
    assert (score["value_type"], score["value"]) == ("number", 1.0)


def test_pages_follow_each_other_by_cursor(api: httpx.Client) -> None:
    _post(api, [_one(author=f"{n}") for n in range(5)])
    first = api.get("/scores", params={"limit": 3}).json()
    second = api.get("/scores", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert len({score["author"] for score in first["scores"] + second["scores"]}) == 5
    assert second["next_cursor"] is None


def test_a_deleted_score_is_gone_and_deleting_it_again_is_not_found(api: httpx.Client) -> None:
    (score_id,) = _post(api, _one()).json()["score_ids"]
    assert api.delete(f"/scores/{score_id}").status_code == 204
    assert _list(api, trace_id=TRACE) == []
    assert api.delete(f"/scores/{score_id}").status_code == 404


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (_one(trace_id=None), "needs a trace_id"),
        (_one(trace_id="xyz"), "trace_id is 32 hex digits"),
        (_one(span_id="0" * 16), "span_id is 16 hex digits"),
        (_one(name=""), "name"),
        (_one(source="app"), "source"),
        (_one(value=None), "value"),
        (_one(value={"a": 1}), "value"),
        (_one(value="yes", value_type="boolean"), "boolean cannot be str"),
        (_one(scored_at="2026-09-21T17:00:00"), "scored_at"),
        (_one(scored_at="2099-01-01T00:00:00Z"), "day ahead"),
        (_one(scored_at="0001-01-01T00:00:00+14:00"), "before 1970"),
        (_one(scored_at="9999-12-31T23:59:59-14:00"), "day ahead"),
        (_one(label="x"), "label"),
        ([], "at least 1"),
        ([_one()] * 1001, "at most 1000"),
        ([_one(), _one(span_id="x")], "score 1: span_id"),
        (5, "body"),
    ],
)
def test_a_wrong_score_is_refused_with_its_reason_and_nothing_is_stored(
    api: httpx.Client, body: Any, reason: str
) -> None:
    answer = _post(api, body)
    assert answer.status_code == 400, answer.text
    assert reason in json.dumps(answer.json())
    assert _list(api) == []


@pytest.mark.parametrize("text", ["NaN", "1e999", "1" + "0" * 400, '"\\ud800"'])
def test_a_value_that_is_neither_a_number_nor_a_text_is_refused(api: httpx.Client, text: str) -> None:
    body = json.dumps(_one()).replace("true", text)
    answer = api.post("/scores", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text


def test_a_key_that_may_only_read_stores_and_deletes_nothing(api: httpx.Client) -> None:
    (score_id,) = _post(api, _one()).json()["score_ids"]
    reader = {"authorization": f"{api.headers['authorization']} read-only"}
    assert api.post("/scores", json=_one(), headers=reader).status_code == 403
    assert api.delete(f"/scores/{score_id}", headers=reader).status_code == 403
    assert len(_list(api)) == 1
