"""Why money went up: the model that moved most against the window before, and how."""

from sightline_analysis.alerts.measures import MEASURES, format_value
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.costs.movers import Cause, top_movers
from sightline_analysis.costs.spend import Spend
from sightline_analysis.costs.spend_rows import spend_of
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.alerts.alert_records import Group
from sightline_storage.spend.spend_reader import SpendReader

_WORDS = {
    Cause.VOLUME: "more calls",
    Cause.MODEL_MIX: "a dearer mix of models",
    Cause.TOKENS_PER_CALL: "more tokens in a call",
    Cause.CACHE_RATIO: "fewer cached tokens",
    Cause.PRICE: "higher prices",
    Cause.COVERAGE: "calls that have a price now",
}


class LikelyCause:
    """Explains amounts that rollups have; others have no such decomposition."""

    def __init__(self, spend: SpendReader) -> None:
        self._spend = spend

    def explain(self, project: ProjectId, rule: Rule, group: Group, window: TimeRange) -> str:
        """Return a sentence on the top mover, "" when nothing went up or there is no decomposition."""
        if not MEASURES[rule.measure].is_additive or rule.scope is None:
            return ""
        filters = dict(rule.scope) | {
            name: (value,) for name, value in zip(rule.group_by, group, strict=True)
        }
        earlier = TimeRange(window.start - window.duration, window.start)
        before, after = (self._by_app(project, period, filters) for period in (earlier, window))
        rising = [mover for mover in top_movers(before, after, limit=20) if mover.change.change_usd > 0]
        if not rising:
            return ""
        change, app = rising[0].change, rising[0].key[0]
        rise = format_value("usd", float(change.change_usd))
        why = f", mostly {_WORDS[change.main_cause]}" if change.main_cause is not None else ""
        return f"{app or '(no app)'} spent {rise} more than in the window before{why}"

    def _by_app(
        self, project: ProjectId, period: TimeRange, filters: dict[str, tuple[str, ...]]
    ) -> dict[tuple[str, ...], dict[str, Spend]]:
        rows = self._spend.read_spend(project, period, ["app", "model"], [period.start], filters)
        groups: dict[tuple[str, ...], dict[str, Spend]] = {}
        for row in rows:
            groups.setdefault((row.key[0],), {})[row.key[1]] = spend_of(row.sums)
        return groups
