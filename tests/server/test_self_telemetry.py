"""The server's own traces: off unless asked for, and sent to itself without an end of growth."""

from pathlib import Path

import httpx
import pytest
from tests.collector.conftest import make_request, make_span
from tests.e2e.conftest import start_server, stop_server
from tests.free_port import free_port
from tests.server.alerting.receivers import http_receiver

from sightline_collector import StoredBlock
from sightline_core.settings import Settings
from sightline_server.self_telemetry import watched_blocks


def _names(url: str, app: str) -> set[str]:
    found = httpx.get(f"{url}/api/v1/traces", params={"q": f"app:{app}", "since": "3000d"}, timeout=30)
    return {trace["name"] for trace in found.json()["traces"]}


def test_a_server_that_is_its_own_endpoint_stores_a_trace_for_each_block(tmp_path: Path) -> None:
    port = free_port()
    server = start_server(
        tmp_path,
        port=port,
        SIGHTLINE_SELF_TRACES_URL=f"http://127.0.0.1:{port}",
        OTEL_BSP_SCHEDULE_DELAY="50",
    )
    try:
        body = make_request(make_span(1)).SerializeToString()
        httpx.post(
            f"{server.url}/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}
        ).raise_for_status()
        while _names(server.url, "sightline-server") != {"store block"}:
            pass
        assert _names(server.url, "shop") == {"chat gpt-4o"}
    finally:
        assert stop_server(server) == 0


def test_no_proxy_is_asked_for_an_endpoint_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_receiver() as endpoint, http_receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        with watched_blocks(Settings(data_dir=tmp_path, self_traces_url=endpoint.url)) as tell:
            tell(StoredBlock(1, 2, 3, 4, spans=1, stored=1, refusals=0))
    assert [path for path, _, _ in endpoint.requests] == ["/v1/traces"]
    assert proxy.requests == []
