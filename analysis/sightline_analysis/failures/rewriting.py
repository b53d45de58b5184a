"""Spans written again with another failure: the table is insert-only, the newest version counts."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sightline_core.ids import ProjectId
from sightline_storage.contract import SpanWriter
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.traces.span_lookup import SpanKey, key_of


def rewrite_spans(
    reader: FailingSpanReader,
    writer: SpanWriter,
    project: ProjectId,
    spans: Sequence[SpanRecord],
    changes: Mapping[SpanKey, Mapping[str, Any]],
) -> int:
    """Store spans (given by trace id, span id and start) again with changed columns; return how many.

    A copy that was delivered in the meantime is newer by a clock's tick at most, so one nanosecond decides
    nothing: the version is that of the row that was read, plus one.
    """
    if not spans:
        return 0
    rewritten: list[SpanRecord] = []
    for record in reader.records(project, spans):
        change = changes.get(key_of(record))
        if change is not None:
            rewritten.append(cast(SpanRecord, {**record, **change, "ingested_ns": record["ingested_ns"] + 1}))
    if rewritten:
        newest = max(record["ingested_ns"] for record in rewritten)
        values = sorted({str(value) for change in changes.values() for value in change.values()})
        # A hash, as tokens are stored for longer than messages may be.
        what = hashlib.sha256("\n".join(values).encode(errors="surrogatepass")).hexdigest()[:32]
        token = f"failures-{project}-{newest}-{len(rewritten)}-{rewritten[0]['span_id']}-{what}"
        writer.write(rewritten, token=token)
    return len(rewritten)
