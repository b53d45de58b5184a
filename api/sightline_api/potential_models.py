"""Shapes of savings that are possible. Amounts are estimates in USD, null where a price is missing."""

from pydantic import Field

from sightline_api.models import Model, Sampled


class CallerModel(Model):
    """Who called which model."""

    app: str
    provider: str
    model: str


class RepeatedRequestModel(CallerModel):
    """One request that was sent again, to the letter. `usd` is what all calls but the first cost."""

    request_fingerprint: str
    calls: int
    unpriced_calls: int
    usd: str | None
    asked: str
    trace_id: str


class RepeatedRequests(Model):
    """Requests that were sent again; sums over all, and those that cost most."""

    requests: int
    repeated_calls: int
    usd: str
    costliest: list[RepeatedRequestModel]


class SimilarRequestsModel(CallerModel):
    """Requests of one prompt that ask almost the same. `usd` is what all but the first cost, once each."""

    prompt_fingerprint: str
    requests: int
    usd: str | None
    asked: str
    like: str
    trace_id: str


class NearDuplicates(Model):
    """Among the newest distinct requests. Whether the same answer would have been right is not known."""

    threshold: float
    looked_at: int = Field(description="number of distinct requests that were compared")
    is_complete: bool = Field(description="false when there are older ones")
    usd: str
    groups: list[SimilarRequestsModel]


class CachingChanceModel(CallerModel):
    """A prompt whose calls share a beginning that the provider's prompt cache could serve."""

    prompt_fingerprint: str
    prompt_name: str
    calls: int
    warm_calls: int = Field(description="calls with another one before them in the same five minutes")
    prefix_tokens: int = Field(description="shared beginning, measured on samples of the stored texts")
    cached_tokens: int = Field(description="tokens that were read from the cache already")
    possible_tokens: int = Field(description="more tokens that could have been")
    usd: str | None


class CachingChances(Model):
    """Prompts that qualify, by tokens; only those whose content is stored can be looked at."""

    least_tokens: int
    usd: str | None = Field(description="sum over the prompts with a known price; null when there is none")
    prompts: list[CachingChanceModel]


class SimulationModel(Model):
    """The same tokens at other prices."""

    usd: str | None
    change_usd: str | None = Field(
        description="simulated minus actual; null when calls without a price differ"
    )
    reason: str = Field(description="why there is no amount")


class ModelSimulationModel(Model):
    """One model as it was used, and one simulation for each candidate."""

    provider: str
    model: str
    calls: int
    unpriced_calls: int
    usd: str | None
    input_tokens: int
    output_tokens: int
    simulations: list[SimulationModel]


class PriceSimulation(Model):
    """A simulation of prices: another model would answer differently and count tokens differently."""

    candidates: list[str] = Field(description="provider/model of each simulation, or `batch`")
    max_input_tokens: int
    max_output_tokens: int
    models: list[ModelSimulationModel]
    change_usd: list[str | None] = Field(
        description="for each candidate the sum over the models where it is known; null when there is none"
    )
    sampled: Sampled


class PossibleSavings(Model):
    """What could have been saved. The parts overlap: the same call may be in several of them."""

    repeated: RepeatedRequests
    similar: NearDuplicates
    cacheable: CachingChances
    batch: PriceSimulation = Field(
        description="successful calls that were not streamed, of no session and no user, at the batch price"
    )
