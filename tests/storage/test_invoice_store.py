"""What providers charged, in the metadata database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_storage.spend.invoice_store import InvoiceImport, InvoiceLine, InvoiceStore, merge_lines
from sightline_storage.spend.invoice_tables import INVOICE_LINES
from sightline_storage.spend.team_store import TEAM_PLANS

SHOP, OTHER = ProjectId("shop"), ProjectId("other")
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)


def entry(first: date = FIRST, last: date = LAST, provider: str = "openai") -> InvoiceImport:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    return InvoiceImport(provider, "cost", "csv", "s.csv", first, last, 1, Decimal("1.5"), at, "ana")


def line(day: date, usd: str, model: str = "gpt-4o") -> InvoiceLine:
    return InvoiceLine(day, model, "key", "input", usd=Decimal(usd))


def test_the_tables_in_python_are_those_of_the_revisions(metadata: Engine) -> None:
    with metadata.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = [str(diff) for diff in compare_metadata(context, INVOICE_LINES.metadata)]
    names = ("invoice_lines", "invoice_imports", TEAM_PLANS.name)
    assert [diff for diff in found if any(name in diff for name in names)] == []


def test_an_import_replaces_its_days_of_the_same_provider_and_nothing_else(metadata: Engine) -> None:
    store = InvoiceStore(metadata)
    outside = date(2026, 10, 1)
    store.replace(SHOP, entry(FIRST, outside), [line(FIRST, "1"), line(LAST, "2"), line(outside, "3")])
    store.replace(SHOP, entry(provider="anthropic"), [line(FIRST, "4")])
    store.replace(OTHER, entry(), [line(FIRST, "5")])
    store.replace(SHOP, entry(), [line(FIRST, "0.100000000001")])
    found = store.read(SHOP, "openai", FIRST, outside)
    assert sorted(each.usd or 0 for _, each in found) == [Decimal("0.100000000001"), Decimal(3)]
    assert [each.usd for _, each in store.read(SHOP, "anthropic", FIRST, LAST)] == [Decimal(4)]
    assert [each.usd for _, each in store.read(OTHER, "openai", FIRST, LAST)] == [Decimal(5)]
    store.forget(SHOP, "openai")
    assert store.read(SHOP, "openai", FIRST, outside) == []
    assert [each.provider for each in store.imports(SHOP)] == ["anthropic"]


def test_a_file_of_days_without_charges_clears_them(metadata: Engine) -> None:
    store = InvoiceStore(metadata)
    store.replace(SHOP, entry(), [line(FIRST, "1")])
    store.replace(SHOP, entry(), [])
    assert store.read(SHOP, "openai", FIRST, LAST) == []


def test_days_are_covered_by_however_many_imports_there_were_since(
    metadata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_storage.spend.invoice_store._MAX_IMPORTS", 2)
    store = InvoiceStore(metadata)
    days = [FIRST + timedelta(days=number) for number in range(4)]
    for day in days:
        store.replace(SHOP, entry(day, day), [line(day, "1")])
    assert len(store.imports(SHOP)) == 2
    assert sorted(store.covered(SHOP, "openai", days[0], days[2])) == [("cost", d, d) for d in days[:3]]


def test_more_lines_than_can_be_compared_are_an_error_and_no_smaller_sum(
    metadata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = InvoiceStore(metadata)
    store.replace(SHOP, entry(), [line(FIRST, "1", "a"), line(FIRST, "2", "b")])
    monkeypatch.setattr("sightline_storage.spend.invoice_store.MAX_LINES", 1)
    with pytest.raises(CallerError, match="more than 1 lines"):
        store.read(SHOP, "openai", FIRST, LAST)


def test_lines_of_the_same_key_are_added_and_what_none_says_stays_unknown() -> None:
    usage = InvoiceLine(FIRST, "o3", "", "", output_tokens=3)
    merged, other = merge_lines([line(FIRST, "1"), line(FIRST, "0.5"), usage])
    assert (merged.usd, merged.input_tokens) == (Decimal("1.5"), None)
    assert (other.usd, other.output_tokens) == (None, 3)


def test_names_that_are_too_long_are_cut_before_they_are_told_apart(metadata: Engine) -> None:
    store = InvoiceStore(metadata)
    long = [line(FIRST, "1", "x" * 200 + end) for end in ("a", "b")]
    store.replace(SHOP, entry(), merge_lines([*long, line(FIRST, "2", "nu\0l")]))
    found = {each.model: each.usd for _, each in store.read(SHOP, "openai", FIRST, LAST)}
    assert found == {"x" * 200: Decimal(2), "nul": Decimal(2)}
