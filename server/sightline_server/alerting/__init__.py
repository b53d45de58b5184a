"""Alerting: looking at rules every few seconds, and delivering what was decided."""
