"""Tools of every provider's API are written in one form."""

import json
from typing import Any

import pytest

from sightline_semconv.dialects import normalise
from sightline_semconv.dialects.tool_definitions import tool_definitions

SCHEMA = {"type": "object", "properties": {"function": {"type": "string"}}}
FLAT = {"type": "function", "name": "find", "description": "Finds.", "parameters": SCHEMA}
NAMED = {"name": "find", "description": "Finds."}

FORMS: dict[str, Any] = {
    "GenAI": FLAT,
    "OpenAI's chat API": {"type": "function", "function": {**NAMED, "parameters": SCHEMA}},
    "Anthropic": {**NAMED, "input_schema": SCHEMA},
    "Bedrock": {"toolSpec": {**NAMED, "inputSchema": {"json": SCHEMA}}},
    "Gemini": {"function_declarations": [{**NAMED, "parameters": SCHEMA}]},
    "Gemini's REST API": {"functionDeclarations": [{**NAMED, "parametersJsonSchema": SCHEMA}]},
    "Vercel": {"type": "function", **NAMED, "inputSchema": SCHEMA},
    "JSON inside": json.dumps({**NAMED, "parameters": json.dumps(SCHEMA)}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_tool_of_any_form_becomes_flat_and_stays_so(form: str) -> None:
    found = tool_definitions([FORMS[form]])
    assert json.loads(found) == [FLAT]
    assert tool_definitions(json.loads(found)) == found


@pytest.mark.parametrize(
    "tool",
    [7, None, "text", [], {}, {"google_search": {}}, {"function": {}}, {"function": 7}, {"toolSpec": []}],
)
def test_what_is_no_tool_of_a_known_form_is_kept(tool: Any) -> None:
    assert json.loads(tool_definitions([tool, FLAT])) == [tool, FLAT]


def test_all_declarations_of_gemini_are_kept_in_their_order() -> None:
    tools = [{"function_declarations": [{"name": "a"}, {"name": "b"}]}, {"name": "c"}]
    assert [tool["name"] for tool in json.loads(tool_definitions(tools))] == ["a", "b", "c"]


def test_tools_inside_tools_without_end_are_opened_without_recursion() -> None:
    tool: Any = {"name": "x"}
    for _ in range(5_000):
        tool = {"function": tool}
    assert tool_definitions([tool]) == '[{"type":"function","name":"x"}]'


@pytest.mark.parametrize("provider", ["gen_ai.system", "gen_ai.provider.name"])
def test_tools_under_the_genai_name_in_the_form_of_a_provider_become_flat(provider: str) -> None:
    said = json.dumps([FORMS["Gemini"], FORMS["OpenAI's chat API"]])
    found = normalise({provider: "gemini", "gen_ai.tool.definitions": said}).attributes
    assert json.loads(str(found["gen_ai.tool.definitions"])) == [FLAT, FLAT]


def test_tools_of_openinference_have_the_form_of_the_provider_or_none() -> None:
    found = normalise(
        {
            "openinference.span.kind": "LLM",
            "llm.tools.0.tool.json_schema": json.dumps(FORMS["Bedrock"]),
            "llm.tools.1.tool": "hostile",
        }
    ).attributes
    assert json.loads(str(found["gen_ai.tool.definitions"])) == [
        FLAT,
        {"type": "function", "name": "", "schema": "hostile"},
    ]
