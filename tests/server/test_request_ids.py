"""The id of a request: in its answer, and in what the log says of it."""

import logging

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from sightline_api.problem import install_problem_handlers
from sightline_core.errors import BackendError
from sightline_server.logs import FactsFormatter
from sightline_server.request_ids import RequestIds


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(FactsFormatter("%(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _client() -> TestClient:
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/away")
    def away() -> None:  # in a thread, as most routes are
        raise BackendError("the store is away")

    @app.get("/fault")
    async def fault() -> None:
        raise KeyError

    return TestClient(RequestIds(app), raise_server_exceptions=False)


def test_a_failed_request_is_found_in_the_log_by_the_id_in_its_answer() -> None:
    told = _Lines()
    logging.getLogger().addHandler(told)
    try:
        first, second = (_client().get("/away").headers["x-request-id"] for _ in range(2))
        logging.getLogger().warning("between requests")
    finally:
        logging.getLogger().removeHandler(told)
    lines = [line for line in told.lines if line.startswith(("a request failed", "between"))]
    assert [line.rpartition(" ")[2] for line in lines] == [
        f"request_id={first}",
        f"request_id={second}",
        "requests",
    ]
    assert first != second


def test_a_fault_says_by_what_to_look_in_the_log() -> None:
    answer = _client().get("/fault", headers={"X-Request-Id": "7f-of:a.proxy"})
    assert answer.headers["x-request-id"] == "7f-of:a.proxy"
    assert answer.json()["detail"].endswith("its log says why, with request_id=7f-of:a.proxy.")


@pytest.mark.parametrize("given", ["", "two words", "a" * 129, "x\x1b[31m", "é"])
def test_an_id_that_would_not_fit_into_a_line_of_the_log_is_replaced(given: str) -> None:
    answer = _client().get("/away", headers={b"X-Request-Id": given.encode("latin-1")})
    assert len(answer.headers["x-request-id"]) == 16
