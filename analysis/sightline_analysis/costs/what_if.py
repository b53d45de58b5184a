"""The same tokens at other prices: another model, or the batch tier. A price simulation and nothing more.

Another model would answer differently and count tokens differently. Calls of about the same size are priced
as so many average ones, so that long-context prices apply to those that reach them; what the averages leave
over is priced token by token.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sightline_core.ids import ProjectId
from sightline_core.money import COST_STEP, ZERO
from sightline_core.nanoseconds import to_ns
from sightline_core.price_rates import TokenCounts
from sightline_core.pricing import ModelCall, Price, Pricer
from sightline_semconv.kinds import CostState
from sightline_storage.spend.spend_potential_reader import TokenProfile


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the calls of one model would have cost. `None` = a price is missing; `reason` says which."""

    usd: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class ModelSimulation:
    """One model as it was used: `usd` is what calls with a price cost. One simulation for each candidate.

    `sampled`: sampled calls are among them, and all of it is estimated.
    """

    provider: str
    model: str
    calls: int
    unpriced_calls: int
    usd: Decimal
    input_tokens: int
    output_tokens: int
    simulations: tuple[Simulation, ...]
    sampled: bool


def simulate_models(
    pricer: Pricer,
    project: ProjectId,
    profiles: Iterable[TokenProfile],
    candidates: Sequence[tuple[str, str]],
) -> list[ModelSimulation]:
    """Return the models by cost, each at the prices of every candidate (provider, model)."""
    return _simulate(profiles, [_Repricing(pricer, project, *candidate) for candidate in candidates])


def simulate_batch(
    pricer: Pricer, project: ProjectId, profiles: Iterable[TokenProfile]
) -> list[ModelSimulation]:
    """Return the models by cost, each at the batch price of the same model."""
    return _simulate(profiles, [_Repricing(pricer, project, "", "", tier="batch")])


@dataclass(frozen=True, slots=True)
class _Repricing:
    pricer: Pricer
    project: ProjectId
    provider: str
    model: str
    tier: str = ""

    def price_all(self, profile: TokenProfile) -> Simulation:
        average = TokenCounts(*(count // profile.calls for count in profile.tokens))
        base = self._price(profile, average)
        if base.state is CostState.UNPRICED or (self.tier and base.reason):
            return Simulation(None, base.reason)
        total = base.usd * profile.calls
        for name, count in zip(TokenCounts._fields, profile.tokens, strict=True):
            left = count % profile.calls
            if left:
                one_more = average._replace(**{name: getattr(average, name) + 1})
                total += (self._price(profile, one_more).usd - base.usd) * left
        return Simulation(total, "")

    def _price(self, profile: TokenProfile, tokens: TokenCounts) -> Price:
        return self.pricer.price(
            ModelCall(
                self.project,
                self.provider or profile.provider,
                self.model or profile.model,
                "",
                to_ns(profile.last_start),
                self.tier,
                tokens,
            )
        )


def _simulate(profiles: Iterable[TokenProfile], repricings: Sequence[_Repricing]) -> list[ModelSimulation]:
    by_model: dict[tuple[str, str], list[TokenProfile]] = defaultdict(list)
    for profile in profiles:
        by_model[profile.provider, profile.model].append(profile)
    found = [
        ModelSimulation(
            provider=provider,
            model=model,
            calls=sum(profile.calls for profile in parts),
            unpriced_calls=sum(profile.unpriced_calls for profile in parts),
            usd=sum((profile.usd for profile in parts), ZERO),
            input_tokens=sum(profile.tokens.input for profile in parts),
            output_tokens=sum(profile.tokens.output for profile in parts),
            simulations=tuple(_price_all(parts, repricing) for repricing in repricings),
            sampled=any(profile.sampled for profile in parts),
        )
        for (provider, model), parts in by_model.items()
    ]
    return sorted(found, key=lambda row: (-row.usd, row.provider, row.model))


def _price_all(parts: Sequence[TokenProfile], repricing: _Repricing) -> Simulation:
    total = ZERO
    for profile in parts:
        priced = repricing.price_all(profile)
        if priced.usd is None:
            return priced
        total += priced.usd
    return Simulation(total.quantize(COST_STEP), "")
