"""The vocabulary both sides of the wire share: attribute names, span kinds, dialect tables."""
