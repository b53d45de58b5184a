"""Attaching new fingerprints to clusters. Members never move, ids never change; people decide closeness.

A cluster's id is made of the fingerprint that founded it, so that two jobs that see the same one first
name the same cluster alike. Inside one (category, scope) a template joins the cluster with the highest mean
cosine over its members when that is at least `JOIN` and it does not contradict the founder; between `SUGGEST`
and `JOIN`, or when it contradicts, it founds a cluster of its own and the pair is suggested.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from sightline_analysis.failures.similarity import Vector, contradict, embed_all
from sightline_core.batches import batched

JOIN = 0.60
SUGGEST = 0.40
JOIN_MEANING = 0.70
SUGGEST_MEANING = 0.55
MAX_SUGGESTIONS = 3
MAX_COMPARED = 16
"""With how many of the clusters that are most alike a template is compared word by word."""

_AT_ONCE = 512
"""Vectors held at a time, of those that are placed and of those that are there: 4 MiB each."""


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
    """Clusters of one category and scope, by row, with their members."""

    ids: list[str] = field(default_factory=list)
    founders: list[str] = field(default_factory=list)
    row_of: dict[str, int] = field(default_factory=dict)
    members: list[tuple[int, Candidate]] = field(default_factory=list)

    def add(self, cluster: str, member: Candidate) -> int:
        row = self.row_of.setdefault(cluster, len(self.ids))
        if row == len(self.ids):
            self.ids.append(cluster)
            self.founders.append(member.template)
        self.members.append((row, member))
        return row

    def place(self, candidates: Sequence[Candidate]) -> Iterator[tuple[Assignment, list[Suggestion]]]:
        """Yield where the candidates go, one after the other; what one does to a mean counts for the next.

        A sum of products is the product of the sum. So all are multiplied at once with the members there are
        and with each other, and who joins adds its products to those of its cluster.
        """
        vectors = _vectors_of(candidates)
        room = len(self.ids) + len(candidates)
        products = np.zeros((room, len(candidates)), dtype=np.float32)
        counts = np.zeros(room, dtype=np.float32)
        for some in batched(self.members, _AT_ONCE):
            rows, members = zip(*some, strict=True)
            np.add.at(products, np.array(rows), _vectors_of(members) @ vectors.T)
            np.add.at(counts, np.array(rows), 1)
        products = np.ascontiguousarray(products.T)
        alike = vectors @ vectors.T
        for index, candidate in enumerate(candidates):
            size = len(self.ids)
            assignment, suggestions = self._choose(candidate, products[index, :size] / counts[:size])
            row = self.add(assignment.cluster, candidate)
            products[:, row] += alike[:, index]
            counts[row] += 1
            yield assignment, suggestions

    def _choose(self, candidate: Candidate, scores: Vector) -> tuple[Assignment, list[Suggestion]]:
        by_meaning = candidate.meaning is not None
        join, suggest = (JOIN_MEANING, SUGGEST_MEANING) if by_meaning else (JOIN, SUGGEST)
        rows = np.flatnonzero(scores >= suggest)
        if len(rows) > MAX_COMPARED:
            rows = rows[np.argpartition(scores[rows], -MAX_COMPARED)[-MAX_COMPARED:]]
        # Rounded, as sums in another order differ in their last digits, and must not decide between equals.
        found = [(round(float(scores[row]), 5), int(row)) for row in rows]
        close = sorted(found, key=lambda p: (-p[0], self.ids[p[1]]))
        for score, row in close:
            if score < join:
                break
            if by_meaning or not contradict(candidate.template, self.founders[row]):
                return Assignment(candidate.fingerprint, self.ids[row], score, is_new=False), []
        cluster = cluster_id(candidate.fingerprint)
        suggested = [Suggestion(cluster, self.ids[row], score) for score, row in close[:MAX_SUGGESTIONS]]
        return Assignment(candidate.fingerprint, cluster, 1.0, is_new=True), suggested


class Clusters:
    """The clusters of one project in memory. Feed stored members with `restore`, new ones with `assign`."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], _Group] = defaultdict(_Group)
        self._cluster_of: dict[str, str] = {}

    def restore(self, members: Iterable[tuple[str, Candidate]]) -> None:
        """Take over stored members as (cluster id, member), founders first."""
        for cluster, member in members:
            self._groups[member.category, member.scope].add(cluster, member)
            self._cluster_of[member.fingerprint] = cluster

    def assign(self, candidates: Iterable[Candidate]) -> tuple[list[Assignment], list[Suggestion]]:
        """Place new fingerprints, in the order of their names within a batch; known ones are left alone."""
        new = {c.fingerprint: c for c in candidates if c.fingerprint not in self._cluster_of}
        kinds: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
        for _, candidate in sorted(new.items()):
            kinds[candidate.category, candidate.scope].append(candidate)
        placed = [
            each
            for kind, of_kind in kinds.items()
            for some in batched(of_kind, _AT_ONCE)
            for each in self._groups[kind].place(some)
        ]
        placed.sort(key=lambda each: each[0].fingerprint)
        self._cluster_of |= {assignment.fingerprint: assignment.cluster for assignment, _ in placed}
        return [assignment for assignment, _ in placed], [one for _, close in placed for one in close]

    def cluster_of(self, fingerprint: str) -> str | None:
        """Return the id of the cluster that holds a fingerprint, or `None`."""
        return self._cluster_of.get(fingerprint)


def _vectors_of(members: Sequence[Candidate]) -> Vector:
    meanings = [member.meaning for member in members if member.meaning is not None]
    return np.stack(meanings) if meanings else embed_all([member.template for member in members])


def cluster_id(fingerprint: str) -> str:
    """Return the id of the cluster that a fingerprint founds."""
    return "F" + fingerprint.replace("-", "")
