"""What was counted against what was invoiced, by day and model, and where the difference comes from.

A gap is invoiced minus counted. It is explained by causes in a fixed order; each takes what it can account
for and no more, never beyond zero, and what is left is said to be unexplained: causes add up to the gap
exactly. A day that no import covers is not compared, because "not imported" is not "charged nothing".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum

from sightline_analysis.costs.model_names import canonical_model
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_core.known_sums import sum_of_known
from sightline_core.money import COST_STEP, ZERO
from sightline_storage.spend.invoice_store import InvoiceKind, InvoiceLine

_DAY = timedelta(days=1)


class GapCause(StrEnum):
    """Why an invoice differs from what was counted; `_explain` has the order in which causes are tried."""

    ROUNDING = "rounding"
    NEVER_COUNTED = "never_counted"  # no call of this model was seen in the period: not instrumented
    NEVER_INVOICED = "never_invoiced"
    UNPRICED = "unpriced"
    MISSING_CALLS = "missing_calls"  # the provider saw more tokens
    EXTRA_CALLS = "extra_calls"  # the provider saw fewer
    DAY_BOUNDARY = "day_boundary"  # the neighbouring day has the opposite gap
    ESTIMATED = "estimated"
    PRICE = "price"  # the same tokens for another amount
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What a provider says. `None` = its files do not say. `slack_usd` is what its rounding can hide."""

    usd: Decimal | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    requests: int | None = None
    slack_usd: Decimal = ZERO

    @property
    def tokens(self) -> int | None:
        """All tokens; `None` when no file says."""
        return sum_of_known((self.input_tokens, self.output_tokens))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One model on one day, or a sum of such. `causes` add up to `gap_usd`; `None` where nothing compares."""

    counted: Spend
    invoiced: Invoiced
    gap_usd: Decimal | None
    causes: Mapping[GapCause, Decimal]


@dataclass(frozen=True, slots=True)
class AccountCharge:
    """What one project, workspace or key was charged, and how much of it for models never counted."""

    account: str
    usd: Decimal
    never_counted_usd: Decimal


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`cells` by (day, model), `days` and `models` are their sums; `spellings` are the names of a model.

    `sampled`: sampled calls were counted, and what was counted is an estimate.
    """

    cells: Mapping[tuple[date, str], Comparison]
    days: Mapping[date, Comparison]
    models: Mapping[str, Comparison]
    spellings: Mapping[str, tuple[str, ...]]
    accounts: tuple[AccountCharge, ...]
    total: Comparison
    uncovered: tuple[date, ...]
    sampled: bool = False


@dataclass(slots=True)
class _Cell:
    """A comparison while its gap is being explained."""

    counted: Spend
    invoiced: Invoiced
    left: Decimal = ZERO
    causes: dict[GapCause, Decimal] = field(default_factory=dict)

    def take(self, cause: GapCause, at_most: Decimal) -> None:
        """Explain up to so much of what is left, in its direction."""
        size = min(abs(self.left), max(at_most, ZERO)).quantize(COST_STEP)
        if size:
            part = size if self.left > 0 else -size
            self.causes[cause] = self.causes.get(cause, ZERO) + part
            self.left -= part


def reconcile(
    counted: Mapping[tuple[date, str], Spend],
    lines: Iterable[tuple[InvoiceKind, InvoiceLine]],
    *,
    covered: frozenset[date],
    charged_days: frozenset[date],
    days: Iterable[date],
) -> Reconciliation:
    """Compare `counted` by (day, model as spans spell it) with invoice lines, over the days that are covered.

    Money is compared on `charged_days`, those of files of costs; files of usage alone tell about tokens.
    """
    every_day = list(days)
    compared = [day for day in every_day if day in covered]
    spellings: dict[str, set[str]] = defaultdict(set)
    own: dict[tuple[date, str], list[Spend]] = defaultdict(list)
    for (day, name), spend in counted.items():
        if day in covered and spend.calls:
            spellings[canonical_model(name)].add(name)
            own[day, canonical_model(name)].append(spend)
    charged: dict[tuple[date, str], list[tuple[InvoiceKind, InvoiceLine]]] = defaultdict(list)
    for kind, line in lines:
        if line.day in covered:
            spellings[canonical_model(line.model)].add(line.model)
            charged[line.day, canonical_model(line.model)].append((kind, line))
    cells = {
        key: _Cell(total_spend(own.get(key, [])), _sum_lines(charged.get(key, [])))
        for key in sorted({*own, *charged})
    }
    money = {key: cell for key, cell in cells.items() if key[0] in charged_days}
    _explain(money, {model for _, model in own}, {model for (_, model) in charged})
    done = {key: _finish(cell, compares=key in money) for key, cell in cells.items()}
    models = {model for _, model in done}
    return Reconciliation(
        cells=done,
        days={day: add_up(cell for (of, _), cell in done.items() if of == day) for day in compared},
        models={
            name: add_up(cell for (_, of), cell in done.items() if of == name) for name in sorted(models)
        },
        spellings={model: tuple(sorted(names)) for model, names in spellings.items()},
        accounts=_accounts(charged, {model for _, model in own}),
        total=add_up(done.values()),
        uncovered=tuple(day for day in every_day if day not in covered),
    )


def add_up(parts: Iterable[Comparison]) -> Comparison:
    """Return the sum; an amount that one part does not know is not in it.

    Where money of some parts is compared, the counted money of the others is in no sum: the gap is invoiced
    minus counted.
    """
    parts = list(parts)
    causes: dict[GapCause, Decimal] = defaultdict(Decimal)
    for part in parts:
        for cause, usd in part.causes.items():
            causes[cause] += usd
    gaps = [part.gap_usd for part in parts if part.gap_usd is not None]
    return Comparison(
        total_spend(
            part.counted if part.gap_usd is not None or not gaps else _without_money(part.counted)
            for part in parts
        ),
        _sum_invoiced([part.invoiced for part in parts]),
        sum_of_known(gaps),
        causes,
    )


def _without_money(spend: Spend) -> Spend:
    return replace(spend, priced_usd=ZERO, estimated_usd=ZERO)


def _sum_lines(lines: list[tuple[InvoiceKind, InvoiceLine]]) -> Invoiced:
    money = [line.usd for kind, line in lines if kind == "cost" and line.usd is not None]
    # A generic file of costs may carry tokens as well; a file of usage knows them better.
    usage = [line for kind, line in lines if kind == "usage"] or [line for _, line in lines]
    return Invoiced(
        sum_of_known(money),
        sum_of_known(line.input_tokens for line in usage),
        sum_of_known(line.output_tokens for line in usage),
        sum_of_known(line.requests for line in usage),
        sum((_half_of_last_digit(usd) for usd in money), ZERO),
    )


def _sum_invoiced(parts: list[Invoiced]) -> Invoiced:
    return Invoiced(
        sum_of_known(part.usd for part in parts),
        sum_of_known(part.input_tokens for part in parts),
        sum_of_known(part.output_tokens for part in parts),
        sum_of_known(part.requests for part in parts),
        sum((part.slack_usd for part in parts), ZERO),
    )


def _explain(cells: Mapping[tuple[date, str], _Cell], counted: set[str], charged: set[str]) -> None:
    for (_, model), cell in cells.items():
        cell.left = (cell.invoiced.usd or ZERO) - cell.counted.cost_usd
        if abs(cell.left) <= cell.invoiced.slack_usd:
            cell.take(GapCause.ROUNDING, abs(cell.left))
        if model not in counted:
            cell.take(GapCause.NEVER_COUNTED, abs(cell.left))
        elif model not in charged:
            cell.take(GapCause.NEVER_INVOICED, abs(cell.left))
        elif cell.left > 0:
            cell.take(GapCause.UNPRICED, _unpriced(cell.counted, cell.left))
    _pair_neighbours(cells)
    for cell in cells.values():
        _explain_volume(cell)
        cell.take(GapCause.ESTIMATED, cell.counted.estimated_usd)
        if _same_tokens(cell):
            cell.take(GapCause.PRICE, abs(cell.left))
        cell.take(GapCause.UNEXPLAINED, abs(cell.left))


def _unpriced(counted: Spend, left: Decimal) -> Decimal:
    """Return what calls without a price may have cost: their tokens at the average of those with one."""
    if not counted.unpriced_calls:
        return ZERO
    priced_tokens = counted.input_tokens + counted.output_tokens - counted.unpriced_tokens
    if not counted.cost_usd or priced_tokens <= 0:
        return left
    with localcontext(prec=60):
        return counted.unpriced_tokens * counted.cost_usd / priced_tokens


def _pair_neighbours(cells: Mapping[tuple[date, str], _Cell]) -> None:
    """Set off opposite gaps of neighbouring days: a call near midnight is on another day for the provider."""
    for (day, model), cell in cells.items():
        following = cells.get((day + _DAY, model))
        if following is not None and cell.left * following.left < 0:
            moved = min(abs(cell.left), abs(following.left))
            cell.take(GapCause.DAY_BOUNDARY, moved)
            following.take(GapCause.DAY_BOUNDARY, moved)


def _tokens(cell: _Cell) -> tuple[int, int] | None:
    """Return invoiced and counted tokens of the sides that files tell of, which may be input alone."""
    sides = (
        (cell.invoiced.input_tokens, cell.counted.input_tokens),
        (cell.invoiced.output_tokens, cell.counted.output_tokens),
    )
    told = [(invoiced, own) for invoiced, own in sides if invoiced is not None]
    return (sum(invoiced for invoiced, _ in told), sum(own for _, own in told)) if told else None


def _explain_volume(cell: _Cell) -> None:
    tokens, own = _tokens(cell) or (0, 0)
    if tokens == own:
        return
    more = tokens > own
    if more != (cell.left > 0):
        return
    of_usd, of_tokens = (cell.invoiced.usd, tokens) if more else (cell.counted.cost_usd, own)
    if of_usd and of_tokens:
        with localcontext(prec=60):
            usd = abs(tokens - own) * of_usd / of_tokens
        cell.take(GapCause.MISSING_CALLS if more else GapCause.EXTRA_CALLS, usd)


def _same_tokens(cell: _Cell) -> bool:
    found = _tokens(cell)
    return found is not None and abs(found[0] - found[1]) * 1000 <= found[1]


def _finish(cell: _Cell, *, compares: bool) -> Comparison:
    gap = (cell.invoiced.usd or ZERO) - cell.counted.cost_usd if compares else None
    return Comparison(cell.counted, cell.invoiced, gap, dict(cell.causes))


def _accounts(
    charged: Mapping[tuple[date, str], list[tuple[InvoiceKind, InvoiceLine]]], counted: set[str]
) -> tuple[AccountCharge, ...]:
    usd: dict[str, Decimal] = defaultdict(Decimal)
    never: dict[str, Decimal] = defaultdict(Decimal)
    for (_, model), lines in charged.items():
        for _, line in lines:
            usd[line.account] += line.usd or ZERO
            if model not in counted:
                never[line.account] += line.usd or ZERO
    charges = [AccountCharge(account, amount, never[account]) for account, amount in usd.items()]
    return tuple(sorted(charges, key=lambda charge: (-charge.usd, charge.account)))


def _half_of_last_digit(usd: Decimal) -> Decimal:
    exponent = usd.as_tuple().exponent
    return Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) and exponent <= 0 else ZERO
