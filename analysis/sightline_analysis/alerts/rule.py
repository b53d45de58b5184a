"""An alert rule: a question, a condition on its answer, and how an incident is handled."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sightline_analysis.alerts.announcement import MuteWindow
from sightline_analysis.alerts.budget import CalendarBudget
from sightline_analysis.alerts.conditions import (
    MAX_WINDOW,
    MIN_WINDOW,
    NO_DATA,
    Absence,
    BurnRate,
    Condition,
    Threshold,
    Values,
)
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.measures import MEASURES, Measure
from sightline_analysis.alerts.scope import (
    FIELD_OF_GROUP,
    ROLLUP_GROUPS,
    Scope,
    of_group,
    parse_rule_query,
    rollup_scope,
    traces_with,
)
from sightline_analysis.alerts.state import NoDataPolicy, Timing
from sightline_core.errors import CallerError
from sightline_core.query_parser import QuerySyntaxError
from sightline_core.query_tree import Node, all_of
from sightline_storage.alerts.alert_records import Group
from sightline_storage.search.needed_span import is_about_one_span

MAX_GROUP_CAP = 1_000
_HOUR, _DAY, _SELDOM = timedelta(hours=1), timedelta(days=1), timedelta(minutes=10)
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""Only windows of a budget depend on when it is looked."""
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

KNOWN_FOR = timedelta(days=1)
"""How long before a window a group is known from that was silent for all of it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`key` names the rule for ever: in files, in dedup keys and in links.

    `query` is text in the explorer's language, about spans; "" is everything. At most `group_cap` groups are
    evaluated, the largest first. `score` is the name of the scores that the measure `score` is the mean of.
    `depends_on` is the key of a rule whose open incident for the same app silences this one.
    """

    key: str
    name: str
    measure: Measure
    condition: Condition
    window: timedelta
    query: str = ""
    group_by: tuple[str, ...] = ()
    group_cap: int = 100
    score: str = ""
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
        texts = (self.name, self.query, self.score, self.depends_on, self.runbook, *self.channels)
        # JSON can hold one, but no answer with it can be sent: no rule of the project could be read any more.
        if any("\ud800" <= letter <= "\udfff" for letter in "".join(texts)):
            raise CallerError("a text of the rule has half of a surrogate pair, which is no character")
        if not MIN_WINDOW <= self.window <= MAX_WINDOW or self.window % MIN_WINDOW:
            raise CallerError("the window of a rule is 1 minute to 31 days, in whole minutes")
        unknown = [name for name in self.group_by if name not in FIELD_OF_GROUP]
        if unknown or len(set(self.group_by)) != len(self.group_by) or len(self.group_by) > 3:
            raise CallerError(f"a rule groups by up to three of {', '.join(FIELD_OF_GROUP)}")
        if not 1 <= self.group_cap <= MAX_GROUP_CAP:
            raise CallerError(f"the number of groups must be between 1 and {MAX_GROUP_CAP}")
        if self.depends_on == self.key:
            raise CallerError("a rule cannot depend on itself")
        if self.remind_every is not None and self.remind_every < MIN_WINDOW:
            raise CallerError("reminders are at least a minute apart")
        self._check_measure()
        _ = self.node

    @property
    def node(self) -> Node:
        """The tree of the query."""
        try:
            return parse_rule_query(self.query)
        except QuerySyntaxError as error:
            raise CallerError(f"query: {error}") from error

    @property
    def scope(self) -> Scope | None:
        """What the query restricts, in dimensions of rollups; None when the rule has to be asked of spans."""
        spec = MEASURES[self.measure]
        if spec.of_spans or spec.of_clusters or not set(self.group_by) <= set(ROLLUP_GROUPS):
            return None
        return rollup_scope(self.node)

    @property
    def every(self) -> timedelta:
        """How often the rule is looked at: rollups at each pass, spans less often."""
        if self.scope is not None:
            return timedelta(0)
        if isinstance(self.condition, CalendarBudget):
            return _SELDOM
        windows = self.condition.windows(_ANY_TIME, self.window)
        looks_back = _ANY_TIME - min(window.start for window in windows)
        return _SELDOM if looks_back > _DAY else MIN_WINDOW

    @property
    def course(self) -> "Rule":
        """The rule that measures what the course draws: amounts that follow each other.

        Windows of budgets and burn rates hold one another, and their own length is none of theirs.
        """
        if isinstance(self.condition, BurnRate):
            width = self.condition.fast
        elif isinstance(self.condition, CalendarBudget):
            width = _HOUR if self.condition.period == "day" else _DAY
        else:
            return self
        return replace(self, condition=Threshold(alert=0), window=width)

    @property
    def tells_of_silent_groups(self) -> bool:
        """Whether silence of a group fires, which has to be known from before then."""
        return bool(self.group_by) and (isinstance(self.condition, Absence) or self.no_data == "alert")

    def judge_unseen(self, end: datetime) -> Judgement:
        """Return what it means that a group was not found: others push it out of sight, or it is gone."""
        if self.tells_of_silent_groups:
            return NO_DATA
        return self.judge(end, [None] * len(self.condition.windows(end, self.window)))

    def judge(self, end: datetime, values: Values) -> Judgement:
        """Return what the values of the condition's windows mean under the rule's no-data policy."""
        if self.no_data == "zero" and MEASURES[self.measure].is_additive:
            values = [0.0 if value is None else value for value in values]
        judgement = self.condition.judge(end, values, MEASURES[self.measure].unit)
        if judgement.level is Level.NO_DATA and self.no_data == "alert":
            return Judgement(Level.ALERT, 2, None, None, "no data, and this rule takes that for an alert")
        return judgement

    def traces_behind(self, group: Group) -> Node:
        """Return the query for the traces that make the measure of a group what it is."""
        asked = of_group(self.node, dict(zip(self.group_by, group, strict=True)))
        counted = MEASURES[self.measure].counted
        if is_about_one_span(counted):
            return traces_with(all_of(asked, counted))
        return all_of(traces_with(asked), counted)

    def _check_measure(self) -> None:
        additive = MEASURES[self.measure].is_additive
        if isinstance(self.condition, CalendarBudget | BurnRate) and not additive:
            raise CallerError(f"a budget needs an amount that adds up; {self.measure.value} does not")
        if bool(self.score) is not (self.measure is Measure.SCORE):
            raise CallerError("name the scores in `score` for the measure score, and for no other")
        if MEASURES[self.measure].of_clusters and (self.query.strip() or self.group_by):
            raise CallerError(
                "failure clusters are those of the whole project: give no query and no group_by"
            )
        if self.no_data == "zero" and not additive:
            raise CallerError(f"silence is not zero for {self.measure.value}; use keep or alert")
        if isinstance(self.condition, Threshold) and MEASURES[self.measure].unit == "share":
            lines = (self.condition.alert, self.condition.warn, self.condition.recover)
            # Written in percent it never fires, and nobody notices.
            if any(line is not None and line > 1 for line in lines):
                raise CallerError(f"{self.measure.value} is a share from 0 to 1: 5 % is written 0.05")
