"""How far a list looks at first, from what the last ones of its kind needed."""

from sightline_storage.reach import Reach

KIND, OTHER = ("shop", "SELECT 1"), ("shop", "SELECT 2")


def test_the_first_list_of_a_kind_knows_nothing() -> None:
    reach = Reach()
    reach.note(OTHER, 1000, page_ns=900)
    assert reach.of(KIND) is None


def test_the_next_list_looks_a_quarter_further_than_was_enough() -> None:
    reach = Reach()
    reach.note(KIND, 1000, page_ns=960)
    assert reach.of(KIND) == 1250


def test_it_looks_no_further_than_a_third_beyond_the_page_and_its_longest_trace() -> None:
    reach = Reach()
    reach.note(KIND, 1_000_000, page_ns=300, longer_ns=5000)
    assert reach.of(KIND) == 5400


def test_kinds_without_end_are_forgotten() -> None:
    reach = Reach()
    for number in range(5000):
        reach.note(("shop", str(number)), 1, page_ns=1)
    known = [number for number in range(5000) if reach.of(("shop", str(number))) is not None]
    assert known[-1] == 4999
    assert len(known) <= 1000
