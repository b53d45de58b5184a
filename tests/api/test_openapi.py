"""The committed OpenAPI document is the one that the code makes."""

import json

from sightline_api.openapi import OPENAPI_FILE, PAGE_FILE, openapi_text, page_text


def test_committed_openapi_document_is_current() -> None:
    assert OPENAPI_FILE.read_text(encoding="utf-8") == openapi_text(), "run: python -m sightline_api.openapi"


def test_the_page_lists_every_endpoint_of_the_document() -> None:
    page = PAGE_FILE.read_text(encoding="utf-8")
    assert page == page_text(), "run: python -m sightline_api.openapi"
    for path, item in json.loads(openapi_text())["paths"].items():
        assert all(f"`{method.upper()} {path}`" in page for method in item)


def test_every_operation_answers_errors_with_problem_json_and_has_a_unique_id() -> None:
    document = json.loads(openapi_text())
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert all("application/problem+json" in op["responses"]["default"]["content"] for op in operations)
    assert len({op["operationId"] for op in operations}) == len(operations)
    assert all(path.startswith("/api/v1/") for path in document["paths"])


def test_clients_are_told_how_to_sign_in_and_what_every_answer_holds() -> None:
    document = json.loads(openapi_text())
    schemes = document["components"]["securitySchemes"]
    assert {scheme["scheme"] for scheme in schemes.values()} == {"bearer", "basic"}
    assert document["security"] == [{"password": []}, {"key": []}, {}]
    answers = [
        answer
        for item in document["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
    ]
    assert all("schema" in form for answer in answers for form in answer.get("content", {}).values())
