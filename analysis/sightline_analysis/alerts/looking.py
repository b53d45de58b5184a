"""At which windows a rule is looked at, and which of them decides.

Windows end with whole minutes. The one that holds the present is not over: spans of its last minute are still
to come, and rollups follow some seconds behind. It can show early that an amount reached a line, but not that
it stayed below one. Nor can any window of which spans may still wait to be stored, as after an outage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sightline_analysis.alerts.conditions import Absence, Values
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.measures import MEASURES
from sightline_analysis.alerts.rule import Rule

_MINUTE: Final = timedelta(minutes=1)
_COMPLETE_IN: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class LookEnds:
    """Ends of looks: `present` ones from the minute that holds the present, the newest first, back to the
    last that is complete; `late` ones of earlier windows.
    """

    present: tuple[datetime, ...]
    late: tuple[datetime, ...] = ()

    @property
    def all(self) -> list[datetime]:
        """Every end once, the newest first."""
        return list(dict.fromkeys((*self.present, *self.late)))


def look_ends(rule: Rule, now: datetime, changed: Sequence[datetime], stored_until: datetime) -> LookEnds:
    """Return the ends of the looks that a rule needs: at present, and for minutes that changed late.

    What arrived from `stored_until` on, at most `now`, may not be stored yet.

    A late minute inside the window that ends in the present is seen anyway. For an earlier one the windows
    are looked at that end just after it and that begin with it; not for a lack, as what comes late makes no
    amount less.
    """
    newest, complete = present_end(now), _minute_of(stored_until - _COMPLETE_IN)
    is_about_lack = MEASURES[rule.measure].is_additive and rule.condition.direction == "below"
    late = [minute for minute in changed if minute < newest - rule.window and not is_about_lack]
    ends = {close for minute in late for close in (minute + _MINUTE, minute + rule.window)}
    return LookEnds(
        tuple(newest - number * _MINUTE for number in range((newest - complete) // _MINUTE + 1)),
        tuple(sorted(close for close in ends if close < newest)),
    )


def present_end(now: datetime) -> datetime:
    """Return the end of the minute that `now` is in."""
    return _minute_of(now) + _MINUTE


def judge_late(rule: Rule, end: datetime, values: Values) -> Judgement | None:
    """Return what an earlier window means of which something came late; None when that is a lack.

    More of it may be on its way: a window that is filled again after an outage holds too little for a while.
    """
    judgement = rule.judge(end, values)
    if judgement.value is None or judgement.threshold is None:
        return judgement
    return None if is_lack(rule, judgement) else judgement


def is_lack(rule: Rule, judgement: Judgement) -> bool:
    """Return whether a judgement fires because nothing, or too little, was seen."""
    value, line = judgement.value, judgement.threshold
    if not judgement.level.fires or value is None or isinstance(rule.condition, Absence):
        return judgement.level.fires
    return MEASURES[rule.measure].is_additive and line is not None and value < line


def judge_now(rule: Rule, ends: LookEnds, looks: Mapping[datetime, Values]) -> tuple[Judgement, datetime]:
    """Return what the present looks mean, and the end of the window that says so.

    An amount reaches a line as soon as one of the windows shows it, and stays below one only if all of them
    do. Shares and means are not smaller for being of part of a minute: there the newest decides that has one.
    """
    judged = [(_judge(rule, end, looks), end) for end in ends.present]
    known = [each for each in judged if each[0].value is not None]
    if not known:
        return judged[-1]
    if not MEASURES[rule.measure].is_additive and not isinstance(rule.condition, Absence):
        return known[0]
    match rule.condition.direction:
        case "above":
            return max(known, key=_severity)
        case "below":
            return min(reversed(known), key=_severity)  # a complete window first: its value is right
    return judged[-1]


def _severity(judged: tuple[Judgement, datetime]) -> tuple[int, bool]:
    judgement, _ = judged
    return judgement.rank, judgement.level is Level.HOLD


def _judge(rule: Rule, end: datetime, looks: Mapping[datetime, Values]) -> Judgement:
    return rule.judge(end, looks[end]) if end in looks else rule.judge_unseen(end)


def _minute_of(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)
