"""The table of endpoints in `docs/api.md`, made from the OpenAPI document."""

from collections.abc import Iterator
from typing import Any

BEGIN = "<!-- endpoints: written by python -m sightline_api.openapi -->"
END = "<!-- end of endpoints -->"


def with_endpoints(page: str, document: dict[str, Any]) -> str:
    """Return the page with the table between its marks written anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    tables = "\n".join(_tables(document))
    return f"{head}{BEGIN}\n{tables}\n{END}{tail}"


def _tables(document: dict[str, Any]) -> Iterator[str]:
    topics: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            told = operation.get("description", "").partition("\n\n")[0]
            text = told.replace("\n", " ").replace("|", "\\|")
            topics.setdefault(operation["tags"][0], []).append(f"| `{method.upper()} {path}` | {text} |")
    for topic, rows in topics.items():
        yield f"\n### {topic.capitalize()}\n\n| endpoint | |\n|---|---|"
        yield from rows
