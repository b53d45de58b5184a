"""An alert rule: a question, a condition on its answer, and how an incident is handled."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sightline_analysis.alerts.announcement import MuteWindow
from sightline_analysis.alerts.budget import CalendarBudget
from sightline_analysis.alerts.conditions import BurnRate, Condition, Values
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.measures import MEASURES, Measure
from sightline_analysis.alerts.scope import Scope, parse_scope
from sightline_analysis.alerts.state import NoDataPolicy, Timing
from sightline_core.errors import CallerError

GROUPS = ("app", "environment", "provider", "model", "operation")
"""What rollups, and so rules, can group by."""

MAX_GROUP_CAP = 1_000
MIN_WINDOW, MAX_WINDOW = timedelta(minutes=1), timedelta(days=31)
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

Group = tuple[str, ...]
"""Values of the rule's `group_by`, in its order; () for a rule without groups."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`key` names the rule for ever: in files, in dedup keys and in links.

    `query` is text in the explorer's language, as far as rollups can answer it (`scope`); "" is everything.
    At most `group_cap` groups are evaluated, the largest first. `depends_on` is the key of a rule whose open
    incident for the same app silences this one.
    """

    key: str
    name: str
    measure: Measure
    condition: Condition
    window: timedelta
    query: str = ""
    group_by: tuple[str, ...] = ()
    group_cap: int = 100
    timing: Timing = field(default_factory=Timing)
    no_data: NoDataPolicy = "keep"
    remind_every: timedelta | None = None
    mutes: tuple[MuteWindow, ...] = ()
    depends_on: str = ""
    channels: tuple[str, ...] = ()
    runbook: str = ""
    enabled: bool = True

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise CallerError("the key of a rule is 1 to 64 of a-z, 0-9, - and _, for example chat-spend")
        if not self.name.strip() or len(self.name) > 200:
            raise CallerError("a rule needs a name of at most 200 characters")
        if not MIN_WINDOW <= self.window <= MAX_WINDOW or self.window % MIN_WINDOW:
            raise CallerError("the window of a rule is 1 minute to 31 days, in whole minutes")
        unknown = [name for name in self.group_by if name not in GROUPS]
        if unknown or len(set(self.group_by)) != len(self.group_by) or len(self.group_by) > 3:
            raise CallerError(f"a rule groups by up to three of {', '.join(GROUPS)}")
        if not 1 <= self.group_cap <= MAX_GROUP_CAP:
            raise CallerError(f"the number of groups must be between 1 and {MAX_GROUP_CAP}")
        if self.depends_on == self.key:
            raise CallerError("a rule cannot depend on itself")
        if self.remind_every is not None and self.remind_every < MIN_WINDOW:
            raise CallerError("reminders are at least a minute apart")
        self._check_measure()
        parse_scope(self.query)

    @property
    def scope(self) -> Scope:
        """What the query restricts."""
        return parse_scope(self.query)

    def judge(self, end: datetime, values: Values) -> Judgement:
        """Return what the values of the condition's windows mean under the rule's no-data policy."""
        if self.no_data == "zero" and MEASURES[self.measure].is_additive:
            values = [0.0 if value is None else value for value in values]
        judgement = self.condition.judge(end, values)
        if judgement.level is Level.NO_DATA and self.no_data == "alert":
            return Judgement(Level.ALERT, 2, None, None, "no data, and this rule takes that for an alert")
        return judgement

    def _check_measure(self) -> None:
        additive = MEASURES[self.measure].is_additive
        if isinstance(self.condition, CalendarBudget | BurnRate) and not additive:
            raise CallerError(f"a budget needs an amount that adds up; {self.measure.value} does not")
        if self.no_data == "zero" and not additive:
            raise CallerError(f"silence is not zero for {self.measure.value}; use keep or alert")
