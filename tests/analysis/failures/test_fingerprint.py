"""What varies does not reach the fingerprint; what tells causes apart does."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.failures import fingerprint
from sightline_analysis.failures.masking import mask
from sightline_semconv.failure_category import FailureCategory

_EXCEPTION = FailureCategory.EXCEPTION


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order 1234 does not exist", "Order 98 does not exist"),
        ("Cannot open /var/data/a.csv now", "Cannot open /home/me/b.json now"),
        ("Lookup of db.example.com took 12.5ms", "Lookup of eu.example.org took 3ms"),
        ("Account 'Zoë' is locked", "Account 'Ian M.' is locked"),
        (
            "Session 7f9c24e8-3b12-4fef-91e0-0242ac130003 expired",
            "Session 11111111-3b12-4fef-91e0-0242ac130003 expired",
        ),
        ("Mail to a.b@example.org bounced", "Mail to zed@corp.example.com bounced"),
        ("Allowed values are ['a', 'b']", "Allowed values are ['c']"),
        ("Started at 2025-01-02T03:04:05Z too late", "Started at 2024-11-12 13:14:15 too late"),
        ("peer 10.0.0.1:5000 left", "peer 192.168.7.9:81 left"),
        ("messages.3: bad block", "messages[17]: bad block"),
        ("see https://a.example/x?y=1 for help", "see http://b.example for help"),
        ("e.map is not a function", "this.rows.map is not a function"),
        ("数据库连接失败。请稍后再试。", "数据库连接失败。请联系管理员。"),
        ("用户“张三”不存在", "用户“李四”不存在"),
    ],
)
def test_what_varies_is_masked(one: str, other: str) -> None:
    assert fingerprint(one, _EXCEPTION, "") == fingerprint(one, _EXCEPTION, "")
    assert fingerprint(one, _EXCEPTION, "").value == fingerprint(other, _EXCEPTION, "").value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Request failed with status code 404", "Request failed with status code 500"),
        ("Unsupported parameter: 'max_tokens'", "Unsupported parameter: 'top_p'"),
        ("peer error -32601 came back", "peer error -32602 came back"),
        ("session opened for user ada", "session closed for user ada"),
        ("No module named 'lxml'", "No module named 'numpy'"),
        (
            "Cannot read properties of undefined (reading 'a')",
            "Cannot read properties of undefined (reading 'b')",
        ),
        ("x.map is not a function", "x.filter is not a function"),
        ("This model doesn't support counting", "This model can't support counting"),
        (
            "Invalid 'temperature': decimal below minimum value, at least 0 is expected",
            "Invalid 'seed': decimal below minimum value, at least 0 is expected",
        ),
        (
            'Cannot invoke "a.User.getName()" because "user" is null',
            'Cannot invoke "a.Order.getTotal()" because "order" is null',
        ),
        (
            "(pymysql.err.OperationalError) (2006, 'server has gone away')",
            "(pymysql.err.OperationalError) (1205, 'lock wait timeout exceeded')",
        ),
    ],
)
def test_what_tells_causes_apart_stays(one: str, other: str) -> None:
    assert fingerprint(one, _EXCEPTION, "").value != fingerprint(other, _EXCEPTION, "").value


def test_category_and_scope_are_part_of_the_fingerprint() -> None:
    values = {
        fingerprint("it broke", category, scope).value
        for category in (FailureCategory.TIMEOUT, FailureCategory.AUTH)
        for scope in ("", "search", "openai")
    }
    assert len(values) == 6


def test_the_fingerprint_of_version_2_does_not_change() -> None:
    """A stored cluster is keyed by this value: a change here needs a new version and a mapping."""
    found = fingerprint(
        "Error code: 404 - {'error': {'message': 'The model `m1` does not exist'}}", _EXCEPTION, "s"
    )
    assert (found.template, found.value) == ("the model <q> does not exist", "2-0f6f4c994697bcd9")


def test_another_process_with_another_hash_seed_gives_the_same_fingerprint() -> None:
    text = "Tool 'x1' failed: disk 7 of host a.example.com is full"
    code = (
        "import sys; from sightline_analysis.failures import fingerprint;"
        "from sightline_semconv.failure_category import FailureCategory as C;"
        "print(fingerprint(sys.argv[1], C.EXCEPTION, '').value)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code, text],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {fingerprint(text, _EXCEPTION, "").value}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_a_bounded_template(text: str) -> None:
    template = mask(text)
    assert len(template) <= 400
    assert template == mask(text)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(min_value=0, max_value=10**12), st.from_regex(r"[a-z]{3}[0-9]{4}[a-z0-9]{4}", fullmatch=True)
)
def test_numbers_and_ids_never_reach_the_template(number: int, name: str) -> None:
    assert mask(f"copied {number} rows of {name} twice") == "copied <n> rows of <id> twice"
