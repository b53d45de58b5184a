"""Switching Sightline on and off in this process."""

from __future__ import annotations

import atexit
import logging
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from weakref import ReferenceType, ref

from opentelemetry import metrics, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased

from sightline.app_context import current_app_context
from sightline.call import dismiss_orphans, finish_open_streams, finish_orphans
from sightline.config import RedactArgument, Settings, resolve_settings
from sightline.delivery import EXIT_TIMEOUT_S, Delivery, DeliveryReport
from sightline.doorway import Doorway
from sightline.facts import AttributeValue
from sightline.openai_hooks import OpenAIHooks
from sightline.recorder import Recorder
from sightline.signals import Signals
from sightline.sturdy_tracer import SturdyTracer
from sightline.threads import ThreadHooks
from sightline_semconv import gen_ai, sightline

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider as AnyTracerProvider

logger = logging.getLogger(__name__)


class FurtherHooks(Protocol):
    """Hooks that use spans themselves, and therefore are registered from above (`add_hooks`)."""

    def install(self) -> None:
        """Patch."""

    def remove(self) -> None:
        """Put the originals back."""


class _State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.settings: Settings | None = None
        self.given: dict[str, Any] | None = None  # the arguments of `instrument`
        self.recorder: Recorder | None = None
        self.tracer: SturdyTracer | None = None
        self.doorway: Doorway | None = None
        self.delivery: Delivery | None = None
        self.openai_hooks = OpenAIHooks()
        self.thread_hooks = ThreadHooks()
        self.further_hooks: list[FurtherHooks] = []
        self.also_flushed: list[Callable[[float], None]] = []
        self.doorways: list[tuple[ReferenceType[Any], Doorway]] = []


_state = _State()


@atexit.register
def _flush_at_exit() -> None:
    """For providers that nobody shuts down, and for those where a broken processor keeps it from us.

    A provider that is older than our import is shut down later, and would wait again for a collector that
    takes nothing.
    """
    delivery = _state.delivery
    if delivery is not None and not delivery.closed:
        finish_open_streams()
        deadline = monotonic() + EXIT_TIMEOUT_S
        if delivery.flush(EXIT_TIMEOUT_S).waiting:
            delivery.shutdown(max(deadline - monotonic(), 0.0))


def instrument(
    *,
    app: str | None = None,
    endpoint: str | None = None,
    key: str | None = None,
    environment: str | None = None,
    tracer_provider: AnyTracerProvider | None = None,
    meter_provider: Any = None,
    logger_provider: Any = None,
    capture_content: bool | None = None,
    redact: RedactArgument = None,
    include_usage: bool | None = None,
) -> None:
    """Trace every OpenAI call of this process. Never raises, and never waits for the network.

    A second call changes nothing, and says so in the log when its settings differ. What is not given is taken
    from the environment; `docs/instrumentation.md` lists the variables and defaults.

    - `app`, `environment`: what costs are reported for, and where it runs.
    - `endpoint`, `key`: base URL and key of the server that spans are sent to in the background.
    - `tracer_provider`, `meter_provider`, `logger_provider`: receive everything, and Sightline sends nothing
      by itself. Without them spans join the app's own provider, else a new one becomes the global provider.
    - `capture_content`: keep prompts and answers.
    - `redact`: names of rules (see `redaction`) or functions from text to text, applied to every text.
    - `include_usage`: ask for token counts on streams; the extra chunk is hidden from the app.
    """
    given = dict(locals())
    with _state.lock:
        try:
            settings = resolve_settings(
                app=app,
                endpoint=endpoint,
                key=key,
                environment=environment,
                capture_content=capture_content,
                redact=redact,
                include_usage=include_usage,
            )
            if _state.recorder is not None:
                if settings != _state.settings:
                    logger.warning("Sightline is on with other settings, which stay; uninstrument() first")
            elif settings.enabled:
                _switch_on(settings, tracer_provider, meter_provider, logger_provider)
                _state.given = given
        except Exception:
            logger.warning("Sightline could not be switched on; the app runs without it", exc_info=True)


def _switch_on(settings: Settings, tracer_provider: Any, meter_provider: Any, logger_provider: Any) -> None:
    provider = tracer_provider or _find_or_make_provider(settings)
    exports = tracer_provider is None and meter_provider is None and logger_provider is None
    if exports and not settings.named and _sends_to(provider, settings.traces_url):
        exports = False  # a second copy of each span would arrive
    doorway = _doorway_of(provider)
    doorway.stamp = _stamp(settings, provider)
    if exports:
        doorway.delivery = _state.delivery = Delivery(settings)
    doorway.active = True
    meters = meter_provider or (
        metrics.get_meter_provider() if _has_sdk(metrics.get_meter_provider()) else None
    )
    signals = Signals(meters, logger_provider, settings.content.on_events)
    _state.tracer = SturdyTracer(provider, doorway, _version())
    recorder = Recorder(_state.tracer, settings.content, doorway, signals)
    recorder.at_once = signals.active and not exports
    recorder.include_usage = settings.include_usage
    _state.settings, _state.doorway = settings, doorway
    atexit.register(finish_open_streams)  # now, to come before the provider's own shutdown
    _state.recorder = recorder
    _state.thread_hooks.install()
    _state.openai_hooks.install(recorder)
    for hooks in _state.further_hooks:
        hooks.install()
    where = settings.traces_url if exports else "the app's own providers"
    logger.info("Sightline is on: spans of %s go to %s", settings.app or "this app", where)


def _find_or_make_provider(settings: Settings) -> Any:
    provider = trace.get_tracer_provider()
    if hasattr(provider, "add_span_processor"):
        return provider
    attributes: dict[str, AttributeValue] = {}
    if settings.app:
        attributes |= {"service.name": settings.app, sightline.APP: settings.app}
    if settings.environment:
        attributes[gen_ai.DEPLOYMENT_ENVIRONMENT] = settings.environment
    made = _OwnProvider(None if settings.sampler else _EVERY_CALL, Resource.create(attributes))
    trace.set_tracer_provider(made)
    return made


# Clouds and gateways put a `traceparent` on each request and sample few of them (Cloud Run does). That says
# whether they keep their trace, and nothing of the calls made here.
_EVERY_CALL = ParentBased(ALWAYS_ON, remote_parent_not_sampled=ALWAYS_ON)


class _OwnProvider(TracerProvider):
    def _handle_fork(self) -> None:
        """Not under gevent: OpenTelemetry's (1.45) asks a pool of threads there, and so lets greenlets of the
        app run in each child between fork and exec, where they start further children."""
        if "gevent" not in sys.modules:
            super()._handle_fork()


def _doorway_of(provider: Any) -> Doorway:
    """The processor of a provider, added the first time. A provider that takes none still gets our own
    spans."""
    # By identity: a provider need not be hashable (Logfire's is not).
    _state.doorways = [known for known in _state.doorways if known[0]() is not None]
    for reference, doorway in _state.doorways:
        if reference() is provider:
            return doorway
    doorway = Doorway()
    if hasattr(provider, "add_span_processor"):
        provider.add_span_processor(doorway)
    _state.doorways.append((ref(provider), doorway))
    return doorway


def _sends_to(provider: Any, traces_url: str) -> bool:
    """Whether a processor of the app's own sends spans to this host and port by OTLP, HTTP or gRPC."""
    processors = getattr(getattr(provider, "_active_span_processor", None), "_span_processors", ())
    exporters = [getattr(processor, "span_exporter", None) for processor in processors]
    theirs = {str(getattr(exporter, "_endpoint", "")).partition("://") for exporter in exporters}
    return urlsplit(traces_url).netloc in {(rest or whole).partition("/")[0] for whole, _, rest in theirs}


def _stamp(settings: Settings, provider: Any) -> dict[str, AttributeValue]:
    """App and environment as span attributes, where the provider's resource does not say them."""
    resource = getattr(getattr(provider, "resource", None), "attributes", {})
    wanted = {sightline.APP: settings.app, gen_ai.DEPLOYMENT_ENVIRONMENT: settings.environment}
    return {name: value for name, value in wanted.items() if value and resource.get(name) != value}


def _has_sdk(provider: Any) -> bool:
    return type(provider).__module__.startswith("opentelemetry.sdk")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sightline")
    except PackageNotFoundError:
        return ""


def uninstrument() -> None:
    """Put everything back as it was, after sending what is queued. `instrument()` may follow again."""
    with _state.lock:
        if _state.recorder is None:
            return
        finish_open_streams()
        _state.openai_hooks.remove()
        _state.thread_hooks.remove()
        for hooks in _state.further_hooks:
            hooks.remove()
        atexit.unregister(finish_open_streams)
        dismiss_orphans()
        delivery, doorway = _state.delivery, _state.doorway
        _state.recorder = _state.tracer = _state.delivery = _state.doorway = None
        _state.settings = _state.given = None
        if delivery is not None:
            delivery.shutdown()
        if doorway is not None:
            doorway.active = False
            doorway.delivery = None
            doorway.stamp = {}


@contextmanager
def set_aside() -> Generator[None]:
    """Off inside, however often it is switched on there; afterwards as before, with the same arguments."""
    given = _state.given
    uninstrument()
    try:
        yield
    finally:
        uninstrument()
        if given is not None:
            instrument(**given)


def flush(timeout_s: float = 10.0) -> DeliveryReport:
    """Send what is queued, scores too, and report how many spans were sent, dropped and still wait. Never
    raises.

    All zero when Sightline is off, or when spans go to providers of the app's own.
    """
    deadline = monotonic() + timeout_s
    finish_orphans()
    delivery = _state.delivery
    report = DeliveryReport() if delivery is None else delivery.flush(timeout_s)
    for flush_more in _state.also_flushed:
        flush_more(max(deadline - monotonic(), 0.0))
    return report


def current_tracer() -> SturdyTracer | None:
    """The tracer for the app's own spans; None while Sightline is off."""
    return _state.tracer


def current_recorder() -> Recorder | None:
    """What makes spans of model calls; None while Sightline is off."""
    return _state.recorder


def current_settings() -> Settings | None:
    """The settings in force; None while Sightline is off."""
    return _state.settings


def add_hooks(hooks: FurtherHooks) -> None:
    """Let these hooks come and go with `instrument()` and `uninstrument()`."""
    _state.further_hooks.append(hooks)


def also_flush(flush_more: Callable[[float], None]) -> None:
    """Let `flush()` ask this, too, with the seconds that are left."""
    _state.also_flushed.append(flush_more)


def standing_attributes() -> dict[str, AttributeValue]:
    """What every span of ours starts with: app and environment where the resource lacks them, and the
    context."""
    doorway = _state.doorway
    return {**(doorway.stamp if doorway else {}), **current_app_context().attributes}
