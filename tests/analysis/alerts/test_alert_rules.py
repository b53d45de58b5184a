from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.alerts.durations import format_duration, parse_duration
from sightline_analysis.alerts.judgement import Level
from sightline_analysis.alerts.measures import MEASURES, Measure, format_value
from sightline_analysis.alerts.plan import parse_rule_file, plan_rules
from sightline_analysis.alerts.rule_document import parse_rule, rule_document
from sightline_analysis.alerts.scope import of_group, rollup_scope
from sightline_core.errors import CallerError
from sightline_core.query_parser import parse_query
from sightline_core.query_printer import print_query

CONDITIONS: list[dict[str, Any]] = [
    {"kind": "threshold", "alert": 10, "warn": 5, "recover": 4, "direction": "above"},
    {
        "kind": "budget",
        "amount": 500,
        "period": "month",
        "zone": "Europe/Berlin",
        "steps": [0.5, 1],
        "forecast": False,
    },
    {"kind": "burn_rate", "amount": 500, "period": "4w", "fast": "5m", "slow": "1h", "factor": 10},
    {"kind": "anomaly", "deviations": 4, "floor": 2, "weeks": 3, "direction": "both"},
    {"kind": "change", "ratio": 0.5, "floor": 1, "direction": "below"},
    {"kind": "absence"},
]


def document(**changes: Any) -> dict[str, Any]:
    base = {
        "key": "chat-spend",
        "name": "Chat spends too fast",
        "measure": "cost",
        "window": "15m",
        "condition": CONDITIONS[0],
    }
    return base | changes


FULL = document(
    query='app:chat,"my app" env:prod',
    group_by=["app", "model"],
    group_cap=20,
    no_data="zero",
    fire_after="2m",
    recover_after="5m",
    close_without_data_after="6h",
    remind_every="4h",
    channels=["on-call"],
    depends_on="team-spend",
    runbook="Ask the app's owner.",
    enabled=False,
    mutes=[{"days": ["saturday", "sunday"], "start": "22:00", "end": "06:00", "zone": "Europe/Berlin"}],
)


def test_budgets_and_burn_rates_need_no_window_of_the_rule() -> None:
    for condition in CONDITIONS:
        given = document(condition=condition)
        del given["window"]
        if condition["kind"] in ("budget", "burn_rate"):
            assert parse_rule(given).window == timedelta(minutes=15)
        else:
            with pytest.raises(CallerError, match="window is missing"):
                parse_rule(given)


@pytest.mark.parametrize("given", [document(condition=condition) for condition in CONDITIONS] + [FULL])
def test_a_rule_survives_being_written_and_read_again(given: dict[str, Any]) -> None:
    rule = parse_rule(given)
    written = rule_document(rule)
    assert parse_rule(written) == rule
    assert written["condition"].items() >= given["condition"].items()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "Chat Spend"}, "key of a rule"),
        ({"name": " "}, "needs a name"),
        ({"measure": "money"}, "measure must be one of cost"),
        ({"window": "15 minutes"}, "window: '15 minutes' is not a duration"),
        ({"window": "90s"}, "whole minutes"),
        ({"window": "60d"}, "1 minute to 31 days"),
        ({"group_by": ["planet"]}, "groups by up to three of app"),
        ({"group_by": "app"}, "group_by must be a list"),
        ({"group_cap": 5000}, "between 1 and 1000"),
        ({"group_cap": True}, "group_cap must be a whole number"),
        ({"enabled": "yes"}, "enabled must be true or false"),
        ({"no_data": "ignore"}, "no_data must be one of keep"),
        ({"no_data": "zero", "measure": "error_rate"}, "silence is not zero"),
        ({"measure": "error_rate", "condition": {"kind": "threshold", "alert": 5}}, "a share from 0 to 1"),
        ({"depends_on": "chat-spend"}, "cannot depend on itself"),
        ({"remind_every": "5s"}, "at least a minute"),
        ({"recovr": 1}, "unknown field 'recovr'"),
        ({"condition": {"kind": "threshold", "alert": "ten"}}, "condition.alert must be a number"),
        ({"condition": {"kind": "threshold", "alert": float("nan")}}, "condition.alert must be a number"),
        ({"condition": {"kind": "threshold", "alrt": 10}}, "condition: unknown field 'alrt'"),
        ({"condition": {"kind": "budget"}}, "condition.amount is missing"),
        ({"condition": {"kind": "anomaly", "weeks": 2.5}}, "condition.weeks must be a whole number"),
        ({"condition": CONDITIONS[2] | {"fast": "30s"}}, "whole minutes"),
        ({"condition": CONDITIONS[2] | {"period": "90d", "slow": "60d"}}, "31 days at most"),
        ({"fire_after": "9999999w"}, "fire_after: .* longer than a hundred years"),
        ({"fire_after": "9999999w" * 100}, "fire_after: .* longer than a hundred years"),
        ({"condition": {"kind": "magic"}}, "condition.kind must be one of threshold"),
        ({"condition": CONDITIONS[1], "measure": "error_rate"}, "a budget needs an amount that adds up"),
        ({"query": "cost>many"}, "query: .*no value of cost"),
        ({"query": "usr:ana"}, "query: there is no field usr"),
        ({"query": 'app:"chat'}, "not closed"),
        ({"mutes": [{"start": "25:00", "end": "06:00"}]}, "mutes.start must be a time"),
        ({"mutes": [{"days": ["sun"], "start": "1:00"}]}, "mutes.days must be one of monday"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_name_of_the_field(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CallerError, match=message):
        parse_rule(document(**changes))


@pytest.mark.parametrize("missing", ["key", "name", "measure", "window", "condition"])
def test_a_rule_without_an_essential_field_is_refused(missing: str) -> None:
    with pytest.raises(CallerError, match=missing):
        parse_rule({name: value for name, value in document().items() if name != missing})


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda item: st.lists(item) | st.dictionaries(st.text(), item),
    )
)
def test_any_other_document_is_refused_with_a_clear_error(anything: Any) -> None:
    with pytest.raises(CallerError):
        parse_rule(anything)
    with pytest.raises(CallerError):
        parse_rule(document(condition=anything))
    with pytest.raises(CallerError):
        parse_rule_file({"rules": [anything]})


@given(st.integers(0, 10**7))
def test_a_duration_survives_being_written(seconds: int) -> None:
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_rollups_answer_queries_that_only_name_values_of_their_dimensions() -> None:
    assert rollup_scope(parse_query('environment:prod app:chat,"my \\"own\\" app"')) == (
        ("app", ("chat", 'my "own" app')),
        ("environment", ("prod",)),
    )
    assert rollup_scope(parse_query("  ")) == ()


@pytest.mark.parametrize(
    "query",
    ["app:ch*", "-app:chat", "user:u1", "cost>1", "app:a app:b", "app:a OR env:b", "refund", "has:error"],
)
def test_everything_else_is_asked_of_spans(query: str) -> None:
    rule = parse_rule(document(query=query))
    assert rule.scope is None
    assert rule.every == timedelta(minutes=1)


def test_a_rule_by_user_is_asked_of_spans_and_a_budget_of_spans_seldom() -> None:
    assert parse_rule(document(group_by=["app"])).every == timedelta(0)
    by_user = parse_rule(document(group_by=["user"]))
    assert (by_user.scope, by_user.every) == (None, timedelta(minutes=1))
    budget = {"kind": "budget", "amount": 100, "period": "month"}
    assert parse_rule(document(group_by=["user"], condition=budget)).every == timedelta(minutes=10)


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "anomaly", "weeks": 2},
        {"kind": "burn_rate", "amount": 9, "period": "30d", "fast": "1h", "slow": "3d", "factor": 2},
        {"kind": "change", "ratio": 1, "floor": 1},
    ],
)
def test_a_rule_that_looks_further_back_than_its_window_is_asked_of_spans_seldom(condition: object) -> None:
    rule = parse_rule(document(group_by=["user"], condition=condition, window="13h"))
    assert rule.every == timedelta(minutes=10)


def test_a_query_that_cannot_be_read_is_refused_with_the_place() -> None:
    with pytest.raises(CallerError, match=r"query: .*character 5"):
        parse_rule(document(query="app:("))


def test_the_link_of_a_group_asks_for_what_the_rule_saw() -> None:
    query = print_query(of_group(parse_query("env:prod cost>1"), {"user": 'a "b"', "environment": "x"}))
    assert query == 'env:prod cost>1 user:"a \\"b\\"" env:x'


def test_only_the_measure_score_names_scores() -> None:
    assert parse_rule(document(measure="score", score="helpful")).scope is None
    for wrong in ({"measure": "score"}, {"measure": "cost", "score": "helpful"}):
        with pytest.raises(CallerError, match="score"):
            parse_rule(document(**wrong))


def test_silence_is_read_as_the_rule_says() -> None:
    silent = [None]
    at = datetime(2026, 11, 1, tzinfo=UTC)
    assert parse_rule(document()).judge(at, silent).level is Level.NO_DATA
    assert parse_rule(document(no_data="zero")).judge(at, silent).level is Level.OK
    assert parse_rule(document(no_data="alert")).judge(at, silent).level is Level.ALERT


def test_a_plan_says_what_would_be_created_changed_kept_and_deleted() -> None:
    stored = [parse_rule(document(key=key)) for key in ("kept", "changed", "gone")]
    wanted = parse_rule_file(
        {"rules": [document(key="kept"), document(key="changed", window="30m"), document(key="new")]}
    )
    plan = plan_rules(wanted, stored, delete_missing=True)
    assert [(item.action, item.key) for item in plan] == [
        ("change", "changed"),
        ("delete", "gone"),
        ("keep", "kept"),
        ("create", "new"),
    ]
    assert plan[0].changes == {"window": ("15m", "30m")}
    assert "gone" not in [item.key for item in plan_rules(wanted, stored, delete_missing=False)]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([document(), document()], "used by two rules"),
        ([document(key="a", depends_on="b"), document(key="b", depends_on="a")], "in a circle"),
        ([document(), document(key="b", window="x")], r"rule 2 \(b\): window"),
    ],
)
def test_a_file_of_rules_is_checked_as_a_whole(rules: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(CallerError, match=message):
        parse_rule_file({"rules": rules})


def test_rates_are_unknown_where_nothing_was_asked() -> None:
    rate = MEASURES[Measure.ERROR_RATE].value_of
    assert rate({"trace_errors": 0, "traces": 0}) is None
    assert rate({"trace_errors": 1, "traces": 4}) == 0.25


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        (Measure.COST, 1234.5, "$1,234.50"),
        (Measure.COST, 0.00012, "$0.00012"),
        (Measure.COST, 0.0, "$0.00"),
        (Measure.COST, 4e-7, "$0"),
        (Measure.ERROR_RATE, 0.0312, "3.12 %"),
        (Measure.LATENCY_P95, 2.5e9, "2.5 s"),
        (Measure.LATENCY_P95, 840e6, "840 ms"),
        (Measure.LATENCY_P95, 999.6e6, "1 s"),
        (Measure.LATENCY_P95, 1_234e9, "1,234 s"),
        (Measure.SCORE, 1_234.5, "1,234"),
        (Measure.TOKENS, 12345.0, "12,345"),
        (Measure.CALLS, None, "no data"),
    ],
)
def test_values_are_written_as_people_read_them(measure: Measure, value: float | None, text: str) -> None:
    assert format_value(MEASURES[measure].unit, value) == text
