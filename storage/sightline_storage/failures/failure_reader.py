"""What clusters of failures hit, when and where, in stored spans."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import EPOCH, to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run
from sightline_storage.failures import failure_queries as sql
from sightline_storage.failures.app_failure_queries import (
    build_app_hours,
    build_app_impact,
    build_app_seen,
    build_shared_fingerprints,
)

_EXACT = timedelta(hours=6)
_RECENT = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Impact:
    """What a cluster hit in a time range. `cost_usd` is that of the failing spans themselves.

    `sampled`: sampled traces are among them, and spans, traces and cost are estimates.
    """

    spans: int
    traces: int
    users: int
    sessions: int
    cost_usd: Decimal
    first_ns: int
    last_ns: int
    app_versions: list[str]
    apps: list[str]
    sampled: bool


@dataclass(frozen=True, slots=True)
class AppImpact:
    """What a cluster did to one app: in a time range, since when and until when at all, and in a day's hours.

    Before and after the range, where it hit several apps in an hour, the times are exact to that hour.
    """

    impact: Impact
    first_ns: int
    last_ns: int
    hours: dict[int, int]


@dataclass(frozen=True, slots=True)
class Example:
    """One span beside which others are held."""

    trace_id: str
    span_id: str
    start_ns: int
    name: str
    kind: str
    app: str
    model: str
    app_version: str
    fingerprint: str
    message: str
    reason: str
    input_preview: str
    output_preview: str


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """A version of an app: its spans in the range, those of a cluster, and when it first ran.

    What ran in the day before the range was not deployed in it, and is told to have run then.
    """

    app: str
    version: str
    first_ns: int
    spans: int
    failures: int


class FailureReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def impact(
        self, project: ProjectId, time_range: TimeRange, cluster_of: Mapping[str, str]
    ) -> dict[str, Impact]:
        """Return what each cluster hit; fingerprints without a cluster are under "".

        Where `hours_counted` says so, of whole hours, which are read from what the job has summed.
        """
        if hours := hours_counted(time_range):
            query = sql.build_hourly_impact(project, hours.start, hours.end, cluster_of)
        else:
            query = sql.build_impact(project, to_ns(time_range.start), to_ns(time_range.end), cluster_of)
        return self._impact(query)

    def app_impact(
        self,
        project: ProjectId,
        time_range: TimeRange,
        cluster_of: Mapping[str, str],
        app: str,
        now: datetime,
    ) -> dict[str, AppImpact]:
        """Return what each cluster did to an app in the same range."""
        is_short = time_range.duration <= _EXACT
        start, end = time_range.start if is_short else _hour(time_range.start), time_range.end
        start_ns, end_ns = to_ns(start), to_ns(end)
        day, until = _hour(now - _RECENT), now + _HOUR
        first_hour = day if is_short else min(day, start)
        query = build_shared_fingerprints(project, first_hour, max(end, until), app)
        shared = [str(row[0]) for row in run(self._engine, query)]
        found = self._impact(
            sql.build_impact(project, start_ns, end_ns, cluster_of, app)
            if is_short
            else build_app_impact(project, start, end, cluster_of, app, shared)
        )
        hours = self._hours(build_app_hours(project, day, until, cluster_of, app, shared))
        query = build_app_seen(project, EPOCH, until, cluster_of, app)
        seen = {str(row[0]): (int(row[1]), int(row[2])) for row in run(self._engine, query)}
        answer = {}
        for cluster, impact in found.items():
            first_ns, last_ns = seen.get(cluster, (start_ns, 0))
            answer[cluster] = AppImpact(
                impact,
                first_ns if first_ns < start_ns else impact.first_ns,
                last_ns if last_ns >= end_ns else impact.last_ns,
                hours.get(cluster, {}),
            )
        return answer

    def _impact(self, query: Select[Any]) -> dict[str, Impact]:
        return {
            str(row[0]): Impact(
                int(row[1]), int(row[2]), int(row[3]), int(row[4]), Decimal(row[5]), int(row[6]), int(row[7]),
                [str(version) for version in row[8]], [str(app) for app in row[9]],
                bool(row[10]),
            )
            for row in run(self._engine, query)
        }  # fmt: skip

    def hours(
        self, project: ProjectId, time_range: TimeRange, cluster_of: Mapping[str, str]
    ) -> dict[str, dict[int, int]]:
        """Return occurrences by cluster and hour since the epoch; hours without any are left out.

        Those of fingerprints without a cluster are under "".
        """
        return self._hours(sql.build_hours(project, _hour(time_range.start), time_range.end, cluster_of))

    def _hours(self, query: Select[Any]) -> dict[str, dict[int, int]]:
        return {
            str(cluster): dict(zip(map(int, hours), map(int, counts), strict=True))
            for cluster, hours, counts in run(self._engine, query)
        }

    def timeline(
        self, project: ProjectId, time_range: TimeRange, fingerprints: Sequence[str], bucket_s: int
    ) -> dict[int, int]:
        """Return occurrences by bucket (seconds since the epoch); buckets without any are left out.

        Buckets of whole hours are read from what the job has summed.
        """
        if bucket_s % 3_600 == 0:
            found: dict[int, int] = defaultdict(int)
            hours = self.hours(project, time_range, dict.fromkeys(fingerprints, "all"))
            for hour, spans in hours.get("all", {}).items():
                found[hour * 3_600 // bucket_s * bucket_s] += spans
            return found
        query = sql.build_timeline(
            project, to_ns(time_range.start), to_ns(time_range.end), fingerprints, bucket_s
        )
        return {int(row[0]): int(row[1]) for row in run(self._engine, query)}

    def versions(
        self,
        project: ProjectId,
        time_range: TimeRange,
        fingerprints: Sequence[str],
        apps: Sequence[str],
        *,
        limit: int,
    ) -> list[VersionSeen]:
        """Return at most `limit` versions of these apps that ran in the range, the newest first."""
        query = sql.build_versions(
            project, to_ns(time_range.start), to_ns(time_range.end), fingerprints, apps, limit
        )
        return [
            VersionSeen(str(row[0]), str(row[1]), int(row[2]), int(row[3]), int(row[4]))
            for row in run(self._engine, query)
        ]

    def examples(
        self, project: ProjectId, time_range: TimeRange, fingerprints: Sequence[str], each: int
    ) -> list[Example]:
        """Return the newest spans of each fingerprint, newest first."""
        found: dict[str, list[Example]] = {}
        for period in _recent_first(time_range):
            rare = [one for one in fingerprints if len(found.get(one, ())) < each]
            if not rare:
                break
            query = sql.build_examples(project, to_ns(period.start), to_ns(period.end), rare, each)
            examples = [Example(*row) for row in run(self._engine, query)]
            found |= {one: [ex for ex in examples if ex.fingerprint == one] for one in rare}
        every = [example for examples in found.values() for example in examples]
        return sorted(every, key=lambda example: (-example.start_ns, example.span_id))

    def healthy(self, project: ProjectId, time_range: TimeRange, like: Example) -> Example | None:
        """Return the newest span of the same app, name and kind that did not fail."""
        for period in _recent_first(time_range):
            query = sql.build_healthy(
                project, to_ns(period.start), to_ns(period.end), like.app, like.name, like.kind
            )
            if rows := run(self._engine, query):
                return Example(*rows[0])
        return None


def _recent_first(time_range: TimeRange) -> Iterator[TimeRange]:
    """Yield the last day of the range and then all of it: the newest spans are mostly in the former."""
    if time_range.duration > _RECENT:
        yield TimeRange(time_range.end - _RECENT, time_range.end)
    yield time_range


def hours_counted(time_range: TimeRange) -> TimeRange | None:
    """Return the whole hours that impacts in a long range are counted of; None: of the range itself."""
    if time_range.duration <= _EXACT:
        return None
    end = _hour(time_range.end)
    return TimeRange(_hour(time_range.start), end if end == time_range.end else end + _HOUR)


def _hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)
