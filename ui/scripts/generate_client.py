"""Write the page's typed view of the API: `api/openapi.json` → `ui/src/api/schema.ts`.

Every schema becomes an exported type, every operation an entry of `Operations`, keyed "METHOD /path".
Only what FastAPI emits is understood; anything else stops the run, so that nothing turns into `any`.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "api" / "openapi.json"
TARGET = ROOT / "ui" / "src" / "api" / "schema.ts"

HEADER = "// Generated from api/openapi.json by ui/scripts/generate_client.py. Do not edit.\n"
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
METHODS = ("get", "post", "put", "patch", "delete")

Schema = Mapping[str, Any]


def type_of(schema: Schema | bool) -> str:
    """Return the TypeScript type of a JSON schema; `ValueError` for a shape that is not understood."""
    if schema is True or schema == {}:
        return "unknown"
    assert not isinstance(schema, bool)
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(type_of(option) for option in schema[union]))
    match schema.get("type"):
        case "array":
            item = type_of(schema.get("items", True))
            return f"({item})[]" if "|" in item else f"{item}[]"
        case "object":
            return object_type(schema)
        case str(name) if name in SCALARS:
            return SCALARS[name]
        case None if not set(schema) - {"title", "description", "default"}:
            return "unknown"
    raise ValueError(f"no TypeScript type for {json.dumps(dict(schema))}")


def object_type(schema: Schema) -> str:
    """Return an object type; a map when it has no named properties."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    extra = schema.get("additionalProperties", False)
    if not properties:
        return f"Record<string, {type_of(extra) if extra else 'unknown'}>"
    required = set(schema.get("required", ()))
    lines = []
    for name, value in properties.items():
        if "description" in value:
            lines.append(f"  /** {' '.join(str(value['description']).split())} */")
        lines.append(f"  {json.dumps(name)}{'' if name in required else '?'}: {type_of(value)};")
    if extra is True:
        lines.append("  [key: string]: unknown;")
    return "{\n" + "\n".join(lines) + "\n}"


def operation_type(method: str, path: str, operation: Schema) -> str:
    """Return one entry of `Operations`: path and query parameters, body and the answer of a success."""
    groups: dict[str, list[str]] = {"path": [], "query": []}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] in groups:
            mark = "" if parameter.get("required") else "?"
            groups[parameter["in"]].append(
                f"{json.dumps(parameter['name'])}{mark}: {type_of(parameter['schema'])}"
            )
    body = json_type(operation.get("requestBody", {}))
    success: Schema = next(
        (answer for code, answer in operation["responses"].items() if code.startswith("2")), {}
    )
    path_type, query_type = ("{ " + "; ".join(group) + " }" if group else "{}" for group in groups.values())
    return (
        f"  {json.dumps(f'{method.upper()} {path}')}: "
        f"{{ path: {path_type}; query: {query_type}; body: {body}; answer: {json_type(success)} }};"
    )


def json_type(holder: Schema) -> str:
    """Return the type of a body; `undefined` when there is none, `string` when it is not JSON."""
    content = holder.get("content", {})
    if "application/json" in content:
        return type_of(content["application/json"].get("schema", True))
    return "string" if content else "undefined"


def render(spec: Schema) -> str:
    """Return the whole TypeScript module."""
    parts = [HEADER]
    for name, schema in sorted(spec.get("components", {}).get("schemas", {}).items()):
        if "description" in schema:
            summary = " ".join(str(schema["description"]).split())
            parts.append(f"/** {summary.replace('*/', '* /')} */")
        parts.append(f"export type {name} = {type_of(schema)};\n")
    parts.append("export type Operations = {")
    parts += [
        operation_type(method, path, item[method])
        for path, item in sorted(spec["paths"].items())
        for method in METHODS
        if method in item
    ]
    parts.append("};\n")
    return "\n".join(parts)


def main(arguments: list[str]) -> None:
    """Write `schema.ts` from the specification named on the command line, `api/openapi.json` by default."""
    source = Path(arguments[0]) if arguments else SPEC
    TARGET.write_text(render(json.loads(source.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
