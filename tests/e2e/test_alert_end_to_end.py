"""An app starts to overspend: on-call is told over PagerDuty and mail although the server is killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.conftest import HURRIED, Server, start_server, stop_server
from tests.e2e.otlp_traces import GivenTrace, post_traces
from tests.e2e.polling import until
from tests.free_port import free_port
from tests.server.alerting.receivers import HttpReceiver, http_receiver, smtp_receiver

A_LOOK_S = 60.0
"""Rollups, looks, and a slow machine."""

LOOPBACK = "127.0.0.0/8"
RULE = {
    "key": "overspend",
    "name": "The demo spends too fast",
    "measure": "cost",
    "window": "1m",
    "group_by": ["app"],
    "no_data": "zero",
    "recover_after": "0s",
    "condition": {"kind": "threshold", "alert": 1},
    "channels": ["pager", "mail"],
}


@contextmanager
def overspending(server: Server) -> Iterator[None]:
    """An app that spends $6 a second: a million tokens of gpt-4o at $2.50, more or less."""
    stopped = threading.Event()

    def spend() -> None:
        while not stopped.wait(1.0):
            try:
                post_traces(server, "demo", [GivenTrace("burn", tokens=1_000_000, model="gpt-4o")])
            except httpx.TransportError:
                return

    thread = threading.Thread(target=spend)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def put(server: Server, path: str, body: dict[str, Any]) -> None:
    answer = httpx.put(f"{server.url}/api/v1/alerts/{path}", json=body, timeout=30)
    assert answer.status_code == 204, answer.text


def incident(server: Server) -> dict[str, Any] | None:
    """The newest incident."""
    found = server.get("/api/v1/alerts/incidents").json()["incidents"]
    return found[0] if found else None


def until_told(pager: HttpReceiver, messages: int, server: Server) -> None:
    """Wait until so many messages have come; when they do not, say which came and what the server did."""
    try:
        until(lambda: len(pager.requests) >= messages, A_LOOK_S)
    except AssertionError as error:
        timeline = server.get(f"/api/v1/alerts/incidents/{(incident(server) or {})['id']}").text
        raise AssertionError(f"{messages} messages expected, came {pager.bodies()}; {timeline}") from error


@pytest.mark.timeout(300)
def test_overspending_pages_once_although_the_server_dies_between_deciding_and_sending(
    tmp_path: Path,
) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    with smtp_receiver() as box:
        server = start_server(tmp_path, module=HURRIED, SIGHTLINE_ALERT_NETWORKS=LOOPBACK)
        put(server, "channels/pager", {"kind": "pagerduty", "settings": {"routing_key": "r", "url": down}})
        mail = {"host": "127.0.0.1", "port": box.port, "tls": "none", "from": "s@example.org"}
        put(server, "channels/mail", {"kind": "email", "settings": mail | {"to": ["on-call@example.org"]}})
        put(server, "rules/overspend", RULE)
        with overspending(server):
            decided = until(lambda: incident(server), A_LOOK_S)
            server.process.kill()
            server.process.communicate(timeout=30)
        with http_receiver() as pager:
            server = start_server(tmp_path, module=HURRIED, SIGHTLINE_ALERT_NETWORKS=LOOPBACK)
            put(
                server,
                "channels/pager",
                {"kind": "pagerduty", "settings": {"routing_key": "r", "url": pager.url}},
            )
            with overspending(server):
                until_told(pager, 1, server)
                until(lambda: box.mails, A_LOOK_S)
                answer = httpx.post(
                    f"{server.url}/api/v1/alerts/incidents/{decided['id']}/acknowledge", json={}, timeout=30
                )
                assert answer.status_code == 204, answer.text
                until_told(pager, 2, server)
            # Or in two minutes, when the window has been empty for a while.
            put(server, "rules/overspend", RULE | {"condition": {"kind": "threshold", "alert": 1_000_000}})
            until(lambda: (incident(server) or {})["resolved_at"], A_LOOK_S)
            until_told(pager, 3, server)
            assert stop_server(server) == 0
            events = pager.bodies()
    assert [event["event_action"] for event in events] == ["trigger", "acknowledge", "resolve"]
    assert {event["dedup_key"] for event in events} == {decided["id"]}
    assert "demo" in events[0]["payload"]["summary"]
    opening = box.mails[0].get_content()
    assert opening.startswith("Opened")
    assert "Costly: $2.50 burn" in opening
    assert {mail["References"] for mail in box.mails} == {f"<{decided['id']}@sightline>"}
