"""What every spool driver promises; a driver's test file gives the fixture ``spool`` and imports everything here."""

from __future__ import annotations

from coldchain.seal import ZERO_HASH, After
from coldchain.senml import Row
from gateway.spool import Chain, Spool, StoredBatch
from tests.support import T0

EPOCH = b"epoch--1"
NEXT = b"epoch--2"


def rows(number: int, first: int = 0) -> list[Row]:
    return [Row("urn:a:t", T0 + first + place, 4.5 + place, "Cel", place % 4) for place in range(number)]


def batch(seq: int, last_reading: int) -> StoredBatch:
    return StoredBatch(seq, bytes([seq]) * 32, b"envelope %d" % seq, last_reading)


def told(spool: Spool, limit: int = 1000) -> list[tuple[int, int, Row]]:
    return [(taken.id, taken.taken_at_ms, taken.row) for taken in spool.unsealed(limit)]


def test_a_new_spool_is_empty(spool: Spool) -> None:
    assert spool.chain() == Chain(EPOCH)
    assert told(spool) == []
    assert spool.batches() == []
    assert (spool.unsealed_count(), spool.behind()) == (0, 0)
    assert not spool.room().warning


def test_readings_come_out_in_the_order_in_which_they_were_taken(spool: Spool) -> None:
    spool.put(rows(2), T0)
    spool.put(rows(1, 9), T0 - 5)

    assert told(spool) == [(1, T0, rows(2)[0]), (2, T0, rows(2)[1]), (3, T0 - 5, rows(1, 9)[0])]
    assert told(spool, 2) == told(spool)[:2]
    assert (spool.unsealed_count(), spool.behind()) == (3, 3)


def test_every_kind_of_reading_comes_out_as_it_went_in(spool: Spool) -> None:
    kinds = [
        Row("urn:a:t", T0, -0.25, "Cel"), Row("urn:a:t", T0, 4.0, "Cel"), Row("urn:a:t", T0, 1e300),
        Row("urn:a:door", T0, True), Row("urn:a:door", T0, False), Row("urn:a:t", T0, "no-probe"),
        Row("urn:a:t", T0, "1"), Row("urn:a:t", T0, "鲜奶\x00"), Row("urn:a:t", T0, 1.0, "", 3, T0 - 99),
        Row("urn:a:t", -5, 1.0), Row("urn:a:t", T0, 1.0, "", 0, -1),
    ]  # fmt: skip

    spool.put(kinds, T0)

    assert [row for _, _, row in told(spool)] == kinds
    assert [type(row.value) for _, _, row in told(spool)] == [type(row.value) for row in kinds]


def test_sealing_moves_the_mark_and_keeps_the_envelope_until_it_is_acknowledged(spool: Spool) -> None:
    spool.put(rows(5), T0)

    spool.add_batch(batch(1, 2))
    spool.add_batch(batch(2, 4))

    assert [key for key, _, _ in told(spool)] == [5]
    assert spool.batches() == [(1, bytes([1]) * 32, 10), (2, bytes([2]) * 32, 10)]
    assert spool.raw(2) == b"envelope 2"
    assert spool.chain() == Chain(EPOCH, 2, bytes([2]) * 32)
    assert (spool.unsealed_count(), spool.behind()) == (1, 5)


def test_an_acknowledgement_covers_everything_up_to_its_seq(spool: Spool) -> None:
    spool.put(rows(5), T0)
    for seq in (1, 2, 3):
        spool.add_batch(batch(seq, seq))

    spool.mark(2, T0 + 7)

    assert [seq for seq, *_ in spool.batches()] == [3]
    assert spool.chain() == Chain(EPOCH, 3, bytes([3]) * 32, 2, bytes([2]) * 32, None, T0 + 7)
    assert (spool.unsealed_count(), spool.behind()) == (2, 3)


def test_a_new_epoch_gives_back_what_was_not_acknowledged(spool: Spool) -> None:
    spool.put(rows(5), T0)
    for seq in (1, 2, 3):
        spool.add_batch(batch(seq, seq))
    spool.mark(2, T0 + 7)
    after = After(EPOCH, 2, "fork")

    spool.new_epoch(NEXT, after, T0 + 8, everything=False)

    assert [key for key, _, _ in told(spool)] == [3, 4, 5]
    assert spool.batches() == []
    assert spool.chain() == Chain(NEXT, 0, ZERO_HASH, 0, ZERO_HASH, after, T0 + 8)
    assert (spool.unsealed_count(), spool.behind()) == (3, 3)


def test_a_new_epoch_over_everything_gives_back_the_acknowledged_too(spool: Spool) -> None:
    spool.put(rows(4), T0)
    spool.add_batch(batch(1, 3))
    spool.mark(1, T0 + 7)

    spool.new_epoch(NEXT, After(EPOCH, 1, "behind"), T0 + 8, everything=True)

    assert [key for key, _, _ in told(spool)] == [1, 2, 3, 4]
    assert spool.behind() == 4
