"""What providers charged against what was counted."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from sightline_analysis.costs.reconciliation import Comparison, GapCause
from sightline_analysis.costs.reconciling import import_invoice, read_reconciliation
from sightline_api.amounts import usd_or_none, usd_text
from sightline_api.cost_view import known_usd, state_of
from sightline_api.csv_text import CSV_FILE, csv_response, plain_cell
from sightline_api.dependencies import Caller, Editor, Services
from sightline_api.reconciliation_models import (
    AccountChargeModel,
    CellComparison,
    ComparisonModel,
    DayComparison,
    InvoiceImportModel,
    InvoiceImports,
    InvoiceWrite,
    ModelComparison,
    ProviderName,
    ReconciliationModel,
)
from sightline_storage.spend.invoice_store import InvoiceImport

router = APIRouter(tags=["reconciliation"])

Provider = Annotated[ProviderName, Query(max_length=64, description="as spans spell it, for example openai")]
Month = Annotated[str, Query(max_length=7, description="calendar month, for example 2026-10")]
Zone = Annotated[str, Query(max_length=100, description="time zone of the provider's days")]
_COLUMNS = ("counted_usd", "counted_calls", "counted_tokens", "invoiced_usd", "invoiced_tokens", "gap_usd")


@router.post("/reconciliation/imports")
def import_invoice_file(services: Services, caller: Editor, invoice: InvoiceWrite) -> InvoiceImportModel:
    """Import a provider's export. The same days again take the place of those before."""
    entry = import_invoice(
        services.invoices,
        caller.project,
        invoice.content,
        format=invoice.format,
        provider=invoice.provider,
        mapping=invoice.mapping,
        file=invoice.file,
        by=caller.name,
        at=services.now(),
    )
    return _import(entry)


@router.get("/reconciliation/imports")
def list_invoice_imports(services: Services, caller: Caller) -> InvoiceImports:
    """Return what was imported."""
    return InvoiceImports(imports=[_import(entry) for entry in services.invoices.imports(caller.project)])


@router.delete("/reconciliation/imports", status_code=204)
def forget_invoices(services: Services, caller: Editor, provider: Provider) -> Response:
    """Delete everything that was imported of a provider."""
    services.invoices.forget(caller.project, provider)
    return Response(status_code=204)


@router.get("/reconciliation")
def read_invoice_gap(
    services: Services, caller: Caller, provider: Provider, month: Month, zone: Zone = "UTC"
) -> ReconciliationModel:
    """Return what was counted against what was invoiced in a month, and where the gap comes from."""
    found = read_reconciliation(
        services.spend,
        services.invoices,
        caller.project,
        provider=provider,
        month=month,
        zone=zone,
        now=services.now(),
    )
    return ReconciliationModel(
        provider=provider,
        month=month,
        zone=zone,
        uncovered_days=list(found.uncovered),
        days=[DayComparison(day=day, **_comparison(part)) for day, part in found.days.items()],
        models=[
            ModelComparison(model=model, spellings=list(found.spellings[model]), **_comparison(part))
            for model, part in found.models.items()
        ],
        cells=[
            CellComparison(day=day, model=model, **_comparison(part))
            for (day, model), part in found.cells.items()
        ],
        accounts=[
            AccountChargeModel(
                account=charge.account,
                usd=usd_text(charge.usd),
                never_counted_usd=usd_text(charge.never_counted_usd),
            )
            for charge in found.accounts
        ],
        total=ComparisonModel(**_comparison(found.total)),
        sampled=found.sampled,
    )


@router.get("/reconciliation/csv", responses=CSV_FILE, response_class=Response)
def download_invoice_gap(
    services: Services, caller: Caller, provider: Provider, month: Month, zone: Zone = "UTC"
) -> Response:
    """Return the comparison by day and model as CSV, with a column for each cause."""
    found = read_invoice_gap(services, caller, provider, month, zone)
    rows = [
        [
            cell.day.isoformat(),
            plain_cell(cell.model),
            *("" if getattr(cell, name) is None else getattr(cell, name) for name in _COLUMNS),
            *(cell.causes.get(cause.value, "0") for cause in GapCause),
            found.sampled,
        ]
        for cell in found.cells
    ]
    header = ("day", "model", *_COLUMNS, *(cause.value for cause in GapCause), "sampled")
    return csv_response(f"reconciliation-{provider}-{month}.csv", header, rows)


def _comparison(part: Comparison) -> dict[str, Any]:
    counted, invoiced = part.counted, part.invoiced
    return {
        "counted_usd": known_usd(counted, counted.cost_usd),
        "counted_state": state_of(counted),
        "counted_calls": counted.calls,
        "counted_tokens": counted.input_tokens + counted.output_tokens,
        "unpriced_calls": counted.unpriced_calls,
        "estimated_usd": usd_text(counted.estimated_usd),
        "invoiced_usd": usd_or_none(invoiced.usd),
        "invoiced_tokens": invoiced.tokens,
        "invoiced_requests": invoiced.requests,
        "gap_usd": usd_or_none(part.gap_usd),
        "causes": {cause.value: usd_text(usd) for cause, usd in part.causes.items() if usd},
    }


def _import(entry: InvoiceImport) -> InvoiceImportModel:
    return InvoiceImportModel(
        provider=entry.provider,
        kind=entry.kind,
        format=entry.format,
        file=entry.file,
        first_day=entry.first_day,
        last_day=entry.last_day,
        lines=entry.lines,
        usd=usd_or_none(entry.usd),
        imported_at=entry.imported_at,
        imported_by=entry.imported_by,
    )
