"""Which rules a pass looks at, of many projects at once, and what is seen of them."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sightline_analysis.alerts.looking import LookEnds, look_ends, present_end
from sightline_analysis.alerts.measuring import Looks, RuleMeasures, Wanted
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.rule_document import parse_stored
from sightline_core.batches import batched
from sightline_core.errors import BackendError
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_server.alerting.look_times import LookTimes
from sightline_server.alerting.set_apart import set_apart
from sightline_server.alerting.stored_until import StoredUntil
from sightline_storage.alerts.alert_records import Document, Group
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.metadata.job_progress import SKEW

log = logging.getLogger(__name__)

LATE_FOR = timedelta(hours=6)
"""Spans that arrive later than this change reports, but wake nobody."""

_PROJECTS_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class _Project:
    """All its rules know of late minutes up to the version `known` of rollups; `changed` did after it."""

    id: ProjectId
    rules: Sequence[Rule]
    known: int
    changed: Mapping[datetime, int]

    @property
    def enabled(self) -> list[Rule]:
        return [rule for rule in self.rules if rule.enabled]


@dataclass(frozen=True, slots=True)
class ProjectLook:
    """All rules of a project; `seen` and `ends` have those that were due `at` that time, by key."""

    of: _Project
    at: datetime
    seen: Mapping[str, Mapping[Group, Looks]]
    ends: Mapping[str, LookEnds]

    @property
    def project(self) -> ProjectId:
        """The id of the project."""
        return self.of.id

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules, also disabled ones."""
        return self.of.rules


class RuleLooks:
    """For use by one thread."""

    def __init__(
        self,
        rules: AlertRuleStore,
        measures: RuleMeasures,
        now: Callable[[], datetime],
        stored_until: StoredUntil,
    ) -> None:
        self._rules = rules
        self._measures = measures
        self._now = now
        self._stored_until = stored_until
        self._times = LookTimes()

    def of_a_pass(self) -> Iterator[list[ProjectLook]]:
        """Yield looks at the rules of all projects, some projects at a time.

        Whoever takes them tells of each look that is stored, by `looked`, before it takes the next ones.
        """
        stored, begun = self._rules.rollup_versions(), self._now()
        documents = self._rules.rules_of_all()
        # A version of the future is of a clock that was set back since: what changes now has a lower one.
        usual = to_ns(begun + SKEW)
        versions = {project: stored.get(project, 0) for project in documents}
        known = {
            project: version if version <= usual else to_ns(begun) for project, version in versions.items()
        }
        changed = self._changed_minutes(known, begun)
        projects = list[_Project]()
        for project, version in known.items():
            with set_apart(project=project):
                rules = _read_rules(documents[project])
                projects.append(_Project(project, rules, version, changed[project]))
        for some in self._in_turn(projects, begun):
            yield from self._look_at(some)
            newest = {each.id: self._known_of_late_minutes(each) for each in some}
            risen = {project: version for project, version in newest.items() if version != versions[project]}
            if risen:
                self._rules.put_rollup_versions(risen)

    def looked(self, look: ProjectLook, rule: Rule) -> None:
        """Note that what was seen of a rule is stored."""
        self._times.looked(look.project, rule, look.at, look.of.known, look.of.changed)

    def _in_turn(self, projects: Sequence[_Project], now: datetime) -> Iterator[Sequence[_Project]]:
        """Yield projects to look at together: many that rollups answer, then one after the other the rest.

        A rule that is asked of spans may take a minute.
        """
        slow, quick = list[_Project](), list[_Project]()
        for each in projects:
            with set_apart(project=each.id):
                is_slow = any(
                    rule.scope is None and self._times.is_due(each.id, rule, now) for rule in each.enabled
                )
                (slow if is_slow else quick).append(each)
        yield from batched(quick, _PROJECTS_TOGETHER)
        yield from ([each] for each in slow)

    def _look_at(self, projects: Sequence[_Project]) -> Iterator[list[ProjectLook]]:
        """Yield the looks; a defect that one project meets costs the others nothing."""
        try:
            looks = self._measure(projects)
        except BackendError:
            raise
        except Exception:
            if len(projects) == 1:
                log.exception("alerts could not be evaluated", extra={"project": projects[0].id})
                return
            for each in projects:
                yield from self._look_at([each])
        else:
            yield looks

    def _measure(self, projects: Sequence[_Project]) -> list[ProjectLook]:
        now = self._now()
        stored = max(now - LATE_FOR, self._stored_until(now))
        wanted, ends_of = list[Wanted](), list[dict[str, LookEnds]]()
        for each in projects:
            due = [rule for rule in each.enabled if self._times.is_due(each.id, rule, now)]
            seen = {rule.key: self._times.seen(each.id, rule, each.known) for rule in due}
            ends = {
                rule.key: look_ends(rule, now, _after(seen[rule.key], each.changed), stored) for rule in due
            }
            ends_of.append(ends)
            wanted.append(Wanted(each.id, due, {key: of_rule.all for key, of_rule in ends.items()}))
        measured = self._measures.measure_all(wanted, failed=partial(self._times.put_off, now))
        return [
            ProjectLook(each, now, measured[each.id], ends)
            for each, ends in zip(projects, ends_of, strict=True)
        ]

    def _known_of_late_minutes(self, of: _Project) -> int:
        return min((self._times.seen(of.id, rule, of.known) for rule in of.enabled), default=of.known)

    def _changed_minutes(
        self, versions: Mapping[ProjectId, int], now: datetime
    ) -> dict[ProjectId, dict[datetime, int]]:
        end, newest = present_end(now), to_ns(now + SKEW)
        return {
            project: {minute: version for minute, version in found.items() if version <= newest}
            for project, found in self._measures.changed_minutes(versions, end - LATE_FOR, end).items()
        }


def _read_rules(documents: Sequence[Document]) -> list[Rule]:
    rules, unread = parse_stored(documents)
    for key, reason in unread.items():
        # The other rules must not fall silent with it.
        log.warning("a stored rule cannot be read", extra={"rule": key, "reason": reason})
    return rules


def _after(version: int, changed: Mapping[datetime, int]) -> list[datetime]:
    """Return the minutes that changed after a version; none before the first look."""
    return [minute for minute, of_minute in changed.items() if of_minute > version] if version else []
