"""Which category an error text belongs to, from the tables of `sightline_semconv`."""

from sightline_analysis.failures.unwrapping import Root
from sightline_semconv.failure_category import FailureCategory
from sightline_semconv.failure_codes import (
    CATEGORY_OF_CODE,
    CATEGORY_OF_EXCEPTION,
    CATEGORY_OF_GRPC_STATUS,
    CATEGORY_OF_HTTP_STATUS,
)
from sightline_semconv.failure_phrases import PHRASES

_VAGUE = frozenset({FailureCategory.INVALID_REQUEST, FailureCategory.EXCEPTION})


def category_of_status(status: int) -> FailureCategory | None:
    """Return what an HTTP status says; `None` below 400."""
    if status < 400:
        return None
    default = FailureCategory.INVALID_REQUEST if status < 500 else FailureCategory.SERVER_ERROR
    return CATEGORY_OF_HTTP_STATUS.get(status, default)


def category_of_exception(name: str) -> FailureCategory | None:
    """Return what an exception's class name says; the module in front of it does not matter."""
    return CATEGORY_OF_EXCEPTION.get(name.rsplit(".", 1)[-1].lower())


def classify(root: Root, http_status: int = 0) -> tuple[FailureCategory, str]:
    """Return the category of an unwrapped text and which evidence decided.

    The innermost message decides before codes, codes before exception classes, those before the status:
    gateways copy the provider's sentence and put their own codes around it. A vague code (a bare "invalid
    request") yields to an outer one that says more.
    """
    lowered = root.message[:600].lower()
    for phrase, category in PHRASES:
        if phrase in lowered:
            return category, f"the message says “{phrase}”"
    vague: tuple[FailureCategory, str] | None = None
    for code in reversed(root.codes):
        key = code.lower()
        found = CATEGORY_OF_CODE.get(key) or CATEGORY_OF_GRPC_STATUS.get(key)
        if found and found not in _VAGUE:
            return found, f"the code is {code}"
        if found and vague is None:
            vague = found, f"the code is {code}"
    for name in reversed(root.types):
        of_type = category_of_exception(name) or CATEGORY_OF_CODE.get(name.rsplit(".", 1)[-1].lower())
        if of_type and of_type not in _VAGUE:
            return of_type, f"the exception is {name}"
        if of_type and vague is None:
            vague = of_type, f"the exception is {name}"
    for status in (http_status, *reversed(root.statuses)):
        of_status = category_of_status(status)
        if of_status and of_status not in _VAGUE:
            return of_status, f"the HTTP status is {status}"
        if of_status and vague is None:
            vague = of_status, f"the HTTP status is {status}"
    return vague or (FailureCategory.EXCEPTION, "the exception has no known code")
