"""The formats that spans are downloaded in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from fastapi.responses import StreamingResponse

from sightline_api.otlp_export import otlp_json
from sightline_api.span_tables import csv_table, parquet_table
from sightline_api.span_view import span_detail
from sightline_storage.spans.span_record import SpanRecord

DownloadFormat = Literal["otlp-json", "jsonl", "csv", "parquet"]

Pages = Iterable[list[SpanRecord]]


@dataclass(frozen=True, slots=True)
class _Format:
    media_type: str
    suffix: str
    encode: Callable[[Pages], Iterator[bytes]]


def json_lines(pages: Pages) -> Iterator[bytes]:
    """Yield a `SpanDetail` a line."""
    for page in pages:
        yield "".join(f"{span_detail(record).model_dump_json()}\n" for record in page).encode()


_FORMATS: dict[DownloadFormat, _Format] = {
    "otlp-json": _Format("application/json", "otlp.json", otlp_json),
    "jsonl": _Format("application/x-ndjson", "jsonl", json_lines),
    "csv": _Format("text/csv; charset=utf-8; header=present", "csv", csv_table),
    "parquet": _Format("application/vnd.apache.parquet", "parquet", parquet_table),
}


def download(pages: Pages, form: DownloadFormat, *, name: str, headers: dict[str, str]) -> StreamingResponse:
    """Return the file as it is made; a store that fails on the way breaks the connection off."""
    chosen = _FORMATS[form]
    disposition = f'attachment; filename="{name}.{chosen.suffix}"'
    return StreamingResponse(
        chosen.encode(pages),
        media_type=chosen.media_type,
        headers={
            "Content-Disposition": disposition,
            **headers,
        },
    )
