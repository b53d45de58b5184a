"""Every setting of the server, in one frozen object.

Built once by `sightline_server.configuration` from the command line and `SIGHTLINE_*`, then passed down; no
other part reads the environment. `docs/settings.md` is generated from the fields below.
"""

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sightline_core.limits import LIMIT_NAMES, MAX_REQUEST_SPANS, IngestLimits
from sightline_core.loopback import is_loopback

_LIMITS = IngestLimits()
_MAX_SIZE = 2**30
_DAY_S = 86_400


class Settings(BaseSettings):
    """The server's settings. A field `name` is read from `SIGHTLINE_NAME`; the command line wins over it."""

    model_config = SettingsConfigDict(
        env_prefix="SIGHTLINE_", env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = Field(
        "127.0.0.1",
        description="Address to listen on. Anything but loopback needs an API key or an admin password.",
    )
    port: int = Field(
        4318, ge=0, le=65535, description="Port of OTLP/HTTP, the API and the page. 0 picks a free one."
    )
    grpc_port: int = Field(
        0, ge=0, le=65535, description="Port of OTLP/gRPC, by custom 4317, on the same address. 0 is off."
    )
    data_dir: Path = Field(
        Path("~/.local/share/sightline"),
        description="Folder of the embedded store, the metadata and the ingest journal.",
    )
    clickhouse_url: SecretStr | None = Field(
        None,
        description="ClickHouse server or cluster instead of the embedded store: "
        "`clickhouse://user:password@host:8123/database`, several hosts with commas, `?cluster=name`.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="Metadata database instead of SQLite in the data directory: "
        "`postgresql://user:password@host/database`.",
    )
    api_key: SecretStr | None = Field(
        None, min_length=8, description="Key that programs send as `Authorization: Bearer <key>`."
    )
    admin_password: SecretStr | None = Field(
        None, min_length=8, description="Password of the user `admin` in the browser (HTTP Basic)."
    )
    retention_days: int = Field(
        0, ge=0, description="Days that spans are kept; whole days older than that are dropped. 0 keeps all."
    )
    max_spans_per_s: int = Field(
        0,
        ge=0,
        description="Spans that each project may send per second; more gets 429 with `Retry-After`. "
        "0 is no limit.",
    )
    max_body_size: int = Field(
        _LIMITS.max_body_size, ge=1, le=_MAX_SIZE, description="Bytes of one request as sent; more gets 413."
    )
    max_decompressed_size: int = Field(
        _LIMITS.max_decompressed_size,
        ge=1,
        le=_MAX_SIZE,
        description="Bytes that a compressed request may unpack to; more gets 413.",
    )
    max_request_spans: int = Field(
        MAX_REQUEST_SPANS,
        ge=1,
        description="Spans, or log records, of one request; more gets 413. A few compressed kilobytes may "
        "hold millions.",
    )
    max_attributes: int = Field(
        _LIMITS.max_attributes,
        ge=1,
        le=100_000,
        description="Attributes of a span that are kept beside those with a column; the rest is dropped with "
        "a mark.",
    )
    max_attribute_size: int = Field(
        _LIMITS.max_attribute_size,
        ge=1,
        le=_MAX_SIZE,
        description="Characters of an attribute; longer ones are cut with a mark.",
    )
    max_attribute_depth: int = Field(
        _LIMITS.max_attribute_depth,
        ge=1,
        le=100,
        description="Levels of lists and objects in an attribute; deeper ones are cut with a mark.",
    )
    max_content_size: int = Field(
        _LIMITS.max_content_size,
        ge=1,
        le=_MAX_SIZE,
        description="Characters of an input or output; longer ones are cut with a mark and stay valid JSON.",
    )
    # Beyond these bounds, sums of weights and of nanoseconds have no meaning any more.
    sample_rate: float = Field(
        1.0,
        ge=1e-6,
        le=1,
        description="Share of the traces that is kept, of those that neither failed nor were slow, costly or "
        "blocked by a guardrail. 1 keeps all.",
    )
    sample_quiet_s: float = Field(
        10.0,
        ge=0.001,
        le=_DAY_S,
        description="Seconds without a new span after which a trace is kept or let go.",
    )
    sample_slow_s: float = Field(
        10.0,
        ge=0.001,
        le=365 * _DAY_S,
        description="A trace with a span of at least so many seconds is always kept.",
    )
    sample_costly_usd: Decimal = Field(
        Decimal("0.05"), ge=0, description="A trace that cost at least so much is always kept."
    )
    self_traces_url: str = Field(
        "",
        description="OTLP/HTTP endpoint that the server sends a trace to for each block it stores, for "
        "example its own address, or that of another Sightline. Empty is off.",
    )
    self_traces_key: SecretStr | None = Field(
        None, description="Key for that endpoint, which chooses the project there."
    )
    public_url: str = Field(
        "", description="Address at which browsers and apps reach the server, when a proxy is in front of it."
    )
    prices_url: str = Field(
        "",
        description="Where `sightline prices update` finds the catalogue; when empty, where genai-prices "
        "publishes it.",
    )
    alert_networks: str = Field(
        "",
        description="Private networks that alerts may be sent to, for example `10.0.0.0/8,127.0.0.1`.",
    )
    alert_proxy: SecretStr | None = Field(
        None,
        description="HTTP proxy through which alerts leave, for example `http://user:password@proxy:3128`. "
        "Mails, and those to the private networks that are allowed, do not.",
    )
    replay_base_url: str = Field(
        "",
        description="OpenAI-compatible endpoint at which recorded calls may be made again, for example "
        "`https://api.openai.com/v1`.",
    )
    replay_api_key: SecretStr | None = Field(
        None, description="Key that replays send to that endpoint as `Authorization: Bearer <key>`."
    )
    embeddings_url: str = Field(
        "",
        description="OpenAI-compatible endpoint, for example `http://127.0.0.1:11434/v1`, whose embeddings "
        "cluster comments of people by meaning. Empty: by their letters.",
    )
    embeddings_model: str = Field("text-embedding-3-small", description="Model of that endpoint.")
    embeddings_key: SecretStr | None = Field(None, description="Key for that endpoint.")
    embeddings_file: Path | None = Field(
        None,
        description="Sentence transformer as an ONNX file with `tokenizer.json` beside it, instead of an "
        "endpoint; needs `sightline[semantic]`.",
    )
    titles_url: str = Field(
        "",
        description="OpenAI-compatible endpoint that gives new failure clusters a title and a likely cause, "
        "from messages in which everything that varies is masked. Empty: the message is the title.",
    )
    titles_model: str = Field("gpt-4o-mini", description="Model of that endpoint.")
    titles_key: SecretStr | None = Field(None, description="Key for that endpoint.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line that is written to standard error."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="`json`: each log line is an object, tracebacks included."
    )

    @field_validator("data_dir")
    @classmethod
    def _expand_home(cls, data_dir: Path) -> Path:
        return data_dir.expanduser().absolute()

    def ingest_limits(self) -> IngestLimits:
        """Return what each project may send."""
        return IngestLimits(**{name: getattr(self, name) for name in LIMIT_NAMES})

    def listens_on_loopback(self) -> bool:
        """Return whether only this machine can reach the server."""
        return is_loopback(self.host)

    def secrets(self) -> list[SecretStr]:
        """Return the API key and the admin password, as far as they are set."""
        return [secret for secret in (self.api_key, self.admin_password) if secret is not None]
