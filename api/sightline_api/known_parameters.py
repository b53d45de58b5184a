"""Refuses query parameters that a route does not take, or takes once: the answer was wider without them."""

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError


def refuse_unknown_parameters(request: Request) -> None:
    """Raise for every parameter that neither the route nor what it depends on asks for, or not so often."""
    if not request.query_params:
        return
    takes_several = dict(_parameters(request.scope["route"].dependant))
    known = sorted(takes_several)
    faults = []
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in takes_several:
            faults.append(_unknown(name, known))
        elif times > 1 and not takes_several[name]:
            faults.append(_fault(name, f"is given {times} times; it has one value here"))
    if faults:
        raise RequestValidationError(faults)


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the names of parameters, and whether each may be given several times."""
    for parameter in dependant.query_params:
        yield parameter.alias, _is_list(parameter.field_info.annotation)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _is_list(annotation: Any) -> bool:
    return any(get_origin(part) is list for part in (annotation, *get_args(annotation)))


def _unknown(name: str, known: list[str]) -> dict[str, object]:
    if near := get_close_matches(name.lower(), known):
        told = f"did you mean {' or '.join(near)}?"
    else:
        told = f"there are {', '.join(known)}" if known else "there are no parameters"
    return _fault(name, f"is not known here; {told}")


def _fault(name: str, message: str) -> dict[str, object]:
    return {"type": "unknown_parameter", "loc": ("query", name), "msg": message}
