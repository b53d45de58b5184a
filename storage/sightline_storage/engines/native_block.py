"""Columns of values → a block in ClickHouse's Native format, with the client's own codecs."""

import decimal
from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.datatypes.numeric import Decimal
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.common import write_leb128
from clickhouse_connect.driver.insert import InsertContext

from sightline_storage.engines.engine import Engine


def encode_block(columns: Mapping[str, Sequence[Any]], types: Mapping[str, str]) -> bytes:
    """Return column → values (all of one length) as one block; `types` has the type of each column by name.

    Blocks can stand one after the other, also with different columns: the engine fills in what one of them
    lacks. Raises what the client raises for a value that does not fit its column.
    """
    codecs = [_codec(types[name]) for name in columns]
    context = InsertContext("", list(columns), codecs)
    block = bytearray()
    write_leb128(len(columns), block)
    write_leb128(len(next(iter(columns.values()))), block)
    for (name, values), codec in zip(columns.items(), codecs, strict=True):
        for text in (name, codec.insert_name):
            encoded = text.encode()
            write_leb128(len(encoded), block)
            block += encoded
        if isinstance(codec, Decimal) and codec.byte_size == 8:
            # The client goes over text, which for the four amounts of a span was a quarter of encoding it.
            step = decimal.Decimal(10**codec.scale)  # refuses to multiply what is no number
            block += array("q", [int(value * step) for value in values]).tobytes()
        else:
            context.start_column(name)
            codec.write_column(values, block, context)
    return bytes(block)


def insert_columns(
    engine: Engine,
    table: str,
    columns: Mapping[str, Sequence[Any]],
    types: Mapping[str, str],
    *,
    token: str,
) -> None:
    """Insert column → values as `Engine.insert` does."""
    engine.insert(table, list(columns), [encode_block(columns, types)], token=token)


@cache
def _codec(type_name: str) -> ClickHouseType:
    return get_from_name(type_name)
