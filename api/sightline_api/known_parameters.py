"""Refuses query parameters that a route does not take: without a misspelt filter the answer was wider."""

from collections.abc import Iterator
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError


def refuse_unknown_parameters(request: Request) -> None:
    """Raise for every parameter that neither the route nor what it depends on asks for."""
    if not request.query_params:
        return
    known = sorted(_names(request.scope["route"].dependant))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise RequestValidationError([_fault(name, known) for name in unknown])


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _names(inner)


def _fault(name: str, known: list[str]) -> dict[str, object]:
    if near := get_close_matches(name.lower(), known):
        told = f"did you mean {' or '.join(near)}?"
    else:
        told = f"there are {', '.join(known)}" if known else "there are no parameters"
    return {"type": "unknown_parameter", "loc": ("query", name), "msg": f"is not known here; {told}"}
