"""One OTLP span → one span record, and the loop over a request."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sightline_collector.any_value import to_attributes, to_text
from sightline_collector.attribute_plan import MAX_NAME, plan_of
from sightline_collector.columns import NotThatType, as_text
from sightline_collector.config import CollectorConfig
from sightline_collector.first_token import time_to_first_token_ns
from sightline_collector.previews import preview_input, preview_output
from sightline_collector.resource_facts import read_resource
from sightline_collector.span_status import exception_type, settle_status
from sightline_collector.span_times import settle_times
from sightline_collector.storable_texts import make_storable
from sightline_collector.truncation import cut_depth, truncate_text
from sightline_core.ids import ProjectId
from sightline_core.limits import IngestLimits
from sightline_semconv import gen_ai, marks, sightline
from sightline_semconv.dialects import Attributes, normalise
from sightline_semconv.dialects.event_messages import messages_of_events, only_content
from sightline_semconv.dialects.flattened import dump_json
from sightline_semconv.kinds import COUNTED_KINDS, SpanKind
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import default_of

_OTEL_KIND = ("internal", "internal", "server", "client", "producer", "consumer")
_MERGED_COLUMNS = ("attributes", "attributes_num")
_TEXT_LIMIT = 4_096
_MODEL_IN_LOGFIRE = "{request_data[model]!r}"
_ID_OF_RUN = re.compile(r"[_.]\(?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)?")


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A span that our own code could not turn into a record; it goes to the dead letters."""

    span: Span
    reason: str


class SpanDecoder:
    """Decodes requests. `enrich` completes a record in place (price, failure); thread-safe when that is."""

    def __init__(self, config: CollectorConfig, enrich: Callable[[SpanRecord], None]) -> None:
        self._config = config
        self.enrich = enrich

    def decode(
        self, request: ExportTraceServiceRequest, project: str, received_ns: int
    ) -> Iterator[SpanRecord | Undecodable]:
        """Yield one record for each span, in order. A span that breaks us spares its neighbours."""
        limits = self._config.limits_of(ProjectId(project))
        for resource_spans in request.resource_spans:
            facts = read_resource(resource_spans.resource)
            for scope_spans in resource_spans.scope_spans:
                shared: dict[str, Any] = {
                    "project": project,
                    "scope_name": scope_spans.scope.name[:_TEXT_LIMIT],
                    "scope_version": scope_spans.scope.version[:_TEXT_LIMIT],
                    "ingested_ns": received_ns,
                    "app": facts.app,
                    "service": facts.service,
                    "environment": facts.environment,
                    "app_version": facts.app_version,
                    "resource": facts.attributes,
                }
                for span in scope_spans.spans:
                    try:
                        record = self._record(span, shared, limits)
                        self.enrich(record)
                    except Exception as error:
                        yield Undecodable(span, f"{type(error).__name__}: {error}"[:500])
                    else:
                        yield record

    def complete(self, record: SpanRecord, attributes: Attributes) -> None:
        """Fill in, in place, what further attributes of the span say and the record does not say yet.

        Price and failure are for `enrich`.
        """
        columns = cast(dict[str, Any], record)
        added: dict[str, Any] = {"marks": []}
        limits = self._config.limits_of(ProjectId(record["project"]))
        _fill(added, normalise(attributes).attributes, limits)
        for column, value in added.items():
            if column in _MERGED_COLUMNS:
                columns[column] = {**value, **columns.get(column, {})}
            elif column != "marks" and columns.get(column, default_of(column)) == default_of(column):
                columns[column] = value
        columns["marks"] = list(columns["marks"])
        _settle(columns, limits)

    def _record(self, span: Span, shared: dict[str, Any], limits: IngestLimits) -> SpanRecord:
        attributes = to_attributes(span.attributes)
        if span.events:
            _take_event_messages(attributes, span)
        normalised = normalise(attributes, shared["scope_name"])
        start_ns, duration_ns, changes = settle_times(
            span.start_time_unix_nano, span.end_time_unix_nano, shared["ingested_ns"], self._config
        )
        otel_kind = span.kind
        status, status_message = settle_status(span, shared["scope_name"], normalised.attributes)
        record: dict[str, Any] = {
            **shared,
            "trace_id": span.trace_id.hex(),
            "span_id": span.span_id.hex(),
            "parent_span_id": _parent(span.parent_span_id),
            "trace_state": span.trace_state,
            "name": _name(span.name, normalised.attributes)[:_TEXT_LIMIT],
            "kind": normalised.kind.value,
            "otel_kind": _OTEL_KIND[otel_kind] if 0 <= otel_kind < len(_OTEL_KIND) else "internal",
            "dialect": normalised.dialect,
            "start_ns": start_ns,
            "duration_ns": duration_ns,
            "status": status,
            "status_message": status_message,
            "counted": int(normalised.kind in COUNTED_KINDS),
            "marks": changes,
        }
        _fill(record, normalised.attributes, limits)
        if normalised.kind is SpanKind.TOOL:
            record.setdefault("tool_name", record["name"])  # Langfuse and MLflow name a tool nowhere else
        if status == "error" and span.events and (error_type := exception_type(span.events)):
            record.setdefault("error_type", error_type)
        first_token_ns = time_to_first_token_ns(span, normalised.attributes)
        if first_token_ns:
            record.setdefault("time_to_first_token_ns", first_token_ns)
        self._fill_events(record, span, limits)
        _settle(record, limits)
        return cast(SpanRecord, record)

    def _fill_events(self, record: dict[str, Any], span: Span, limits: IngestLimits) -> None:
        if span.events:
            kept = span.events[: self._config.max_events]
            record["events"] = _json(
                [
                    {
                        "name": event.name,
                        "time_ns": event.time_unix_nano,
                        "attributes": _short_values(to_attributes(event.attributes), limits),
                    }
                    for event in kept
                ]
            )
            if len(kept) < len(span.events):
                record["marks"].append(marks.EVENTS_DROPPED)
        if span.links:
            links = span.links[: self._config.max_links]
            record["links"] = _json(
                [
                    {
                        "trace_id": link.trace_id.hex(),
                        "span_id": link.span_id.hex(),
                        "attributes": _short_values(to_attributes(link.attributes), limits),
                    }
                    for link in links
                ]
            )
            if len(links) < len(span.links):
                record["marks"].append(marks.LINKS_DROPPED)


def _name(name: str, attributes: Attributes) -> str:
    """Vercel's SDK says beside the name, which all spans of a sort share, what the app called them for.

    OpenInference names crews and flows of CrewAI without a name by their ids, and AutoGen what agents of a
    team tell each other by the team's, so that no two runs share a name. Logfire sends names as templates.
    """
    if _MODEL_IN_LOGFIRE in name:
        return name.replace(_MODEL_IN_LOGFIRE, str(attributes.get(gen_ai.REQUEST_MODEL, "a model")))
    if name.startswith(("Crew_", "Flow_", "autogen ")):
        return _ID_OF_RUN.sub("", name)
    full = attributes.get("operation.name")
    return full if isinstance(full, str) and full.startswith(f"{name} ") else name


def _fill(record: dict[str, Any], attributes: Attributes, limits: IngestLimits) -> None:
    """Typed columns first; the rest into the maps, within the limits."""
    plan = plan_of(tuple(attributes))
    for name, column in plan.content:
        record[column] = to_text(attributes[name])
    others = plan.others
    for name, column, convert in plan.columns:
        value = attributes[name]
        if convert is as_text and value.__class__ is str:
            if value:
                record[column] = value
            continue
        try:
            converted = convert(value)
        except NotThatType:
            others = (*others, name)
        else:
            record[column] = record["marks"] + converted if column == "marks" else converted
    if plan.has_dropped or len(others) > limits.max_attributes:
        others = others[: limits.max_attributes]
        record["marks"].append(marks.ATTRIBUTES_DROPPED)
    texts: dict[str, str] = {}
    numbers: dict[str, float] = {}
    for name in others:
        value = attributes[name]
        if value.__class__ is str:
            texts[name] = value
            continue
        texts[name] = _text_of(record, value, limits)
        if isinstance(value, (int, float)) and value == value and abs(value) < 1e300:
            numbers[name] = float(value)
    record["attributes"] = texts
    record["attributes_num"] = numbers


def _text_of(record: dict[str, Any], value: Any, limits: IngestLimits) -> str:
    shallow, was_cut = cut_depth(value, limits.max_attribute_depth)
    if was_cut:
        record["marks"].append(marks.ATTRIBUTE_TRUNCATED)
    return to_text(shallow)


def _settle(record: dict[str, Any], limits: IngestLimits) -> None:
    """Limits, and the columns that follow from others: previews, the model."""
    make_storable(record, limits)
    if record.get("input"):
        record["input_preview"] = preview_input(record["input"])
    if record.get("output"):
        record["output_preview"] = preview_output(record["output"])
    if record["kind"] == SpanKind.RETRIEVAL and record.get("documents"):
        record["retrieved_count"] = _count_items(record["documents"])
    record["model"] = record.get("response_model") or record.get("request_model", "")
    record["marks"] = list(dict.fromkeys(record["marks"]))


def _take_event_messages(attributes: Attributes, span: Span) -> None:
    """GenAI up to 1.36 recorded the conversation as span events; the events stay, too.

    Strands Agents puts the newer event with all attributes of a call onto its span as well.
    """
    if gen_ai.INPUT_MESSAGES in attributes and gen_ai.OUTPUT_MESSAGES in attributes:
        return
    named = [event for event in span.events if event.name.startswith("gen_ai.")]
    is_tool = attributes.get(gen_ai.OPERATION_NAME) == "execute_tool"
    for event in named:
        if event.name == gen_ai.INFERENCE_DETAILS_EVENT and not is_tool:
            for name, value in to_attributes(event.attributes).items():
                attributes.setdefault(name, value)
    said = messages_of_events(
        {**to_attributes(event.attributes), "event.name": event.name} for event in named
    )
    for names, messages in zip(_EVENT_CONTENT, said, strict=True):
        if messages:
            content = only_content(messages) if is_tool else None
            attributes.setdefault(names[content is not None], content or dump_json(messages))


_EVENT_CONTENT = ((gen_ai.INPUT_MESSAGES, sightline.INPUT), (gen_ai.OUTPUT_MESSAGES, sightline.OUTPUT))
"""Where messages of events go, and where what went into a tool or came out does."""


def _parent(raw: bytes) -> str:
    return raw.hex() if len(raw) == 8 and any(raw) else ""


def _json(value: Any) -> str:
    """Encode with orjson; what it refuses (integers beyond 64 bits) takes the slower road."""
    try:
        return orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, TypeError):
        return dump_json(value)


def _short_values(attributes: Attributes, limits: IngestLimits) -> dict[str, Any]:
    return {
        name[:MAX_NAME]: truncate_text(value, limits.max_attribute_size)
        if isinstance(value, str)
        else cut_depth(value, limits.max_attribute_depth)[0]
        for name, value in attributes.items()
    }


def _count_items(text: str) -> int:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return -1
    return len(value) if isinstance(value, list) else -1
