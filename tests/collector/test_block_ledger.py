"""What the journal knows of what waits, is being stored and is stored; on disk in `test_journal`."""

from sightline_collector.block_ledger import Backlog, Block, BlockLedger
from sightline_collector.checkpoint import Checkpoint
from sightline_collector.segment import Entry, Position, Signal

START = Position(1, 0)
SIZE = 10


def _ledger(entries: int) -> BlockLedger:
    """One with so many entries of two spans each; the first came at 1 ns, the second at 2."""
    ledger = BlockLedger(Checkpoint(START))
    for number in range(1, entries + 1):
        ledger.add(Position(1, number * SIZE), SIZE, 2, number)
    return ledger


def _block(first: int, last: int) -> Block:
    """The block from one entry to another, counted from 1."""
    entries = [Entry("default", Signal.TRACES, number, 2, b"") for number in range(first, last + 1)]
    return Block(entries, Position(1, (first - 1) * SIZE), Position(1, last * SIZE), f"{first}-{last}")


def test_what_waits_is_as_old_as_the_oldest_entry_in_no_block() -> None:
    ledger = _ledger(3)
    assert ledger.backlog() == Backlog(3 * SIZE, spans=6, untaken=6, since_ns=1)
    ledger.take(_block(1, 2))
    assert ledger.backlog() == Backlog(3 * SIZE, spans=6, untaken=2, since_ns=2)
    ledger.take(_block(3, 3))
    assert ledger.backlog() == Backlog(3 * SIZE, spans=6, untaken=0, since_ns=None)
    ledger.add(Position(1, 4 * SIZE), SIZE, 2, 4)
    assert ledger.backlog() == Backlog(4 * SIZE, spans=8, untaken=2, since_ns=4)
    ledger.release(_block(1, 2))
    assert ledger.backlog() == Backlog(2 * SIZE, spans=4, untaken=2, since_ns=4)


def test_a_block_of_nothing_but_damage_leaves_the_age_of_what_waits() -> None:
    ledger = _ledger(2)
    ledger.take(Block([], START, Position(1, SIZE), "damage"))
    assert ledger.backlog().since_ns == 1


def test_blocks_that_are_put_back_are_taken_again_and_the_first_ends_where_it_did() -> None:
    ledger = _ledger(3)
    ledger.take(_block(1, 1))
    ledger.take(_block(2, 3))
    assert (ledger.untaken().start, ledger.untaken().ahead) == (Position(1, 3 * SIZE), None)
    assert ledger.put_back() == 2
    assert ledger.backlog() == Backlog(3 * SIZE, spans=6, untaken=6, since_ns=1)
    assert (ledger.untaken().start, ledger.untaken().ahead) == (START, Position(1, SIZE))
    assert ledger.put_back() == 0
    assert ledger.backlog().since_ns == 1


def test_the_checkpoint_follows_what_is_stored_to_the_segment_that_is_written_to() -> None:
    ledger = _ledger(2)
    ledger.take(_block(1, 1))
    ledger.take(_block(2, 2))
    assert ledger.checkpoint_with(_block(2, 2)) == Checkpoint(START, Position(1, SIZE))
    ledger.release(_block(1, 1))
    assert ledger.checkpoint == Checkpoint(Position(1, SIZE), Position(1, 2 * SIZE))
    assert ledger.checkpoint_before(2) == ledger.checkpoint, "something waits"
    ledger.release(_block(2, 2))
    assert ledger.checkpoint_before(1) == Checkpoint(Position(1, 2 * SIZE))
    assert ledger.checkpoint_before(2) == Checkpoint(Position(2, 0))
    ledger.move_to(Checkpoint(Position(2, 0)))
    assert ledger.untaken().ends == {}
