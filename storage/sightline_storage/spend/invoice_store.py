"""Storing and reading what providers say they charged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Engine, Row, delete, insert, select

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.known_sums import sum_of_known
from sightline_storage.metadata.metadata_database import read_rows
from sightline_storage.metadata.metadata_tables import MAX_NAME
from sightline_storage.spend.invoice_tables import INVOICE_IMPORTS, INVOICE_LINES

InvoiceKind = Literal["cost", "usage"]

MAX_LINES = 200_000
_MAX_IMPORTS = 100


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of a provider's export, summed over a day. `None` = the export does not say.

    `input_tokens` includes cached ones, as everywhere in Sightline.
    """

    day: date
    model: str
    account: str
    item: str
    usd: Decimal | None = None
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceImport:
    """One file that was imported. `usd` is the sum of its lines, `None` for a file of usage."""

    provider: str
    kind: InvoiceKind
    format: str
    file: str
    first_day: date
    last_day: date
    lines: int
    usd: Decimal | None
    imported_at: datetime
    imported_by: str


class InvoiceStore:
    """Thread-safe. Every call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace(self, project: ProjectId, entry: InvoiceImport, lines: Sequence[InvoiceLine]) -> None:
        """Store the lines in place of all of the same provider and kind between its first and last day.

        Lines are distinct in (day, model, account, item). The same file again changes nothing but the log.
        """
        columns = INVOICE_LINES.c
        with self._engine.begin() as connection:
            connection.execute(
                delete(INVOICE_LINES).where(
                    columns.project == project,
                    columns.provider == entry.provider,
                    columns.kind == entry.kind,
                    columns.day >= entry.first_day.isoformat(),
                    columns.day <= entry.last_day.isoformat(),
                )
            )
            common = {"project": project, "provider": entry.provider, "kind": entry.kind}
            if lines:
                connection.execute(insert(INVOICE_LINES), [common | _line_values(line) for line in lines])
            connection.execute(insert(INVOICE_IMPORTS).values(project=project, **_import_values(entry)))

    def read(
        self, project: ProjectId, provider: str, first_day: date, last_day: date
    ) -> list[tuple[InvoiceKind, InvoiceLine]]:
        """Return the lines of the days, both included, in no order; `CallerError` over `MAX_LINES`."""
        columns = INVOICE_LINES.c
        statement = (
            select(INVOICE_LINES)
            .where(
                columns.project == project,
                columns.provider == provider,
                columns.day >= first_day.isoformat(),
                columns.day <= last_day.isoformat(),
            )
            .limit(MAX_LINES + 1)
        )
        rows = read_rows(self._engine, statement)
        if len(rows) > MAX_LINES:
            raise CallerError(
                f"what was imported of {provider!r} has more than {MAX_LINES} lines in these days, "
                "too many to be compared; export it with fewer details"
            )
        return [(row.kind, _line(row)) for row in rows]

    def covered(
        self, project: ProjectId, provider: str, first_day: date, last_day: date
    ) -> list[tuple[InvoiceKind, date, date]]:
        """Return kind, first and last day of every import that touches the days, each once."""
        imports = INVOICE_IMPORTS.c
        statement = (
            select(imports.kind, imports.first_day, imports.last_day)
            .where(
                imports.project == project,
                imports.provider == provider,
                imports.first_day <= last_day.isoformat(),
                imports.last_day >= first_day.isoformat(),
            )
            .distinct()
        )
        return [
            (row.kind, date.fromisoformat(row.first_day), date.fromisoformat(row.last_day))
            for row in read_rows(self._engine, statement)
        ]

    def imports(self, project: ProjectId) -> list[InvoiceImport]:
        """Return the newest imports, newest first."""
        statement = select(INVOICE_IMPORTS).where(INVOICE_IMPORTS.c.project == project)
        newest = statement.order_by(INVOICE_IMPORTS.c.id.desc()).limit(_MAX_IMPORTS)
        return [_import(row) for row in read_rows(self._engine, newest)]

    def forget(self, project: ProjectId, provider: str) -> None:
        """Delete all lines of a provider and their entries in the log."""
        with self._engine.begin() as connection:
            for table in (INVOICE_LINES, INVOICE_IMPORTS):
                connection.execute(
                    delete(table).where(table.c.project == project, table.c.provider == provider)
                )


def merge_lines(lines: Iterable[InvoiceLine]) -> list[InvoiceLine]:
    """Return lines that are distinct in day, model, account and item, with their amounts added.

    Names are cut to what the columns hold first: two that were told apart by their ends are one then.
    """
    merged: dict[tuple[date, str, str, str], InvoiceLine] = {}
    for given in lines:
        line = replace(given, model=_name(given.model), account=_name(given.account), item=_name(given.item))
        key = (line.day, line.model, line.account, line.item)
        other = merged.get(key)
        merged[key] = line if other is None else _add(other, line)
    return list(merged.values())


def _name(text: str) -> str:
    # PostgreSQL has no text with a zero character.
    return text.replace("\0", "")[:MAX_NAME]


def _add(one: InvoiceLine, other: InvoiceLine) -> InvoiceLine:
    return InvoiceLine(
        one.day,
        one.model,
        one.account,
        one.item,
        sum_of_known([one.usd, other.usd]),
        *(
            sum_of_known([getattr(one, name), getattr(other, name)])
            for name in ("input_tokens", "cached_input_tokens", "output_tokens", "requests")
        ),
    )


def _line_values(line: InvoiceLine) -> dict[str, Any]:
    return {
        "day": line.day.isoformat(),
        "model": line.model,
        "account": line.account,
        "item": line.item,
        "usd": None if line.usd is None else format(line.usd, "f"),
        "input_tokens": line.input_tokens,
        "cached_input_tokens": line.cached_input_tokens,
        "output_tokens": line.output_tokens,
        "requests": line.requests,
    }


def _import_values(entry: InvoiceImport) -> dict[str, Any]:
    return {
        "provider": entry.provider,
        "kind": entry.kind,
        "format": entry.format,
        "file": _name(entry.file),
        "first_day": entry.first_day.isoformat(),
        "last_day": entry.last_day.isoformat(),
        "lines": entry.lines,
        "usd": None if entry.usd is None else format(entry.usd, "f"),
        "imported_at": entry.imported_at,
        "imported_by": entry.imported_by[:MAX_NAME],
    }


def _line(row: Row[Any]) -> InvoiceLine:
    return InvoiceLine(
        day=date.fromisoformat(row.day),
        model=row.model,
        account=row.account,
        item=row.item,
        usd=None if row.usd is None else Decimal(row.usd),
        input_tokens=row.input_tokens,
        cached_input_tokens=row.cached_input_tokens,
        output_tokens=row.output_tokens,
        requests=row.requests,
    )


def _import(row: Row[Any]) -> InvoiceImport:
    return InvoiceImport(
        provider=row.provider,
        kind=row.kind,
        format=row.format,
        file=row.file,
        first_day=date.fromisoformat(row.first_day),
        last_day=date.fromisoformat(row.last_day),
        lines=row.lines,
        usd=None if row.usd is None else Decimal(row.usd),
        imported_at=row.imported_at,
        imported_by=row.imported_by,
    )
