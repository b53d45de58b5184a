"""Rules of many projects are looked at together, and see what each project sees by itself."""

from datetime import timedelta
from typing import Any, Unpack

import pytest
from sqlalchemy import Engine
from tests.server.alerting.alert_life import Clock, Life, model_call

from sightline_core.ids import ProjectId
from sightline_server.alerting import rule_looks
from sightline_storage import SpanRecord, Store

PROJECTS = [ProjectId(f"together-{number}") for number in range(8)]
OF_ERRORS = {"measure": "error_rate", "no_data": "keep", "condition": {"kind": "threshold", "alert": 0.3}}
RULES: list[dict[str, Any]] = [
    {"key": "spend"},
    {"key": "few-groups", "group_by": ["model"], "group_cap": 2, "window": "6h"},
    {"key": "of-one-app", "query": "app:chat", **OF_ERRORS},
    {"key": "of-another-app", "query": "app:search", **OF_ERRORS},
    {"key": "silence", "measure": "calls", "no_data": "keep", "condition": {"kind": "absence"}},
    {"key": "budget", "group_by": [], "condition": {"kind": "budget", "amount": 10, "zone": "Asia/Tokyo"}},
    {"key": "slow-app", "measure": "latency_p95", "no_data": "keep"},
    {"key": "by-user", "group_by": ["user"]},
    {"key": "failures", "measure": "new_failure_clusters", "group_by": [], "query": ""},
]


def call(number: int, project: str, at_s: int, /, **more: Unpack[SpanRecord]) -> SpanRecord:
    """A model call of a user; each third one failed, and each took another time."""
    own = SpanRecord(duration_ns=1_000_000 * number, status="error" if number % 3 == 0 else "ok", user="u")
    return model_call(number, project, at_s, **(own | more))


def test_projects_that_are_looked_at_together_see_what_each_sees_by_itself(
    store: Store, metadata: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = int(clock().timestamp())
    lives = [Life(store, metadata, project, clock) for project in PROJECTS]
    # In the first project there are many groups; those of the third are late; most have no spans.
    calls = [
        call(1, PROJECTS[0], now_s, model="a"),
        call(2, PROJECTS[0], now_s - 7_300, model="b"),
        call(3, PROJECTS[0], now_s - 7_200, model="b"),
        call(4, PROJECTS[0], now_s, model="c", app="search"),
        call(5, PROJECTS[0], now_s - 86_400, model="d"),
        call(6, PROJECTS[1], now_s, user="v"),
        call(7, PROJECTS[1], now_s - 60, app="search"),
        call(8, PROJECTS[2], now_s - 2_400, user="w"),
    ]
    store.writer.write(calls, token="together")
    while store.refresh_rollups(clock()):
        pass
    for life in lives:
        for rule in RULES:
            life.rule(**rule)
    lives[0].rules.put_rollup_versions(dict.fromkeys(PROJECTS, 1))
    clock.advance(seconds=15)
    asked: list[str] = []
    query = type(store.engine).query

    def noted_query(self: Any, sql: str, params: Any) -> Any:
        asked.append(sql)
        return query(self, sql, params)

    monkeypatch.setattr(type(store.engine), "query", noted_query)

    def seen(*, projects_together: int) -> tuple[dict[ProjectId, Any], int]:
        """What rules see in the second pass, as those on spans are due in the first, and how many queries."""
        monkeypatch.setattr(rule_looks, "_PROJECTS_TOGETHER", projects_together)
        looks = lives[0].rule_looks()
        for some in looks.of_a_pass():
            for look in some:
                for rule in look.rules:
                    if rule.scope is None:
                        looks.looked(look, rule)
        before = len(asked)
        found: dict[ProjectId, Any] = {
            look.project: (look.seen, look.ends) for some in looks.of_a_pass() for look in some
        }
        return found, len(asked) - before

    together, few = seen(projects_together=200)
    alone, many = seen(projects_together=1)
    assert together == alone
    assert together.keys() == set(PROJECTS)
    assert few < many / 2
    first, other = together[PROJECTS[0]][0], together[PROJECTS[2]]
    assert first["few-groups"].keys() == {("b",), ("a",)}
    assert first["spend"].keys() == {("chat",), ("search",)}
    assert other[1]["spend"].late  # which its project alone has
    assert timedelta(0) <= clock() - min(other[1]["spend"].late) < timedelta(hours=1)


def test_a_project_that_the_store_refuses_keeps_no_other_one_from_being_seen(
    store: Store, metadata: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = [Life(store, metadata, ProjectId(f"refused-{number}"), clock) for number in range(3)]
    for life in lives:
        life.rule()
    refused = lives[1].project
    query = type(store.engine).query

    def refusing_query(self: Any, sql: str, params: Any) -> Any:
        if "by_app" in sql and refused in (params.get("project"), *params.get("projects", ())):
            return query(self, f"{sql} nonsense", params)
        return query(self, sql, params)

    monkeypatch.setattr(type(store.engine), "query", refusing_query)
    (looks,) = lives[0].rule_looks().of_a_pass()
    ours = {look.project: look.seen.keys() for look in looks if look.project.startswith("refused-")}
    assert ours == {life.project: set() if life is lives[1] else {"chat-spend"} for life in lives}
