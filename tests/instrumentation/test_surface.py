"""Every request that the installed `openai` can send is traced, or known to ask no model."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import openai

from sightline.endpoints import find_endpoint

_SENDERS = {"_post": "post", "_put": "put", "_patch": "patch", "_get": "get", "_get_api_list": "get"}
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
# Whole areas in which data, settings and people are looked after.
_AREAS = re.compile(
    r"/(organization|projects|files|uploads|containers|conversations|skills|vaults|webhook_endpoints"
    r"|agents/environments|chatkit/sessions/x|audio/voice|content_provenance_checks|threads(/x)?(/messages.*)?$)"
)
# Paths that change, end or only prepare something.
_CHANGES = re.compile(
    r".*/(cancel|pause|resume|hangup|refer|reject|archive|validate|permissions|files(/x)?|file_batches)"
    r"|.*/(assistants|evals|vector_stores|agents|sessions|automations|chat/completions|runs)/x"
    r"|/(evals|vector_stores|agents/automations|videos/characters|responses/input_tokens)"
)


@cache
def _requests() -> frozenset[tuple[str, str, str]]:
    """(method, path, who sends it) of every call of a resource class, with x for each id."""
    found = set()
    for file in Path(openai.__file__).parent.joinpath("resources").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            for call in (node for node in ast.walk(owner) if isinstance(node, ast.Call)):
                sender = call.func.attr if isinstance(call.func, ast.Attribute) else ""
                if sender in _SENDERS and call.args:
                    found.add((_SENDERS[sender], _path(call.args[0]), owner.name))
    return frozenset(found)


def _path(given: ast.expr) -> str:
    """A path is a text, an f-string, or a template with names in braces."""
    if isinstance(given, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in given.values)
    texts = [node.value for node in ast.walk(given) if isinstance(node, ast.Constant)]
    return _PLACEHOLDER.sub("x", str(texts[0])).partition("?")[0]


def test_no_request_that_asks_a_model_goes_untraced() -> None:
    sent = {(method, path) for method, path, _ in _requests()}
    assert {("post", "/chat/completions"), ("post", "/responses"), ("post", "/embeddings")} <= sent
    untraced = {
        (method, path)
        for method, path in sent
        if method != "get"
        and find_endpoint(method, path) is None
        and not (_AREAS.match(path) or _CHANGES.fullmatch(path))
    }
    assert untraced == set()


def test_sync_and_async_clients_send_the_same() -> None:
    by_kind = [
        {(method, path) for method, path, owner in _requests() if ("Async" in owner) is is_async}
        for is_async in (False, True)
    ]
    assert by_kind[0] == by_kind[1]
