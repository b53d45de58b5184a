"""Embeddings of a model file, with a real onnxruntime where `sightline[semantic]` and onnx are installed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sightline_analysis.failures.clustering import Candidate, Clusters
from sightline_analysis.failures.semantic import EmbeddingFailed, SemanticVectors
from sightline_core.settings import Settings
from sightline_server.embeddings import build_embedder

pytest.importorskip("onnxruntime")
onnx: Any = pytest.importorskip("onnx")
tokenizers: Any = pytest.importorskip("tokenizers")

COMMENTS = {"it took ages": 0, "far too long to wait": 0, "that is another city": 1, "what a rude tone": 2}
TOPIC_OF_WORD = {"ages": 0, "long": 0, "wait": 0, "city": 1, "another": 1, "rude": 2, "tone": 2}
_PAD, _UNKNOWN = "[PAD]", "[UNK]"


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with MiniLM's inputs and output, int8 weights, and a vocabulary of some words."""
    folder = tmp_path_factory.mktemp("model")
    vocabulary = {word: number for number, word in enumerate([_PAD, _UNKNOWN, *TOPIC_OF_WORD])}
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=_UNKNOWN))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(folder / "tokenizer.json"))
    weights = np.zeros((len(vocabulary), 4), dtype=np.int8)
    weights[:, 3] = 3
    for word, topic in TOPIC_OF_WORD.items():
        weights[vocabulary[word], topic] = 120
    onnx.save(_model(weights), folder / "model.onnx")
    return folder / "model.onnx"


def _model(weights: np.ndarray[Any, np.dtype[np.int8]]) -> Any:
    make, floats, numbers = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    names = ("input_ids", "attention_mask", "token_type_ids")
    nodes = [
        make.make_node("Gather", ["weights", "input_ids"], ["rows"]),
        make.make_node("DequantizeLinear", ["rows", "scale"], ["words"]),
        make.make_node("Add", ["attention_mask", "token_type_ids"], ["kept"]),
        make.make_node("Unsqueeze", ["kept", "last_axis"], ["kept_rows"]),
        make.make_node("Cast", ["kept_rows"], ["factor"], to=floats),
        make.make_node("Mul", ["words", "factor"], ["last_hidden_state"]),
    ]
    graph = make.make_graph(
        nodes,
        "words",
        [make.make_tensor_value_info(name, numbers, ["batch", "length"]) for name in names],
        [make.make_tensor_value_info("last_hidden_state", floats, ["batch", "length", 4])],
        [
            onnx.numpy_helper.from_array(weights, "weights"),
            onnx.numpy_helper.from_array(np.array(1 / 128, dtype=np.float32), "scale"),
            onnx.numpy_helper.from_array(np.array([2], dtype=np.int64), "last_axis"),
        ],
    )
    return make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9)


def test_comments_that_mean_the_same_join_by_the_vectors_of_a_model_file(model_file: Path) -> None:
    embedder = build_embedder(Settings(embeddings_file=model_file))
    assert embedder is not None
    vectors = SemanticVectors(embedder).of(list(COMMENTS))
    assert vectors is not None
    assignments, _ = Clusters().assign(
        [Candidate(f"1-{n}", text, "negative_feedback", "", vectors[text]) for n, text in enumerate(COMMENTS)]
    )
    cluster_of = [assignment.cluster for assignment in assignments]
    assert len(set(cluster_of)) == len(set(COMMENTS.values()))
    assert cluster_of[0] == cluster_of[1]


def test_a_short_text_has_the_same_vector_beside_a_long_one(model_file: Path) -> None:
    embedder = build_embedder(Settings(embeddings_file=model_file))
    assert embedder is not None
    alone = embedder.embed(["rude tone"])
    beside = embedder.embed(["rude tone", "wait " * 1_000])
    assert np.allclose(alone[0], beside[0])
    assert np.allclose(alone[0], [0, 0, 120 / 128, 3 / 128])


def test_a_file_whose_model_wants_other_inputs_is_a_failed_embedding(
    model_file: Path, tmp_path: Path
) -> None:
    other = onnx.load(model_file)
    other.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.INT32
    onnx.save(other, tmp_path / "model.onnx")
    (tmp_path / "tokenizer.json").write_bytes(model_file.with_name("tokenizer.json").read_bytes())
    embedder = build_embedder(Settings(embeddings_file=tmp_path / "model.onnx"))
    assert embedder is not None
    with pytest.raises(EmbeddingFailed):
        embedder.embed(["rude tone"])
