"""Packages beside `openai`: spans of openai-guardrails and redisvl; delivery before uvicorn or a process of
Celery or RQ ends; traces of their own for what happens in a Gradio app."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextvars import ContextVar
from time import time
from typing import Any

from opentelemetry import context

from sightline.chain import span
from sightline.delivery import EXIT_TIMEOUT_S
from sightline.patching import Patches
from sightline.runtime import flush
from sightline_semconv import sightline
from sightline_semconv.kinds import CacheKind, GuardrailOutcome, GuardrailStage, SpanKind

logger = logging.getLogger(__name__)

_stage: ContextVar[str] = ContextVar("sightline_guardrail_stage", default="")
_GUARDRAIL_MODULES = ("guardrails.runtime", "guardrails.client", "guardrails.agents", "guardrails")


class LibraryHooks(Patches):
    """Installed with the SDK; costs nothing for packages that the app does not import."""

    def install(self) -> None:
        """Patch what is loaded and wait for the rest."""
        self.active = True
        for name in _GUARDRAIL_MODULES:
            self.when_imported(name, self._patch_guardrails)
        self.when_imported("redisvl.extensions.cache.llm.semantic", self._patch_redisvl)
        self.when_imported("uvicorn.server", self._patch_uvicorn)
        self.when_imported("celery.signals", self._listen_to_celery)
        self.when_imported("rq.worker", self._patch_rq)
        self.when_imported("gradio.queueing", self._patch_gradio)

    def remove(self) -> None:
        """Put the originals back."""
        super().remove()
        if (signals := sys.modules.get("celery.signals")) is not None:
            signals.worker_process_shutdown.disconnect(_end_celery_process)

    def _patch_guardrails(self, module: Any) -> None:
        if "run_guardrails" in module.__dict__ and not hasattr(module.run_guardrails, "__wrapped__"):
            self.wrap(module, "run_guardrails", _run_guardrails)
        if module.__name__ == "guardrails.runtime":
            self.wrap(module.ConfiguredGuardrail, "run", _run_guardrail)

    def _patch_redisvl(self, module: Any) -> None:
        self.wrap(module.SemanticCache, "check", _check_cache)
        self.wrap(module.SemanticCache, "acheck", _check_cache_async)

    def _patch_uvicorn(self, module: Any) -> None:
        self.wrap(module.Server, "shutdown", _shut_down_server)

    def _patch_rq(self, module: Any) -> None:
        # Not `perform_job`, which runs already where the job's module is the one that switches us on.
        for name in ("handle_job_success", "handle_job_failure"):
            self.wrap(module.Worker, name, _end_rq_job)

    def _patch_gradio(self, module: Any) -> None:
        self.wrap(module.Queue, "start", _start_queue)

    def _listen_to_celery(self, module: Any) -> None:
        module.worker_process_shutdown.connect(_end_celery_process, weak=False)


def _end_celery_process(**told: Any) -> None:
    """One that Celery replaces (`max_tasks_per_child`, memory) is killed as soon as it tells of its end."""
    flush(EXIT_TIMEOUT_S)


def _start_queue(wrapped: Any, queue: Any, args: Any, kwargs: Any) -> Any:
    """The tasks that work off what all users do begin in the server's first request, which FastAPI traces."""
    token = context.attach(context.Context())
    try:
        return wrapped(*args, **kwargs)
    finally:
        context.detach(token)


def _end_rq_job(wrapped: Any, worker: Any, args: Any, kwargs: Any) -> Any:
    """The process that RQ forks for a job (its "horse") ends by `os._exit` after this."""
    try:
        return wrapped(*args, **kwargs)
    finally:
        if getattr(worker, "is_horse", False):
            flush(EXIT_TIMEOUT_S)


async def _shut_down_server(wrapped: Any, server: Any, args: Any, kwargs: Any) -> Any:
    """Once its requests have ended, uvicorn lets the signal that stopped it kill the process: no handler of
    `atexit` runs."""
    try:
        return await wrapped(*args, **kwargs)
    finally:
        report = await asyncio.to_thread(flush, EXIT_TIMEOUT_S)
        if report.waiting:
            logger.warning("The server ends while %d spans wait for the collector", report.waiting)


async def _run_guardrails(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    token = _stage.set(str(kwargs.get("stage_name") or ""))
    try:
        return await wrapped(*args, **kwargs)
    finally:
        _stage.reset(token)


async def _run_guardrail(wrapped: Any, guardrail: Any, args: Any, kwargs: Any) -> Any:
    name = str(getattr(getattr(guardrail, "definition", None), "name", "guardrail"))
    with span(
        name, SpanKind.GUARDRAIL, input=kwargs.get("data", args[1] if len(args) > 1 else None)
    ) as handle:
        result = await wrapped(*args, **kwargs)
        stage = GuardrailStage.OUTPUT if _stage.get() == "output" else GuardrailStage.INPUT
        handle.set(sightline.GUARDRAIL_STAGE, str(stage))
        failed, tripped = (
            getattr(result, "execution_failed", False),
            getattr(result, "tripwire_triggered", False),
        )
        error, block = GuardrailOutcome.ERROR, GuardrailOutcome.BLOCK
        info = getattr(result, "info", None)
        score = info.get("confidence") if isinstance(info, dict) else None
        handle.set_verdict(
            error if failed else block if tripped else GuardrailOutcome.PASS,
            score=float(score) if isinstance(score, int | float) else None,
        )
        return result


def _check_cache(wrapped: Any, cache: Any, args: Any, kwargs: Any) -> Any:
    with span(_cache_name(cache), SpanKind.CACHE, input=_cache_query(args, kwargs)) as handle:
        found = wrapped(*args, **kwargs)
        _note_lookup(handle, found)
        return found


async def _check_cache_async(wrapped: Any, cache: Any, args: Any, kwargs: Any) -> Any:
    with span(_cache_name(cache), SpanKind.CACHE, input=_cache_query(args, kwargs)) as handle:
        found = await wrapped(*args, **kwargs)
        _note_lookup(handle, found)
        return found


def _cache_name(cache: Any) -> str:
    return str(getattr(cache, "name", None) or "semantic cache")


def _cache_query(args: Any, kwargs: Any) -> Any:
    return kwargs.get("prompt", args[0] if args else None)


def _note_lookup(handle: Any, found: Any) -> None:
    """redisvl answers with hits, nearest first; the distance is a cosine distance (0 to 2)."""
    handle.set(sightline.CACHE_KIND, str(CacheKind.SEMANTIC))
    first = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
    distance = first.get("vector_distance")
    try:
        similarity = None if distance is None else 1.0 - float(distance)
    except (TypeError, ValueError):
        similarity = None
    handle.set_lookup(bool(found), similarity=similarity, age_s=_age_of(first.get("inserted_at")))
    handle.set_output(first.get("response"))


def _age_of(inserted_at: Any) -> int | None:
    """Seconds since an entry was stored, where the app asks for that field."""
    try:
        return max(0, int(time() - float(inserted_at)))
    except (TypeError, ValueError, OverflowError):
        return None
