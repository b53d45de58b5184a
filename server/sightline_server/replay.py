"""Makes recorded calls again at the operator's endpoint and records them as the SDK would."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson

from sightline.config import ContentPolicy
from sightline.content import content_attributes
from sightline.endpoints import find_endpoint
from sightline.facts import Facts
from sightline.fingerprints import request_fingerprint
from sightline.providers import identify_server
from sightline_analysis.failures import mark_failure
from sightline_api.otlp_attributes import key_values
from sightline_api.replay_desk import Replayed
from sightline_api.replay_request import ReplayRequest
from sightline_collector import CollectorConfig
from sightline_collector.enrich import Enricher
from sightline_collector.otlp_json import parse_trace_json
from sightline_collector.span_decoder import SpanDecoder, Undecodable
from sightline_core.errors import BackendError, Conflict, TooManyRequests
from sightline_core.ids import ProjectId, SpanId, TraceId
from sightline_core.pricing import Pricer
from sightline_core.settings import Settings
from sightline_semconv import gen_ai, sightline
from sightline_storage.contract import SpanWriter
from sightline_storage.spans.span_record import SpanRecord

TIMEOUT_S = 120.0
MAX_ANSWER = 8 * 1024 * 1024
MAX_RUNNING = 4
TAG = "replay"


def build_replayer(settings: Settings, writer: SpanWriter, pricer: Pricer) -> "Replayer":
    """Return a replayer whose spans are decoded, priced and judged as those that arrive."""
    enrich = Enricher(pricer, mark_failure)
    return Replayer(settings, SpanDecoder(CollectorConfig(settings.data_dir), enrich), writer)


class Replayer:
    """`sightline_api.replay_desk.ReplayDesk`."""

    def __init__(self, settings: Settings, decoder: SpanDecoder, writer: SpanWriter) -> None:
        self._base_url = settings.replay_base_url.rstrip("/")
        key = settings.replay_api_key
        self._headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key is not None else {}
        self._decoder = decoder
        self._writer = writer
        self._free = threading.BoundedSemaphore(MAX_RUNNING)

    def replay(self, project: ProjectId, request: ReplayRequest, original: SpanRecord) -> Replayed:
        """See `ReplayDesk.replay`."""
        if not self._base_url:
            raise Conflict(
                "no endpoint for replays is configured: set SIGHTLINE_REPLAY_BASE_URL, for example to"
                " https://api.openai.com/v1, and SIGHTLINE_REPLAY_API_KEY"
            )
        facts = self._asked(request)
        with self._slot():
            start_ns = time.time_ns()
            status = self._call(request, facts)
            end_ns = time.time_ns()
        trace_id, span_id = TraceId(secrets.token_hex(16)), SpanId(secrets.token_hex(8))
        span = _span(facts, original, start_ns, end_ns)
        self._store(project, {"traceId": trace_id, "spanId": span_id, **span}, original)
        return Replayed(trace_id, span_id, status, facts.error[1] or facts.error[0] if facts.error else "")

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            raise TooManyRequests(f"{MAX_RUNNING} replays are under way, which is the limit", 5)
        try:
            yield
        finally:
            self._free.release()

    def _asked(self, request: ReplayRequest) -> Facts:
        endpoint = find_endpoint("post", request.path)
        assert endpoint is not None
        server = identify_server(self._base_url, is_azure=False)
        facts = Facts()
        facts.put(gen_ai.OPERATION_NAME, endpoint.operation)
        facts.put(gen_ai.PROVIDER_NAME, server.provider)
        facts.put(gen_ai.REQUEST_MODEL, str(request.body["model"]))
        facts.put(gen_ai.SERVER_ADDRESS, server.address)
        facts.put(sightline.REQUEST_FINGERPRINT, request_fingerprint(request.body))
        endpoint.read_request(request.body, facts)
        return facts

    def _call(self, request: ReplayRequest, facts: Facts) -> int:
        """Make the call, put what came of it into the facts, and return the HTTP status; 0: no answer."""
        try:
            status, content = self._post(request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            facts.error = (type(error).__name__, str(error)[:500] or "no answer")
            return 0
        facts.put(gen_ai.HTTP_STATUS_CODE, status)
        try:
            answer = orjson.loads(content)
        except orjson.JSONDecodeError:
            answer = None
        if not 200 <= status < 300:
            facts.error = (str(status), _told(answer) or f"the endpoint answered {status}")
        elif not isinstance(answer, dict):
            facts.error = ("invalid_answer", f"the answer is not a JSON object, or over {MAX_ANSWER} bytes")
        else:
            endpoint = find_endpoint("post", request.path)
            assert endpoint is not None
            endpoint.read_response(answer, facts)
        return status

    def _post(self, request: ReplayRequest) -> tuple[int, bytes]:
        # No redirects: the address that the operator chose is the only one that gets the key.
        with (
            httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST", f"{self._base_url}{request.path}", json=request.body, headers=self._headers
            ) as response,
        ):
            content = bytearray()
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MAX_ANSWER:
                    break
            return response.status_code, bytes(content)

    def _store(self, project: ProjectId, span: dict[str, Any], original: SpanRecord) -> None:
        resource = {
            "service.name": original["service"] or original["app"],
            "deployment.environment.name": original["environment"],
        }
        document = {
            "resourceSpans": [
                {
                    "resource": {"attributes": key_values(resource.items())},
                    "scopeSpans": [{"scope": {"name": sightline.REPLAY_SCOPE}, "spans": [span]}],
                }
            ]
        }
        parsed, refused = parse_trace_json(orjson.dumps(document))
        decoded = self._decoder.decode(parsed, project, time.time_ns())
        records = [record for record in decoded if not isinstance(record, Undecodable)]
        if refused or not records:
            raise BackendError("the replay was made, but its span could not be recorded")
        self._writer.write(records, token=f"replay-{span['spanId']}")


def _span(facts: Facts, original: SpanRecord, start_ns: int, end_ns: int) -> dict[str, Any]:
    facts.put(gen_ai.ERROR_TYPE, facts.error[0] if facts.error else None)
    if facts.finish_reasons:
        facts.put(gen_ai.RESPONSE_FINISH_REASONS, facts.finish_reasons)
    attributes = {
        **facts.attributes,
        **facts.usage.attributes(),
        **content_attributes(facts, ContentPolicy()),
        sightline.APP: original["app"],
        sightline.TAGS: [TAG],
        sightline.REPLAYED_TRACE_ID: original["trace_id"],
        sightline.REPLAYED_SPAN_ID: original["span_id"],
    }
    name = f"{facts.attributes[gen_ai.OPERATION_NAME]} {facts.attributes[gen_ai.REQUEST_MODEL]}"
    return {
        "name": name,
        "kind": 3,
        "startTimeUnixNano": str(start_ns),
        "endTimeUnixNano": str(end_ns),
        "status": {"code": 2, "message": facts.error[1]} if facts.error else {"code": 0},
        "attributes": key_values(attributes.items()),
        "links": [{"traceId": original["trace_id"], "spanId": original["span_id"]}],
    }


def _told(answer: Any) -> str:
    """Return the message of OpenAI's error body; "" for any other."""
    error = answer.get("error") if isinstance(answer, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message[:500] if isinstance(message, str) else ""
