"""Durations as people write them in rules: `90s`, `15m`, `1h30m`, `2d`, `1w`."""

import re
from datetime import timedelta

from sightline_core.errors import CallerError

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_LONGEST_S = 100 * 365 * 86_400
_PART = re.compile(r"(\d{1,7})([wdhms])")
_TEXT = re.compile(r"(?:\d{1,7}[wdhms])+")


def parse_duration(text: str) -> timedelta:
    """Return the duration; `CallerError` when it is not written so, or longer than anybody waits."""
    if not _TEXT.fullmatch(text):
        raise CallerError(f"{text[:40]!r} is not a duration; write it as 90s, 15m, 1h, 2d or 1w")
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if seconds > _LONGEST_S:
        raise CallerError(f"{text[:40]!r} is longer than a hundred years")
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """Return the shortest text that `parse_duration` reads back, in whole seconds; zero is `0s`."""
    left = int(duration.total_seconds())
    parts = []
    for unit, seconds in _SECONDS.items():
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
