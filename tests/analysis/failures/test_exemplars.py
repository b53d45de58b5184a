"""Examples show what is typical and how far it varies."""

from sightline_analysis.failures.exemplars import choose_examples, order_messages
from sightline_storage.failures.failure_reader import Example

TEMPLATES = {
    "1-a": "printer <n> has no paper",
    "1-b": "printer <n> has no paper left",
    "1-c": "the printer has no paper: <path>",
    "1-d": "out of paper",
}


def _example(fingerprint: str, start_ns: int) -> Example:
    return Example("t", str(start_ns), start_ns, "print", "tool", "", "", "", fingerprint, "", "", "", "")


def test_the_most_typical_message_comes_first_and_the_oddest_second() -> None:
    assert order_messages(TEMPLATES)[:2] == ["1-a", "1-d"]
    assert sorted(order_messages(TEMPLATES)) == sorted(TEMPLATES)
    assert order_messages({}) == []


def test_every_message_is_shown_once_before_any_is_shown_twice() -> None:
    newest_first = [_example("1-b", 9), _example("1-b", 8), _example("1-a", 7), _example("1-b", 6)]
    chosen = choose_examples(newest_first, TEMPLATES, 3)
    assert [(example.fingerprint, example.start_ns) for example in chosen[:2]] in (
        [("1-a", 7), ("1-b", 9)],
        [("1-b", 9), ("1-a", 7)],
    )
    assert chosen[2].start_ns == 8
    assert choose_examples(newest_first, TEMPLATES, 1) == chosen[:1]
