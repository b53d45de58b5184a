"""Runs statements on `clickhouse_connect` clients and turns their failures into ours."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from sightline_core.errors import BackendError, QueryOverLimit, RowsRefused
from sightline_storage.engines.answer_time import time_limit
from sightline_storage.engines.engine import Row

_QUOTED_QUERY = re.compile(r": (?:In scope |[Ww]hile |Insertion status:)| \(for url |\. \([A-Z_]+\)")
_SERVER_PREFIX = re.compile(r"^.*?DB::\w*Exception: ")
_LOG_OF_TRIES = re.compile(r"\. Log:\s+(?:Code: \d+\. DB::\w*Exception: )?")
_NO_ANSWER = re.compile(r"host='([^']+)', port=(\d+)\): Read timed out\. \(read timeout=(\d+)")
_NO_CONNECTION = re.compile(
    r"host='([^']+)', port=(\d+)\).*?(?:\[Errno -?\d+\] ([^\")]+)|(timed out)|\[SSL: \w+\] ([^'\"(]+\b))"
)

READ_SETTINGS = {
    # Copies of a row lie in one partition, because the partition key is made of sorting columns.
    "do_not_merge_across_partitions_select_final": 1,
    # In a compact part the columns of a granule stand side by side: what is read ahead is of another column.
    "max_read_buffer_size_local_fs": 65_536,
}

INSERT_SETTINGS = {
    "insert_deduplicate": 1,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    # A span twice in one block is rare, and every reader asks for one row a span: leave it to the merges.
    "optimize_on_insert": 0,
}

ROWS_AT_FAULT = {
    6: "CANNOT_PARSE_TEXT",
    9: "SIZES_OF_COLUMNS_DOESNT_MATCH",
    33: "CANNOT_READ_ALL_DATA",
    44: "ILLEGAL_COLUMN",
    49: "LOGICAL_ERROR",
    50: "UNKNOWN_TYPE",
    53: "TYPE_MISMATCH",
    69: "ARGUMENT_OUT_OF_BOUND",
    70: "CANNOT_CONVERT_TYPE",
    72: "CANNOT_PARSE_NUMBER",
    117: "INCORRECT_DATA",
    128: "TOO_LARGE_ARRAY_SIZE",
    131: "TOO_LARGE_STRING_SIZE",
    190: "SIZES_OF_ARRAYS_DONT_MATCH",
    248: "INVALID_PARTITION_VALUE",
    321: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
    407: "DECIMAL_OVERFLOW",
    469: "VIOLATED_CONSTRAINT",
}
"""Codes of ClickHouse that say something of the rows of an insert.

Any other may be the fault of the store, also of one shard or partition that some rows go to.
"""

_LIMITS_OF_A_QUERY = {
    158: "TOO_MANY_ROWS",
    159: "TIMEOUT_EXCEEDED",
    160: "TOO_SLOW",
    241: "MEMORY_LIMIT_EXCEEDED",
    307: "TOO_MANY_BYTES",
    396: "TOO_MANY_ROWS_OR_BYTES",
}
"""Codes of ClickHouse that say that a query is over a limit of its user's settings."""

_OF_ALL_QUERIES = re.compile(r"^(?!.*Query memory)(?!.*for query).*memory limit", re.IGNORECASE)
"""What a query that meets others is told, and not when it comes alone."""


def run_query(
    client: Client, sql: str, params: Mapping[str, Any], settings: Mapping[str, Any] | None = None
) -> list[Row]:
    """Return all rows; raises `QueryOverLimit` when it is over a limit of the store's operator, or takes
    longer than `answered_within` says.
    """
    with backend_errors(), _told_of_limits():
        limited = {**(settings or {}), **time_limit(client)}
        result = client.query(sql, parameters=dict(params), settings=limited)
        return [tuple(row) for row in result.result_rows]


def run_read_native(
    client: Client, sql: str, params: Mapping[str, Any], settings: Mapping[str, Any] | None = None
) -> bytes:
    """Return all rows in Native format; raises as `run_query`."""
    with backend_errors(), _told_of_limits():
        return client.raw_query(sql, parameters=dict(params), settings=dict(settings or {}), fmt="Native")


def run_read_json(client: Client, sql: str, params: Mapping[str, Any], settings: Mapping[str, Any]) -> bytes:
    """Return all rows in JSONCompact format."""
    with backend_errors():
        return client.raw_query(sql, parameters=dict(params), settings=dict(settings), fmt="JSONCompact")


def run_insert(
    client: Client,
    table: str,
    columns: Sequence[str],
    body: bytes | Generator[bytes, None, None],
    settings: Mapping[str, Any],
    compression: str | None = None,
) -> None:
    """Insert blocks in Native format as one; raises `RowsRefused` when the engine says it is their fault."""
    with backend_errors():
        try:
            client.raw_insert(
                table,
                list(columns),
                insert_block=body,
                settings=dict(settings),
                fmt="Native",
                compression=compression,
            )
        except DatabaseError as error:
            if error.code in ROWS_AT_FAULT:
                raise RowsRefused(f"ClickHouse failed: {first_line(error)}") from error
            raise


def run_command(client: Client, sql: str, params: Mapping[str, Any] | None = None) -> None:
    """Run a statement that returns nothing."""
    with backend_errors():
        client.command(sql, parameters=dict(params) if params else None)


@contextmanager
def backend_errors() -> Iterator[None]:
    """Turn what the client raises into `BackendError`; the cause is kept, its text shortened to one line."""
    try:
        yield
    except (ClickHouseError, OSError) as error:
        raise BackendError(f"ClickHouse failed: {first_line(error)}") from error


@contextmanager
def _told_of_limits() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        said = first_line(error)
        if error.code in _LIMITS_OF_A_QUERY and not _OF_ALL_QUERIES.search(said):
            raise QueryOverLimit(
                f"ClickHouse ended the query: {said}; ask for less, such as a shorter range of time"
            ) from error
        raise


def first_line(error: BaseException) -> str:
    """Return what went wrong, at most 300 characters, without the query that ClickHouse quotes after it.

    The quote has the bound values in it, and those may be somebody's prompt.
    """
    text = _LOG_OF_TRIES.sub(": ", str(error).strip(), count=1)  # which node cannot be reached, and why
    line = text.splitlines()[0] if text else type(error).__name__
    if silent := _NO_ANSWER.search(line):
        host, port, seconds = silent.groups()
        return f"{host}:{port} did not answer within {seconds} s"
    if unreachable := _NO_CONNECTION.search(line):
        host, port, *reasons = unreachable.groups()
        return f"{host}:{port} cannot be reached: {next(filter(None, reasons))}"
    said = _QUOTED_QUERY.split(_SERVER_PREFIX.sub("", line))[0][:300].rstrip()
    # Why it does not start, the embedded engine writes to standard error and nowhere else.
    return f"{said} its own lines on standard error say why" if said.endswith(":") else said
