"""What the app says about its work, in whatever form it says it."""

from __future__ import annotations

from typing import Any

import openai
import pytest

import sightline
from sightline.testing import CapturedSpans
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names

_OURS = (names.APP, gen_ai.OPERATION_NAME, gen_ai.WORKFLOW_NAME)


def test_whatever_a_context_is_given_it_raises_nothing_and_keeps_the_rest(captured: CapturedSpans) -> None:
    class Hostile:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    loop: dict[str, Any] = {}
    loop["loop"] = loop
    metadata = {"tuple": {(1, 2): 3}, "loop": loop, "hostile": Hostile(), "plain": 1}
    prompt = {"name": "p", "version": 2, "variables": ["not", "named"]}
    unreadable: dict[str, Any] = {"user": Hostile(), "tags": 5, "metadata": metadata, "prompt": prompt}
    with sightline.context(session="s", **unreadable), sightline.span("chain"):
        pass
    nonsense: Any = [("a", 1)]
    with sightline.context(user="u", metadata=nonsense, prompt=nonsense), sightline.span("chain"):
        pass
    first, second = (dict(span.attributes or {}) for span in captured.spans)
    assert {name: value for name, value in first.items() if not name.startswith(_OURS)} == {
        names.SESSION_ID: "s",
        names.METADATA_PREFIX + "tuple": "{(1, 2): 3}",
        names.METADATA_PREFIX + "loop": "{'loop': {...}}",
        names.METADATA_PREFIX + "plain": 1,
        gen_ai.PROMPT_NAME: "p",
        gen_ai.PROMPT_VERSION: "2",
    }
    assert second[names.USER_ID] == "u"


def test_the_user_of_a_request_is_that_of_its_span_where_the_context_says_none(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    def ask(**more: Any) -> None:
        client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "hi"}], extra_body=more
        )

    ask(user="u-1", safety_identifier="hash")
    ask(safety_identifier="hash")
    ask(user=7)
    with sightline.context(user="u-2"):
        ask(user="u-1")
    users = [dict(span.attributes or {}).get(names.USER_ID) for span in captured.spans]
    assert users == ["u-1", "hash", None, "u-2"]


@pytest.mark.parametrize("kind", [["tool"], {}, None, 5, "nonsense"])
def test_a_kind_that_is_none_counts_as_internal(kind: Any, captured: CapturedSpans) -> None:
    with sightline.span("step", kind=kind):
        pass
    sightline.trace(kind=kind)(lambda: None)()
    found = [dict(span.attributes or {})[names.SPAN_KIND] for span in captured.spans]
    assert found == ["internal", "internal"]
