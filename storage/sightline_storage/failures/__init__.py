"""Failing spans, their clusters, and what people decided about them."""
