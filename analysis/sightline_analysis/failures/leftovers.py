"""The nightly look at what stayed alone: comments that mean the same are suggested to be merged."""

from collections import defaultdict
from datetime import datetime

import numpy as np

from sightline_analysis.failures.clustering import JOIN_MEANING
from sightline_analysis.failures.semantic import MAX_TEXTS, NATURAL, SemanticVectors
from sightline_analysis.failures.similarity import Vector
from sightline_core.ids import ProjectId
from sightline_storage.failures.failure_store import FailureStore

_MAX_SUGGESTED = 3


class LeftoverJob:
    """Clusters of one member came before others like them; members never move, so a person decides."""

    def __init__(self, store: FailureStore, meanings: SemanticVectors) -> None:
        self._store = store
        self._meanings = meanings

    def run(self, now: datetime) -> bool:
        """Suggest merges in every project; returns whether more is left, which it never is."""
        for project in self._store.projects():
            groups: dict[tuple[str, str], list[str]] = defaultdict(list)
            for row in self._store.clusters(project):
                if row.category in NATURAL and row.status == "open":
                    groups[row.category, row.scope].append(row.id)
            for clusters in groups.values():
                self._suggest(project, clusters)
        return False

    def _suggest(self, project: ProjectId, clusters: list[str]) -> None:
        messages: dict[str, list[str]] = {cluster: [] for cluster in clusters}
        for member in self._store.members(project):
            if member.cluster in messages:
                messages[member.cluster].append(member.message)
        texts = [text for group in messages.values() for text in group]
        vectors = self._meanings.of(texts) if len(clusters) > 1 and len(texts) <= MAX_TEXTS else None
        if not vectors:
            return
        centroids = np.stack([_centroid([vectors[text] for text in messages[name]]) for name in clusters])
        similarity = centroids @ centroids.T
        np.fill_diagonal(similarity, -1)
        found = [
            (cluster, clusters[int(other)], float(similarity[index, other]))
            for index, cluster in enumerate(clusters)
            if len(messages[cluster]) == 1
            for other in np.argsort(-similarity[index])[:_MAX_SUGGESTED]
            if similarity[index, other] >= JOIN_MEANING
        ]
        pairs = {frozenset(pair[:2]): pair for pair in reversed(found)}
        self._store.add(project, [], [], list(pairs.values()))


def _centroid(vectors: list[Vector]) -> Vector:
    mean: Vector = np.mean(np.stack(vectors), axis=0)
    norm = float(np.linalg.norm(mean))
    return mean / np.float32(norm) if norm else mean
