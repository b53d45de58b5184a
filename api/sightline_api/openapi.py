"""Writes `api/openapi.json` and the table in `docs/api.md`: `python -m sightline_api.openapi`.

A test fails when one of them is old.
"""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from sightline_api.app import create_api
from sightline_api.reference import with_endpoints
from sightline_api.services import ApiServices

OPENAPI_FILE = Path(__file__).parents[1] / "openapi.json"
PAGE_FILE = Path(__file__).parents[2] / "docs" / "api.md"


def openapi_text() -> str:
    """Return the OpenAPI document as indented JSON with a final newline."""
    document = create_api(_no_services()).openapi()
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def page_text() -> str:
    """Return `docs/api.md` with its table of endpoints."""
    return with_endpoints(PAGE_FILE.read_text(encoding="utf-8"), json.loads(openapi_text()))


def _no_services() -> ApiServices:
    """The document depends on routes and models only: no service is asked while it is made."""
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(ApiServices))
    return ApiServices(**{**nothing, "allowed_hosts": ()})


if __name__ == "__main__":
    OPENAPI_FILE.write_text(openapi_text(), encoding="utf-8")
    PAGE_FILE.write_text(page_text(), encoding="utf-8")
