"""Judgements of traces and spans."""
