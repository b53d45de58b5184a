"""OTLP in, rows out: receive, journal, decode, normalise, enrich, write."""

from sightline_collector.collector import Collector
from sightline_collector.config import CollectorConfig

__all__ = ["Collector", "CollectorConfig"]
