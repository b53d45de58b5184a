"""Rules as documents: the same JSON in the API, in the database and, written as YAML, in a file of rules.

    key: chat-spend
    name: Chat spends too fast
    query: env:prod
    measure: cost
    window: 15m
    group_by: [app]
    condition: {kind: threshold, warn: 5, alert: 10, recover: 4}
    channels: [on-call]

Durations are text (`15m`). Unknown fields are errors, because a misspelt `recover` must not pass silently.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, asdict, fields
from datetime import time, timedelta
from typing import Any

from sightline_analysis.alerts.announcement import MuteWindow
from sightline_analysis.alerts.anomaly import Anomaly
from sightline_analysis.alerts.budget import CalendarBudget
from sightline_analysis.alerts.conditions import Absence, BurnRate, Change, Condition, Threshold
from sightline_analysis.alerts.durations import format_duration, parse_duration
from sightline_analysis.alerts.measures import Measure
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.state import Timing
from sightline_core.errors import CallerError

Document = dict[str, Any]

CONDITIONS: dict[str, type[Any]] = {
    "threshold": Threshold,
    "budget": CalendarBudget,
    "burn_rate": BurnRate,
    "anomaly": Anomaly,
    "change": Change,
    "absence": Absence,
}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_CHOICES: dict[str, tuple[str, ...]] = {
    "direction": ("above", "below", "both"),
    "period": ("day", "week", "month"),
    "no_data": ("keep", "zero", "alert"),
}


def parse_rule(document: object) -> Rule:
    """Return the rule; `CallerError` names the field that is wrong, for example `condition.warn`."""
    given = _mapping(document, "rule")
    plain = {"key", "name", "query", "score", "depends_on", "runbook", "no_data", "enabled", "group_cap"}
    durations = {"window", "remind_every"}
    lists = {"group_by", "channels"}
    timing = {field.name for field in fields(Timing)}
    _refuse_unknown(given, plain | durations | lists | timing | {"measure", "condition", "mutes"}, "rule")
    values: Document = {name: _plain_field(given[name], name) for name in plain & given.keys()}
    values |= {name: _duration(given[name], name) for name in durations & given.keys()}
    values |= {name: _texts(given[name], name) for name in lists & given.keys()}
    values["timing"] = Timing(**{name: _duration(given[name], name) for name in timing & given.keys()})
    values["measure"] = _measure(given.get("measure"))
    values["condition"] = parse_condition(given.get("condition"))
    values["mutes"] = tuple(_mute(item) for item in _list(given.get("mutes", []), "mutes"))
    if isinstance(values["condition"], CalendarBudget | BurnRate):
        values.setdefault("window", timedelta(minutes=15))  # what they look at is in the condition
    for name in ("key", "name", "window"):
        if name not in values:
            raise CallerError(f"rule: {name} is missing")
    return Rule(**values)


def parse_stored(documents: Iterable[Mapping[str, Any]]) -> tuple[list[Rule], dict[str, str]]:
    """Return the rules that can be read; of the others, which another version has written, key and reason.

    Those are in nobody's way.
    """
    rules, unread = list[Rule](), dict[str, str]()
    for document in documents:
        try:
            rules.append(parse_rule(document))
        except CallerError as error:
            unread[str(document.get("key"))] = str(error)
    return rules, unread


def parse_condition(document: object) -> Condition:
    """Return the condition that the field `kind` names, with its other fields."""
    given = _mapping(document, "condition")
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in CONDITIONS:
        raise CallerError(f"condition.kind must be one of {', '.join(CONDITIONS)}")
    known = {field.name: field for field in fields(CONDITIONS[kind])}
    _refuse_unknown(given, known.keys() | {"kind"}, "condition")
    missing = [name for name, field in known.items() if _is_required(field) and name not in given]
    if missing:
        raise CallerError(f"condition.{missing[0]} is missing")
    values = {name: _field(given[name], known[name], f"condition.{name}") for name in known if name in given}
    condition: Condition = CONDITIONS[kind](**values)
    return condition


def rule_document(rule: Rule) -> Document:
    """Return the document that `parse_rule` reads back to the same rule, defaults left out where empty."""
    document: Document = {
        "key": rule.key,
        "name": rule.name,
        "query": rule.query,
        "measure": rule.measure.value,
        "window": format_duration(rule.window),
        "group_by": list(rule.group_by),
        "group_cap": rule.group_cap,
        "score": rule.score,
        "condition": condition_document(rule.condition),
        "no_data": rule.no_data,
        "channels": list(rule.channels),
        "depends_on": rule.depends_on,
        "runbook": rule.runbook,
        "enabled": rule.enabled,
        "mutes": [_mute_document(window) for window in rule.mutes],
    }
    document |= {field.name: format_duration(getattr(rule.timing, field.name)) for field in fields(Timing)}
    if rule.remind_every is not None:
        document["remind_every"] = format_duration(rule.remind_every)
    return document


def condition_document(condition: Condition) -> Document:
    """Return the condition as a document, with its `kind`."""
    kind = next(name for name, made in CONDITIONS.items() if isinstance(condition, made))
    values = {field.name: getattr(condition, field.name) for field in fields(CONDITIONS[kind])}
    return {"kind": kind} | {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return format_duration(value)
    return list(value) if isinstance(value, tuple) else value


def _field(value: object, field: Field[Any], path: str) -> Any:
    declared = field.type
    if declared is timedelta:
        return _duration(value, path)
    if field.name in _CHOICES:
        return _choice(value, path, _CHOICES[field.name])
    if field.name == "steps":
        return tuple(_number(item, path) for item in _list(value, path))
    if declared is bool:
        return _flag(value, path)
    if declared is str:
        return _text(value, path)
    if declared is int:
        number = _number(value, path)
        if number != int(number):
            raise CallerError(f"{path} must be a whole number")
        return int(number)
    return None if value is None else _number(value, path)


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _measure(value: object) -> Measure:
    try:
        return Measure(_text(value, "measure"))
    except ValueError as error:
        raise CallerError(f"measure must be one of {', '.join(Measure)}") from error


def _mute(value: object) -> MuteWindow:
    given = _mapping(value, "mutes")
    _refuse_unknown(given, {"days", "start", "end", "zone"}, "mutes")
    days = [_choice(day, "mutes.days", DAYS) for day in _list(given.get("days", list(DAYS)), "mutes.days")]
    return MuteWindow(
        days=tuple(sorted({DAYS.index(day) for day in days})),
        start=_clock(given.get("start"), "mutes.start"),
        end=_clock(given.get("end"), "mutes.end"),
        zone=_text(given.get("zone", "UTC"), "mutes.zone"),
    )


def _mute_document(window: MuteWindow) -> Document:
    return asdict(window) | {
        "days": [DAYS[day] for day in window.days],
        "start": window.start.strftime("%H:%M"),
        "end": window.end.strftime("%H:%M"),
    }


def _clock(value: object, path: str) -> time:
    try:
        return time.fromisoformat(_text(value, path)).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise CallerError(f"{path} must be a time such as 22:00") from error


def _refuse_unknown(given: Mapping[str, object], known: set[str], where: str) -> None:
    unknown = sorted(given.keys() - known)
    if unknown:
        raise CallerError(f"{where}: unknown field {unknown[0][:60]!r}; known are {', '.join(sorted(known))}")


def _mapping(value: object, path: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise CallerError(f"{path} must be a mapping of fields")
    return value


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list | tuple) or len(value) > 100:
        raise CallerError(f"{path} must be a list of at most 100 items")
    return list(value)


def _texts(value: object, path: str) -> tuple[str, ...]:
    return tuple(_text(item, path) for item in _list(value, path))


def _text(value: object, path: str) -> str:
    if not isinstance(value, str) or len(value) > 4_000:
        raise CallerError(f"{path} must be text of at most 4000 characters")
    return value


def _plain_field(value: object, name: str) -> str | bool | int:
    if name == "no_data":
        return _choice(value, name, _CHOICES[name])
    if name == "enabled":
        return _flag(value, name)
    if name != "group_cap":
        return _text(value, name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise CallerError(f"{name} must be a whole number")
    return value


def _flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise CallerError(f"{path} must be true or false")
    return value


def _choice(value: object, path: str, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise CallerError(f"{path} must be one of {', '.join(choices)}")
    return value


def _number(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise CallerError(f"{path} must be a number")
    return float(value)


def _duration(value: object, path: str) -> timedelta:
    try:
        return parse_duration(_text(value, path))
    except CallerError as error:
        raise CallerError(f"{path}: {error}") from error
