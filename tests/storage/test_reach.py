"""How far a list looks at first, from what the last ones of its kind needed."""

from sightline_storage.traces.reach import CandidateCounts, Reach, kind_of

KIND, OTHER = kind_of("shop", "SELECT 1", 51), kind_of("shop", "SELECT 2", 51)


def test_the_first_list_of_a_kind_knows_nothing() -> None:
    reach = Reach()
    reach.note(OTHER, 1000, page_ns=900)
    assert reach.of(KIND) is None


def test_the_next_list_looks_half_as_far_again_as_was_enough() -> None:
    reach = Reach()
    reach.note(KIND, 1000, page_ns=960, longer_ns=200)
    assert reach.of(KIND) == 1500


def test_it_looks_no_further_than_half_a_page_beyond_the_page_and_its_longest_trace() -> None:
    reach = Reach()
    reach.note(KIND, 1_000_000, page_ns=300, longer_ns=5000)
    assert reach.of(KIND) == 5450


def test_the_next_list_judges_half_as_many_traces_more_as_it_took() -> None:
    counts = CandidateCounts()
    assert counts.of(KIND) is None
    counts.note(KIND, 200)
    assert counts.of(KIND) == 300


def test_pages_of_about_the_same_size_are_of_one_kind_and_a_download_is_of_another() -> None:
    assert kind_of("shop", "SELECT 1", 41) == KIND
    assert kind_of("shop", "SELECT 1", 1001) != KIND


def test_kinds_without_end_are_forgotten() -> None:
    reach = Reach()
    for number in range(5000):
        reach.note(kind_of("shop", str(number), 51), 1, page_ns=1)
    known = [number for number in range(5000) if reach.of(kind_of("shop", str(number), 51)) is not None]
    assert known[-1] == 4999
    assert len(known) <= 1000
