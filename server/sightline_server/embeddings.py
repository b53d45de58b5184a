"""Sentence embeddings: of any OpenAI-compatible endpoint, or of a model file (`sightline[semantic]`)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr

from sightline_analysis.failures.semantic import Embedder, EmbeddingFailed
from sightline_core.batches import batched
from sightline_core.errors import ConfigurationError
from sightline_core.settings import Settings
from sightline_server.outgoing import client_of

_TEXTS_A_REQUEST = 100
_MAX_TOKENS = 256
_TIMEOUT_S = 20


def build_embedder(settings: Settings) -> Embedder | None:
    """Return the embedder that the settings name, `None` without one.

    Raises `ConfigurationError` when a model file is named that cannot be used.
    """
    if settings.embeddings_file is not None:
        return FileEmbedder(settings.embeddings_file)
    if settings.embeddings_url:
        return EndpointEmbedder(settings.embeddings_url, settings.embeddings_model, settings.embeddings_key)
    return None


class EndpointEmbedder:
    """`POST {url}/embeddings` as OpenAI defines it."""

    def __init__(self, url: str, model: str, key: SecretStr | None) -> None:
        self._client = client_of(url, key, _TIMEOUT_S)
        self._model = model

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed`."""
        rows: list[list[float]] = []
        for some in batched(texts, _TEXTS_A_REQUEST):
            rows += self._ask(some)
        try:
            vectors = np.asarray(rows, dtype=np.float32)
        except (ValueError, TypeError) as error:
            raise EmbeddingFailed("the vectors are not of numbers, or have different lengths") from error
        if texts and (vectors.ndim != 2 or not np.isfinite(vectors).all()):
            raise EmbeddingFailed("the vectors are not of finite numbers")
        return vectors

    def _ask(self, texts: Sequence[str]) -> list[list[float]]:
        try:
            answer = self._client.post("/embeddings", json={"model": self._model, "input": list(texts)})
            answer.raise_for_status()
            data = sorted(answer.json()["data"], key=lambda item: item["index"])
            rows = [item["embedding"] for item in data]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EmbeddingFailed(f"{type(error).__name__}: {error}") from error
        if len(rows) != len(texts):
            raise EmbeddingFailed(f"{len(rows)} vectors came for {len(texts)} texts")
        return rows


class FileEmbedder:
    """A sentence transformer as ONNX, for example MiniLM in int8, with `tokenizer.json` beside it."""

    def __init__(self, file: Path) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ConfigurationError("an embeddings file needs `pip install sightline[semantic]`") from error
        tokenizer = file.with_name("tokenizer.json")
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(tokenizer))
            self._session: Any = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        except Exception as error:
            # Both libraries raise bare exceptions of their own for a file that they cannot read.
            raise ConfigurationError(f"cannot load {file} with {tokenizer}: {error}") from error
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {item.name for item in self._session.get_inputs()}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed`: the mean of the token vectors, as sentence transformers are trained."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.asarray([each.ids for each in encoded], dtype=np.int64)
        mask = np.asarray([each.attention_mask for each in encoded], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        try:
            (tokens, *_) = self._session.run(None, {name: given[name] for name in self._inputs})
        except Exception as error:
            raise EmbeddingFailed(str(error)) from error
        weights = mask[:, :, None].astype(np.float32)
        summed = (tokens * weights).sum(axis=1)
        return np.asarray(summed / np.maximum(weights.sum(axis=1), 1), dtype=np.float32)
