"""What the app says about a stretch of its work: session, user, tags, metadata, prompt."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Token
from dataclasses import dataclass, field
from typing import Any

from opentelemetry import context as otel_context

from sightline.facts import AttributeValue
from sightline_semconv import gen_ai, sightline

logger = logging.getLogger(__name__)

_KEY = otel_context.create_key("sightline-app-context")


@dataclass(frozen=True, slots=True)
class AppContext:
    """Attributes that every span below gets, and the values that vary in the prompt's template."""

    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    variables: tuple[str, ...] = ()


_NOTHING = AppContext()


def current_app_context(within: otel_context.Context | None = None) -> AppContext:
    """The innermost one; an empty one outside of any."""
    found = otel_context.get_value(_KEY, within)
    return found if isinstance(found, AppContext) else _NOTHING


@contextmanager
def context(
    *,
    session: str | None = None,
    user: str | None = None,
    tags: Iterable[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    prompt: str | Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Say whose and what work follows: every span started inside carries it, in threads and tasks as well.

    Contexts nest: the inner value wins, tags add up. `prompt` is a name, or `{"name", "version",
    "variables"}` where the variables' values are masked out of the prompt fingerprint. Never raises: what
    cannot be read is left out.
    """
    token = otel_context.attach(otel_context.set_value(_KEY, _merge(session, user, tags, metadata, prompt)))
    try:
        yield
    finally:
        detach(token)


def detach(token: Token[otel_context.Context]) -> None:
    """As OpenTelemetry's, which logs an error and a traceback when a generator that was not read to its end
    is closed elsewhere than it ran. There is nothing to put back then."""
    try:
        otel_context._RUNTIME_CONTEXT.detach(token)
    except Exception:
        logger.debug("A context was left elsewhere than it was entered", exc_info=True)


def _merge(
    session: str | None,
    user: str | None,
    tags: Iterable[str] | None,
    metadata: Mapping[str, Any] | None,
    prompt: str | Mapping[str, Any] | None,
) -> AppContext:
    outer = current_app_context()
    attributes = dict(outer.attributes)
    variables = outer.variables
    with _unless_unreadable("session"):
        if session is not None:
            attributes[sightline.SESSION_ID] = str(session)
    with _unless_unreadable("user"):
        if user is not None:
            attributes[sightline.USER_ID] = str(user)
    with _unless_unreadable("tags"):
        if tags is not None:
            before = attributes.get(sightline.TAGS, ())
            added = [tags] if isinstance(tags, str) else [str(tag) for tag in tags]
            attributes[sightline.TAGS] = list(dict.fromkeys([*_texts(before), *added]))
    with _unless_unreadable("metadata"):
        for key, value in (metadata or {}).items():
            if (plain := _scalar(value)) is not None:
                attributes[f"{sightline.METADATA_PREFIX}{key}"] = plain
    with _unless_unreadable("prompt"):
        given: Mapping[str, Any] = {"name": prompt} if isinstance(prompt, str) else prompt or {}
        for key, name in (("name", gen_ai.PROMPT_NAME), ("version", gen_ai.PROMPT_VERSION)):
            if given.get(key) is not None:
                attributes[name] = str(given[key])
        variables += tuple(str(value) for value in (given.get("variables") or {}).values())
    return AppContext(attributes, variables)


@contextmanager
def _unless_unreadable(part: str) -> Iterator[None]:
    """Leave out a part that cannot be read: the app gives anything, and gets no exception for it."""
    try:
        yield
    except Exception:
        logger.debug("A part of a context is left out", exc_info=True, extra={"part": part})


def _texts(value: AttributeValue) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _scalar(value: Any) -> AttributeValue | None:
    """OpenTelemetry takes plain values; anything else travels as JSON text, else as its own. None: it has
    neither."""
    if isinstance(value, str | bool | int | float):
        return value
    for text_of in (_json, str):
        try:
            return text_of(value)
        except Exception:
            logger.debug("A value has no such text", exc_info=True)
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
