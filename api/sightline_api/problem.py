"""The one edge where an exception becomes an RFC 9457 problem document."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from sightline_api.models import Problem
from sightline_api.validation_words import in_words
from sightline_core.errors import SightlineError, Unauthenticated, retry_after_s
from sightline_core.request_id import request_id

MEDIA_TYPE = "application/problem+json"
MAX_BODY_BYTES = 2 * 1024 * 1024
TOO_LARGE = "A body has at most 2 MB; send less at once."
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

logger = logging.getLogger(__name__)


class ProblemResponse(JSONResponse):
    """A problem document; `members` are extensions beside title, status and detail."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        problem = Problem(title=title, status=status, detail=detail, **(members or {}))
        super().__init__(problem.model_dump(mode="json"), status_code=status, headers=headers)


def problem_of(error: SightlineError) -> ProblemResponse:
    """Return the answer for one of our own errors."""
    headers: dict[str, str] = {}
    if (wait_s := retry_after_s(error)) is not None:
        headers["Retry-After"] = str(wait_s)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return ProblemResponse(
        error.status, error.title, str(error), headers=headers, members=error.problem_members
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem document: ours, validation, unknown routes, and faults."""
    app.add_exception_handler(SightlineError, _on_sightline_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_fault)


def _on_sightline_error(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, SightlineError)
    if error.status >= 500:
        logger.warning("a request failed", extra={"path": request.url.path, "error": str(error)})
    return problem_of(error)


def _on_validation_error(_request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"where": ".".join(map(str, item["loc"])), "message": in_words(item)} for item in error.errors()
    ]
    detail = "; ".join(f"{item['where']}: {item['message']}" for item in errors)
    return ProblemResponse(400, "Bad request", detail, members={"errors": errors})


def _on_http_exception(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    headers = error.headers or {}
    path = request.url.path
    match error.status_code:
        case 400:
            detail = "The body cannot be read as JSON; it may be nested too deep."
        case 404:
            detail = f"There is nothing at {path}; /api/openapi.json lists the addresses."
        case 405:
            allowed = ", ".join(_allowed_methods(request))
            headers = {**headers, "Allow": allowed}
            detail = f"{path} does not take {request.method}, but {allowed}."
        case 413:
            detail = TOO_LARGE
        case _:
            detail = error.detail
    title = HTTPStatus(error.status_code).phrase
    return ProblemResponse(error.status_code, title, detail, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """Return what may be asked of the request's address; a route knows its own method only."""
    routes: list[BaseRoute] = request.app.routes
    taken = [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return [*taken, "HEAD"] if "GET" in taken else taken


def _on_fault(_request: Request, _error: Exception) -> ProblemResponse:
    # Starlette raises the error again after this answer, so the server logs it with its traceback.
    detail = "The server failed on this request; its log says why"
    if asked := request_id.get():
        detail += f", with request_id={asked}"
    return ProblemResponse(500, "Internal error", f"{detail}.")
