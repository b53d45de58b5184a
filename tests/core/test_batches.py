"""Work in bounded pieces."""

from hypothesis import given
from hypothesis import strategies as st

from sightline_core.batches import batched


@given(st.lists(st.integers()), st.integers(1, 10))
def test_batches_hold_every_item_once_in_order_and_only_the_last_is_not_full(
    items: list[int], size: int
) -> None:
    batches = list(batched(items, size))
    assert [item for batch in batches for item in batch] == items
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(0 < len(batch) <= size for batch in batches)
