"""Queries of the query language, as SQL."""
