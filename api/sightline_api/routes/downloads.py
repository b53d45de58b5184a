"""Traces as files."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from sightline_api.dependencies import Caller, QueryParam, Range, Services, TraceIdParam
from sightline_api.download_formats import DownloadFormat, download
from sightline_core.errors import NotFound

router = APIRouter(tags=["downloads"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "All spans with their content, one file.",
        "content": {
            "application/json": {
                "schema": {"type": "object", "description": "OTLP/JSON, postable to /v1/traces"}
            },
            "application/x-ndjson": {"schema": {"type": "string", "description": "a SpanDetail a line"}},
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}

_PART: dict[int | str, dict[str, Any]] = {
    200: {
        **_FILE[200],
        "headers": {
            "Sightline-Traces": {"schema": {"type": "integer"}, "description": "traces in the file"},
            "Link": {"schema": {"type": "string"}, "description": 'the next file, `rel="next"`, if any'},
        },
    }
}

Format = Annotated[DownloadFormat, Query(alias="format")]


@router.get("/traces/{trace_id}/download", response_class=StreamingResponse, responses=_FILE)
def download_trace(
    services: Services, caller: Caller, trace_id: TraceIdParam, form: Format = "otlp-json"
) -> StreamingResponse:
    """Return every span of a trace, by start. There is no limit on their number."""
    rows = services.traces.read_rows(caller.project, [trace_id])
    if not rows:
        raise NotFound(f"no trace {trace_id} is stored")
    pages = services.downloads.pages(caller.project, rows)
    return download(pages, form, name=f"trace-{trace_id}", headers={})


@router.get("/traces/export", response_class=StreamingResponse, responses=_PART)
def export_traces(
    services: Services,
    caller: Caller,
    request: Request,
    time_range: Range,
    node: QueryParam,
    form: Format = "otlp-json",
    limit: Annotated[int, Query(ge=1, le=1000, description="traces in one file")] = 1000,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> StreamingResponse:
    """Return every span of the traces that fit the query, newest trace first.

    `Sightline-Traces` is how many traces the file holds. When more match than `limit`, `Link` with
    `rel="next"` (RFC 8288) is where the next file is.
    """
    page = services.search.find_traces(caller.project, time_range, node, limit=limit, cursor=cursor)
    headers = {"Sightline-Traces": str(len(page.traces))}
    if page.next_cursor:
        following = request.url.include_query_params(
            cursor=page.next_cursor, start=time_range.start.isoformat(), end=time_range.end.isoformat()
        ).remove_query_params("since")
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    pages = services.downloads.pages(caller.project, page.traces)
    return download(pages, form, name=f"traces-{time_range.end:%Y%m%dT%H%M%SZ}", headers=headers)
