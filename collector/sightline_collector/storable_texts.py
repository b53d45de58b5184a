"""Texts of a record within the limits of its project, and as everything that reads them can take them."""

import re
from functools import partial
from typing import Any

from sightline_collector.columns import LIST_COLUMNS, TEXT_COLUMNS
from sightline_collector.truncation import truncate_content, truncate_text
from sightline_core.limits import MAX_ID, IngestLimits
from sightline_semconv import marks

_CONTENT_COLUMNS = ("input", "output", "system_instructions", "tool_definitions", "documents")
_OTHER_COLUMNS = ("status_message", *(name for name in TEXT_COLUMNS if name not in _CONTENT_COLUMNS))
_ID_COLUMNS = ("session", "user")
_TRUNCATED = {"input": marks.INPUT_TRUNCATED, "output": marks.OUTPUT_TRUNCATED}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def make_storable(record: dict[str, Any], limits: IngestLimits) -> None:
    """Cut, in place, what is too long, and replace what is no text; `marks` say so."""
    for column in _ID_COLUMNS:
        if len(record.get(column, "")) > MAX_ID:
            record[column] = record[column][:MAX_ID]
            record["marks"].append(marks.ATTRIBUTE_TRUNCATED)
    texts: dict[str, str] = record["attributes"]
    # One look at all texts together is enough to leave nearly every span alone.
    strings = [value for value in record.values() if value.__class__ is str]
    for column in LIST_COLUMNS:
        strings += record.get(column, ())
    whole = "".join((*strings, *texts, *texts.values()))
    if len(whole) > min(limits.max_content_size, limits.max_attribute_size):
        _limit(record, limits)
    if "\0" in whole:
        _replace_unstorable(record, marks.NUL_REPLACED)
    if not whole.isascii() and _has_surrogate(whole):
        _replace_unstorable(record, marks.INVALID_UTF8_REPLACED)


def _limit(record: dict[str, Any], limits: IngestLimits) -> None:
    for columns, limit, truncate in (
        (_CONTENT_COLUMNS, limits.max_content_size, truncate_content),
        (_OTHER_COLUMNS, limits.max_attribute_size, truncate_text),
    ):
        for column in columns:
            text = record.get(column, "")
            if len(text) > limit:
                record[column] = truncate(text, limit)
                record["marks"].append(_TRUNCATED.get(column, marks.ATTRIBUTE_TRUNCATED))
    limit = limits.max_attribute_size
    for column in LIST_COLUMNS:
        if any(len(text) > limit for text in record.get(column, ())):
            record[column] = [truncate_text(text, limit) for text in record[column]]
            record["marks"].append(marks.ATTRIBUTE_TRUNCATED)
    texts: dict[str, str] = record["attributes"]
    for name, text in texts.items():
        if len(text) > limit:
            texts[name] = truncate_text(text, limit)
            record["marks"].append(marks.ATTRIBUTE_TRUNCATED)


def _has_surrogate(text: str) -> bool:
    """Return whether there is half of a pair in it, as JSON inside of an attribute may say."""
    try:
        text.encode("utf-32-le")  # which is made faster than UTF-8 and looks for the same
    except UnicodeEncodeError:
        return True
    return False


def _replace_unstorable(record: dict[str, Any], mark: str) -> None:
    """NUL bytes end texts in half of the tools that would read them; half a pair has no UTF-8 at all."""
    replace = partial(_UNSTORABLE.sub, "\ufffd")
    for column, value in record.items():
        if isinstance(value, str):
            record[column] = replace(value)
        elif column in LIST_COLUMNS:
            record[column] = [replace(text) for text in value]
    record["attributes"] = {replace(name): replace(text) for name, text in record["attributes"].items()}
    record["attributes_num"] = {replace(name): number for name, number in record["attributes_num"].items()}
    record["marks"].append(mark)
