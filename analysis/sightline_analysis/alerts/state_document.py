"""The state of an alert as a JSON document, with what its channels were told."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sightline_analysis.alerts.announcement import Told
from sightline_analysis.alerts.judgement import Level
from sightline_analysis.alerts.state import AlertState, Phase


@dataclass(frozen=True, slots=True)
class Tracked:
    """`incident` is the id of the open incident; `announcements` numbers what was announced about it.

    `group_by` says what the values of the group are of; None when an old version wrote it.
    """

    state: AlertState = field(default_factory=AlertState)
    told: Told = field(default_factory=Told)
    incident: str = ""
    announcements: int = 0
    group_by: tuple[str, ...] | None = None

    def is_of(self, group_by: tuple[str, ...], group: tuple[str, ...]) -> bool:
        """Return whether a rule that groups like this still has the group, after whatever was edited."""
        return len(group) == len(group_by) and self.group_by in (None, group_by)


def write_tracked(tracked: Tracked) -> dict[str, Any]:
    """Return the document that `read_tracked` reads back."""
    return {
        "state": _write(tracked.state),
        "told": _write(tracked.told),
        "incident": tracked.incident,
        "announcements": tracked.announcements,
        "group_by": tracked.group_by,
    }


def read_tracked(document: dict[str, Any]) -> Tracked:
    """Return what was written."""
    state, told = _read_times(document["state"]), _read_times(document["told"])
    state |= {"phase": Phase(state["phase"]), "level": Level(state["level"])}
    known = document.get("group_by")
    return Tracked(
        AlertState(**state),
        Told(**told),
        document["incident"],
        document["announcements"],
        None if known is None else tuple(known),
    )


_TIMES = {"since", "opened_at", "last_sample_at", "last_data_at", "period_start", "at"}


def _write(value: AlertState | Told) -> dict[str, Any]:
    plain = {item.name: getattr(value, item.name) for item in fields(value)}
    return {name: item.isoformat() if isinstance(item, datetime) else item for name, item in plain.items()}


def _read_times(document: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(item) if name in _TIMES and item is not None else item
        for name, item in document.items()
    }
