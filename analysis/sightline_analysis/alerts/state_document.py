"""The state of an alert as a JSON document, with what its channels were told."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sightline_analysis.alerts.announcement import Told
from sightline_analysis.alerts.judgement import Level
from sightline_analysis.alerts.state import AlertState, Phase


@dataclass(frozen=True, slots=True)
class Tracked:
    """`incident` is the id of the open incident; `announcements` numbers what was announced about it."""

    state: AlertState = field(default_factory=AlertState)
    told: Told = field(default_factory=Told)
    incident: str = ""
    announcements: int = 0


def write_tracked(tracked: Tracked) -> dict[str, Any]:
    """Return the document that `read_tracked` reads back."""
    return {
        "state": _write(tracked.state),
        "told": _write(tracked.told),
        "incident": tracked.incident,
        "announcements": tracked.announcements,
    }


def read_tracked(document: dict[str, Any]) -> Tracked:
    """Return what was written."""
    state, told = _read_times(document["state"]), _read_times(document["told"])
    state |= {"phase": Phase(state["phase"]), "level": Level(state["level"])}
    return Tracked(AlertState(**state), Told(**told), document["incident"], document["announcements"])


_TIMES = {"since", "opened_at", "last_sample_at", "last_data_at", "at"}


def _write(value: AlertState | Told) -> dict[str, Any]:
    plain = {item.name: getattr(value, item.name) for item in fields(value)}
    return {name: item.isoformat() if isinstance(item, datetime) else item for name, item in plain.items()}


def _read_times(document: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(item) if name in _TIMES and item is not None else item
        for name, item in document.items()
    }
