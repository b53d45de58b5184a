"""An operator's own prices, by project, model and date; they win over the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from sightline_core.price_rates import CLASSES, Rate, Rates, is_standard_tier


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """USD for a million tokens of the models that match.

    `model` may hold `*` and is compared in lower case. An empty `project` or `provider` means every one.
    `start` ≤ t < `end`, aware; None is open. A `service_tier` other than "" prices its calls alone; of the
    others that of "" is an estimate. Of several that match, the last in the list wins. A class without a
    price costs what its total does, an hour of the cache what any write does.
    """

    name: str
    model: str
    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cached_input_usd_per_mtok: Decimal | None = None
    cache_write_usd_per_mtok: Decimal | None = None
    cache_write_1h_usd_per_mtok: Decimal | None = None
    reasoning_usd_per_mtok: Decimal | None = None
    audio_input_usd_per_mtok: Decimal | None = None
    audio_output_usd_per_mtok: Decimal | None = None
    image_input_usd_per_mtok: Decimal | None = None
    image_output_usd_per_mtok: Decimal | None = None
    service_tier: str = ""
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
        """Return the prices of a call at that service tier in the form that calls are summed with."""
        is_of_tier = tier_name(tier) == self.service_tier
        classes: dict[str, Any] = {name: _rate(getattr(self, f"{name}_usd_per_mtok")) for name in CLASSES}
        return Rates(
            price_id=f"override/{self.name}",
            reason="" if is_of_tier else f"the own price is not of service tier {tier!r}",
            input=Rate.per_mtok(self.input_usd_per_mtok),
            output=Rate.per_mtok(self.output_usd_per_mtok),
            **classes,
        )


def find_override(
    overrides: Sequence[PriceOverride], project: str, provider: str, model: str, tier: str, when: datetime
) -> PriceOverride | None:
    """Return the last override of that service tier that covers the call, else the last of none, or None."""
    for name in dict.fromkeys((tier_name(tier), "")):
        for override in reversed(overrides):
            if override.service_tier == name and override.covers(project, provider, model, when):
                return override
    return None


def tier_name(tier: str) -> str:
    """Return a service tier as overrides have it: in lower case, "" for what prices are usually given for."""
    return "" if is_standard_tier(tier) else tier.strip().lower()


def _rate(price: Decimal | None) -> Rate | None:
    return None if price is None else Rate.per_mtok(price)
