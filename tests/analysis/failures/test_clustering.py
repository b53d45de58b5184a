"""Near templates join, contradicting ones do not, members never move."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.failures.clustering import JOIN, MAX_COMPARED, Candidate, Clusters, cluster_id
from sightline_analysis.failures.similarity import contradict, embed


def _candidate(name: str, template: str, category: str = "exception", scope: str = "") -> Candidate:
    return Candidate(name, template, category, scope)


SLOW = _candidate("1-aa", "the warehouse did not answer within <n> seconds, giving up")
SLOWER = _candidate("1-bb", "warehouse did not answer within <n> seconds")


def test_a_rephrased_message_joins() -> None:
    clusters = Clusters()
    assignments, _ = clusters.assign([SLOW, SLOWER])
    assert {a.cluster for a in assignments} == {cluster_id("1-aa")}
    assert assignments[1].similarity >= JOIN


def test_category_and_scope_are_borders() -> None:
    clusters = Clusters()
    clusters.assign([SLOW])
    assignments, suggestions = clusters.assign(
        [_candidate("1-bb", SLOW.template, "timeout"), _candidate("1-cc", SLOW.template, scope="search")]
    )
    assert all(a.is_new for a in assignments)
    assert not suggestions


def test_another_word_at_the_same_place_is_another_cause_and_is_suggested() -> None:
    clusters = Clusters()
    clusters.assign([_candidate("1-aa", "[instance: <id>] machine started by scheduler")])
    assignments, suggestions = clusters.assign(
        [_candidate("1-bb", "[instance: <id>] machine stopped by scheduler")]
    )
    assert assignments[0].is_new
    assert suggestions[0].other == cluster_id("1-aa")


def test_other_codes_and_names_contradict() -> None:
    assert contradict("peer error -32601 came back", "peer error -32602 came back")
    assert contradict("unsupported parameter 'max_tokens' given", "unsupported parameter 'top_p' given")
    assert contradict("peer error -32601: request timed out", "request timed out")
    assert contradict("the tool ended with exit code 1", "the tool ended with exit code 137")
    assert contradict("the tool ended with status 1", "the tool ended with status 2")
    assert not contradict("the tool ended in step 1", "the tool ended in step 2")
    assert not contradict("the model <q> does not exist", "the requested model <q> does not exist")


def test_other_systems_are_other_causes() -> None:
    assert contradict("could not connect to redis", "could not connect to postgres")
    assert contradict("the index of qdrant was not found", "the index of pinecone was not found")
    assert not contradict("could not connect to redis", "could not connect to redis again")


def test_a_sentence_that_begins_with_more_says_something_else_unless_it_is_a_wrapper() -> None:
    assert contradict("refused payment of unknown guest <id> at <host>", "unknown guest <id> at <host>")
    assert not contradict("spool run for <id>: unknown guest <id> at <host>", "unknown guest <id> at <host>")
    assert not contradict("???", "!!!")


def test_a_known_fingerprint_stays_where_it_is() -> None:
    clusters = Clusters()
    clusters.restore([("Fkept", SLOW)])
    assignments, _ = clusters.assign([SLOW, SLOWER])
    assert [(a.fingerprint, a.cluster) for a in assignments] == [("1-bb", "Fkept")]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["disk", "net", "door", "lamp", "the disk", "the net is"]), max_size=12),
    st.randoms(),
)
def test_ids_never_change_while_batches_arrive(words: list[str], chance: random.Random) -> None:
    candidates = [
        _candidate(f"1-{i:02d}", f"{word} broke while it was in use") for i, word in enumerate(words)
    ]
    clusters = Clusters()
    seen: dict[str, str | None] = {}
    chance.shuffle(candidates)
    for start in range(0, len(candidates), 3):
        clusters.assign(candidates[start : start + 3])
        for candidate in candidates[: start + 3]:
            now = clusters.cluster_of(candidate.fingerprint)
            assert seen.setdefault(candidate.fingerprint, now) == now


_SENTENCES = st.lists(
    st.sampled_from(["disk", "the disk", "host <n>", "order 404", "is gone", "was closed", "opened"]),
    min_size=1,
    max_size=5,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_SENTENCES, st.sampled_from(["", "search"])), max_size=20), st.integers(1, 20))
def test_batches_and_restored_clusters_place_what_comes_as_one_by_one_does(
    texts: list[tuple[str, str]], size: int
) -> None:
    candidates = [_candidate(f"1-{i:02d}", text, scope=scope) for i, (text, scope) in enumerate(texts)]
    one_by_one, stored = Clusters(), list[tuple[str, Candidate]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sightline_analysis.failures.clustering._AT_ONCE", 3)
        for start in range(0, len(candidates), size):
            batch = candidates[start : start + size]
            restored = Clusters()
            restored.restore(stored)
            placed, suggested = restored.assign(batch)
            alone = [one_by_one.assign([candidate]) for candidate in batch]
            assert [(a.fingerprint, a.cluster, a.is_new) for a in placed] == [
                (a.fingerprint, a.cluster, a.is_new) for assignments, _ in alone for a in assignments
            ]
            assert [(s.cluster, s.other) for s in suggested] == [
                (s.cluster, s.other) for _, suggestions in alone for s in suggestions
            ]
            stored += zip([assignment.cluster for assignment in placed], batch, strict=True)


def test_only_the_most_alike_clusters_are_compared_word_by_word(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def counted(one: str, other: str) -> bool:
        compared.append((one, other))
        return contradict(one, other)

    monkeypatch.setattr("sightline_analysis.failures.clustering.contradict", counted)
    names = [f"the column {left}_{right} does not exist" for left in "abcdefgh" for right in "stuvwxyz"]
    assignments, _ = Clusters().assign([_candidate(f"1-{i:02d}", t) for i, t in enumerate(names)])
    assert len({assignment.cluster for assignment in assignments}) == len(names)
    assert len(compared) <= MAX_COMPARED * len(names)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=100))
def test_a_template_is_embedded_as_a_unit_vector(template: str) -> None:
    norm = float(np.linalg.norm(embed(template)))
    assert abs(norm - 1.0) < 1e-4 or norm == 0.0
