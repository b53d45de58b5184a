"""Projects and their limits over HTTP."""

from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from tests.api.conftest import NOW

from sightline_core.ids import ProjectId
from sightline_core.limits import IngestLimits
from sightline_storage.lifecycle.deletion_requests import keep_requests
from sightline_storage.metadata.project_store import ProjectStore

SERVER = IngestLimits()


@pytest.fixture
def operator(api: httpx.Client) -> httpx.Client:
    """A client of whoever runs the server."""
    api.headers["authorization"] += " operator"
    return api


@pytest.fixture
def shop(metadata: Engine, project: ProjectId) -> str:
    """A project that the operator has made."""
    return ProjectStore(metadata).set_project(ProjectId(f"{project[:50]}-shop"), now=NOW, name="Shop").id


def _change(client: httpx.Client, project: str, **changes: Any) -> dict[str, Any]:
    answer = client.patch(f"/projects/{project}", json=changes)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _listed(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in client.get("/projects").json()["projects"]}


def test_limits_that_are_given_change_and_no_others(operator: httpx.Client, shop: str) -> None:
    before = _listed(operator)[shop]
    assert (before["name"], set(before["own"].values())) == ("Shop", {None})
    assert before["limits"]["max_body_size"] == SERVER.max_body_size
    _change(operator, shop, retention_days=30, max_spans_per_s=5)
    changed = _change(operator, shop, max_body_size=1000)
    given = {"retention_days": 30, "max_spans_per_s": 5, "max_body_size": 1000}
    assert {name: value for name, value in changed["own"].items() if value is not None} == given
    assert {name: changed["limits"][name] for name in given} == given
    assert changed["limits"]["max_content_size"] == SERVER.max_content_size
    assert _listed(operator)[shop] == changed
    assert operator.get("/projects").json()["server"] == before["limits"]
    assert _change(operator, shop, **dict.fromkeys(given)) == before
    assert _change(operator, shop, name="The shop") == {**before, "name": "The shop"}
    assert _change(operator, shop, name=None)["name"] == shop


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_body_size": SERVER.max_body_size + 1}, f"at most {SERVER.max_body_size}"),
        ({"max_body_size": 0}, "max_body_size is 1 or more"),
        ({"max_attribute_depth": 0}, "max_attribute_depth is 1 or more"),
        ({"max_spans_per_s": -1}, "max_spans_per_s"),
        ({"retention_days": 2**31}, "retention_days"),
        ({"retention_days": 1.5}, "retention_days"),
        ({"max_attributes": "many"}, "max_attributes"),
        ({"max_everything": 1}, "max_everything"),
        ({"name": " "}, "printable"),
        ({"name": "x" * 201}, "200"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_and_changes_nothing(
    operator: httpx.Client, shop: str, changes: dict[str, Any], words: str
) -> None:
    answer = operator.patch(f"/projects/{shop}", json={"max_content_size": 7, **changes})
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert set(_listed(operator)[shop]["own"].values()) == {None}


def test_a_project_that_is_not_there_is_not_made_but_the_default_always_is(operator: httpx.Client) -> None:
    assert operator.patch("/projects/nowhere", json={}).status_code == 404
    assert operator.patch("/projects/No%20name", json={}).status_code == 400
    assert "default" in _listed(operator)
    assert _change(operator, "default", max_attributes=9)["limits"]["max_attributes"] == 9


def test_a_project_is_made_once_and_not_while_its_name_is_being_deleted(
    operator: httpx.Client, metadata: Engine
) -> None:
    answer = operator.post("/projects", json={"id": "made", "name": "Ünïcode 🛒"})
    assert (answer.status_code, answer.json()) == (201, _listed(operator)["made"])
    assert answer.json()["name"] == "Ünïcode 🛒"
    assert set(answer.json()["own"].values()) == {None}
    assert operator.post("/projects", json={"id": "unnamed"}).json()["name"] == "unnamed"
    for taken in ("made", "default"):
        again = operator.post("/projects", json={"id": taken, "name": "Another"})
        assert (again.status_code, repr(taken) in again.json()["detail"]) == (409, True)
    assert _listed(operator)["made"]["name"] == "Ünïcode 🛒"
    keep_requests(metadata, ProjectId("gone"), "project", ["gone"], by="test", now=NOW)
    freed = operator.post("/projects", json={"id": "gone"})
    assert (freed.status_code, "was deleted" in freed.json()["detail"]) == (409, True)
    assert "gone" not in _listed(operator)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": ""},
        {"id": "No name"},
        {"id": "x" * 65},
        {"id": "made-2", "name": ""},
        {"id": "made-2", "name": "two\nlines"},
        {"id": "made-2", "retention_days": 1},
    ],
)
def test_a_project_that_cannot_be_is_not_made(operator: httpx.Client, body: dict[str, Any]) -> None:
    assert operator.post("/projects", json=body).status_code == 400
    assert "made-2" not in _listed(operator)


def test_a_key_of_a_project_sees_its_limits_and_lifts_none(
    api: httpx.Client, project: ProjectId, shop: str
) -> None:
    assert list(_listed(api)) == [project]
    for target in (project, shop):
        refused = api.patch(f"/projects/{target}", json={"max_spans_per_s": 0})
        assert refused.status_code == 403
        assert "settings" in refused.json()["detail"]
    assert api.post("/projects", json={"id": "of-my-own"}).status_code == 403
    assert not api.get("/info").json()["runs_server"]
