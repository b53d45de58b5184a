"""What the stand-in for OpenAI says. It plays a support assistant that has read the documents it is given."""

import json
import random
import re
from dataclasses import dataclass
from typing import Any

ORDER_NUMBER = re.compile(r"\b[A-Z]{2}-\d{4}\b")
_OFF_LIMITS = re.compile(r"\b(weapon|explosive|malware|fake invoice)\b", re.IGNORECASE)
_CATEGORIES = {
    "refund": ("refund", "money back", "return"),
    "shipping": ("ship", "deliver", "parcel", "order", "where is"),
    "account": ("password", "account", "log in", "login", "two-factor"),
    "billing": ("invoice", "bill", "charge", "price", "plan"),
}


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function the model wants to be called; `arguments` is JSON text, as on the wire."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Exactly one of `text`, `refusal` and `tool_call` says something."""

    text: str = ""
    refusal: str = ""
    tool_call: ToolCall | None = None
    finish_reason: str = "stop"
    reasoning_tokens: int = 0

    def output(self) -> str:
        """Return everything the model wrote, for counting tokens."""
        return self.text + self.refusal + (self.tool_call.arguments if self.tool_call else "")


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the provider reports them; `cached` is part of `input`, `reasoning` of `output`."""

    input: int
    cached: int
    output: int
    reasoning: int


@dataclass(frozen=True, slots=True)
class Question:
    """A request of either API, reduced to what a reply depends on."""

    model: str
    messages: list[dict[str, Any]]
    tools: list[str]
    wants_json: bool
    max_tokens: int | None

    def last(self, role: str) -> str:
        """Return the text of the last message of `role`, "" when there is none."""
        for message in reversed(self.messages):
            if message.get("role") == role:
                return text_of(message.get("content"))
        return ""


def text_of(content: Any) -> str:
    """Return the text of a message's content, whether it is a string or a list of parts."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def reply_to(question: Question, chance: random.Random) -> Reply:
    """Return the model's reply. `chance` decides where a real model varies: wording, broken JSON, loops."""
    asked = question.last("user")
    reasoning = chance.randint(40, 400) if question.model.startswith(("o", "gpt-5")) else 0
    if _OFF_LIMITS.search(asked):
        return Reply(refusal="I'm sorry, but I can't help with that request.", reasoning_tokens=reasoning)
    if question.wants_json:
        return Reply(text=_triage(asked, chance), reasoning_tokens=reasoning)
    tool_call = _wanted_tool(question, asked)
    if tool_call is not None:
        return Reply(tool_call=tool_call, finish_reason="tool_calls")
    text = _answer(question, asked, chance)
    if question.max_tokens is not None and count_tokens(text) > question.max_tokens:
        return Reply(text[: question.max_tokens * 4], finish_reason="length", reasoning_tokens=reasoning)
    return Reply(text, reasoning_tokens=reasoning)


def pieces_of(text: str) -> list[str]:
    """Return the text cut before its spaces, as a stream delivers it; empty for ""."""
    return re.findall(r"\s*\S+\s*$|\s*\S+", text)


def count_tokens(text: str) -> int:
    """Return a rough count, four characters a token: enough for a stand-in that bills nobody."""
    return (len(text) + 3) // 4


def _wanted_tool(question: Question, asked: str) -> ToolCall | None:
    order = ORDER_NUMBER.search(asked)
    if order is None or "look_up_order" not in question.tools:
        return None
    answered = [m for m in question.messages if m.get("role") == "tool"]
    # An order that the shop reports as pending makes this model ask again and again: the loop to be found.
    if answered and "try again" not in text_of(answered[-1].get("content")):
        return None
    return ToolCall("look_up_order", json.dumps({"order_number": order[0]}))


def _triage(asked: str, chance: random.Random) -> str:
    category = next(
        (name for name, words in _CATEGORIES.items() if any(word in asked.lower() for word in words)), "other"
    )
    answer = json.dumps(
        {
            "category": category,
            "urgency": chance.choice(["low", "normal", "high"]),
            "needs_human": chance.random() < 0.2,
        }
    )
    # Models that are asked for JSON sometimes stop in the middle of it, or explain themselves first.
    if chance.random() < 0.06:
        return answer[: len(answer) // 2]
    return f"Here is the JSON you asked for: {answer}" if chance.random() < 0.04 else answer


def _answer(question: Question, asked: str, chance: random.Random) -> str:
    opening = chance.choice(["Thanks for reaching out.", "Happy to help.", "Good question."])
    tool_result = question.last("tool")
    if tool_result:
        return f"{opening} {_order_sentence(tool_result)} Is there anything else I can do for you?"
    facts = _document_sentences(question.last("system") or question.last("developer"))
    words = set(re.findall(r"\w{4,}", asked.lower()))
    facts.sort(key=lambda fact: -len(words & set(re.findall(r"\w{4,}", fact.lower()))))
    if not facts:
        return f"{opening} Our help pages say nothing about that, so I have asked a colleague."
    return f"{opening} {' '.join(facts[:3])} Let me know if that does not solve it."


def _order_sentence(tool_result: str) -> str:
    try:
        order = json.loads(tool_result)
    except json.JSONDecodeError:
        order = None
    if not isinstance(order, dict) or "status" not in order:
        return "I could not look up the order right now; a colleague will write to you soon."
    number, detail = order.get("order_number", ""), order.get("detail", "on track")
    return f"Your order {number} is {order['status']}: {detail}."


def _document_sentences(instructions: str) -> list[str]:
    """Return the sentences below the line `Documents:` of the instructions."""
    _, _, documents = instructions.partition("Documents:")
    return [s.strip() for s in re.split(r"(?<=[.!?])\s+", documents) if s.strip() and not s.startswith("#")]
