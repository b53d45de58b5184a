"""What one look at many rules costs: `python benchmarks/alert_evaluation.py [--rules 1000] [--minutes 60]`.

Rollup rows are made by the store itself from spans of 50 apps and 4 models. Evaluation reads rollups, so its
cost depends on groups and minutes, not on spans.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_analysis.alerts.rule_document import parse_rule, rule_document
from sightline_analysis.failures.cluster_measures import ClusterMeasures
from sightline_core.ids import ProjectId
from sightline_server.alerting.evaluation import Evaluator
from sightline_server.alerting.evidence import EvidenceFinder
from sightline_server.alerting.likely_cause import LikelyCause
from sightline_server.alerting.stored_until import StoredUntil
from sightline_server.alerting.wiring import LOOK_EVERY
from sightline_storage import SpanRecord, Store, StoreConfig, open_store
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url
from sightline_storage.rollups.measure_reader import MeasureReader
from sightline_storage.search.span_measures import SpanMeasures
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.spend.spend_reader import SpendReader

PROJECT = ProjectId("bench")
NOW = datetime(2026, 11, 2, 12, 0, 30, tzinfo=UTC)
APPS, MODELS = 50, 4
MEASURES = ("cost", "calls", "tokens", "error_rate", "latency_p95")
GROUPS: tuple[list[str], ...] = (["app"], ["model"], ["app", "model"], [])
WINDOWS = ("5m", "15m", "1h")


def fill(store: Store, minutes: int) -> None:
    """Store one call of every app and model in every minute, and bring the rollups up to date."""
    for minute in range(minutes):
        start_ns = int((NOW - timedelta(minutes=minute)).timestamp()) * 1_000_000_000
        records = [
            SpanRecord(
                project=PROJECT,
                trace_id=f"{minute:016x}{number:016x}",
                span_id=f"{number:016x}",
                name="chat",
                kind="llm",
                start_ns=start_ns,
                duration_ns=1_000_000 * (1 + number % 7),
                ingested_ns=start_ns,
                status="ok",
                app=f"app-{number // MODELS}",
                model=f"model-{number % MODELS}",
                input_tokens=1000,
                output_tokens=100,
                cost_usd=Decimal("0.001"),
                cost_state="priced",
            )
            for number in range(APPS * MODELS)
        ]
        store.writer.write(records, token=f"minute-{minute}")
    while store.refresh_rollups(NOW):
        pass


def make_rules(rules: AlertRuleStore, count: int) -> None:
    """Store rules of few shapes with many limits, as people have them."""
    for number in range(count):
        document = {
            "key": f"rule-{number}",
            "name": f"Rule {number}",
            "measure": MEASURES[number % len(MEASURES)],
            "window": WINDOWS[number % len(WINDOWS)],
            "group_by": GROUPS[number % len(GROUPS)],
            "condition": {"kind": "threshold", "alert": 1e12 + number},
        }
        rule = parse_rule(document)
        rules.put_rule(PROJECT, rule.key, rule_document(rule), NOW)


def main() -> None:
    """Fill, look three times, and print the CPU of a look as a share of one core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--minutes", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(StoreConfig(data_dir=Path(folder)))
        metadata = open_metadata(sqlite_url(Path(folder)))
        rules = AlertRuleStore(metadata)
        fill(store, options.minutes)
        make_rules(rules, options.rules)
        cause = LikelyCause(SpendReader(store.engine))
        clusters = ClusterMeasures(FailureStore(metadata), FailureReader(store.engine))
        measures = RuleMeasures(MeasureReader(store.engine), SpanMeasures(store.engine), clusters)
        evidence = EvidenceFinder(cause, measures, TraceSearch(store.engine))
        evaluator = Evaluator(
            rules,
            IncidentStore(metadata),
            measures,
            evidence,
            page="http://localhost",
            now=lambda: NOW,
            stored_until=StoredUntil(),
        )
        evaluator.run()
        cpu, wall = time.process_time(), time.perf_counter()
        looks = 3
        for _ in range(looks):
            evaluator.run()
        cpu, wall = (time.process_time() - cpu) / looks, (time.perf_counter() - wall) / looks
        share = cpu / LOOK_EVERY.total_seconds()
        print(f"{options.rules} rules, {APPS * MODELS} groups: {cpu:.2f} CPU-s and {wall:.2f} s a look,")
        print(f"{share:.1%} of one core at one look every {LOOK_EVERY.total_seconds():.0f} s")
        metadata.dispose()
        store.close()


if __name__ == "__main__":
    main()
