"""A query parameter that a route does not take is an answer of its own, not a wider list."""

import httpx


def test_a_misspelt_filter_is_refused_with_what_may_be_meant(api: httpx.Client) -> None:
    answer = api.get("/failures", params={"since": "24h", "ap": "shop"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {"where": "query.ap", "message": "is not known here; did you mean app?"}
    ]


def test_parameters_of_another_case_and_several_at_once_are_named(api: httpx.Client) -> None:
    answer = api.get("/traces", params={"Limit": "5", "zzz": "1"})
    first, second = answer.json()["errors"]
    assert first == {"where": "query.Limit", "message": "is not known here; did you mean limit?"}
    assert second["where"] == "query.zzz"
    assert second["message"] == "is not known here; there are cursor, end, limit, q, since, sort, start"


def test_a_filter_that_is_given_twice_is_refused_unless_it_takes_several_values(api: httpx.Client) -> None:
    answer = api.get("/traces", params={"q": ["status:error", "app:shop"], "since": "24h"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"where": "query.q", "message": "is given 2 times; it has one value here"}
    ]
    several = {"field": ["app", "model"], "since": "24h"}
    assert api.get("/traces/facets", params=several).status_code == 200
    assert api.get("/costs", params={"app": ["a", "b"], "by": ["app", "model"]}).status_code == 200


def test_a_route_without_parameters_takes_none(api: httpx.Client) -> None:
    assert api.get("/info", params={"since": "24h"}).json()["detail"].endswith("there are no parameters")
    assert api.get("/info").status_code == 200


def test_every_parameter_of_the_document_is_known(api: httpx.Client) -> None:
    document = httpx.get(str(api.base_url).replace("/v1/", "/openapi.json")).json()
    for path, item in document["paths"].items():
        names = [p["name"] for p in item.get("get", {}).get("parameters", []) if p["in"] == "query"]
        if not names or path.endswith("/tail"):
            continue
        address = path.removeprefix("/api/v1").replace("{", "").replace("}", "")
        answer = api.get(address, params={**dict.fromkeys(names, "\0"), "zzz": ""})
        assert [error["where"] for error in answer.json()["errors"]] == ["query.zzz"], path
