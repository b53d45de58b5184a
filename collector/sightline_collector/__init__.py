"""OTLP in, rows out: receive, journal, decode, normalise, enrich, write."""

from sightline_collector.collector import Collector
from sightline_collector.config import CollectorConfig, Sampling
from sightline_collector.counters import Snapshot
from sightline_collector.event_join import EventStores
from sightline_collector.stored_block import StoredBlock

__all__ = ["Collector", "CollectorConfig", "EventStores", "Sampling", "Snapshot", "StoredBlock"]
