"""Looking at all rules: measure, judge, advance, and store what follows, many groups in one transaction."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sightline_analysis.alerts.announcement import Action, next_announcement
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.looking import LookEnds, is_lack, judge_late, judge_now
from sightline_analysis.alerts.measuring import Looks, RuleMeasures
from sightline_analysis.alerts.message import Links, facts_document, make_facts
from sightline_analysis.alerts.plan import parents_first
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.state import Step, advance, closed
from sightline_analysis.alerts.state_document import Tracked, read_tracked, write_tracked
from sightline_core.batches import batched
from sightline_core.errors import BackendError, Conflict
from sightline_core.ids import ProjectId
from sightline_server.alerting.evidence import EvidenceFinder
from sightline_server.alerting.rule_looks import LATE_FOR, ProjectLook, RuleLooks
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
from sightline_storage.alerts.alert_records import Group, IncidentRow, Look, StateRow
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.incident_store import IncidentStore

log = logging.getLogger(__name__)

_GROUPS_A_TRANSACTION = 50


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
        self._looks = RuleLooks(rules, measures, now, stored_until)
        self._incidents = incidents
        self._evidence = evidence
        self._page = page.rstrip("/")
        self._stored_until = stored_until

    def run(self) -> None:
        """Look at all rules. Safe to repeat and to be cut off anywhere."""
        self._evidence.begin_pass()
        for projects in self._looks.of_a_pass():
            states = self._incidents.states_of_each([each.project for each in projects])
            for each in projects:
                with set_apart(project=each.project):
                    self._decide(each, states[each.project])

    def _decide(self, look: ProjectLook, states_of: Mapping[str, Mapping[Group, StateRow]]) -> None:
        project, now, open_apps = look.project, look.at, defaultdict[str, set[str]](set)
        for rule in parents_first(look.rules):
            states, looks_of = states_of.get(rule.key, {}), look.seen.get(rule.key)
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
                        tracked = self._look_at_group(subject, tracked, looks, look.ends[rule.key], now)
                    if tracked.state.is_open:
                        open_apps[rule.key].add(app_of(rule, group))
            for some in batched([subject for subject in decided if subject.looks], _GROUPS_A_TRANSACTION):
                self._record(project, rule, some)
            if looks_of is not None:
                self._looks.looked(look, rule)

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
        is_saved = is_over or is_worth_saving(before.state, after.state, rule.timing)
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
            "project": subject.project,
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
