"""Texts of the command line → values that more than one command takes."""

import argparse
import re
from datetime import UTC, datetime

from sightline_core.ids import PROJECT_ID_PATTERN


def moment(text: str) -> datetime:
    """Return an ISO 8601 day or time in UTC, which it is in unless it says otherwise."""
    try:
        value = datetime.fromisoformat(text)
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-10-01") from error


def project(text: str) -> str:
    """Return the id of a project, which need not exist."""
    if not re.fullmatch(PROJECT_ID_PATTERN, text):
        raise argparse.ArgumentTypeError("a project has at most 64 lower-case letters, digits, - and _")
    return text


def filled(text: str) -> str:
    """Return a text that says something: what a shell makes of an unset variable is a mistake.

    Bytes that are no UTF-8 arrive as surrogates, which no store can hold.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("it must not be empty")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise argparse.ArgumentTypeError("it is not UTF-8 text") from error
    return text
