"""The query language: what it reads, how it prints it, and what it says when it cannot."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_core.query_fields import FACTS, FIELD_OF, FIELDS, FieldName, FieldType
from sightline_core.query_parser import (
    MAX_CONDITIONS,
    MAX_LENGTH,
    MAX_STEPS,
    QuerySyntaxError,
    parse_query,
)
from sightline_core.query_printer import print_query
from sightline_core.query_tree import (
    EVERYTHING,
    FullText,
    Has,
    Node,
    Not,
    NumberRange,
    Pattern,
    SpanPath,
    TextMatch,
    all_of,
    any_of,
    negate,
)


def text_match(field: str, value: str, *, wildcard: bool = False) -> TextMatch:
    return TextMatch(FieldName(field), (Pattern(value, wildcard),))


def test_conditions_side_by_side_must_all_hold() -> None:
    query = 'app:checkout model:gpt-4o* cost>0.01 latency>2s has:guardrail.block "refund policy" -env:dev'
    assert parse_query(query) == all_of(
        text_match("app", "checkout"),
        text_match("model", "gpt-4o*", wildcard=True),
        NumberRange(FieldName("cost"), Decimal("0.01"), None, low_inclusive=False),
        NumberRange(FieldName("latency"), Decimal(2_000_000_000), None, low_inclusive=False),
        Has("guardrail.block"),
        FullText("refund policy"),
        Not(text_match("env", "dev")),
    )


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_an_empty_query_matches_everything(text: str) -> None:
    assert parse_query(text) == EVERYTHING


def test_or_binds_weaker_than_side_by_side_and_brackets_bind_strongest() -> None:
    a, b, c = FullText("a"), FullText("b"), FullText("c")
    assert parse_query("a OR b c") == any_of(a, all_of(b, c))
    assert parse_query("(a OR b) AND c") == all_of(any_of(a, b), c)
    assert parse_query("-(a OR b) NOT c") == all_of(negate(any_of(a, b)), negate(c))


def test_a_path_asks_for_spans_one_under_the_other() -> None:
    assert parse_query("{kind:agent} >> {kind:tool status:error}") == SpanPath(
        (text_match("kind", "agent"), all_of(text_match("kind", "tool"), text_match("status", "error"))),
        (">>",),
    )


def test_quoted_values_are_taken_as_they_are() -> None:
    assert parse_query(r'name:"a*b \"c\" \\ ,(OR"') == text_match("name", 'a*b "c" \\ ,(OR')
    assert parse_query('attr."my key":x') == text_match("attr.my key", "x")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("duration:1m30s..2m", "latency:90s..120s"),
        ("latency<1500us", "latency<1.5ms"),
        ("tokens>=10k", "tokens>=10000"),
        ("cost:$0.50", "cost:0.5"),
        ("cost:0.1..", "cost>=0.1"),
        ("http:429,500", "http:429 OR http:500"),
        ("environment!=dev,test", "-env:dev,test"),
        ("kind:LLM,Tool status:ERROR", "kind:llm,tool status:error"),
        ('"&&" "||"', '"&&" "||"'),
        ("attr.n:1..5", "attr.n:1..5"),
    ],
)
def test_the_canonical_text_uses_one_spelling(written: str, canonical: str) -> None:
    assert print_query(parse_query(written)) == canonical


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("app:", 4, "expected a value"),
        ("stat:error", 0, "did you mean status?"),
        ("APP:checkout", 0, "did you mean app?"),
        ("x foo:bar", 2, "no field foo"),
        ("(a", 2, "expected )"),
        ("a)", 1, "expected the end"),
        ('a "b', 2, "not closed"),
        ("cost>abc", 5, "an amount in USD"),
        ("latency:1s..5", 12, "a duration such as"),
        ("app>3", 3, "has no order"),
        ("has:luck", 4, "no fact 'luck'"),
        ("has:errror", 4, "did you mean error?"),
        ("kind:tool status:failed", 17, "'failed' is no value of status; expected error, ok, unset"),
        ("failure:ratelimit", 8, "did you mean rate_limit?"),
        ("latency:>2s", 8, "a comparison has no colon: latency>2s"),
        ("app:a && b", 6, "&& is written AND here"),
        ("cost:..", 5, "at least one end"),
        ("a {spans>3}", 2, "whole trace"),
        ("a {b {c}}", 2, "another group"),
        ("a OR", 4, "the end is not possible"),
        ("(" * 200, 30, "nested"),
        ("a" * (MAX_LENGTH + 1), MAX_LENGTH, "at most"),
        ("a " * (MAX_CONDITIONS + 1), 2 * MAX_CONDITIONS + 2, "at most 50 conditions, this one has 51"),
        ("app:" + "a*," * MAX_CONDITIONS + "b", 155, "at most 50 conditions"),
        ("{a} > " * MAX_STEPS + "{b}", 58, "at most 10 spans"),
        ("tokens>" + "9" * 40, 7, "a number"),
    ],
)
def test_an_error_says_where_it_is_and_what_was_expected(query: str, position: int, says: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(query)
    assert caught.value.position == position
    assert says in str(caught.value)


def test_values_of_a_text_field_are_one_condition_however_many() -> None:
    many = ",".join(f"v{number}" for number in range(200))
    query = f"model:{many} attr.k:{many} tag:{many} " + "a " * (MAX_CONDITIONS - 3)
    assert print_query(parse_query(query)) == query.strip()


def test_endless_negations_are_read_without_recursion() -> None:
    assert parse_query("-" * 3000 + "a") == FullText("a")


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
attributes = texts.map(lambda name: FieldName(f"attr.{name}"))
text_fields = st.sampled_from(
    [field.name for field in FIELDS if field.type is FieldType.TEXT and not field.values]
)
number_fields = st.sampled_from([field for field in FIELDS if field.type is not FieldType.TEXT])
patterns = texts.map(Pattern) | st.sampled_from([Pattern("gpt*", True), Pattern("*a:b>*", True)])
text_matches = st.builds(
    TextMatch, text_fields | attributes, st.lists(patterns, min_size=1, max_size=3).map(tuple)
)
facts = st.builds(Has, st.sampled_from(sorted(FACTS)) | attributes.map(str))


@st.composite
def ranges(draw: st.DrawFn, *, in_group: bool) -> NumberRange:
    field = draw(number_fields.filter(lambda field: not (in_group and field.trace_only)))
    low = draw(st.decimals(0, 10**6, places=3))
    shape = draw(st.sampled_from(["equal", "between", "above", "below"]))
    inclusive = draw(st.booleans())
    if shape == "above":
        return NumberRange(field.name, low, None, low_inclusive=inclusive)
    if shape == "below":
        return NumberRange(field.name, None, low, high_inclusive=inclusive)
    return NumberRange(field.name, low, low if shape == "equal" else low + 1)


def trees(leaves: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3)
        return several.map(lambda i: all_of(*i)) | several.map(lambda i: any_of(*i)) | inner.map(negate)

    return st.recursive(leaves, grow, max_leaves=6)


def leaves(*, in_group: bool) -> st.SearchStrategy[Node]:
    return st.one_of(text_matches, facts, texts.map(FullText), ranges(in_group=in_group))


@st.composite
def paths(draw: st.DrawFn) -> SpanPath:
    conditions = draw(st.lists(trees(leaves(in_group=True)), min_size=1, max_size=3))
    relations = [draw(st.sampled_from([">", ">>"])) for _ in conditions[1:]]
    return SpanPath(tuple(conditions), tuple(relations))  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(trees(leaves(in_group=False) | paths()))
def test_what_is_printed_is_read_back_as_the_same_tree(tree: Node) -> None:
    assert parse_query(print_query(tree)) == tree


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('ab:"(){}<>=.,-* \\\n1') | st.characters(), max_size=20))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    try:
        tree = parse_query(text)
    except QuerySyntaxError as error:
        position = error.position
    else:
        position = 0
        assert parse_query(print_query(tree)) == tree
    assert 0 <= position <= len(text)


def test_the_documentation_lists_every_field_and_fact() -> None:
    page = (Path(__file__).parents[2] / "docs" / "query-language.md").read_text(encoding="utf-8")
    names = [*FIELD_OF, *FACTS]
    assert [name for name in names if f"`{name}`" not in page] == []
