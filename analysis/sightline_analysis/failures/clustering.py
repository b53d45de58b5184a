"""Attaching new fingerprints to clusters. Members never move, ids never change; people decide closeness.

A cluster's id is made of the fingerprint that founded it, so that two jobs that see the same one first
name the same cluster alike. Inside one (category, scope) a template joins the cluster with the highest mean
cosine over its members when that is at least `JOIN` and it does not contradict the founder; between `SUGGEST`
and `JOIN`, or when it contradicts, it founds a cluster of its own and the pair is suggested.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sightline_analysis.failures.similarity import Vector, contradict, embed

JOIN = 0.60
SUGGEST = 0.40
JOIN_MEANING = 0.70
SUGGEST_MEANING = 0.55
MAX_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fingerprint that is not in any cluster yet."""

    fingerprint: str
    template: str
    category: str
    scope: str
    meaning: Vector | None = None
    """Its vector of meaning; without one its letters decide."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a fingerprint went. `similarity` is the mean cosine to the cluster joined, 1.0 for a founder."""

    fingerprint: str
    cluster: str
    similarity: float
    is_new: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two clusters that a person may want to merge."""

    cluster: str
    other: str
    similarity: float


@dataclass(slots=True)
class _Group:
    """Clusters of one category and scope: sums of member vectors, row by row."""

    ids: list[str] = field(default_factory=list)
    founders: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    sums: Vector = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))

    def similarities(self, vector: Vector) -> Vector:
        size = len(self.ids)
        scores = np.dot(self.sums[:size], vector) / np.asarray(self.counts, dtype=np.float32)
        return np.asarray(scores, dtype=np.float32)

    def found(self, cluster: str, template: str, vector: Vector) -> None:
        size = len(self.ids)
        if size >= len(self.sums):
            grown = np.zeros((max(8, 2 * size), len(vector)), dtype=np.float32)
            grown[:size] = self.sums[:size] if size else grown[:0]
            self.sums = grown
        self.ids.append(cluster)
        self.founders.append(template)
        self.counts.append(1)
        self.sums[size] = vector

    def join(self, row: int, vector: Vector) -> None:
        self.counts[row] += 1
        self.sums[row] += vector


class Clusters:
    """The clusters of one project in memory. Feed stored members with `restore`, new ones with `assign`."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], _Group] = {}
        self._cluster_of: dict[str, str] = {}

    def restore(self, members: Iterable[tuple[str, Candidate]]) -> None:
        """Take over stored members as (cluster id, member), founders first."""
        for cluster, member in members:
            group = self._group(member)
            vector = _vector_of(member)
            if cluster in group.ids:
                group.join(group.ids.index(cluster), vector)
            else:
                group.found(cluster, member.template, vector)
            self._cluster_of[member.fingerprint] = cluster

    def assign(self, candidates: Sequence[Candidate]) -> tuple[list[Assignment], list[Suggestion]]:
        """Place new fingerprints, in the order of their names within a batch; known ones are left alone."""
        assignments: list[Assignment] = []
        suggestions: list[Suggestion] = []
        for candidate in sorted(candidates, key=lambda c: c.fingerprint):
            if candidate.fingerprint in self._cluster_of:
                continue
            assignment, close = self._place(candidate)
            self._cluster_of[candidate.fingerprint] = assignment.cluster
            assignments.append(assignment)
            suggestions.extend(close)
        return assignments, suggestions

    def cluster_of(self, fingerprint: str) -> str | None:
        """Return the id of the cluster that holds a fingerprint, or `None`."""
        return self._cluster_of.get(fingerprint)

    def _group(self, member: Candidate) -> _Group:
        return self._groups.setdefault((member.category, member.scope), _Group())

    def _place(self, candidate: Candidate) -> tuple[Assignment, list[Suggestion]]:
        group = self._group(candidate)
        vector = _vector_of(candidate)
        by_meaning = candidate.meaning is not None
        join, suggest = (JOIN_MEANING, SUGGEST_MEANING) if by_meaning else (JOIN, SUGGEST)
        close: list[tuple[float, int]] = []
        if group.ids:
            scores = group.similarities(vector)
            rows = np.flatnonzero(scores >= suggest)
            close = sorted(
                ((float(scores[row]), int(row)) for row in rows), key=lambda p: (-p[0], group.ids[p[1]])
            )
        for score, row in close:
            if score < join:
                break
            if by_meaning or not contradict(candidate.template, group.founders[row]):
                group.join(row, vector)
                return Assignment(candidate.fingerprint, group.ids[row], score, is_new=False), []
        cluster = cluster_id(candidate.fingerprint)
        suggested = [Suggestion(cluster, group.ids[row], score) for score, row in close[:MAX_SUGGESTIONS]]
        group.found(cluster, candidate.template, vector)
        return Assignment(candidate.fingerprint, cluster, 1.0, is_new=True), suggested


def _vector_of(candidate: Candidate) -> Vector:
    return embed(candidate.template) if candidate.meaning is None else candidate.meaning


def cluster_id(fingerprint: str) -> str:
    """Return the id of the cluster that a fingerprint founds."""
    return "F" + fingerprint.replace("-", "")
