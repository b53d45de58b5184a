"""The apps of the demo's history: what one request to each of them looks like as a trace."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from sightline_semconv import gen_ai
from sightline_semconv import sightline as names
from sightline_semconv.kinds import SpanKind
from sightline_server.demo.trace_draft import Failure, ModelCall, TraceDraft

RATE_LIMITED = Failure(
    "RateLimitError", "Error code: 429 - Rate limit reached for requests per min (RPM): Limit 500, Used 500."
)
_TIMED_OUT = Failure("APITimeoutError", "Request timed out.")
_TOOL_FAILED = Failure("ConnectionError", "order service: connection refused after 3 attempts")
_BAD_JSON = Failure("JSONDecodeError", "Expecting ',' delimiter: line 1 column 61 (char 60)")
_SQL_FAILED = Failure("ProgrammingError", 'column "revenu" does not exist')


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was special about a moment: an incident at the provider, and which release was out."""

    incident: bool
    release: int
    fingerprint: str


Draw = Callable[[TraceDraft, Circumstances], None]

_QUESTIONS = {
    "How long does a refund take?": "Refunds reach your account within five working days of the return.",
    "Where is my parcel?": "It left our warehouse this morning and should be with you tomorrow.",
    "Can I change my delivery address?": "Yes, until the parcel has been handed over to the carrier.",
    "Why was I charged twice?": "The second line is a reservation; it disappears within three days.",
    "How do I reset two-factor login?": "Open Security, choose Reset, and confirm by the mail we send you.",
    "Do you ship to Norway?": "Yes, in four to six days; customs are included in the price.",
}
_CONTRACTS = [
    "Lease, Harbour Street 12",
    "Supply agreement, Northwind",
    "Employment contract, senior engineer",
]
_REVIEWS = [
    "Retry uploads with backoff",
    "Cache the exchange rates",
    "Drop the legacy login",
    "Stream the export",
]
_REPORTS = ["revenue by region last quarter", "churned customers in May", "ten slowest deliveries this week"]

_HOUSE_RULES = (
    "You are the support assistant of a web shop. Answer in three sentences, from the documents only. "
    "Never promise a date that the documents do not give. Ask for the order number when you need it."
)


def support_assistant(draft: TraceDraft, now: Circumstances) -> None:
    """Guardrail, cache, retrieval, then the model, sometimes with a tool."""
    chance = draft.chance
    question, answer = chance.choice(list(_QUESTIONS.items()))
    draft.open("answer_customer", SpanKind.WORKFLOW, {names.INPUT: question})
    if _blocked_by_guardrail(draft, chance):
        draft.close(attributes={names.OUTPUT: "I can't help with that."})
        return
    if _found_in_cache(draft, chance):
        draft.close(attributes={names.OUTPUT: answer})
        return
    _retrieve(draft, question, chance)
    longer = 900 if now.release % 2 else 0
    call = ModelCall(
        model="gpt-4o-mini",
        provider="openai",
        instructions=_HOUSE_RULES,
        question=question,
        answer=answer,
        input_tokens=chance.randint(900, 1600) + longer,
        output_tokens=chance.randint(40, 160),
        cached_tokens=chance.choice([0, 0, 512, 768]),
        fingerprint=now.fingerprint,
        prompt_name="support-answer",
        prompt_version=str(now.release),
        stream=chance.random() < 0.5,
    )
    failure = _provider_failure(chance, now)
    if failure is None and chance.random() < 0.35:
        draft.call_model(
            replace(
                call,
                answer="",
                finish_reason="tool_calls",
                output_tokens=24,
                tool="look_up_order",
                tool_arguments='{"order_number": "EF-3310"}',
            )
        )
        failure = _look_up_order(draft, chance)
    if failure is None or failure is _TOOL_FAILED:
        draft.call_model(call)
        failure = None
    else:
        draft.call_model(call, failure)
    draft.close(failure, {names.OUTPUT: answer if failure is None else None})


def contract_summariser(draft: TraceDraft, now: Circumstances) -> None:
    """A call for each chapter, then one over the summaries; odd releases use the larger model for all."""
    chance = draft.chance
    contract = chance.choice(_CONTRACTS)
    model = "gpt-4.1" if now.release % 2 else "gpt-4.1-mini"
    draft.open("summarise_contract", SpanKind.WORKFLOW, {names.INPUT: contract})
    chapters = chance.randint(2, 5)
    for chapter in range(1, chapters + 1):
        draft.call_model(_summary_call(chance, now, model, f"Summarise chapter {chapter} of {contract}."))
    failure = _provider_failure(chance, now)
    last = _summary_call(chance, now, "gpt-4.1", f"Join the summaries of {contract}.")
    if failure is None and chance.random() < 0.05:
        draft.call_model(replace(last, answer="Both parties may", finish_reason="length", output_tokens=16))
    else:
        draft.call_model(last, failure)
    draft.close(failure)


def code_reviewer(draft: TraceDraft, now: Circumstances) -> None:
    """An agent that reads files until it has seen enough, and sometimes never has."""
    chance = draft.chance
    change = chance.choice(_REVIEWS)
    draft.open("review_change", SpanKind.AGENT, {gen_ai.AGENT_NAME: "reviewer", names.INPUT: change})
    rounds = 12 if chance.random() < 0.03 else chance.randint(1, 4)
    failure = None
    for number in range(rounds):
        failure = _provider_failure(chance, now)
        path = "src/upload.py" if rounds == 12 else f"src/{chance.choice(['api', 'jobs', 'export'])}.py"
        draft.call_model(
            ModelCall(
                model="claude-sonnet-4-5",
                provider="anthropic",
                instructions="You review changes. Read what you need, then list the defects you are sure of.",
                question=f"Change: {change}. Files read so far: {number}.",
                answer="Let me look at the next file." if number < rounds - 1 else "No defects found.",
                input_tokens=2_000 + 1_500 * number + chance.randint(0, 400),
                output_tokens=chance.randint(60, 300),
                cached_tokens=1_500 * number,
                finish_reason="tool_calls" if number < rounds - 1 else "stop",
                tool="read_file" if number < rounds - 1 else "",
                tool_arguments=f'{{"path": "{path}"}}',
            ),
            failure,
        )
        if failure is not None:
            break
        draft.open("execute_tool read_file", SpanKind.TOOL, _tool("read_file", f'{{"path": "{path}"}}'))
        draft.wait(5, 40)
        draft.close(attributes={gen_ai.TOOL_CALL_RESULT: "def upload(path): ..."})
    draft.close(failure)


def sql_analyst(draft: TraceDraft, now: Circumstances) -> None:
    """A model on the company's own machines, which nobody has a price for, writes SQL as JSON."""
    chance = draft.chance
    report = chance.choice(_REPORTS)
    draft.open("answer_report", SpanKind.WORKFLOW, {names.INPUT: report})
    valid = chance.random() > 0.08
    answer = '{"sql": "select region, sum(revenue) from sales group by region"}'
    draft.call_model(
        ModelCall(
            model="acme-sql-8b",
            provider="vllm",
            instructions='Answer with JSON: {"sql": "..."}',
            question=f"Write the query for: {report}",
            answer=answer if valid else answer[:40],
            input_tokens=chance.randint(700, 1400),
            output_tokens=chance.randint(30, 90),
            output_valid=valid,
        )
    )
    failure = None if valid else _BAD_JSON
    if failure is None:
        draft.open("execute_tool run_query", SpanKind.TOOL, _tool("run_query", answer))
        draft.wait(20, 900)
        failure = _SQL_FAILED if chance.random() < 0.06 else None
        draft.close(failure, {gen_ai.TOOL_CALL_RESULT: "4 rows" if failure is None else None})
    draft.close(failure)


def _blocked_by_guardrail(draft: TraceDraft, chance: random.Random) -> bool:
    blocked = chance.random() < 0.03
    draft.open("guardrail prompt-injection", SpanKind.GUARDRAIL)
    draft.wait(2, 12)
    draft.close(
        attributes={
            names.GUARDRAIL_NAME: "prompt-injection",
            names.GUARDRAIL_STAGE: "input",
            names.GUARDRAIL_OUTCOME: "block" if blocked else "pass",
            names.GUARDRAIL_SCORE: chance.uniform(0.8, 1) if blocked else chance.uniform(0, 0.3),
        }
    )
    return blocked


def _found_in_cache(draft: TraceDraft, chance: random.Random) -> bool:
    hit = chance.random() < 0.18
    tokens = chance.randint(900, 1700)
    saved = {
        names.CACHE_SAVED_TOKENS: tokens,
        names.CACHE_SAVED_USD: f"{tokens * 0.15e-6:.8f}",
        names.CACHE_AGE_S: chance.randint(30, 7200),
    }
    draft.open("cache answers", SpanKind.CACHE, {names.CACHE_KIND: "semantic", names.CACHE_HIT: hit})
    draft.wait(4, 20)
    similarity = chance.uniform(0.93, 1) if hit else chance.uniform(0.2, 0.9)
    draft.close(attributes={names.CACHE_SIMILARITY: similarity} | (saved if hit else {}))
    return hit


def _retrieve(draft: TraceDraft, question: str, chance: random.Random) -> None:
    draft.open("retrieval help-pages", SpanKind.RETRIEVAL, {gen_ai.RETRIEVAL_QUERY_TEXT: question})
    draft.wait(15, 90)
    score = chance.uniform(0.6, 0.95)
    documents = f'[{{"id": "refunds", "score": {score:.3f}}}, {{"id": "shipping", "score": {score / 2:.3f}}}]'
    draft.close(attributes={gen_ai.RETRIEVAL_TOP_K: 2, gen_ai.RETRIEVAL_DOCUMENTS: documents})


def _look_up_order(draft: TraceDraft, chance: random.Random) -> Failure | None:
    draft.open("execute_tool look_up_order", SpanKind.TOOL, _tool("look_up_order", '{"order": "AB-1042"}'))
    draft.wait(30, 250)
    failure = _TOOL_FAILED if chance.random() < 0.07 else None
    draft.close(failure, {gen_ai.TOOL_CALL_RESULT: '{"status": "shipped"}' if failure is None else None})
    return failure


def _summary_call(chance: random.Random, now: Circumstances, model: str, question: str) -> ModelCall:
    return ModelCall(
        model=model,
        provider="openai",
        instructions="Summarise for a lawyer. Keep dates, sums and duties.",
        question=question,
        answer="The tenant pays quarterly in advance and may leave with six months' notice.",
        input_tokens=chance.randint(2_500, 6_000),
        output_tokens=chance.randint(120, 420),
        fingerprint=now.fingerprint,
        prompt_name="chapter-summary",
        prompt_version=str(now.release),
    )


def _provider_failure(chance: random.Random, now: Circumstances) -> Failure | None:
    dice = chance.random()
    if dice < (0.45 if now.incident else 0.006):
        return RATE_LIMITED
    return _TIMED_OUT if dice > 0.996 else None


def _tool(name: str, arguments: str) -> dict[str, str]:
    return {
        gen_ai.OPERATION_NAME: "execute_tool",
        gen_ai.TOOL_NAME: name,
        gen_ai.TOOL_CALL_ARGUMENTS: arguments,
    }
