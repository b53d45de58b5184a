"""Some days of traffic for the demo, posted to the server's own OTLP endpoint with back-dated times.

The traffic of an hour is a function of that hour alone. Seeding again after a restart sends the same spans
with the same ids, which the store keeps once, plus the hours that have passed since.
"""

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sightline_semconv import sightline as names
from sightline_server.demo import history_apps as apps
from sightline_server.demo.history_apps import Circumstances, Draw
from sightline_server.demo.history_scores import scores_of
from sightline_server.demo.trace_draft import TraceDraft, resource_spans

HOUR_S = 3600
_RELEASE_EVERY_DAYS = 2
_INCIDENT_S = 1500


@dataclass(frozen=True, slots=True)
class DemoApp:
    """An app that had users; `traces_an_hour` is its busiest hour."""

    name: str
    draw: Draw
    traces_an_hour: int


APPS = (
    DemoApp("support-assistant", apps.support_assistant, 14),
    DemoApp("contract-summariser", apps.contract_summariser, 5),
    DemoApp("code-reviewer", apps.code_reviewer, 6),
    DemoApp("sql-analyst", apps.sql_analyst, 8),
)


def traffic_of_hour(hour: int) -> Iterator[tuple[dict[str, str], TraceDraft]]:
    """Yield (resource attributes, trace) for each request of the hour that is `hour` hours after 1970."""
    day = hour // 24
    release = day // _RELEASE_EVERY_DAYS
    unlucky_app = APPS[_digest(f"app {day}") % len(APPS)].name
    incident_start = (day * 24 + 9 + _digest(f"hour {day}") % 9) * HOUR_S + 600
    for app in APPS:
        chance = random.Random(f"{app.name} {hour}")
        # Quiet nights, busy afternoons, in UTC.
        busy = 0.15 + 0.85 * max(0.0, 1 - abs(hour % 24 - 14) / 9)
        for _ in range(round(app.traces_an_hour * busy * chance.uniform(0.7, 1.3))):
            start_s = hour * HOUR_S + chance.uniform(0, HOUR_S)
            incident = app.name == unlucky_app and 0 <= start_s - incident_start < _INCIDENT_S
            now = Circumstances(
                incident=incident,
                release=release % 100,
                fingerprint=f"fp_{_digest(f'fingerprint {hour // 30}') % 2**40:010x}",
            )
            user = f"user-{chance.randint(1, 60)}"
            draft = TraceDraft(
                chance, int(start_s * 1e9), session=f"{user}-{hour // 2}-{app.name}", user=user
            )
            app.draw(draft, now)
            yield _resource(app.name, "staging" if chance.random() < 0.12 else "production", release), draft


def seed_history(endpoint: str, headers: dict[str, str], *, days: int, now: datetime) -> int:
    """Post the hours of the last `days` that are over, newest first, and return the number of spans.

    Their scores follow, which are given once however often they are sent.

    Raises `httpx.HTTPError` when the server does not take them.
    """
    last_hour = int(now.timestamp()) // HOUR_S - 1
    sent = 0
    with httpx.Client(base_url=endpoint, headers=headers, timeout=30, trust_env=False) as client:
        for hour in range(last_hour, last_hour - days * 24, -1):
            traffic = list(traffic_of_hour(hour))
            request = ExportTraceServiceRequest(
                resource_spans=[resource_spans(resource, [draft]) for resource, draft in traffic]
            )
            _post(client, request.SerializeToString())
            scores = [score for _, draft in traffic for score in scores_of(draft)]
            if scores:
                client.post("/api/v1/scores", json=scores).raise_for_status()
            sent += sum(len(item.scope_spans[0].spans) for item in request.resource_spans)
    return sent


def _post(client: httpx.Client, body: bytes) -> None:
    """Post one request, waiting as long as the server asks while it is busy."""
    while True:
        response = client.post("/v1/traces", content=body, headers={"content-type": "application/x-protobuf"})
        if response.status_code not in (429, 503):
            response.raise_for_status()
            return
        time.sleep(float(response.headers.get("retry-after", "1")))


def _resource(app: str, environment: str, release: int) -> dict[str, str]:
    return {
        names.APP: app,
        "service.name": app,
        "service.version": f"1.{release % 100}.0",
        "deployment.environment.name": environment,
    }


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def main() -> int:
    """Seed from the command line; the demo runs this beside the server."""
    parser = argparse.ArgumentParser(description="Post some days of sample traffic to a Sightline server.")
    parser.add_argument("--endpoint", default="http://127.0.0.1:4318")
    parser.add_argument("--days", type=int, default=4)
    options = parser.parse_args()
    spans = seed_history(options.endpoint, {}, days=options.days, now=datetime.now(UTC))
    sys.stdout.write(f"{spans} spans of the last {timedelta(days=options.days)} sent\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
