"""Limits of a project on what it sends: refused with the limit in the answer, or cut with a mark."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from tests.collector.conftest import NOW_NS, KeptInMemory, Running, serving

from sightline_collector import Collector, CollectorConfig
from sightline_collector.truncation import truncate_content
from sightline_core.auth import Principal
from sightline_core.ids import ProjectId
from sightline_core.limits import LIMIT_NAMES, IngestLimits
from sightline_core.pricing import CataloguePricer
from sightline_semconv import marks

SMALL = ProjectId("small")
OWN = IngestLimits(
    max_body_size=3_000,
    max_decompressed_size=4_000,
    max_attributes=2,
    max_attribute_size=50,
    max_attribute_depth=2,
    max_content_size=100,
)


def _authenticate(headers: Mapping[str, str]) -> Principal:
    """The key is the project."""
    return Principal(ProjectId(headers["authorization"].removeprefix("Bearer ")), "test")


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Running]:
    """A collector with one project that has limits of its own."""
    writer = KeptInMemory()
    config = CollectorConfig(tmp_path, own_limits=lambda project: OWN if project == SMALL else None)
    collector = Collector(
        writer, config, CataloguePricer(), _authenticate, events=writer.events, clock_ns=lambda: NOW_NS
    )
    collector.start()
    with serving(collector) as client:
        yield Running(collector, writer, client)
    collector.stop()


def _send(limited: Running, project: str, body: bytes, **headers: str) -> tuple[int, str]:
    answer = limited.post(body, headers={"authorization": f"Bearer {project}", **headers})
    return answer.status_code, answer.content.decode("utf-8", "replace")


def test_a_body_over_a_limit_of_its_project_is_refused_with_that_limit(
    limited: Running, span: Any, request_of: Any
) -> None:
    body = request_of(span(1, note="x" * 5_000)).SerializeToString()
    bomb = {"content-encoding": "gzip"}
    status, said = _send(limited, SMALL, body)
    assert (status, "3000 bytes" in said) == (413, True)
    status, said = _send(limited, SMALL, gzip.compress(body), **bomb)
    assert (status, "4000 bytes" in said) == (413, True)
    assert _send(limited, "large", body)[0] == 200
    assert _send(limited, "large", gzip.compress(body), **bomb)[0] == 200
    assert limited.collector.snapshot().requests_refused == {"payload_too_large": 2}


def _nested(levels: int) -> AnyValue:
    value = AnyValue(string_value="core")
    for _ in range(levels):
        outer = AnyValue()
        outer.kvlist_value.values.add(key="in").value.CopyFrom(value)
        value = outer
    return value


def test_a_span_over_limits_of_its_project_is_cut_with_marks_and_whole_in_another(
    limited: Running, span: Any, request_of: Any
) -> None:
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "y" * 500}]}])
    sent = span(1, **{"gen_ai.input.messages": said, "long": "z" * 60})
    sent.attributes.add(key="deep").value.CopyFrom(_nested(4))
    sent.attributes.add(key="third").value.int_value = 3
    body = request_of(sent).SerializeToString()
    assert [_send(limited, project, body)[0] for project in (SMALL, "large")] == [200, 200]
    stored = {record["project"]: record for record in limited.stored()}
    small, large = stored[SMALL], stored["large"]
    assert small["attributes"]["long"] == "z" * 50 + "… [10 characters cut]"
    assert json.loads(small["attributes"]["deep"]) == {"in": {"in": "… [1 nested too deeply]"}}
    assert "third" not in small["attributes"]
    assert len(small["input"]) < len(said)
    assert set(small["marks"]) == {
        marks.ATTRIBUTES_DROPPED,
        marks.ATTRIBUTE_TRUNCATED,
        marks.INPUT_TRUNCATED,
    }
    assert large["input"] == said
    assert json.loads(large["attributes"]["deep"]) == {"in": {"in": {"in": {"in": "core"}}}}
    assert (large["attributes"]["third"], large["marks"]) == ("3", [])


def test_texts_of_columns_are_cut_as_other_attributes_are_and_a_mark_is_given_once(
    limited: Running, span: Any, request_of: Any
) -> None:
    long = "u" * 60
    sent = span(1, **{"session.id": long, "error.type": long, "gen_ai.request.model": long})
    sent.attributes.add(key="sightline.tags").value.array_value.values.add(string_value=long)
    sent.status.message = long
    assert _send(limited, SMALL, request_of(sent).SerializeToString())[0] == 200
    (stored,) = limited.stored()
    cut = "u" * 50 + "… [10 characters cut]"
    names = ("session", "error_type", "request_model", "model", "status_message")
    assert {name: dict(stored)[name] for name in names} == dict.fromkeys(names, cut)
    assert (stored["tags"], stored["marks"]) == ([cut], [marks.ATTRIBUTE_TRUNCATED])
    assert stored["trace_id"] == sent.trace_id.hex()


def test_ids_of_sessions_and_users_stay_as_short_as_what_opens_and_deletes_them(
    limited: Running, span: Any, request_of: Any
) -> None:
    longest = "u" * 1_000
    sent = span(1, **{"session.id": longest + "s", "user.id": longest + "u"}), span(2, **{"user.id": longest})
    assert _send(limited, "large", request_of(*sent).SerializeToString())[0] == 200
    first, second = limited.stored()
    assert (first["session"], first["user"]) == (longest, longest)
    assert first["marks"] == [marks.ATTRIBUTE_TRUNCATED]
    assert (second["user"], second["marks"]) == (longest, [])


def test_attributes_with_names_without_end_are_dropped_with_a_mark_and_those_at_the_limit_are_kept(
    limited: Running, span: Any, request_of: Any
) -> None:
    longest, name = "n" * 256, "n" * 1_000_000
    marked, plain = span(1, **{name: "a", name + "b": "b", "short": "c"}), span(2, **{longest: "d"})
    marked.events.add(name="event").attributes.add(key=name).value.string_value = "e"
    assert _send(limited, "large", request_of(marked, plain).SerializeToString())[0] == 200
    first, second = limited.stored()
    assert (first["attributes"], first["marks"]) == ({"short": "c"}, [marks.ATTRIBUTES_DROPPED])
    assert json.loads(first["events"])[0]["attributes"] == {longest: "e"}
    assert (second["attributes"], second["marks"]) == ({longest: "d"}, [])


def test_own_limits_are_never_above_the_servers_but_for_the_rate() -> None:
    server = IngestLimits(max_spans_per_s=10, max_body_size=100, max_attributes=100)
    own = server.lowered({"max_spans_per_s": 50, "max_body_size": 1_000, "max_attributes": 5})
    assert own == IngestLimits(max_spans_per_s=50, max_body_size=100, max_attributes=5)
    assert server.lowered({"max_spans_per_s": 0}).max_spans_per_s == 0
    assert server.lowered(dict.fromkeys(LIMIT_NAMES)) == server


@pytest.mark.parametrize("length", [1_001, 1_400, 5_000])
def test_one_text_over_the_limit_keeps_nearly_all_that_the_limit_lets_it(length: int) -> None:
    whole = json.dumps([{"role": "user", "content": "z" * length}])
    cut = truncate_content(whole, 1_000)
    (message,) = json.loads(cut)
    assert 900 < len(cut) <= 1_100
    assert message["content"].endswith("characters cut]")


def test_many_texts_over_the_limit_are_cut_to_a_share_each() -> None:
    whole = json.dumps([{"role": "user", "content": "z" * 4_000} for _ in range(8)])
    cut = truncate_content(whole, 8_000)
    assert len(json.loads(cut)) == 8
    assert len(cut) <= 8_800
