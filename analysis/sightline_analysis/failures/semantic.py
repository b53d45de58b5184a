"""Vectors of meaning for failures that people put into words, where an embedding model is given.

Without one, or while it does not answer, the n-grams of the templates serve.
"""

import logging
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sightline_analysis.failures.similarity import Vector
from sightline_semconv.failure_category import FailureCategory

NATURAL: Final = frozenset({FailureCategory.NEGATIVE_FEEDBACK.value})
"""Categories whose messages are sentences of people: rephrasings share meaning, not letters."""

MAX_TEXTS = 2_000
_MAX_CHARS = 500
logger = logging.getLogger(__name__)


class EmbeddingFailed(Exception):
    """The model gave no usable answer; the text says why."""


class Embedder(Protocol):
    """A model of sentence embeddings."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row for each text; raises `EmbeddingFailed`."""


class SemanticVectors:
    """Embeds texts once and keeps what it has embedded."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vector] = {}

    def of(self, texts: Sequence[str]) -> dict[str, Vector] | None:
        """Return unit vectors by text; `None` when there are too many or the model fails, which is logged."""
        wanted = {text: text[:_MAX_CHARS] for text in texts}
        if len(wanted) > MAX_TEXTS:
            return None
        missing = sorted(cut for cut in set(wanted.values()) if cut not in self._known)
        try:
            rows = self._embedder.embed(missing) if missing else np.zeros((0, 0), dtype=np.float32)
        except EmbeddingFailed as error:
            logger.warning("failures are clustered without embeddings", extra={"reason": str(error)})
            return None
        for text, row in zip(missing, rows, strict=True):
            norm = float(np.linalg.norm(row))
            self._known[text] = row / np.float32(norm) if norm else row
        if len(self._known) > 10 * MAX_TEXTS:
            self._known = {cut: self._known[cut] for cut in wanted.values()}
        return {text: self._known[cut] for text, cut in wanted.items()}
