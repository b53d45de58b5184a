"""Statements that are compiled once."""

from sqlalchemy import func, select

from sightline_storage.engines.sql import OPEN_CONDITION, compile_query, with_condition
from sightline_storage.spans.span_table import SPANS

S = SPANS.c


def test_values_of_a_condition_that_is_put_in_are_its_own() -> None:
    query = compile_query(select(func.countIf(OPEN_CONDITION)).where(S.status == "error"))
    whole = with_condition(query, S.status == "ok")
    assert "countIf((`spans`.`status` = {condition_status_1:String}))" in whole.sql
    assert whole.params == {"status_1": "error", "condition_status_1": "ok"}
