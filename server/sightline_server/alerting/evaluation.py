"""Looking at all rules: measure, judge, advance, and store what follows, many groups in one transaction."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sightline_analysis.alerts.announcement import Action, next_announcement
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.looking import LookEnds, is_lack, judge_late, judge_now, look_ends, present_end
from sightline_analysis.alerts.measuring import Looks, RuleMeasures
from sightline_analysis.alerts.message import Links, facts_document, make_facts
from sightline_analysis.alerts.plan import parents_first
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.rule_document import parse_rule
from sightline_analysis.alerts.state import Step, advance, closed
from sightline_analysis.alerts.state_document import Tracked, read_tracked, write_tracked
from sightline_core.batches import batched
from sightline_core.errors import BackendError, CallerError, Conflict
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_server.alerting.evidence import EvidenceFinder
from sightline_server.alerting.set_apart import set_apart
from sightline_server.alerting.stored_until import StoredUntil
from sightline_server.alerting.subject import (
    Subject,
    app_of,
    handling_of,
    is_forgettable,
    is_worth_saving,
    seen_as,
    tells_of,
    why_over,
)
from sightline_storage.alerts.alert_records import IncidentRow, Look
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.metadata.job_progress import SKEW

log = logging.getLogger(__name__)

LATE_FOR = timedelta(hours=6)
"""Spans that arrive later than this change reports, but wake nobody."""

_NOTHING = 1
"""The version of rollups that holds nothing: what comes after the first look at none is late, or new."""

_GROUPS_A_TRANSACTION = 50

_REST = timedelta(minutes=2)
"""How long a rule rests that the store refused, or took too long for, while it answers others."""


class Evaluator:
    """One call of `run` looks at every rule of every project once."""

    def __init__(
        self,
        rules: AlertRuleStore,
        incidents: IncidentStore,
        measures: RuleMeasures,
        evidence: EvidenceFinder,
        *,
        page: str,
        now: Callable[[], datetime],
        stored_until: StoredUntil,
    ) -> None:
        self._rules = rules
        self._incidents = incidents
        self._measures = measures
        self._evidence = evidence
        self._page = page.rstrip("/")
        self._now = now
        self._stored_until = stored_until
        self._looked: dict[tuple[ProjectId, str], datetime] = {}
        self._refused: dict[tuple[ProjectId, str], datetime] = {}
        self._seen: dict[tuple[ProjectId, str], int] = {}
        """Up to which version of the rollups each rule knows of late minutes: some are looked at seldom."""

    def run(self) -> None:
        """Look at all rules. Safe to repeat and to be cut off anywhere."""
        self._evidence.begin_pass()
        stored, begun = self._rules.rollup_versions(), self._now()
        # A version of the future is of a clock that was set back since: what changes now has a lower one.
        usual = to_ns(begun + SKEW)
        versions = {project: stored.get(project, 0) for project in self._rules.projects()}
        known = {
            project: version if version <= usual else to_ns(begun) for project, version in versions.items()
        }
        changed = self._changed_minutes(known, begun)
        for project, version in known.items():
            with set_apart(project=project):
                newest = self._look_at_project(project, self._now(), version, changed[project])
                if newest != versions[project]:
                    self._rules.put_rollup_version(project, newest)

    def _look_at_project(
        self, project: ProjectId, now: datetime, known: int, changed: Mapping[datetime, int]
    ) -> int:
        """Look at the rules of a project that are due; of late minutes all of them know up to `known`.

        Return up to which version they do afterwards.
        """
        rules = self._read_rules(project)
        enabled = [rule for rule in rules if rule.enabled]
        due = [rule for rule in enabled if self._is_due(project, rule, now)]
        seen = {rule.key: self._seen.get((project, rule.key), known) for rule in due}
        stored = max(now - LATE_FOR, self._stored_until(now))
        ends = {rule.key: look_ends(rule, now, _after(seen[rule.key], changed), stored) for rule in due}
        wanted = {key: each.all for key, each in ends.items()}
        measured = self._measures.measure(project, due, wanted, failed=partial(self._put_off, project, now))
        states_of, open_apps = self._incidents.states(project), defaultdict[str, set[str]](set)
        for rule in parents_first(rules):
            states, looks_of = states_of.get(rule.key, {}), measured.get(rule.key)
            parents = open_apps.get(rule.depends_on, set())
            decided: list[Subject] = []
            for group in {**dict.fromkeys(looks_of or ()), **dict.fromkeys(states)}:
                row = states.get(group)
                with set_apart(project=project, rule=rule.key):
                    tracked = read_tracked(row.state) if row is not None else Tracked()
                    if row is not None and (why := why_over(rule, group, tracked)):
                        decided.append(self._end(Subject(project, rule, group, row), tracked, why, now))
                        continue
                    handling = handling_of(row, parents, app_of(rule, group))
                    as_seen = seen_as(rule, group, looks_of)
                    subject = Subject(project, as_seen, group, row, handling)
                    decided.append(subject)
                    if looks_of is not None:
                        looks = looks_of.get(group, {})
                        tracked = self._look_at_group(subject, tracked, looks, ends[rule.key], now)
                    if tracked.state.is_open:
                        open_apps[rule.key].add(app_of(rule, group))
            for some in batched([subject for subject in decided if subject.looks], _GROUPS_A_TRANSACTION):
                self._record(project, rule, some)
            if looks_of is not None:
                self._looked[project, rule.key] = now
                self._seen[project, rule.key] = max([seen[rule.key], _NOTHING, *changed.values()])
        return min((self._seen.get((project, rule.key), known) for rule in enabled), default=known)

    def _changed_minutes(
        self, versions: Mapping[ProjectId, int], now: datetime
    ) -> dict[ProjectId, dict[datetime, int]]:
        end, newest = present_end(now), to_ns(now + SKEW)
        return {
            project: {minute: version for minute, version in found.items() if version <= newest}
            for project, found in self._measures.changed_minutes(versions, end - LATE_FOR, end).items()
        }

    def _is_due(self, project: ProjectId, rule: Rule, now: datetime) -> bool:
        """Whether to look now; rules that are asked of spans are not due at every pass."""
        looked, refused = (at.get((project, rule.key)) for at in (self._looked, self._refused))
        if refused is not None and timedelta(0) <= now - refused < _REST:
            return False
        return looked is None or not timedelta(0) <= now - looked < rule.every

    def _put_off(self, project: ProjectId, now: datetime, rules: Sequence[Rule], error: BackendError) -> None:
        """Look at rules that the store cannot measure a little later again, as each try may take long."""
        keys = [rule.key for rule in rules]
        facts = {"project": project, "rules": keys, "reason": str(error)}
        log.warning("rules cannot be measured", extra=facts)
        self._refused |= {(project, key): now for key in keys}

    def _read_rules(self, project: ProjectId) -> list[Rule]:
        rules = []
        for document in self._rules.rules(project):
            try:
                rules.append(parse_rule(document))
            except CallerError as error:
                # Written by another version: the other rules must not fall silent with it.
                facts = {"rule": document.get("key"), "reason": str(error)}
                log.warning("a stored rule cannot be read", extra=facts)
        return rules

    def _end(self, subject: Subject, tracked: Tracked, why: str, now: datetime) -> Subject:
        """Resolve what is open about a group that nobody looks at any more, and forget it."""
        if tracked.state.is_open:
            step = Step(closed(tracked.state, now), "resolved")
            judgement = Judgement(Level.OK, 0, None, None, why)
            self._conclude(subject, tracked, step, judgement, now, now)
            subject.looks[-1] = replace(subject.looks[-1], state=None)
        else:
            subject.looks.append(Look(subject.group, subject.stored, None, now))
        return subject

    def _look_at_group(
        self, subject: Subject, tracked: Tracked, looks: Looks, ends: LookEnds, now: datetime
    ) -> Tracked:
        rule = subject.rule
        told: list[IncidentRow] | None = None
        for end in ends.late:
            judgement = judge_late(rule, end, looks[end]) if end in looks else None
            if judgement is None:
                continue
            if judgement.level.fires and not tracked.state.is_open:
                told = self._recent_incidents(subject, now) if told is None else told
                if any(tells_of(incident, rule, judgement, end) for incident in told):
                    continue
            step = advance(tracked.state, now, judgement, rule.timing, late=True)
            tracked = self._conclude(subject, tracked, step, judgement, end, now)
        judgement, end = judge_now(rule, ends, looks)
        if is_lack(rule, judgement) and not self._stored_until.senders_are_back(now):
            return tracked
        step = advance(tracked.state, now, judgement, rule.timing)
        return self._conclude(subject, tracked, step, judgement, end, now)

    def _recent_incidents(self, subject: Subject, now: datetime) -> list[IncidentRow]:
        since = now - LATE_FOR - subject.rule.window
        return self._incidents.incidents_since(subject.project, subject.rule.key, subject.group, since)

    def _conclude(
        self,
        subject: Subject,
        before: Tracked,
        step: Step,
        judgement: Judgement,
        end: datetime,
        now: datetime,
    ) -> Tracked:
        """Note what the step means and return what is true now; without a change nothing is stored."""
        rule = subject.rule
        action, told = next_announcement(
            step.state,
            before.told,
            subject.handling
            if step.transition != "opened"
            else replace(subject.handling, acknowledged_by=""),
            at=now,
            mutes=rule.mutes,
            remind_every=rule.remind_every,
        )
        opens = step.transition == "opened"
        incident = uuid.uuid4().hex if opens else before.incident
        number = (0 if opens else before.announcements) + (action is not None)
        still = incident if step.state.is_open else ""
        after = Tracked(step.state, told, still, number, rule.group_by)
        is_over = subject.stored is not None and is_forgettable(after, subject.handling, now)
        is_saved = is_over or is_worth_saving(before.state, after.state)
        if step.transition is None and action is None and not is_saved:
            return after
        look = self._look(subject, after, step, judgement, end, now, incident)
        if is_over:
            look = replace(look, state=None)
        if action is not None:
            look = self._with_messages(subject, look, action, before, step)
        subject.looks.append(look)
        return after

    def _record(self, project: ProjectId, rule: Rule, subjects: Sequence[Subject]) -> None:
        """Store what was decided about these groups; one that cannot be stored costs the others nothing."""
        looks = [look for subject in subjects for look in subject.looks]
        try:
            self._incidents.record_looks(project, rule.key, looks)
        except BackendError:
            raise
        except Exception as error:
            if len(subjects) > 1:
                for subject in subjects:
                    self._record(project, rule, [subject])
            elif isinstance(error, Conflict):
                log.warning("another process looked at the same rule", extra={"rule": rule.key})
            else:
                log.exception("alerts could not be stored", extra={"project": project, "rule": rule.key})

    def _look(
        self,
        subject: Subject,
        after: Tracked,
        step: Step,
        judgement: Judgement,
        end: datetime,
        now: datetime,
        incident: str,
    ) -> Look:
        rule = subject.rule
        facts = None
        if step.transition in ("opened", "raised"):
            window = rule.condition.windows(end, rule.window)[0]
            evidence = self._evidence.find(subject.project, rule, subject.group, window)
            facts = make_facts(
                rule,
                subject.group,
                judgement,
                level=step.state.level,
                links=Links(self._page, incident, window),
                evidence=evidence,
            )
        return Look(
            group=subject.group,
            before=subject.stored,
            state=write_tracked(after),
            at=now,
            incident=incident,
            opens=step.transition == "opened",
            resolves=step.transition in ("resolved", "closed_without_data"),
            level=step.state.level.value if facts is not None else "",
            facts=facts_document(facts) if facts is not None else None,
            timeline=((step.transition, judgement.reason),) if step.transition is not None else (),
            announcement=after.announcements,
        )

    def _with_messages(
        self, subject: Subject, look: Look, action: Action, before: Tracked, step: Step
    ) -> Look:
        # It may have been opened a moment ago, for a minute that came late.
        noted = (each.facts for each in (look, *reversed(subject.looks)) if each.incident == look.incident)
        facts = next((facts for facts in noted if facts is not None), None)
        channels = subject.rule.channels
        if facts is None:
            incident, _, sent = self._incidents.incident(subject.project, look.incident)
            facts = incident.facts
            if action == "resolve":
                # Not those that the rule has by now: whoever was told hears of the end.
                channels = tuple(dict.fromkeys(message.channel for message in sent))
        opened_at = step.state.opened_at or before.state.opened_at or look.at
        message = {
            "action": action,
            "incident": look.incident,
            "opened_at": opened_at.isoformat(),
            "at": look.at.isoformat(),
            "acknowledged_by": subject.handling.acknowledged_by if action != "trigger" else "",
            "facts": facts,
        }
        return replace(
            look,
            messages=tuple((channel, message) for channel in channels),
            timeline=(*look.timeline, ("announced", action)),
        )


def _after(version: int, changed: Mapping[datetime, int]) -> list[datetime]:
    """Return the minutes that changed after a version; none before the first look."""
    return [minute for minute, of_minute in changed.items() if of_minute > version] if version else []
