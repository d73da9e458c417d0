"""The spool file keeps the contract, stays in its bounds, and is the same after a restart at any step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from coldchain.errors import ConfigError, Unavailable
from coldchain.seal import After
from coldchain.senml import Row
from gateway.sqlite_spool import SqliteSpool
from tests.contracts.spool_suite import *  # noqa: F403  (the suite's tests run here)
from tests.contracts.spool_suite import EPOCH, NEXT, batch, rows, told
from tests.fakes import MemorySpool
from tests.support import DAY_MS, T0

LIMIT = 400_000


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SqliteSpool]:
    made = SqliteSpool(tmp_path / "spool.db", "gw-1", EPOCH, synchronous="OFF")
    yield made
    made.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SqliteSpool]:
    made = SqliteSpool(tmp_path / "small.db", "gw-1", EPOCH, limit_bytes=LIMIT, synchronous="OFF")
    yield made
    made.close()


def fill(spool: SqliteSpool) -> int:
    """Put readings until there is no room; return how many were taken."""
    taken = 0
    try:
        while True:
            spool.put(rows(200), T0 + taken)
            taken += 200
    except Unavailable:
        pass
    return taken


def test_another_nodes_spool_is_refused(tmp_path: Path) -> None:
    SqliteSpool(tmp_path / "spool.db", "gw-1", EPOCH).close()

    with pytest.raises(ConfigError, match="belongs to node 'gw-1', not 'gw-2'"):
        SqliteSpool(tmp_path / "spool.db", "gw-2", EPOCH)


def test_a_full_spool_refuses_new_readings_and_drops_nothing(small: SqliteSpool) -> None:
    taken = fill(small)

    assert small.room().warning
    assert small.room().full
    assert small.room().used < LIMIT * 1.2
    assert small.behind() == small.unsealed_count() == taken
    assert len(small.unsealed(1 << 30)) == taken


def test_it_warns_before_it_is_full(small: SqliteSpool) -> None:
    while not small.room().warning:
        small.put(rows(20), T0)

    assert not small.room().full


def test_acknowledged_readings_make_room_for_new_ones(small: SqliteSpool) -> None:
    taken = fill(small)
    small.add_batch(batch(1, taken - 100))
    small.mark(1, T0)

    for _ in range(50):
        small.put(rows(200), T0)
        last = small.unsealed(1 << 30)[-1].id
        small.add_batch(batch(small.chain().seq + 1, last))
        small.mark(small.chain().seq, T0)

    assert small.room().used < LIMIT
    assert not small.room().full


def test_room_is_made_from_the_oldest_acknowledged_only(small: SqliteSpool) -> None:
    taken = fill(small)
    small.add_batch(batch(1, 500))
    small.mark(1, T0)

    small.put(rows(10), T0)

    assert small.behind() == taken - 500 + 10
    assert [key for key, _, _ in told(small, 3)] == [501, 502, 503]


def test_acknowledged_readings_are_kept_as_long_as_there_is_room_up_to_seven_days(spool: SqliteSpool) -> None:
    spool.put(rows(3), T0)
    spool.put(rows(3), T0 + DAY_MS)
    spool.add_batch(batch(1, 5))
    spool.mark(1, T0)

    assert spool.prune(T0 + 7 * DAY_MS) == 0
    assert spool.prune(T0 + 7 * DAY_MS + 1) == 3
    assert spool.prune(T0 + 99 * DAY_MS) == 2
    spool.new_epoch(NEXT, After(EPOCH, 1, "behind"), T0, everything=True)
    assert [key for key, _, _ in told(spool)] == [6], "what is not acknowledged is never dropped"


def test_numbers_are_not_given_twice_after_everything_was_dropped(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    spool = SqliteSpool(path, "gw-1", EPOCH)
    spool.put(rows(3), T0)
    spool.add_batch(batch(1, 3))
    spool.mark(1, T0)
    spool.prune(T0, everything=True)
    spool.close()

    spool = SqliteSpool(path, "gw-1", NEXT)
    spool.put(rows(1), T0)

    assert [key for key, _, _ in told(spool)] == [4]
    assert spool.chain().epoch == EPOCH, "the epoch of the file, not the one offered"
    spool.close()


def test_held_rows_wait_in_their_order_and_move_as_one(spool: SqliteSpool) -> None:
    spool.hold("boot-1", [(1, b"a"), (2, b"b")], T0)
    spool.hold("boot-2", [(1, b"c")], T0)
    assert [row[1:] for row in spool.held(9)] == [("boot-1", 1, b"a"), ("boot-1", 2, b"b"), ("boot-2", 1, b"c")]

    upto = spool.held(2)[-1][0]
    spool.release(upto, rows(2), T0)

    assert [row[1:] for row in spool.held(9)] == [("boot-2", 1, b"c")]
    assert [row for _, _, row in told(spool)] == rows(2)


def test_a_full_spool_holds_no_more_either(small: SqliteSpool) -> None:
    fill(small)

    with pytest.raises(Unavailable, match="full"):
        small.hold("boot-1", [(1, b"a")], T0)
    assert small.held(9) == []


def test_a_disk_without_room_keeps_everything_as_it_was(tmp_path: Path) -> None:
    spool = SqliteSpool(tmp_path / "spool.db", "gw-1", EPOCH)
    spool.put(rows(3), T0)
    pages = spool._db.execute("PRAGMA page_count").fetchone()[0]
    spool._db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(Unavailable, match="disk"):
        spool.put([Row("urn:a:t", T0, "x" * 9_000)], T0)
    assert spool.behind() == 3
    spool._db.execute("PRAGMA max_page_count = 100000")
    spool.put(rows(1), T0)

    assert [key for key, _, _ in told(spool)] == [1, 2, 3, 4]
    spool.close()


def test_small_things_are_remembered_over_a_restart(tmp_path: Path) -> None:
    spool = SqliteSpool(tmp_path / "spool.db", "gw-1", EPOCH)
    assert spool.is_new
    spool.remember("offset", -5)
    spool.remember("offset", 7)
    spool.close()

    spool = SqliteSpool(tmp_path / "spool.db", "gw-1", EPOCH)

    assert (spool.is_new, spool.note("offset"), spool.note("else")) == (False, 7, None)
    spool.close()


class SpoolsAgree(RuleBasedStateMachine):
    """Any order of operations, with restarts between them: the file says what the memory says."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.memory = MemorySpool(EPOCH)
        self.file = self._open()
        self.epochs = 1

    def _open(self) -> SqliteSpool:
        return SqliteSpool(Path(self.folder.name) / "spool.db", "gw-1", EPOCH, synchronous="OFF")

    def teardown(self) -> None:
        self.file.close()
        self.folder.cleanup()

    @rule()
    def restart(self) -> None:
        self.file.close()
        self.file = self._open()

    @rule(number=st.integers(1, 4), later=st.integers(-5, 5))
    def put(self, number: int, later: int) -> None:
        for spool in (self.memory, self.file):
            spool.put(rows(number, later), T0 + later)

    @precondition(lambda self: self.memory.unsealed_count() > 0)
    @rule(most=st.integers(1, 5))
    def seal(self, most: int) -> None:
        made = batch(self.memory.chain().seq + 1, self.memory.unsealed(most)[-1].id)
        for spool in (self.memory, self.file):
            spool.add_batch(made)

    @precondition(lambda self: bool(self.memory.batches()))
    @rule(chance=st.integers(0, 99))
    def acknowledge(self, chance: int) -> None:
        seqs = [seq for seq, *_ in self.memory.batches()]
        for spool in (self.memory, self.file):
            spool.mark(seqs[chance % len(seqs)], T0 + chance)

    @rule(everything=st.booleans())
    def begin_epoch(self, everything: bool) -> None:
        self.epochs += 1
        chain = self.memory.chain()
        for spool in (self.memory, self.file):
            after = After(chain.epoch, chain.acked, "fork")
            spool.new_epoch(b"epoch%03d" % self.epochs, after, T0, everything=everything)

    @invariant()
    def agree(self) -> None:
        assert told(self.file) == told(self.memory)
        assert self.file.chain() == self.memory.chain()
        assert self.file.batches() == self.memory.batches()
        assert (self.file.behind(), self.file.unsealed_count()) == (self.memory.behind(), self.memory.unsealed_count())


SpoolsAgree.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestSpoolsAgree = SpoolsAgree.TestCase
