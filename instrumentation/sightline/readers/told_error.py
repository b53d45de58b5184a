"""Failures that a server tells in the body of an answer."""

from __future__ import annotations

from sightline.readers.json_values import JsonObject, as_int, as_object, as_objects, as_text


def told_error(body: JsonObject) -> tuple[str, str] | None:
    """(code, message) of the `error` of an answer, a streamed event, or a choice in it; None without one.

    OpenRouter writes the HTTP status that it was given as a number, and tells a failure amid an answer in its
    choice.
    """
    for holder in (body, *as_objects(body.get("choices"))):
        told = holder.get("error")
        error = as_object(told)
        code = error.get("code") if as_int(error.get("code")) is None else str(error["code"])
        message = as_text(told) or as_text(error.get("message"))
        if message or any(error.values()):
            return as_text(code) or as_text(error.get("type")) or "server_error", message
    return None
