"""When each rule is due, and of which late minutes it knows already: some rules are looked at seldom."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sightline_analysis.alerts.rule import Rule
from sightline_core.errors import BackendError
from sightline_core.ids import ProjectId

log = logging.getLogger(__name__)

_NOTHING = 1
"""The version of rollups that holds nothing: what comes after the first look at none is late, or new."""

_REST = timedelta(minutes=2)
"""How long a rule rests that the store refused, or took too long for, while it answers others."""


class LookTimes:
    """Of this process; for use by one thread."""

    def __init__(self) -> None:
        self._looked: dict[tuple[ProjectId, str], datetime] = {}
        self._refused: dict[tuple[ProjectId, str], datetime] = {}
        self._seen: dict[tuple[ProjectId, str], int] = {}

    def is_due(self, project: ProjectId, rule: Rule, now: datetime) -> bool:
        """Return whether to look now; rules that are asked of spans are not due at every pass."""
        looked, refused = (at.get((project, rule.key)) for at in (self._looked, self._refused))
        if refused is not None and timedelta(0) <= now - refused < _REST:
            return False
        return looked is None or not timedelta(0) <= now - looked < rule.every

    def put_off(self, now: datetime, project: ProjectId, rules: Sequence[Rule], error: BackendError) -> None:
        """Look at rules that the store cannot measure a little later again, as each try may take long."""
        keys = [rule.key for rule in rules]
        facts = {"project": project, "rules": keys, "reason": str(error)}
        log.warning("rules cannot be measured", extra=facts)
        self._refused |= {(project, key): now for key in keys}

    def seen(self, project: ProjectId, rule: Rule, known: int) -> int:
        """Return up to which version of the rollups a rule knows of late minutes: all know up to `known`."""
        return self._seen.get((project, rule.key), known)

    def looked(
        self, project: ProjectId, rule: Rule, now: datetime, known: int, changed: Mapping[datetime, int]
    ) -> None:
        """Note a look with what has changed up to now."""
        newest = max([self.seen(project, rule, known), _NOTHING, *changed.values()])
        self._looked[project, rule.key] = now
        self._seen[project, rule.key] = newest
