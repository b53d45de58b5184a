"""Facts of agents that the provider runs: sessions of the Agents API, and runs of assistants on threads.

The model calls of such an agent are made elsewhere and have no spans. Tokens that it reports are therefore
counted on the span of its session or run, which is then a model call in the sense of costs.
"""

from __future__ import annotations

from sightline.facts import Facts, Usage
from sightline.readers.chat import read_identity, read_sampling
from sightline.readers.counted_once import counted_turns
from sightline.readers.json_values import JsonObject, as_list, as_object, as_objects, as_text
from sightline.readers.messages import chat_messages, text_part, tool_definitions
from sightline.readers.responses import input_messages, output_messages
from sightline.readers.usage import read_usage
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import SpanKind

_TURN = "agent.session.turn."
_LAST = frozenset({"completed", "failed", "cancelled"})


def read_session_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /agents/sessions` (agent and first input) or `…/events` (further input)."""
    agent = as_object(body.get("agent"))
    facts.put(gen_ai.AGENT_NAME, as_text(agent.get("name")) or as_text(body.get("agent_id")))
    if instructions := as_text(agent.get("instructions")):
        facts.system_instructions = [text_part(instructions)]
    facts.tools = tool_definitions(agent.get("tools"))
    facts.input_messages = input_messages(body.get("input"))
    for event in as_objects(body.get("events")):
        facts.input_messages.extend(input_messages(as_list(event.get("input"))))


def read_session_response(body: JsonObject, facts: Facts) -> None:
    """A session, or what `fold_session` put together of its events."""
    agent = as_object(body.get("agent"))
    facts.put(gen_ai.RESPONSE_ID, as_text(body.get("id")))
    if body.get("object") == "agent.session":
        facts.put(gen_ai.CONVERSATION_ID, as_text(body.get("id")))
    facts.put(gen_ai.RESPONSE_MODEL, as_text(agent.get("model")))
    facts.put(gen_ai.OPENAI_RESPONSE_SERVICE_TIER, as_text(agent.get("service_tier")))
    facts.output_messages = output_messages(as_objects(body.get("output")))
    _count(read_usage(body.get("usage")), facts)


def fold_session(events: list[JsonObject], facts: Facts) -> JsonObject:
    """Events of a session → its answer. The first span that sees the end of a turn counts its tokens, because
    an app may listen to a session twice."""
    session: JsonObject = {}
    output: list[JsonObject] = []
    total = Usage()
    for position, event in enumerate(events):
        kind = as_text(event.get("type"))
        session = as_object(event.get("session")) or session
        session.setdefault("id", event.get("session_id"))
        if kind == f"{_TURN}item.done":
            output.append(as_object(event.get("item")))
        elif kind.removeprefix(_TURN) in _LAST:
            facts.terminal_index = position
            turn = as_object(event.get("turn"))
            if counted_turns.add(as_text(turn.get("id")) or as_text(event.get("turn_id"))):
                total = total.plus(read_usage(event.get("usage") or turn.get("usage")))
            if error := as_object(turn.get("error")):
                facts.error = (as_text(error.get("code")) or "turn_failed", as_text(error.get("message")))
        elif kind == "agent.session.idle":
            facts.terminal_index = position
    _count(total, facts)
    return {**session, "object": "agent.session", "output": output, "usage": None}


def read_run_request(body: JsonObject, facts: Facts) -> None:
    """Request that starts an assistant's run on a thread."""
    read_sampling(body, facts)
    if instructions := as_text(body.get("instructions")):
        facts.system_instructions = [text_part(instructions)]
    thread = as_object(body.get("thread"))
    facts.input_messages = chat_messages(thread.get("messages") or body.get("additional_messages"))
    facts.tools = tool_definitions(body.get("tools"))


def read_run_response(body: JsonObject, facts: Facts) -> None:
    """A run. It is usually still queued, without usage; when it failed, the reason is an error."""
    read_identity(body, facts)
    facts.put(gen_ai.CONVERSATION_ID, as_text(body.get("thread_id")))
    _count(read_usage(body.get("usage")), facts)
    error = as_object(body.get("last_error"))
    if error:
        facts.error = (as_text(error.get("code")) or "run_failed", as_text(error.get("message")))


def fold_run(events: list[JsonObject], facts: Facts) -> JsonObject:
    """Events of a streamed run ({"event", "data"}): the last run object wins."""
    run: JsonObject = {}
    for position, event in enumerate(events):
        data = as_object(event.get("data")) or event
        if data.get("object") == "thread.run":
            run = data
            if data.get("status") in {"completed", "failed", "cancelled", "expired"}:
                facts.terminal_index = position
    facts.incomplete = facts.terminal_index is None
    return run


def _count(usage: Usage, facts: Facts) -> None:
    if usage.attributes():
        facts.usage = usage
        facts.put(sightline.SPAN_KIND, SpanKind.LLM)
