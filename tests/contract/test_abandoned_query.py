"""Queries that nobody waits for any more, how long somebody does, and what an answer needs."""

import subprocess
import sys
from contextlib import closing

import pytest
from tests.contract.conftest import Listener
from tests.e2e.polling import until

from sightline_core.errors import QueryOverLimit
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.engines.answer_time import answered_within

_READS = ("query", "read_native", "nodes()[0].query")
_ASK = """
import sys
from sightline_storage import StoreConfig, look_into_store

engine = look_into_store(StoreConfig(clickhouse_url=sys.argv[1])).engine
engine.{read}("SELECT count() FROM numbers({rows}) WHERE sipHash64(number) = 1", {{}})
"""
_ROWS = 10**15
"""They take an hour."""


def test_a_query_ends_on_the_server_with_the_process_that_asked(server_url: str) -> None:
    url = server_url.replace("/single", "/abandoned")
    with closing(open_store(StoreConfig(clickhouse_url=url))) as store:

        def running() -> int:
            like = {"like": f"SELECT count() FROM numbers({_ROWS})%"}
            asked = "SELECT count() FROM system.processes WHERE query LIKE {like:String}"
            ((found,),) = store.engine.query(asked, like)
            return int(found)

        asking = [
            subprocess.Popen([sys.executable, "-c", _ASK.format(read=read, rows=_ROWS), url])
            for read in _READS
        ]
        until(lambda: running() == len(_READS))
        for process in asking:
            process.kill()
            process.wait()
        # Once a minute, a server notices by itself that nobody takes what it says of its progress.
        until(lambda: not running(), within_s=40)


def test_an_answer_is_waited_for_as_long_as_whoever_asks_says(store: Store) -> None:
    slow = f"SELECT count() FROM numbers({_ROWS}) WHERE sipHash64(number) = 1"
    with answered_within(1), pytest.raises(QueryOverLimit, match=r"Timeout exceeded.*ask for less"):
        store.engine.query(slow, {})
    assert store.engine.query("SELECT getSetting('max_execution_time') LIMIT 1", {}) == [(0,)]


def test_answers_come_from_a_server_whose_disk_is_full(
    store: Store, listeners: tuple[Listener, Listener]
) -> None:
    asked = "SELECT number FROM numbers(2) LIMIT 2"
    with listeners[0].without_room(), listeners[1].without_room():
        assert store.engine.query(asked, {}) == [(0,), (1,)]
        assert store.engine.nodes()[0].query(asked, {}) == [(0,), (1,)]
        assert store.engine.read_native(asked, {})
        assert b"meta" in store.engine.read_json(asked, {}, {})
