"""Importing a provider's export, and comparing a month of it with what was counted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sightline_analysis.costs.calendar_buckets import calendar_buckets, load_zone, parse_month
from sightline_analysis.costs.invoice_formats import InvoiceFormat, parse_invoice
from sightline_analysis.costs.model_names import canonical_model
from sightline_analysis.costs.reconciliation import Reconciliation, reconcile
from sightline_analysis.costs.spend import Spend
from sightline_analysis.costs.spend_rows import spend_of
from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.spend.invoice_store import InvoiceImport, InvoiceKind, InvoiceStore
from sightline_storage.spend.spend_reader import SpendReader

UNREPORTED = ""
"""The provider of calls whose emitter does not name one."""


def import_invoice(
    store: InvoiceStore,
    project: ProjectId,
    text: str,
    *,
    format: InvoiceFormat,
    provider: str,
    mapping: Mapping[str, str],
    file: str,
    by: str,
    at: datetime,
) -> InvoiceImport:
    """Store the export in place of what the provider said before about the same days, and return the entry.

    `provider` is as spans spell it; "" takes it from the format. `CallerError` for what cannot be read.
    """
    named = provider or format.partition("-")[0]
    if named == "csv":
        raise CallerError("say which provider the file is from")
    parsed = parse_invoice(format, text, mapping)
    entry = InvoiceImport(
        provider=named,
        kind=parsed.kind,
        format=format,
        file=file,
        first_day=parsed.first_day,
        last_day=parsed.last_day,
        lines=len(parsed.lines),
        usd=parsed.usd,
        imported_at=at,
        imported_by=by,
    )
    store.replace(project, entry, parsed.lines)
    return entry


def read_reconciliation(
    reader: SpendReader,
    store: InvoiceStore,
    project: ProjectId,
    *,
    provider: str,
    month: str,
    zone: str,
    now: datetime,
) -> Reconciliation:
    """Compare the days of a calendar month up to today. `zone` is that of the provider's days.

    Calls of which nobody said the provider are its own where it charged for their model.
    """
    local = load_zone(zone)
    period = parse_month(month, local)
    days = _days(period, local, now)
    if not days:
        raise CallerError(f"{month} has not begun yet")
    lines = store.read(project, provider, days[0], days[-1])
    charged = {canonical_model(line.model) for _, line in lines if line.model}
    own: dict[str, set[str]] = {provider: set(), UNREPORTED: set()}
    until = TimeRange(period.start, min(period.end, now))
    bounds = calendar_buckets(until, "day", local)
    counted: dict[tuple[date, str], Spend] = defaultdict(Spend)
    for row in reader.read_spend(project, period, ["provider", "model"], bounds, {"provider": list(own)}):
        of, model = row.key
        if of == provider or canonical_model(model) in charged:
            own[of].add(model)
            counted[row.bucket.astimezone(local).date(), model] += spend_of(row.sums)
    imports = store.covered(project, provider, days[0], days[-1])
    found = reconcile(
        counted,
        lines,
        covered=_covered(imports),
        charged_days=_covered([each for each in imports if each[0] == "cost"]),
        days=days,
    )
    sampled = any(
        reader.is_sampled(project, period, {"provider": [of], "model": sorted(models)})
        for of, models in own.items()
    )
    return replace(found, sampled=sampled)


def _days(period: TimeRange, zone: ZoneInfo, now: datetime) -> list[date]:
    first, end = period.start.astimezone(zone).date(), period.end.astimezone(zone).date()
    last = min(end - timedelta(days=1), now.astimezone(zone).date())
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _covered(imports: Sequence[tuple[InvoiceKind, date, date]]) -> frozenset[date]:
    return frozenset(
        first + timedelta(days=number)
        for _, first, last in imports
        for number in range((last - first).days + 1)
    )
