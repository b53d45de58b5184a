"""The page's typed client against the API's committed description."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = ROOT / "ui" / "scripts" / "generate_client.py"
    spec = importlib.util.spec_from_file_location("generate_client", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_committed_client_belongs_to_the_committed_openapi_file(generator: ModuleType) -> None:
    spec = json.loads((ROOT / "api" / "openapi.json").read_text(encoding="utf-8"))
    committed = (ROOT / "ui" / "src" / "api" / "schema.ts").read_text(encoding="utf-8")
    assert committed == generator.render(spec), "run `npm --prefix ui run generate`"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"$ref": "#/components/schemas/Trace"}, "Trace"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"type": "array", "items": {"enum": ["a", 1]}}, '("a" | 1)[]'),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "Record<string, number>"),
        ({"title": "Anything"}, "unknown"),
    ],
)
def test_schema_becomes_the_type(generator: ModuleType, schema: object, expected: str) -> None:
    assert generator.type_of(schema) == expected


def test_schema_that_is_not_understood_stops_the_run(generator: ModuleType) -> None:
    with pytest.raises(ValueError, match="no TypeScript type"):
        generator.type_of({"type": "tuple"})
