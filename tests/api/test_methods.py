"""What an address may be asked, beside what its routes say: `HEAD`, and which methods there are."""

import httpx
import pytest
from tests.made_spans import MakeSpan

from sightline_api.routes.tail import MAX_TAILS
from sightline_core.ids import ProjectId
from sightline_storage import Store


def test_head_answers_as_get_does_without_the_body(api: httpx.Client) -> None:
    for path in ("/info", "/traces", "/traces?nope=1", "/alerts/incidents/" + "0" * 32, "/nothing"):
        head, get = api.head(path), api.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        for header in ("content-type", "content-length", "cache-control"):
            assert head.headers[header] == get.headers[header], path


def test_head_of_a_download_sends_none_of_it(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    made = span()
    store.writer.write([made], token=project)
    for path in (f"/traces/{made['trace_id']}/download", "/traces/export?since=30d&format=csv"):
        head, get = api.head(path), api.get(path)
        assert (head.status_code, head.content, bool(get.content)) == (200, b"", True)
        assert head.headers["content-disposition"] == get.headers["content-disposition"]


def test_head_of_a_live_tail_holds_none_open(api: httpx.Client) -> None:
    answers = {api.head("/traces/tail").status_code for _ in range(MAX_TAILS + 1)}
    assert answers == {200}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/prices", "GET, POST, HEAD"),
        ("GET", "/alerts/rules/one", "PUT, DELETE"),
        ("HEAD", "/alerts/rules/one", "PUT, DELETE"),
        ("PUT", "/traces/export", "GET, HEAD"),
    ],
)
def test_what_an_address_does_not_take_is_told_with_all_that_it_does(
    api: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = api.request(method, path, json={} if method == "PUT" else None)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    if method != "HEAD":
        assert answer.json()["detail"] == f"/api/v1{path} does not take {method}, but {allowed}."
