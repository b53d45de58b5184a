"""Requests of every shape that the OpenAPI document allows, and many that it does not, against the real API.

No answer may be a fault of the server, and each has a status, a type and a shape that the document names.
"""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, assume, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as document_checks

from sightline_api.openapi import OPENAPI_FILE

# A tail does not end.
document = schemathesis.openapi.from_path(OPENAPI_FILE).exclude(path="/api/v1/traces/tail")


@document.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_names(case: Any, api_url: str) -> None:
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
