"""`/metrics` in Prometheus' text format, version 0.0.4. The gate lets in who may see all projects."""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sightline_collector import Snapshot
from sightline_server.jobs import JobCounts

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# From the start, as an increase is only seen from a value before it: the first one would be missed.
_REJECTED = ("invalid", "dead_letter", "sampled_out")
_REFUSED = ("too_many_requests", "service_unavailable", "incomplete")
_EVENTS = ("journaled", "joined", "score", "no_span", "over_limit", "dead_letter")


def metrics_route(
    role: str, snapshot: Callable[[], Snapshot] | None, jobs: Mapping[str, JobCounts] | None
) -> Route:
    """Return the route that renders what the process has to say, anew for each scrape.

    `role` names the process; without a collector there is no snapshot, without background jobs no counts.
    """

    async def metrics(_request: Request) -> Response:
        text = render(role, snapshot() if snapshot else None, jobs)
        return PlainTextResponse(text, media_type=_CONTENT_TYPE)

    return Route("/metrics", metrics)


def render(role: str, now: Snapshot | None, jobs: Mapping[str, JobCounts] | None) -> str:
    """Return the exposition, one trailing newline included."""
    lines = [*_head("build_info", "gauge", "Version and role of the process.")]
    lines.append(f'sightline_build_info{{version="{version("sightline")}",role="{role}"}} 1')
    if now is not None:
        lines += _lines(now)
    if jobs is not None:
        lines += _job_lines(jobs)
    return "\n".join(lines) + "\n"


def _job_lines(jobs: Mapping[str, JobCounts]) -> Iterator[str]:
    for name, kind, meaning, value in (
        ("job_turns_total", "counter", "Turns that this process took under the lease.", "turns"),
        ("job_failures_total", "counter", "Turns that failed; the log says why.", "failures"),
        ("job_seconds_total", "counter", "Time in turns that succeeded.", "seconds"),
        (
            "job_success_timestamp_seconds",
            "gauge",
            "When a turn last succeeded here; 0: never.",
            "succeeded_at",
        ),
        ("job_failing", "gauge", "1 while the last turn that this process took failed.", "is_failing"),
    ):
        yield from _head(name, kind, meaning)
        for job, counts in sorted(jobs.items()):
            # Not `job`, which Prometheus gives every series itself.
            yield f'sightline_{name}{{name="{job}"}} {getattr(counts, value):.15g}'


def _lines(now: Snapshot) -> Iterator[str]:
    yield from _one(
        "spans_received_total", "counter", "Spans in requests that were parsed.", now.spans_received
    )
    yield from _one("spans_journaled_total", "counter", "Spans made durable.", now.spans_journaled)
    yield from _one("spans_written_total", "counter", "Spans that the store took.", now.spans_written)
    for name, meaning, known, counts in (
        ("spans_rejected_total", "Spans that are not stored.", _REJECTED, now.spans_rejected),
        ("requests_refused_total", "Requests refused as a whole.", _REFUSED, now.requests_refused),
        ("log_events_total", "GenAI log events by what became of them.", _EVENTS, now.events),
    ):
        yield from _by_reason(name, meaning, {**dict.fromkeys(known, 0), **counts})
    yield from _one("store_errors_total", "counter", "Attempts that the store refused.", now.store_errors)
    yield from _one(
        "storing_failures_total",
        "counter",
        "Turns of storing that a defect or a refused span ended; the log says why.",
        now.storing_failures,
    )
    yield from _head("flush_seconds", "summary", "Time from journal to store for each block.")
    yield f"sightline_flush_seconds_sum {now.flush_s:.6f}"
    yield f"sightline_flush_seconds_count {now.blocks_written}"
    yield from _one("queue_spans", "gauge", "Spans durable and not yet stored.", now.queue_spans)
    yield from _one("queue_bytes", "gauge", "Journal bytes not yet stored.", now.queue_bytes)
    yield from _one("queue_age_seconds", "gauge", "Age of the oldest span being stored.", now.queue_age_s)


def _head(name: str, kind: str, meaning: str) -> Iterator[str]:
    yield f"# HELP sightline_{name} {meaning}"
    yield f"# TYPE sightline_{name} {kind}"


def _one(name: str, kind: str, meaning: str, value: float) -> Iterator[str]:
    yield from _head(name, kind, meaning)
    yield f"sightline_{name} {value}"


def _by_reason(name: str, meaning: str, counts: Mapping[str, int]) -> Iterator[str]:
    """Reasons are words of our own, so that no label needs escaping."""
    yield from _head(name, "counter", meaning)
    for reason, count in sorted(counts.items()):
        yield f'sightline_{name}{{reason="{reason}"}} {count}'
