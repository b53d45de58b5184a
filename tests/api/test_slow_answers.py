"""A store that takes too long for an answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from sightline_storage import Store
from sightline_storage.engines import answer_time

_SLOW = "SELECT count() FROM numbers(20000000000) WHERE sipHash64(number) = 1"


def test_a_request_that_the_store_takes_too_long_for_is_told_to_ask_for_less(
    api: httpx.Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = type(store.engine)
    query = engines.query

    def query_slowly(self: Any, sql: str, params: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        return query(self, _SLOW, params)

    monkeypatch.setattr(engines, "query", query_slowly)
    monkeypatch.setattr(answer_time, "LONGEST_ANSWER_S", 1)
    told = api.get("/traces")
    assert told.status_code == 400
    assert "Timeout exceeded" in told.json()["detail"]
    assert "retry-after" not in told.headers
