"""The background job: carriers marked, new fingerprints attached to clusters, regressions noticed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

from sightline_analysis.failures.carrying_over import carry_over
from sightline_analysis.failures.clustering import Candidate, Clusters
from sightline_analysis.failures.lifecycle import regression
from sightline_analysis.failures.masking import mask
from sightline_analysis.failures.propagation import find_carriers
from sightline_analysis.failures.rewriting import rewrite_spans
from sightline_analysis.failures.semantic import NATURAL, SemanticVectors
from sightline_analysis.failures.similarity import Vector
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import time_of
from sightline_core.time_range import TimeRange
from sightline_storage.contract import SpanWriter
from sightline_storage.failures.failing_span_reader import FailingSpanReader, NewFailure
from sightline_storage.failures.failure_records import (
    ITSELF,
    Change,
    ClusterRow,
    MemberRow,
    Sighting,
    title_of,
)
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.rollups.rollup_queries import Bucket, range_of
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.traces.span_lookup import key_of

LOOK_BACK = timedelta(days=7)
"""How far is looked back where it is not known which minutes were written."""

CLUSTERS_JOB = "clusters"
_VERSIONS_KNOWN = timedelta(days=90)
_SETTLED_IN = timedelta(days=1)
"""How long after a failing span the deeper one that caused it may come, from a process with a queue."""


class FailureJob:
    """Safe to repeat and to be cut off: everything it stores is stored once."""

    def __init__(
        self,
        store: FailureStore,
        reader: FailingSpanReader,
        writer: SpanWriter,
        writes: WriteFollower,
        meanings: SemanticVectors | None = None,
    ) -> None:
        self._store = store
        self._reader = reader
        self._writer = writer
        self._writes = writes
        self._meanings = meanings
        self._carried_over = False

    def run(self, now: datetime) -> bool:
        """Take in what was written since the last run; returns whether more is left for a run at once."""
        if not self._carried_over:
            self._carry_over()
        written = self._writes.look(now)
        if written is None:
            return False
        if written.minutes:
            self._take_in(range_of(written.minutes), written.minutes, now)
        if self._writes.has_gap:
            self._take_in(TimeRange(now - LOOK_BACK, now + timedelta(hours=1)), None, now)
        self._writes.advance(now)
        return written.more

    def _take_in(self, time_range: TimeRange, minutes: Sequence[Bucket] | None, now: datetime) -> None:
        stored = {_first_of(failure) for failure in self._reader.new_failures(time_range, minutes)}
        if not stored:
            return
        carried = self._mark_carriers(time_range, minutes)
        by_project: dict[ProjectId, list[NewFailure]] = defaultdict(list)
        for failure in self._reader.new_failures(time_range, minutes):
            # What was stored since may be a carrier that is not marked. Its minute is looked at again.
            if _first_of(failure) in stored:
                by_project[failure.project].append(failure)
        for project, found in by_project.items():
            self._attach(project, found, now)
        for project, fingerprints in carried.items():
            self._forget_carriers(project, fingerprints)

    def _carry_over(self) -> None:
        """Once in a process: what it fingerprints may be of a newer version than what is stored."""
        for project in self._store.projects():
            members, suggestions = carry_over(
                self._store.members(project), self._store.every_cluster(project)
            )
            if members or suggestions:
                self._store.add(project, [], members, suggestions)
        self._carried_over = True

    def _mark_carriers(
        self, time_range: TimeRange, minutes: Sequence[Bucket] | None
    ) -> dict[ProjectId, set[str]]:
        """Write spans that only carry a deeper span's cause again, marked, under a newer version.

        Return their fingerprints.
        """
        fingerprints: dict[ProjectId, set[str]] = defaultdict(set)
        for project, traces in self._reader.failing_traces(time_range, minutes):
            carriers: list[SpanRecord] = []
            for spans in traces:
                carried = find_carriers(spans)
                carriers += [s for s in spans if s["span_id"] in carried and not s["failure_propagated"]]
            marks = {key_of(span): {"failure_propagated": 1} for span in carriers}
            rewrite_spans(self._reader, self._writer, project, carriers, marks)
            fingerprints[project] |= {s["failure_fingerprint"] for s in carriers}
        return fingerprints

    def _forget_carriers(self, project: ProjectId, fingerprints: Set[str]) -> None:
        """Forget what was taken for a cause because the deeper span of it came later.

        Not where people decided about it, nor where it would take long to see that nothing else has it.
        """
        founded = set(self._store.clusters_of(project, fingerprints).values())
        for row in self._store.every_cluster(project, founded):
            seen = TimeRange(row.first_seen, row.last_seen + timedelta(seconds=1))
            if seen.duration > _SETTLED_IN or self._store.decisions(project, row.id):
                continue
            members = [member.fingerprint for member in self._store.members(project, row.id)]
            if not self._reader.causes(project, members, seen):
                self._store.forget(project, members)

    def _attach(self, project: ProjectId, failures: Sequence[NewFailure], now: datetime) -> None:
        named = {failure.fingerprint for failure in failures}
        known = self._store.clusters_of(project, named)
        if new := [failure for failure in failures if failure.fingerprint not in known]:
            self._found(project, new, now)
            known = self._store.clusters_of(project, named)
        rows = {row.id: row for row in self._store.every_cluster(project, set(known.values()))}
        sightings: dict[str, Sighting] = {}
        for failure in failures:
            cluster = known[failure.fingerprint]
            first, last = time_of(failure.first_ns), time_of(failure.last_ns)
            seen = sightings.get(cluster)
            sightings[cluster] = (
                Sighting(min(seen.first, first), max(seen.last, last)) if seen else Sighting(first, last)
            )
            rows[cluster] = self._notice_regression(project, rows[cluster], failure, now)
        self._store.touch(project, sightings)

    def _found(self, project: ProjectId, new: Sequence[NewFailure], now: datetime) -> None:
        by_name = {failure.fingerprint: failure for failure in new}
        kinds = {(failure.category, failure.scope) for failure in new}
        rows = {
            row.id: row for row in self._store.every_cluster(project) if (row.category, row.scope) in kinds
        }
        standing = [(m, row) for m in self._store.members(project) if (row := rows.get(m.cluster))]
        meaning_of = self._meanings_of(
            [member.message for member, row in standing if row.category in NATURAL],
            [failure.message for failure in by_name.values() if failure.category in NATURAL],
        )
        clusters = Clusters()
        clusters.restore(
            (row.id, Candidate(m.fingerprint, m.template, row.category, row.scope, meaning_of.get(m.message)))
            for m, row in standing
        )
        candidates = [
            Candidate(f.fingerprint, mask(f.message), f.category, f.scope, meaning_of.get(f.message))
            for f in by_name.values()
        ]
        template_of = {candidate.fingerprint: candidate.template for candidate in candidates}
        assignments, suggestions = clusters.assign(candidates)
        founded = [
            _new_cluster(assignment.cluster, by_name[assignment.fingerprint], now)
            for assignment in assignments
            if assignment.is_new
        ]
        self._store.add(
            project,
            founded,
            [
                MemberRow(
                    a.fingerprint, a.cluster, template_of[a.fingerprint], by_name[a.fingerprint].message
                )
                for a in assignments
            ],
            [(s.cluster, s.other, s.similarity) for s in suggestions],
        )

    def _meanings_of(self, old: Sequence[str], new: Sequence[str]) -> Mapping[str, Vector]:
        """All or nothing: vectors of letters and of meaning cannot be compared."""
        found = self._meanings.of([*old, *new]) if self._meanings and new else None
        return found or {}

    def _notice_regression(
        self, project: ProjectId, row: ClusterRow, failure: NewFailure, now: datetime
    ) -> ClusterRow:
        version = failure.app_version
        columns = regression(row, time_of(failure.last_ns), version)
        if columns is None or (row.resolved_version and self._ran_before(project, row, failure, now)):
            return row
        note = f"came back in version {version}" if version else "came back"
        change = Change({row.id: columns})
        self._store.decide(project, row.id, actor=ITSELF, action="regress", note=note, change=change, at=now)
        return self._store.cluster(project, row.id)

    def _ran_before(self, project: ProjectId, row: ClusterRow, failure: NewFailure, now: datetime) -> bool:
        """An old version that still runs somewhere does not bring back what the next version has resolved."""
        time_range = TimeRange(now - _VERSIONS_KNOWN, now + timedelta(hours=1))
        resolved = self._reader.first_run(project, time_range, failure.app, row.resolved_version)
        return 0 < self._reader.first_run(project, time_range, failure.app, failure.app_version) < resolved


def _first_of(failure: NewFailure) -> tuple[ProjectId, str, int]:
    """What tells the first span of a failure from others of its fingerprint."""
    return failure.project, failure.fingerprint, failure.first_ns


def _new_cluster(cluster: str, failure: NewFailure, now: datetime) -> ClusterRow:
    return ClusterRow(
        id=cluster,
        category=failure.category,
        scope=failure.scope,
        title=title_of(failure.message, failure.category),
        created_at=now,
        first_seen=time_of(failure.first_ns),
        last_seen=time_of(failure.last_ns),
        status="open",
        status_at=now,
        resolved_version="",
        ignore_until=0,
        regressed_at=None,
        regressed_version="",
        assignee="",
        severity="",
        merged_into="",
    )
