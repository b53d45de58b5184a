"""What providers export about their charges, as invoice lines. Formats were looked up in November 2026.

| format | what it is |
|---|---|
| `openai-json` | pages of `/v1/organization/costs` or `/v1/organization/usage/*`: one, or a list of them |
| `openai-csv` | the cost or usage export of the dashboard: the same fields, flat |
| `anthropic-json` | pages of `/v1/organizations/cost_report` or `/usage_report/messages` |
| `anthropic-csv` | the cost or usage export of the console |
| `csv` | any table, with a mapping of its columns |

A file is of money (`cost`) or of tokens (`usage`); days are the provider's, which is UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from sightline_analysis.costs.invoice_text import (
    read_count,
    read_day,
    read_json,
    read_table,
    read_usd,
    require_usd,
)
from sightline_core.errors import CallerError
from sightline_storage.spend.invoice_store import MAX_LINES, InvoiceKind, InvoiceLine, merge_lines

InvoiceFormat = Literal["openai-json", "openai-csv", "anthropic-json", "anthropic-csv", "csv"]
INVOICE_FORMATS: tuple[InvoiceFormat, ...] = get_args(InvoiceFormat)

MAPPED_COLUMNS = (
    "day",
    "model",
    "usd",
    "account",
    "item",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "requests",
)
"""What the columns of a generic CSV can be mapped to."""


@dataclass(frozen=True, slots=True)
class ParsedInvoice:
    """Lines that are distinct in day, model, account and item. The days cover empty ones of the file too."""

    kind: InvoiceKind
    lines: list[InvoiceLine]
    first_day: date
    last_day: date

    @property
    def usd(self) -> Decimal | None:
        """Sum of the lines; `None` for usage."""
        amounts = [line.usd for line in self.lines if line.usd is not None]
        return sum(amounts, Decimal(0)) if self.kind == "cost" else None


def parse_invoice(format: InvoiceFormat, text: str, mapping: Mapping[str, str]) -> ParsedInvoice:
    """Return the lines of an export; `CallerError` that names the line when it cannot be understood.

    `mapping` is read by `csv` only: name of `MAPPED_COLUMNS` → name of the column in the file.
    """
    kind, days = _csv(text, mapping) if format == "csv" else _PARSERS[format](text)
    lines: list[InvoiceLine] = []
    covered: set[date] = set()
    for day, found in days:
        covered.add(day)
        lines += found
        if len(lines) > MAX_LINES:
            raise CallerError(f"the file has more than {MAX_LINES} lines; import it in parts")
    if not covered:
        raise CallerError("the file has no days")
    return ParsedInvoice(kind, merge_lines(lines), min(covered), max(covered))


_Days = Iterable[tuple[date, list[InvoiceLine]]]
_Parsed = tuple[InvoiceKind, _Days]


def _by_bucket(
    text: str, day_field: str, line: Callable[[date, Mapping[str, Any], str], InvoiceLine]
) -> _Parsed:
    buckets = list(_buckets(read_json(text)))
    results = [result for _, bucket in buckets for result in _results(bucket)]
    kind: InvoiceKind = "cost" if any("amount" in result for result in results) else "usage"

    def days() -> Iterator[tuple[date, list[InvoiceLine]]]:
        for place, bucket in buckets:
            day = read_day(bucket.get(day_field), place)
            yield day, [line(day, result, place) for result in _results(bucket)]

    return kind, days()


def _openai_json(text: str) -> _Parsed:
    return _by_bucket(text, "start_time", _openai_line)


def _openai_line(day: date, result: Mapping[str, Any], place: str) -> InvoiceLine:
    amount = result.get("amount")
    if isinstance(amount, Mapping):
        require_usd(amount.get("currency"), place)
        return _openai_cost(day, result, amount.get("value"), place)
    if amount is not None:
        raise CallerError(f"{place}: the amount is no object with a value and a currency")
    return _openai_usage(day, result, place)


def _openai_csv(text: str) -> _Parsed:
    header, rows = read_table(text)
    _require(header, "start_time")
    is_cost = "amount_value" in header

    def days() -> Iterator[tuple[date, list[InvoiceLine]]]:
        for place, row in rows:
            day = read_day(row.get("start_time"), place)
            # A day without any charge has a row without an amount.
            if is_cost and row.get("amount_value"):
                require_usd(row.get("amount_currency"), place)
                yield day, [_openai_cost(day, row, row["amount_value"], place)]
            else:
                yield day, [] if is_cost or not row.get("model") else [_openai_usage(day, row, place)]

    return "cost" if is_cost else "usage", days()


def _openai_cost(day: date, result: Mapping[str, Any], amount: object, place: str) -> InvoiceLine:
    # "gpt-4o-2024-08-06, cached input"
    model, _, item = _text(result, "line_item").partition(", ")
    return InvoiceLine(day, model, _openai_account(result), item, usd=read_usd(amount, place))


def _openai_usage(day: date, result: Mapping[str, Any], place: str) -> InvoiceLine:
    return InvoiceLine(
        day,
        _text(result, "model"),
        _openai_account(result),
        "",
        input_tokens=read_count(result.get("input_tokens"), place),
        cached_input_tokens=read_count(result.get("input_cached_tokens"), place),
        output_tokens=read_count(result.get("output_tokens"), place),
        requests=read_count(result.get("num_model_requests"), place),
    )


def _openai_account(result: Mapping[str, Any]) -> str:
    return _account(_text(result, "project_name") or _text(result, "project_id"), _text(result, "api_key_id"))


def _anthropic_json(text: str) -> _Parsed:
    return _by_bucket(text, "starting_at", _anthropic_line)


def _anthropic_line(day: date, result: Mapping[str, Any], place: str) -> InvoiceLine:
    account = _account(_text(result, "workspace_id"), _text(result, "api_key_id"))
    model = _text(result, "model")
    if "amount" in result:
        require_usd(result.get("currency"), place)
        item = _text(result, "token_type") or _text(result, "description")
        # The API counts in cents.
        return InvoiceLine(day, model, account, item, usd=read_usd(result["amount"], place) / 100)
    written = result.get("cache_creation")
    classes = [result.get("uncached_input_tokens"), result.get("cache_read_input_tokens")]
    classes += written.values() if isinstance(written, Mapping) else []
    return InvoiceLine(
        day,
        model,
        account,
        "",
        input_tokens=sum(read_count(count, place) or 0 for count in classes),
        cached_input_tokens=read_count(result.get("cache_read_input_tokens"), place),
        output_tokens=read_count(result.get("output_tokens"), place),
    )


_ANTHROPIC_INPUT = tuple(
    f"usage_input_tokens_{name}" for name in ("no_cache", "cache_write_5m", "cache_write_1h", "cache_read")
)


def _anthropic_csv(text: str) -> _Parsed:
    header, rows = read_table(text)
    _require(header, "usage_date_utc")
    is_cost = "cost_usd" in header

    def days() -> Iterator[tuple[date, list[InvoiceLine]]]:
        for place, row in rows:
            day = read_day(row.get("usage_date_utc"), place)
            account = _account(row.get("workspace", ""), row.get("api_key", ""))
            if is_cost:
                item, usd = row.get("token_type", ""), read_usd(row.get("cost_usd", ""), place)
                yield day, [InvoiceLine(day, row.get("model", ""), account, item, usd=usd)]
                continue
            line = InvoiceLine(
                day,
                row.get("model_version") or row.get("model", ""),
                account,
                "",
                input_tokens=sum(read_count(row.get(name), place) or 0 for name in _ANTHROPIC_INPUT),
                cached_input_tokens=read_count(row.get("usage_input_tokens_cache_read"), place),
                output_tokens=read_count(row.get("usage_output_tokens"), place),
            )
            yield day, [line]

    return "cost" if is_cost else "usage", days()


def _csv(text: str, mapping: Mapping[str, str]) -> _Parsed:
    unknown = sorted(set(mapping) - set(MAPPED_COLUMNS))
    if unknown:
        raise CallerError(f"columns can be mapped to {', '.join(MAPPED_COLUMNS)}, not to {unknown[0][:40]!r}")
    if "day" not in mapping or not {"usd", "input_tokens", "output_tokens"} & set(mapping):
        raise CallerError("say which column is the day, and which one is usd or tokens")
    header, rows = read_table(text)
    for column in mapping.values():
        _require(header, column)

    def cell(row: Mapping[str, str], name: str) -> str:
        return row.get(mapping[name], "") if name in mapping else ""

    def days() -> Iterator[tuple[date, list[InvoiceLine]]]:
        for place, row in rows:
            day = read_day(cell(row, "day"), place)
            counts = {
                name: read_count(cell(row, name), place)
                for name in ("input_tokens", "cached_input_tokens", "output_tokens", "requests")
            }
            usd = read_usd(cell(row, "usd"), place) if cell(row, "usd") else None
            line = InvoiceLine(
                day, cell(row, "model"), cell(row, "account"), cell(row, "item"), usd=usd, **counts
            )
            yield day, [line]

    return "cost" if "usd" in mapping else "usage", days()


_PARSERS: dict[str, Callable[[str], _Parsed]] = {
    "openai-json": _openai_json,
    "openai-csv": _openai_csv,
    "anthropic-json": _anthropic_json,
    "anthropic-csv": _anthropic_csv,
}


def _buckets(document: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    pages = document if isinstance(document, list) else [document]
    number = 0
    for page in pages:
        buckets = page.get("data") if isinstance(page, Mapping) else None
        if not isinstance(buckets, list):
            raise CallerError('the file is not an answer of the provider: there is no list "data"')
        for bucket in buckets:
            number += 1
            if not isinstance(bucket, Mapping):
                raise CallerError(f"bucket {number} is not an object")
            yield f"bucket {number}", bucket


def _results(bucket: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    # The description of the API says `result`, its answers say `results`.
    results = bucket.get("results", bucket.get("result", []))
    if not isinstance(results, list):
        return []
    return [result for result in results if isinstance(result, Mapping)]


def _require(header: list[str], column: str) -> None:
    if column not in header:
        raise CallerError(f"the file has no column {column[:60]!r}; it has {', '.join(header)[:300]}")
    if header.count(column) > 1:
        raise CallerError(f"the file has more than one column {column[:60]!r}; which one counts is not clear")


def _text(result: Mapping[str, Any], name: str) -> str:
    value = result.get(name)
    return value.strip() if isinstance(value, str) else ""


def _account(*names: str) -> str:
    return " / ".join(name for name in names if name)
