"""Answers computed from stored spans: chains, failures, costs, alerts."""
