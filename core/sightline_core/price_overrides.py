"""An operator's own prices, by project, model and date; they win over the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase

from sightline_core.price_rates import Rate, Rates, is_standard_tier


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """USD for a million tokens of the models that match.

    `model` may hold `*` and is compared in lower case. An empty `project` or `provider` means every one.
    `start` ≤ t < `end`, aware; None is open. Of several that match, the last in the list wins. A class
    without a price costs what its total does.
    """

    name: str
    model: str
    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cached_input_usd_per_mtok: Decimal | None = None
    cache_write_usd_per_mtok: Decimal | None = None
    project: str = ""
    provider: str = ""
    start: datetime | None = None
    end: datetime | None = None

    def covers(self, project: str, provider: str, model: str, when: datetime) -> bool:
        """Return whether this price holds for such a call at that time."""
        return (
            self.project in ("", project)
            and self.provider in ("", provider)
            and fnmatchcase(model.lower(), self.model.lower())
            and (self.start is None or self.start <= when)
            and (self.end is None or when < self.end)
        )

    def rates(self, tier: str = "") -> Rates:
        """Return the prices in the form that calls are summed with; those of a service tier are not known."""
        return Rates(
            price_id=f"override/{self.name}",
            reason="" if is_standard_tier(tier) else f"the own price is not of service tier {tier!r}",
            input=Rate.per_mtok(self.input_usd_per_mtok),
            output=Rate.per_mtok(self.output_usd_per_mtok),
            cached_input=_rate(self.cached_input_usd_per_mtok),
            cache_write=_rate(self.cache_write_usd_per_mtok),
        )


def find_override(
    overrides: Sequence[PriceOverride], project: str, provider: str, model: str, when: datetime
) -> PriceOverride | None:
    """Return the last override that covers the call, or None."""
    for override in reversed(overrides):
        if override.covers(project, provider, model, when):
            return override
    return None


def _rate(price: Decimal | None) -> Rate | None:
    return None if price is None else Rate.per_mtok(price)
