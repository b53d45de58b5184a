"""What sets a failure cluster apart: how often attribute values occur inside it and outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run
from sightline_storage.failures.failure_contrast_queries import Alike, build_contrast, build_span_count
from sightline_storage.failures.failure_reader import Example

_SAMPLE = 10_000
_MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class AttributeCount:
    """How often a value occurs inside a cluster and on healthy spans of the same kinds."""

    attribute: str
    value: str
    inside: int
    outside: int


class FailureContrastReader:
    """Thread-safe, like its engine. Keeps answers for a minute."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: dict[tuple[object, ...], list[AttributeCount]] = {}

    def count(
        self,
        project: ProjectId,
        time_range: TimeRange,
        fingerprints: Sequence[str],
        examples: Sequence[Example],
        spans: int,
    ) -> list[AttributeCount]:
        """Return how often attribute values occur in a cluster and on healthy spans of its kinds and apps.

        `spans` is how many the cluster has in the range. Where there are many, a sample of either is counted.
        An open page asks again and again: the answer stays for a minute unless the cluster grows.
        """
        kinds, apps = (sorted({getattr(example, name) for example in examples}) for name in ("kind", "app"))
        minutes = (_minute(time_range.start), _minute(time_range.end))
        key = (project, tuple(fingerprints), tuple(kinds), tuple(apps), minutes, spans)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._count_anew(project, time_range, fingerprints, (kinds, apps))
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = kept
        return kept

    def _count_anew(
        self,
        project: ProjectId,
        time_range: TimeRange,
        fingerprints: Sequence[str],
        alike: Alike,
    ) -> list[AttributeCount]:
        start_ns, end_ns = to_ns(time_range.start), to_ns(time_range.end)
        (numbers,) = run(self._engine, build_span_count(project, start_ns, end_ns, fingerprints, alike))
        every, every_inside = (max(1, -(-int(number) // _SAMPLE)) for number in numbers)
        query = build_contrast(project, start_ns, end_ns, fingerprints, alike, every, every_inside)
        return [
            AttributeCount(str(row[0][0]), str(row[0][1]), int(row[1]), int(row[2]))
            for row in run(self._engine, query)
        ]


def _minute(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)
