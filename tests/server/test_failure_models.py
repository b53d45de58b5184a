"""Embeddings and titles from an OpenAI-compatible endpoint on loopback, and what happens without them."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sightline_analysis.failures.clustering import Candidate, Clusters
from sightline_analysis.failures.leftovers import LeftoverJob
from sightline_analysis.failures.semantic import SemanticVectors
from sightline_analysis.failures.titles import TitleFailed, TitleJob, read_title
from sightline_core.errors import ConfigurationError
from sightline_core.ids import ProjectId
from sightline_core.settings import Settings
from sightline_server.chat_model import build_title_model
from sightline_server.embeddings import build_embedder
from sightline_storage.failures.failure_records import ClusterRow, MemberRow
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url

AT = datetime(2026, 9, 21, tzinfo=UTC)
PROJECT = ProjectId("default")
TOPICS = ("slow", "city", "rude")
COMMENTS = {
    "it took ages (slow)": 0,
    "far too long to wait (slow)": 0,
    "that is another city": 1,
    "rude tone": 2,
}


@dataclass
class Model:
    """What the stub was asked, and what it answers."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    answer: str = '```json\n{"title": "Printers without paper", "cause": "Nobody refilled them."}\n```'
    fails: bool = False
    has_no_answer_to: str | None = None
    embedding: object = None

    def reply(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(body)
        if path.endswith("/embeddings"):
            rows: list[Any] = [[float(topic in text) for topic in TOPICS] + [0.1] for text in body["input"]]
            if self.embedding is not None:
                rows = [self.embedding for _ in rows]
            return {"data": [{"index": n, "embedding": row} for n, row in reversed(list(enumerate(rows)))]}
        is_lost = self.has_no_answer_to is not None and self.has_no_answer_to in json.dumps(body)
        return {"choices": [{"message": {"content": "No." if is_lost else self.answer}}]}


@pytest.fixture
def model() -> Iterator[Model]:
    stub = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = json.dumps(stub.reply(self.path, body)).encode()
            self.send_response(500 if stub.fails else 200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stub.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield stub
        server.shutdown()
        thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FailureStore]:
    engine = open_metadata(sqlite_url(tmp_path))
    yield FailureStore(engine)
    engine.dispose()


def _meanings(model: Model) -> SemanticVectors:
    embedder = build_embedder(Settings(embeddings_url=model.url, embeddings_model="mini"))
    assert embedder is not None
    return SemanticVectors(embedder)


def _cluster(name: str, category: str = "negative_feedback") -> ClusterRow:
    return ClusterRow(
        id=name, category=category, scope="", title=name, created_at=AT, first_seen=AT, last_seen=AT,
        status="open", status_at=AT, resolved_version="", ignore_until=0, regressed_at=None,
        regressed_version="", assignee="", severity="", merged_into="",
    )  # fmt: skip


def test_comments_that_mean_the_same_join_whatever_their_words(model: Model) -> None:
    vectors = _meanings(model).of(list(COMMENTS))
    assert vectors is not None
    clusters = Clusters()
    assignments, _ = clusters.assign(
        [Candidate(f"1-{n}", text, "negative_feedback", "", vectors[text]) for n, text in enumerate(COMMENTS)]
    )
    assert len({assignment.cluster for assignment in assignments}) == len(set(COMMENTS.values()))
    assert model.asked[0]["model"] == "mini"


def test_a_text_is_embedded_once(model: Model) -> None:
    meanings = _meanings(model)
    meanings.of(["that is another city"])
    meanings.of(["that is another city", "rude tone"])
    assert [asked["input"] for asked in model.asked] == [["that is another city"], ["rude tone"]]


def test_without_an_answer_letters_decide(model: Model, caplog: pytest.LogCaptureFixture) -> None:
    model.fails = True
    assert _meanings(model).of(["rude tone"]) is None
    assert "without embeddings" in caplog.text


@pytest.mark.parametrize("embedding", [[None, 0.5], [float("nan"), 0.5], "words", 7, {"a": 1}])
def test_vectors_that_are_none_are_a_failure_of_the_endpoint(model: Model, embedding: object) -> None:
    model.embedding = embedding
    assert _meanings(model).of(["rude tone", "slow"]) is None


def test_at_night_leftovers_that_mean_the_same_are_suggested(model: Model, store: FailureStore) -> None:
    names = [f"F{number}" for number in range(len(COMMENTS))]
    members = [MemberRow(f"1-{n}", n, text, text) for n, text in zip(names, COMMENTS, strict=True)]
    store.add(PROJECT, [_cluster(name) for name in names], members, [])
    LeftoverJob(store, _meanings(model)).run(AT)
    LeftoverJob(store, _meanings(model)).run(AT)
    assert [pair[:2] for pair in store.suggestions(PROJECT, limit=9)] == [("F0", "F1")]


def test_an_embeddings_file_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        build_embedder(Settings(embeddings_file=tmp_path / "model.onnx"))
    assert build_embedder(Settings()) is None


def test_a_new_cluster_gets_a_title_and_a_likely_cause_from_its_templates_only(
    model: Model, store: FailureStore
) -> None:
    message = "printer 7 of ann@example.com has no paper"
    member = MemberRow("1-a", "Fpaper", "printer <n> of <email> has no paper", message)
    store.add(PROJECT, [_cluster("Fpaper", "tool_error")], [member], [])
    job = TitleJob(store, _title_model(model))
    job.run(AT)
    job.run(AT)
    assert store.cluster(PROJECT, "Fpaper").title == "Printers without paper"
    (decision,) = store.decisions(PROJECT, "Fpaper")
    assert (decision.action, decision.note) == ("title", "Nobody refilled them.")
    assert len(model.asked) == 1
    assert "ann@example.com" not in json.dumps(model.asked)
    store.undo(PROJECT, decision.id, actor="ann", at=AT)
    job.run(AT)
    assert store.cluster(PROJECT, "Fpaper").title == "Fpaper", "what somebody took back is not written again"


def test_the_same_templates_are_asked_about_once(model: Model, store: FailureStore) -> None:
    for name in ("F1", "F2"):
        store.add(PROJECT, [_cluster(name)], [MemberRow(f"1-{name}", name, "no paper", "no paper")], [])
    TitleJob(store, _title_model(model)).run(AT)
    assert len(model.asked) == 1
    assert [row.title for row in store.clusters(PROJECT)] == ["Printers without paper"] * 2


def test_a_model_that_fails_leaves_the_messages_as_titles(model: Model, store: FailureStore) -> None:
    model.fails = True
    store.add(PROJECT, [_cluster("F1")], [MemberRow("1-a", "F1", "no paper", "no paper")], [])
    assert TitleJob(store, _title_model(model)).run(AT) is False
    assert store.cluster(PROJECT, "F1").title == "F1"


def test_a_cluster_that_the_model_has_no_answer_to_does_not_keep_the_others_waiting(
    model: Model, store: FailureStore
) -> None:
    model.has_no_answer_to = "no paper"
    store.add(PROJECT, [_cluster("F1")], [MemberRow("1-a", "F1", "no paper", "no paper")], [])
    store.add(PROJECT, [_cluster("F2")], [MemberRow("1-b", "F2", "no ink", "no ink")], [])
    other = ProjectId(f"{PROJECT}-z")
    store.add(other, [_cluster("F1")], [MemberRow("1-b", "F1", "no ink", "no ink")], [])
    job = TitleJob(store, _title_model(model))
    for _ in range(3):
        job.run(AT)
    titles = [row.title for project in (PROJECT, other) for row in store.clusters(project)]
    assert sorted(titles) == ["F1", "Printers without paper", "Printers without paper"]


@pytest.mark.parametrize("answer", ["", "No.", "{}", '{"title": 7}', '{"title": " "}', "{broken"])
def test_an_answer_without_a_title_is_an_error(answer: str) -> None:
    with pytest.raises(TitleFailed):
        read_title(answer)


def _title_model(model: Model) -> Any:
    return build_title_model(Settings(titles_url=model.url), lambda: None)
