"""The columns of a span, and conditions on them."""
