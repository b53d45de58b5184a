"""Server-sent events → the JSON objects that they carry."""

from __future__ import annotations

import json
import re

from sightline.readers.json_values import JsonObject

_EVENT_END = re.compile(r"\r\n\r\n|\n\n|\r\r")
_decode = json.JSONDecoder().raw_decode


def parse_events(content: bytes) -> tuple[list[JsonObject], bool]:
    """JSON objects of a server-sent event stream, and whether `[DONE]` came. Events that are no JSON are
    skipped.

    An event with a name outside its data (assistants) is wrapped as {"event", "data"}.
    """
    text = content.decode("utf-8", "replace")
    blocks = text.split("\n\n") if "\r" not in text else _EVENT_END.split(text)
    if (events := _parse_plain(blocks)) is not None:
        return events, True
    events = []
    for block in blocks:
        name, data = _read_event(block)
        if data.startswith("[DONE]"):
            return events, True
        try:
            value = _decode(data)[0] if data else None
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            events.append({"event": name, "data": value} if name.startswith("thread.") else value)
    return events, False


def _parse_plain(blocks: list[str]) -> list[JsonObject] | None:
    """What most providers send, read at once: one `data: {…}` line for each event, then `[DONE]`. None where
    anything else is found."""
    if blocks[-2:] != ["data: [DONE]", ""]:
        return None
    data = [block[6:] for block in blocks[:-2] if block.startswith("data: {") and "\n" not in block]
    if len(data) != len(blocks) - 2:
        return None
    try:
        values = json.loads(f"[{','.join(data)}]")
    except (ValueError, RecursionError):
        return None
    # As many values as events: a block may not smuggle two.
    return values if len(values) == len(data) and all(type(value) is dict for value in values) else None


def _read_event(block: str) -> tuple[str, str]:
    """(name, data) of one event, by the rules of the HTML standard for `data` and `event` fields."""
    name, data = "", []
    for line in block.splitlines():
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
        elif field == "event":
            name = value.strip()
    return name, "\n".join(data).strip()
