"""Scores on every engine: once, newest, deletable, whatever month they are from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.made_spans import MakeSpan

from sightline_core.errors import CallerError, NotFound
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_storage import Store
from sightline_storage.scores.score_queries import ScoreFilter
from sightline_storage.scores.score_reader import ScorePage, ScoreReader
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter

AT = datetime(2026, 9, 21, 14, 13, 20, 123456, tzinfo=UTC)
EVERYTHING = ScoreFilter()
GOOD = Score(
    trace_id="a" * 32,
    span_id="",
    session="",
    name="user-feedback",
    source="human",
    author="ann",
    value_type="boolean",
    value=True,
    comment="it's \\ %s {x:String} \n 𝒳",
    scored_at=AT,
)


def _find(store: Store, project: ProjectId, wanted: ScoreFilter = EVERYTHING) -> list[Score]:
    return ScoreReader(store.engine).find(project, wanted, limit=1000, cursor=None).scores


def test_every_kind_of_score_comes_back_as_it_was_written(store: Store, project: ProjectId) -> None:
    scores = [
        GOOD,
        replace(GOOD, span_id="b" * 16, value_type="number", value=-0.25, scored_at=AT - timedelta(days=1)),
        replace(GOOD, name="tone", value_type="category", value="kind", scored_at=AT - timedelta(days=2)),
        replace(
            GOOD,
            trace_id="",
            session="s/../?1\x00",
            source="model",
            value_type="text",
            value="x" * 20_000,
            scored_at=AT - timedelta(days=3),
        ),
    ]
    ScoreWriter(store.engine).write(project, scores)
    assert _find(store, project) == scores
    assert _find(store, ProjectId(f"{project}-other")) == []


def test_the_newest_of_one_target_name_source_and_author_counts_across_months(
    store: Store, project: ProjectId
) -> None:
    writer = ScoreWriter(store.engine)
    newest = replace(GOOD, value=False, scored_at=AT + timedelta(days=40))
    writer.write(project, [newest])
    writer.write(project, [GOOD, replace(GOOD, comment="older", scored_at=AT - timedelta(days=40))])
    writer.write(project, [GOOD])
    assert _find(store, project) == [newest]
    others = [replace(GOOD, author="bob"), replace(GOOD, source="code"), replace(GOOD, name="x")]
    writer.write(project, others)
    assert len(_find(store, project)) == 4


def test_the_later_of_two_scores_of_the_same_moment_counts(store: Store, project: ProjectId) -> None:
    writer = ScoreWriter(store.engine)
    writer.write(project, [GOOD, replace(GOOD, value=False)])
    assert [score.value for score in _find(store, project)] == [False]
    writer.write(project, [GOOD])
    assert [score.value for score in _find(store, project)] == [True]


def test_filters_pick_scores_of_a_trace_a_span_a_session_a_name_and_a_time(
    store: Store, project: ProjectId
) -> None:
    on_span = replace(GOOD, span_id="b" * 16)
    on_session = replace(GOOD, trace_id="", session="a b%2F", name="solved")
    ScoreWriter(store.engine).write(project, [GOOD, on_span, on_session, replace(GOOD, trace_id="c" * 32)])
    assert len(_find(store, project, ScoreFilter(trace_ids=("a" * 32,)))) == 2
    assert _find(store, project, ScoreFilter(span_id="b" * 16)) == [on_span]
    assert _find(store, project, ScoreFilter(session="a b%2F")) == [on_session]
    assert _find(store, project, ScoreFilter(name="solved")) == [on_session]
    start = to_ns(AT)
    assert len(_find(store, project, ScoreFilter(between_ns=(start, start + 1)))) == 4
    assert _find(store, project, ScoreFilter(between_ns=(start + 1, start + 2))) == []


def test_a_score_that_was_changed_is_of_the_time_of_its_change(store: Store, project: ProjectId) -> None:
    changed = replace(GOOD, value=False, scored_at=AT + timedelta(days=20))
    ScoreWriter(store.engine).write(project, [GOOD, changed])
    days = [to_ns(AT + timedelta(days=day)) for day in (0, 10, 21)]
    assert _find(store, project, ScoreFilter(between_ns=(days[0], days[1]))) == []
    assert _find(store, project, ScoreFilter(between_ns=(days[1], days[2]))) == [changed]


def test_pages_neither_repeat_nor_skip_scores_of_the_same_moment(store: Store, project: ProjectId) -> None:
    ScoreWriter(store.engine).write(project, [replace(GOOD, author=str(n)) for n in range(7)])
    reader, seen, cursor = ScoreReader(store.engine), [], None
    for _ in range(4):
        page: ScorePage = reader.find(project, EVERYTHING, limit=2, cursor=cursor)
        seen += [score.author for score in page.scores]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(seen) == [str(n) for n in range(7)]
    with pytest.raises(CallerError, match="cursor"):
        reader.find(project, EVERYTHING, limit=2, cursor="%00")


def test_a_deleted_score_is_gone_with_what_was_said_before_and_may_be_given_again(
    store: Store, project: ProjectId
) -> None:
    writer = ScoreWriter(store.engine)
    writer.write(
        project, [GOOD, replace(GOOD, scored_at=AT - timedelta(days=60)), replace(GOOD, name="kept")]
    )
    writer.delete(project, GOOD.score_id)
    assert [score.name for score in _find(store, project)] == ["kept"]
    with pytest.raises(NotFound):
        writer.delete(project, GOOD.score_id)
    writer.write(project, [GOOD])
    assert len(_find(store, project)) == 1
    again = replace(GOOD, scored_at=AT + timedelta(seconds=1))
    writer.write(project, [again])
    assert again in _find(store, project)


def test_scores_go_with_the_trace_the_session_and_the_user_that_is_deleted(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    spans = [
        span(trace_id="1" * 32),
        span(trace_id="2" * 32, session="s1"),
        span(trace_id="3" * 32, session="s2", user="ann"),
        span(trace_id="4" * 32, session="s3", user="bob"),
    ]
    store.writer.write(spans, token="t")
    by_code = replace(GOOD, source="code", author="")
    ScoreWriter(store.engine).write(
        project,
        [
            *(replace(by_code, trace_id=str(n) * 32) for n in (1, 2, 3, 4)),
            *(replace(by_code, trace_id="", session=f"s{n}") for n in (1, 2, 3)),
            replace(GOOD, trace_id="4" * 32),
        ],
    )

    def left() -> set[tuple[str, str, str]]:
        return {(score.trace_id[:1], score.session, score.author) for score in _find(store, project)}

    assert len(left()) == 8
    store.delete_traces(project, ["1" * 32])
    assert len(left()) == 7
    store.delete_session(project, "s1")
    assert left() == {("3", "", ""), ("4", "", ""), ("4", "", "ann"), ("", "s2", ""), ("", "s3", "")}
    store.delete_user(project, "ann")
    assert left() == {("4", "", ""), ("", "s3", "")}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"trace_id": ""}, "needs a trace_id"),
        ({"trace_id": "", "session": "s", "span_id": "b" * 16}, "needs a trace_id"),
        ({"name": ""}, "name"),
        ({"value": 1.0}, "boolean cannot be float"),
        ({"value_type": "number"}, "number cannot be bool"),
        ({"value_type": "number", "value": float("nan")}, "finite"),
        ({"value_type": "category", "value": "x" * 201}, "1 to 200"),
        ({"value_type": "text", "value": ""}, "1 to 20000"),
        ({"comment": "\ud83d"}, "surrogate"),
    ],
)
def test_a_score_that_says_nothing_usable_is_refused(wrong: dict[str, str], reason: str) -> None:
    with pytest.raises(CallerError, match=reason):
        replace(GOOD, **wrong)  # type: ignore[arg-type]


def test_scores_of_more_months_than_one_insert_may_have_are_all_stored(
    store: Store, project: ProjectId
) -> None:
    months = [
        replace(GOOD, author=f"{n}", scored_at=datetime(1990 + n // 12, n % 12 + 1, 1, tzinfo=UTC))
        for n in range(130)
    ]
    ScoreWriter(store.engine).write(project, months)
    assert len(_find(store, project)) == 130
