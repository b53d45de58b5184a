"""Saved views over HTTP."""

from typing import Any

import httpx
import pytest

VIEW = {"name": "Refund errors", "page": "traces", "params": {"q": 'status:error "it\'s" é', "since": "24h"}}


def _save(api: httpx.Client, **given: Any) -> dict[str, Any]:
    answer = api.post("/views", json={**VIEW, **given})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _names(api: httpx.Client, **params: str) -> list[str]:
    return [view["name"] for view in api.get("/views", params=params).json()["views"]]


def test_a_saved_view_is_listed_for_its_page_with_its_parameters(api: httpx.Client) -> None:
    saved = _save(api)
    _save(api, page="sessions", name="  Long ones ")
    assert api.get("/views", params={"page": "traces"}).json()["views"] == [saved]
    assert {key: saved[key] for key in VIEW} == VIEW
    assert saved["author"] == "test"
    assert _names(api) == ["Long ones", "Refund errors"]


def test_a_view_gets_another_name_and_other_parameters_and_is_deleted(api: httpx.Client) -> None:
    saved = _save(api)
    path = f"/views/{saved['id']}"
    changed = api.put(path, json={"name": "Errors", "params": {"q": "status:error"}})
    assert changed.status_code == 200
    assert changed.json()["page"] == "traces"
    assert api.get("/views").json()["views"] == [changed.json()]
    deleted = api.delete(path)
    assert (deleted.status_code, deleted.content, "content-type" in deleted.headers) == (204, b"", False)
    assert api.delete(path).status_code == 404
    assert api.put(path, json={"name": "x", "params": {}}).status_code == 404


def test_a_view_that_somebody_else_changed_meanwhile_stays_as_it_is(api: httpx.Client) -> None:
    saved = _save(api)
    path, seen = f"/views/{saved['id']}", {"If-Match": saved["etag"]}
    replaced = api.put(path, json={"name": saved["name"], "params": {"q": "app:shop"}}, headers=seen).json()
    for refused in (
        api.put(path, json={"name": "Refunds", "params": saved["params"]}, headers=seen),
        api.delete(path, headers=seen),
    ):
        assert refused.status_code == 412
        assert refused.json()["detail"] == "it was changed or deleted meanwhile; load it again"
    assert api.get("/views").json()["views"] == [replaced]
    assert api.delete(path, headers={"If-Match": replaced["etag"]}).status_code == 204
    assert api.put(path, json={"name": "x", "params": {}}, headers=seen).status_code == 412


def test_a_name_is_given_once_for_each_page(api: httpx.Client) -> None:
    first = _save(api, name="a")
    _save(api, name="a", page="users")
    second = _save(api, name="b")
    assert api.post("/views", json={**VIEW, "name": "a"}).status_code == 409
    renamed = api.put(f"/views/{second['id']}", json={"name": "a", "params": {}})
    assert renamed.status_code == 409
    same = api.put(f"/views/{first['id']}", json={"name": "a", "params": {}})
    assert same.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "a\nb"},
        {"name": "a\x00"},
        {"name": "x" * 201},
        {"page": "../etc"},
        {"params": {"q": "x" * 8_001}},
        {"params": {"q": 1}},
        {"params": {"q": ["a"]}},
    ],
)
def test_a_view_that_could_not_be_shown_is_refused(api: httpx.Client, wrong: dict[str, Any]) -> None:
    assert api.post("/views", json={**VIEW, **wrong}).status_code == 400
    assert _names(api) == []


def test_views_belong_to_their_project_and_a_reading_key_changes_none(api: httpx.Client) -> None:
    saved = _save(api)
    bearer = api.headers["authorization"]
    reader = {"authorization": f"{bearer} read-only"}
    path = f"/views/{saved['id']}"
    change = {"name": "x", "params": {}}
    assert api.post("/views", json=VIEW, headers=reader).status_code == 403
    assert api.put(path, json=change, headers=reader).status_code == 403
    assert api.delete(path, headers=reader).status_code == 403
    other = {"authorization": f"{bearer}-other"}
    assert api.get("/views", headers=other).json() == {"views": []}
    assert api.put(path, json=change, headers=other).status_code == 404
    assert api.delete(path, headers=other).status_code == 404
