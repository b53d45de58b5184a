"""Requests of every shape that the OpenAPI document allows, and many that it does not, against the real API.

No answer may be a fault of the server, and each has a status, a type and a shape that the document names.
"""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, settings
from schemathesis import checks
from schemathesis.core.result import Ok
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.specs.openapi import checks as document_checks

from sightline_api.openapi import OPENAPI_FILE

SETTINGS = settings(
    max_examples=4,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_ODD_REQUESTS = 24
"""How many of the requests with odd values are made for an operation; some have hundreds."""

OPERATIONS = [
    (method, path)
    for path, operations in json.loads(OPENAPI_FILE.read_text())["paths"].items()
    for method in operations
    if path != "/api/v1/traces/tail"  # it does not end
]


@pytest.fixture(scope="module")
def document() -> Any:
    return schemathesis.openapi.from_path(OPENAPI_FILE)


def _is_answered_as_the_document_says(case: Any, api_url: str) -> None:
    # A line break in a path ends at the server's router, before the API.
    assume("%0A" not in case.formatted_path)
    case.call_and_validate(
        base_url=api_url.removesuffix("/api/v1"),
        headers={"authorization": "Bearer contract"},
        checks=[
            checks.not_a_server_error,
            document_checks.status_code_conformance,
            document_checks.content_type_conformance,
            document_checks.response_schema_conformance,
        ],
    )


# Each process of a test run collects every test. With Schemathesis's own `parametrize` it would make up all
# requests then, for five seconds.
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_one_that_the_document_names(
    method: str, path: str, document: Any, api_url: str
) -> None:
    (made,) = get_all_tests(
        schema=document.include(method=method, path=path),
        test_func=_is_answered_as_the_document_says,
        settings=SETTINGS,
        given_kwargs=None,
    )
    assert isinstance(made, Ok), made
    _, test = made.ok()
    _thin_out(test)
    test(api_url=api_url)


def _thin_out(test: Any) -> None:
    """Leave odd values of all parameters, which stand side by side, and fewer for each.

    Cost reports share eleven parameters: all requests for them took a minute and a half of two cores.
    """
    examples: list[Any] = getattr(test, "hypothesis_explicit_examples", [])
    test.hypothesis_explicit_examples = examples[:: 1 + len(examples) // _ODD_REQUESTS]
