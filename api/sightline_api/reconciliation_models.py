"""Shapes of reconciliation: what providers charged against what was counted. Money is a decimal string."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from sightline_api.models import CostStateName, Model, Sampled
from sightline_api.validation_words import Shape

ProviderName = Annotated[str, Shape(r"[\w.-]*", "letters, digits, dots, - and _")]
InvoiceFormatName = Literal["openai-json", "openai-csv", "anthropic-json", "anthropic-csv", "csv"]


class InvoiceWrite(Model):
    """A provider's export. `mapping` says which column is what; only the format `csv` needs it."""

    format: InvoiceFormatName
    content: str = Field(max_length=2_000_000)
    file: str = Field(default="", max_length=200)
    provider: ProviderName = Field(
        default="", max_length=64, description="as spans spell it; without it that of the format"
    )
    mapping: dict[str, str] = Field(
        default_factory=dict,
        description="day, model, usd, account, item, input_tokens, cached_input_tokens, output_tokens or "
        "requests → name of the column",
    )


class InvoiceImportModel(Model):
    """A file that was imported; it took the place of what was known about its days."""

    provider: str
    kind: Literal["cost", "usage"]
    format: str
    file: str
    first_day: date
    last_day: date
    lines: int
    usd: str | None
    imported_at: datetime
    imported_by: str


class InvoiceImports(Model):
    """Newest first."""

    imports: list[InvoiceImportModel]


class ComparisonModel(Model):
    """Invoiced against counted. Causes add up to `gap_usd` exactly; null where nothing can be compared."""

    counted_usd: str | None = Field(description="null when no counted call has a price")
    counted_state: CostStateName
    counted_calls: int
    counted_tokens: int
    unpriced_calls: int
    estimated_usd: str
    invoiced_usd: str | None
    invoiced_tokens: int | None
    invoiced_requests: int | None
    gap_usd: str | None = Field(description="invoiced minus counted")
    causes: dict[str, str] = Field(
        description="rounding, never_counted, never_invoiced, unpriced, missing_calls, extra_calls, "
        "day_boundary, estimated, price, unexplained; in USD"
    )


class DayComparison(ComparisonModel):
    """One day."""

    day: date


class ModelComparison(ComparisonModel):
    """One model under the name that all spellings have in common."""

    model: str
    spellings: list[str]


class CellComparison(ComparisonModel):
    """One model on one day."""

    day: date
    model: str


class AccountChargeModel(Model):
    """A project, workspace or key of the provider."""

    account: str
    usd: str
    never_counted_usd: str = Field(description="part of it that is for models without any counted call")


class ReconciliationModel(Model):
    """A month of one provider. Cells add up to days, to models and to the total."""

    provider: str
    month: str
    zone: str
    uncovered_days: list[date] = Field(description="days without an import; they are not compared")
    days: list[DayComparison]
    models: list[ModelComparison]
    cells: list[CellComparison]
    accounts: list[AccountChargeModel]
    total: ComparisonModel
    sampled: Sampled
