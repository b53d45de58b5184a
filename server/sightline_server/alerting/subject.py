"""One group of a rule as a look finds it: what is stored of it, what others did to it, what is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sightline_analysis.alerts.announcement import Handling
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.measuring import Looks
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.state import AlertState, Phase, Timing
from sightline_analysis.alerts.state_document import Tracked
from sightline_core.ids import ProjectId
from sightline_storage.alerts.alert_records import Document, Group, IncidentRow, Look, StateRow

_KEEP_CALM_FOR = timedelta(days=1)
"""How long the state of a group is kept that is calm again: a rule by session would gather them for ever."""

_SAVE_AT_MOST_EVERY = timedelta(minutes=1)
_SILENCE_KNOWN_TO = 1 / 60
"""To which share of `close_without_data_after` it is stored when a group was last seen.

Nothing else needs that time, and there may be hundreds of open incidents.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """One group of a rule, and what people and other rules did to it."""

    project: ProjectId
    rule: Rule
    group: Group
    row: StateRow | None
    handling: Handling = field(default_factory=Handling)
    looks: list[Look] = field(default_factory=list)
    """What was decided and is to be stored, in order."""

    @property
    def stored(self) -> Document | None:
        """The state that is stored before the next look."""
        if self.looks:
            return self.looks[-1].state
        return None if self.row is None else self.row.state


def tells_of(incident: IncidentRow, rule: Rule, judgement: Judgement, end: datetime) -> bool:
    """Return whether the incident was about the window that ends there: minutes change for many reasons.

    It is about the windows that overlap its own and those that ended while it was open.
    """
    if judgement.level is Level.ALERT and incident.level != Level.ALERT:
        return False
    own = datetime.fromisoformat(incident.facts["window_end"])
    is_of_present = own > incident.opened_at - rule.window
    was_open = incident.opened_at - rule.window < end <= (incident.resolved_at or end)
    return abs(end - own) < rule.window or (is_of_present and was_open)


def app_of(rule: Rule, group: Group) -> str:
    """Return the app that a group is about, "" when it is about all of them."""
    return dict(zip(rule.group_by, group, strict=True)).get("app", "")


def handling_of(row: StateRow | None, open_parents: set[str], app: str) -> Handling:
    """Return what people did with the group, and whether a rule above it has an open incident."""
    silenced = bool(open_parents & {app, ""}) or (app == "" and bool(open_parents))
    if row is None:
        return Handling(parent_is_open=silenced)
    return Handling(row.acknowledged_by, row.snoozed_until, silenced)


def why_over(rule: Rule, group: Group, tracked: Tracked) -> str:
    """Return why a group is not the rule's any more, "" when it is."""
    if not rule.enabled:
        return "the rule is disabled"
    return "" if tracked.is_of(rule.group_by, group) else "the rule groups by something else now"


def seen_as(rule: Rule, group: Group, looks: Mapping[Group, Looks] | None) -> Rule:
    """Return the rule for a group, which may only be unseen as others are larger: that is no silence."""
    is_capped = looks is not None and group not in looks and len(looks) == rule.group_cap
    return replace(rule, no_data="keep") if is_capped else rule


def is_forgettable(tracked: Tracked, handling: Handling, now: datetime) -> bool:
    """Return whether a group has been calm for so long that it is as one that never was anything else."""
    state = tracked.state
    is_calm = state.phase is Phase.OK and not tracked.told.rank
    is_long_so = state.since is None or now - state.since >= _KEEP_CALM_FOR
    return is_calm and is_long_so and (handling.snoozed_until is None or handling.snoozed_until <= now)


def is_worth_saving(before: AlertState, after: AlertState, timing: Timing) -> bool:
    """Return whether the state changed in more than the time of the look, or that has become too old."""
    if before.phase is not after.phase or before.since != after.since:
        return True
    if after.phase is Phase.OK or after.last_data_at is None:
        return False
    if before.last_data_at is None:
        return True
    may_be_off = max(_SAVE_AT_MOST_EVERY, timing.close_without_data_after * _SILENCE_KNOWN_TO)
    return after.last_data_at - before.last_data_at >= may_be_off
