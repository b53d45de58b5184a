"""Traces by id and time: lists, one trace, its row, what is inside, its relations."""
