"""Keys over HTTP: made, told once, listed without themselves, and revoked."""

import logging
from base64 import b64encode
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from tests.api.conftest import NOW

from sightline_core.auth import Principal, Role, hash_key
from sightline_core.errors import Unauthenticated
from sightline_core.ids import ProjectId
from sightline_core.limits import IngestLimits
from sightline_core.settings import Settings
from sightline_server.authentication import build_authenticate
from sightline_server.project_book import ProjectBook
from sightline_storage.metadata.project_store import ProjectStore


@pytest.fixture
def operator(api: httpx.Client) -> httpx.Client:
    """A client of whoever runs the server."""
    api.headers["authorization"] += " operator"
    return api


def _make(client: httpx.Client, **given: str) -> dict[str, Any]:
    answer = client.post("/keys", json={"project": "default", "name": "ci", "role": "write", **given})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


def _listed(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in client.get("/keys").json()["keys"]}


def _principal(metadata: Engine, key: str) -> Principal | None:
    book = ProjectBook(ProjectStore(metadata), IngestLimits())
    book.refresh()
    return book.find_key(key)


def test_a_key_is_told_once_and_opens_its_project_until_it_is_revoked(
    operator: httpx.Client, metadata: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert operator.post("/projects", json={"id": "keyed"}).status_code == 201
    made = _make(operator, project="keyed", name="ünïcode 🔑", role="read")
    key = made.pop("key")
    assert _principal(metadata, key) == Principal(ProjectId("keyed"), "ünïcode 🔑", can_write=False)
    assert _listed(operator)[made["id"]] == made
    assert (made["role"], made["revoked_at"]) == ("read", None)
    everything = operator.get("/keys").text + caplog.text + str([vars(each) for each in caplog.records])
    assert made["id"] in everything
    assert not any(secret in everything for secret in (key, key.removeprefix("sl_"), hash_key(key)))

    for attempt in (204, 404):
        assert operator.delete(f"/keys/{made['id']}").status_code == attempt
    assert _principal(metadata, key) is None
    assert _listed(operator)[made["id"]]["revoked_at"] == NOW.isoformat().replace("+00:00", "Z")


def test_a_key_that_anybody_could_make_opens_nothing_once_there_is_a_secret(
    api: httpx.Client, metadata: Engine
) -> None:
    made = []
    for who in ("operator", "anybody"):
        api.headers["authorization"] = f"Bearer default {who}"
        made.append(_make(api, role="admin")["key"])
    own, anybodys = made
    book = ProjectBook(ProjectStore(metadata), IngestLimits())
    book.refresh()
    open_to_all = build_authenticate(Settings(), book.find_key)
    guarded = build_authenticate(Settings(api_key=SecretStr("operator's")), book.find_key)
    for key in (own, anybodys):
        assert open_to_all({"authorization": f"Bearer {key}"}).name == "ci"
    assert guarded({"authorization": f"Bearer {own}"}).name == "ci"
    as_password = b64encode(f"x:{anybodys}".encode()).decode()
    for refused in (f"Bearer {anybodys}", f"Basic {as_password}"):
        with pytest.raises(Unauthenticated, match="good only as long"):
            guarded({"authorization": refused})


def test_the_id_that_the_command_line_shows_is_enough_and_a_shorter_one_is_not(
    operator: httpx.Client,
) -> None:
    ids = [_make(operator)["id"] for _ in range(2)]
    for wrong in (ids[0][:7], "0" * 33, "g" * 8, "%25" * 8):
        assert operator.delete(f"/keys/{wrong}").status_code == 400
    assert operator.delete(f"/keys/{'0' * 32}").status_code == 404
    assert operator.delete(f"/keys/{ids[0][:8]}").status_code == 204
    assert [_listed(operator)[each]["revoked_at"] is None for each in ids] == [False, True]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"project": "nowhere"}, 404),
        ({"project": "No name"}, 400),
        ({"name": "  "}, 400),
        ({"name": "x" * 201}, 400),
        ({"name": "two\nlines"}, 400),
        ({"role": "owner"}, 400),
        ({"key": "sl_of-my-own"}, 400),
    ],
)
def test_a_key_that_cannot_be_is_not_made(operator: httpx.Client, given: dict[str, str], status: int) -> None:
    before = _listed(operator)
    answer = operator.post("/keys", json={"project": "default", "name": "ci", "role": "write", **given})
    assert (answer.status_code, _listed(operator)) == (status, before), answer.text


def test_a_key_of_a_project_sees_makes_and_revokes_none(api: httpx.Client, metadata: Engine) -> None:
    key, _ = ProjectStore(metadata).create_key(ProjectId("default"), "app", Role.ADMIN, now=NOW)
    body = {"project": "default", "name": "mine", "role": "admin"}
    for refused in (api.get("/keys"), api.post("/keys", json=body), api.delete(f"/keys/{key.id}")):
        assert refused.status_code == 403
        assert "key or password of the server's settings" in refused.json()["detail"]
    assert key.id in {each.id for each in ProjectStore(metadata).keys(active_only=True)}
