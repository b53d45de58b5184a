"""What is wrong with traces that are over."""

from dataclasses import replace
from decimal import Decimal

import orjson
import pytest

from sightline_analysis.failures.score_rules import find_verdict
from sightline_analysis.failures.trace_rules import TraceFinding, inspect_trace
from sightline_storage.failures.failure_trace_reader import Judgement, Norms, Step, Usual

ROOT = Step("t", "root", "", 0, 100, "shop", "agent", "", "", 0, Decimal(0), [], "", "")
USUAL = Norms(100, steps=Usual(8, 12), tokens=Usual(900, 2_000), cost_usd=Usual(0.001, 0.01))

DOCUMENTS = orjson.dumps(
    [
        {
            "id": "1",
            "content": "Parcels travel between islands every second Tuesday unless storms close harbours.",
        },
        {
            "id": "2",
            "content": "Fragile porcelain must be wrapped twice, insured separately, carried upright.",
        },
        {
            "id": "3",
            "content": "Customs officers inspect barrels, crates, instruments, preserved vegetables.",
        },
        {
            "id": "4",
            "content": "Insurance premiums depend on declared values, distances, seasons and carriers.",
        },
    ]
).decode()
USED = (
    "Storms close harbours; otherwise parcels travel between islands every second Tuesday, and fragile "
    "porcelain must be wrapped twice."
)
UNUSED = (
    "Elephants remember watering places across generations because matriarchs teach young animals during "
    "droughts, guiding families through deserts towards hidden springs."
)


def _step(span_id: str, kind: str, **columns: object) -> Step:
    step = replace(ROOT, span_id=span_id, parent_span_id="root", kind=kind, start_ns=len(span_id))
    return replace(step, **columns)  # type: ignore[arg-type]


def _call(number: int, arguments_hash: int = 7, failure: str = "") -> Step:
    return _step(
        f"call{number}", "tool", tool_name="look_up", start_ns=number, arguments_hash=arguments_hash,
        failure_category=failure,
    )  # fmt: skip


def _found(*steps: Step, norms: Norms | None = None) -> list[tuple[str, str]]:
    findings: list[TraceFinding] = inspect_trace(steps, norms)
    return [(finding.category.value, finding.step.span_id) for finding in findings]


def test_the_third_equal_call_of_a_tool_is_a_loop() -> None:
    assert _found(ROOT, _call(1), _call(2)) == []
    assert _found(ROOT, _call(1), _call(2), _call(3, arguments_hash=8)) == []
    assert _found(ROOT, _call(1), _call(2), _call(3), _call(4)) == [("loop", "call3")]


def test_a_finding_goes_to_the_nearest_span_above_that_has_not_failed() -> None:
    failing = [_call(number, failure="tool_error") for number in (1, 2, 3)]
    assert _found(ROOT, *failing) == [("loop", "root")]
    assert _found(replace(ROOT, failure_category="exception"), *failing) == []


def test_what_was_found_before_is_not_found_again_further_up() -> None:
    root = _step("root", "agent")
    calls = [_call(0), _call(1), _call(2, failure="loop")]
    assert _found(root, *calls) == []
    calls[2] = _call(2, failure="tool_error")
    assert _found(root, *calls) == [("loop", "root")]
    assert _found(_step("root", "agent", failure_category="loop"), *calls) == []


def test_a_cycle_of_parents_ends() -> None:
    one = replace(_call(3, failure="x"), parent_span_id="call2")
    other = replace(_call(2, failure="x"), parent_span_id="call3")
    assert _found(_call(1), other, one) == []


def test_a_trace_far_over_its_apps_norm_is_a_runaway() -> None:
    steps = [_step(f"s{number}", "internal", tokens=1000) for number in range(29)]
    assert _found(ROOT, *steps, norms=None) == []
    assert _found(ROOT, *steps, norms=USUAL) == [("runaway", "root")]
    assert _found(ROOT, *steps[:9], norms=USUAL) == []
    assert _found(ROOT, *steps, norms=replace(USUAL, traces=29)) == []
    (finding,) = inspect_trace([ROOT, *steps], USUAL)
    assert finding.reason == "29,000 tokens; 95 of 100 traces of shop stay below 2,000"
    cheap = replace(USUAL, cost_usd=Usual(0.00002, 0.00005))
    (finding,) = inspect_trace([replace(ROOT, cost_usd=Decimal("12345.6"))], cheap)
    assert finding.reason == "$12,345.60; 95 of 100 traces of shop stay below $0.00005"


def test_an_answer_without_a_word_of_the_documents_did_not_use_them() -> None:
    retrieval = _step("r", "retrieval", documents=DOCUMENTS, question="When do parcels travel?", start_ns=1)
    answer = _step("llm", "llm", answer=UNUSED, start_ns=2)
    assert _found(ROOT, retrieval, answer) == [("unused_retrieval", "llm")]
    assert _found(ROOT, retrieval, replace(answer, answer=USED)) == []
    assert _found(ROOT, retrieval, replace(answer, answer="No idea.")) == []
    assert _found(ROOT, replace(retrieval, documents='[{"id":"1","score":0.4}]'), answer) == []
    cut = DOCUMENTS[:-20]
    assert _found(ROOT, replace(retrieval, documents=cut), replace(answer, answer=USED)) == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "Wie kann ich meine Bestellung zurückgeben?",
            "Sie können Ihre Ware innerhalb von dreißig Tagen nach Erhalt zurücksenden. Bitte lassen Sie "
            "alle Gegenstände in ihrer ursprünglichen Verpackung. Die Erstattung erfolgt innerhalb weniger "
            "Werktage.",
        ),
        (
            "我想退货应该怎么办理",
            "。".join(f"第{mark}条规定客户可以退货" for mark in "一二三四五六七八九十百千万"),
        ),
    ],
)
def test_what_is_in_another_language_or_without_spaces_is_not_compared(question: str, answer: str) -> None:
    retrieval = _step("r", "retrieval", documents=DOCUMENTS, question=question, start_ns=1)
    assert _found(ROOT, retrieval, _step("llm", "llm", answer=answer, start_ns=2)) == []


def test_a_run_that_ends_while_the_model_waits_for_a_tool_is_abandoned() -> None:
    wants = _step("llm", "llm", finish_reasons=["tool_calls"], start_ns=5)
    assert _found(ROOT, _call(1), wants) == [("abandoned", "root")]
    assert _found(ROOT, _call(1), wants, _call(9)) == []
    assert _found(ROOT, wants) == [], "an app that shows no tools may run them unseen"
    assert _found(_call(1), wants) == [], "the root has not arrived"


def test_a_stream_that_nobody_read_to_its_end_is_abandoned() -> None:
    assert _found(ROOT, _step("llm", "llm", stream_outcome="abandoned")) == [("abandoned", "llm")]


@pytest.mark.parametrize(
    ("judgement", "expected"),
    [
        (Judgement("thumb", "human", "boolean", 0, "", ""), "the score thumb is false"),
        (Judgement("thumb", "human", "boolean", 0, "", "it named the wrong city"), "it named the wrong city"),
        (Judgement("thumb", "human", "boolean", 1, "", "it named the wrong city"), None),
        (Judgement("thumb", "human", "number", -1, "", "no"), "the score thumb is below 0"),
        (Judgement("stars", "human", "number", 1, "", ""), None),
        (Judgement("vote", "human", "category", 0, "Thumbs_Down", ""), "the score vote is thumbs_down"),
        (
            Judgement("faithful", "model", "number", 0.4, "", "too long to say"),
            "the score faithful is below 0.5",
        ),
        (Judgement("faithful", "model", "number", 0.5, "", ""), None),
        (Judgement("valid", "code", "boolean", 0, "", ""), "the score valid is false"),
        (Judgement("note", "human", "text", 0, "bad", ""), None),
    ],
)
def test_what_is_said_of_a_span_decides(judgement: Judgement, expected: str | None) -> None:
    verdict = find_verdict([judgement], {"faithful": 0.5})
    assert (verdict.message if verdict else None) == expected


def test_people_are_heard_before_evaluators() -> None:
    verdict = find_verdict(
        [
            Judgement("valid", "code", "boolean", 0, "", ""),
            Judgement("thumb", "human", "boolean", 0, "", ""),
        ],
        {},
    )
    assert verdict is not None
    assert verdict.category == "negative_feedback"
