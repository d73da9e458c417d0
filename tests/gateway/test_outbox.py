"""How readings become batches: when one closes, and what happens to one that the disk damaged."""

from __future__ import annotations

import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coldchain.seal import MAX_PACK_BYTES, MAX_READINGS, Ack, open_envelope, seal, unpacked, verified
from coldchain.senml import Row, decode
from gateway.outbox import Outbox
from gateway.sender import Mark, NewEpoch
from tests.fakes import MemorySpool
from tests.support import T0

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def outbox_over(spool: MemorySpool) -> Outbox:
    numbers = itertools.count(2)
    return Outbox("gw-1", spool, lambda body: seal(body, KEY), lambda: b"epoch-%02d" % next(numbers))


@pytest.fixture
def spool() -> MemorySpool:
    return MemorySpool(b"epoch-01")


def sizes(spool: MemorySpool) -> list[int]:
    return [len(decode(unpacked(open_envelope(spool.raw(seq)).pack), T0).readings) for seq, *_ in spool.batches()]


def rows(number: int, name: str = "urn:a:t", value: float | str = 4.5, unit: str = "Cel") -> list[Row]:
    return [Row(name, T0 + place, value, unit) for place in range(number)]


def test_a_batch_closes_at_five_hundred_readings(spool: MemorySpool) -> None:
    spool.put(rows(2 * MAX_READINGS + 3), T0)

    assert outbox_over(spool).seal_due(T0, 10.0) == 2
    assert sizes(spool) == [500, 500]


def test_a_batch_closes_at_its_age(spool: MemorySpool) -> None:
    outbox = outbox_over(spool)
    spool.put(rows(1), T0)
    spool.put(rows(1), T0 + 9_000)

    assert outbox.seal_due(T0 + 9_999, 10.0) == 0
    assert outbox.seal_due(T0 + 10_000, 10.0) == 1
    assert sizes(spool) == [2]


def test_a_clock_that_was_set_back_by_an_hour_delays_no_batch(spool: MemorySpool) -> None:
    spool.put(rows(1), T0 + 3_600_000)

    assert outbox_over(spool).seal_due(T0, 10.0) == 1


@pytest.mark.parametrize(
    "heavy",
    [
        [Row(f"urn:{'x' * 200}:{place:03}", T0, 4.5) for place in range(500)],
        [Row("urn:a:t", T0 + place, "\x01" * 64) for place in range(500)],
        [Row("urn:a:t", T0 + place, 0.1234567890123456e-200, "u" * 32, 3, T0) for place in range(500)],
    ],
    ids=["long names", "long words", "long numbers"],
)
def test_a_batch_closes_at_64_kib_before_any_compression(spool: MemorySpool, heavy: list[Row]) -> None:
    spool.put(heavy, T0)

    outbox_over(spool).seal_due(T0 + 60_000, 10.0)

    packs = [unpacked(open_envelope(spool.raw(seq)).pack) for seq, *_ in spool.batches()]
    assert len(packs) > 1
    assert max(len(pack) for pack in packs) <= MAX_PACK_BYTES * 1.2
    assert max(size for _, _, size in spool.batches()) <= MAX_PACK_BYTES
    assert sum(sizes(spool)) == 500


def test_a_reading_larger_than_a_batch_goes_alone(spool: MemorySpool) -> None:
    spool.put([*rows(1), *rows(1, value="x" * 70_000), *rows(1)], T0)

    outbox_over(spool).seal_due(T0 + 60_000, 10.0)

    assert sizes(spool) == [1, 1, 1]


def test_batches_of_a_chain_are_linked_and_sealed(spool: MemorySpool) -> None:
    spool.put(rows(1_500), T0)
    outbox_over(spool).seal_due(T0, 10.0)

    batches = [open_envelope(spool.raw(seq)) for seq, *_ in spool.batches()]

    assert [batch.seq for batch in batches] == [1, 2, 3]
    assert [batch.prev for batch in batches] == [bytes(32), batches[0].hash, batches[1].hash]
    assert all(verified(batch, KEY.public_key().public_bytes_raw()) for batch in batches)


def test_a_batch_that_the_disk_damaged_is_never_sent_and_costs_no_reading(spool: MemorySpool) -> None:
    spool.put(rows(1_000), T0)
    outbox = outbox_over(spool)
    outbox.seal_due(T0, 10.0)
    good = spool.raw(1)
    spool.damage(1, good[:-200] + bytes([good[-200] ^ 1]) + good[-199:])

    assert outbox.next_envelope(0.0, 0.5) is None
    outbox.seal_due(T0, 10.0)
    fresh = outbox.next_envelope(100.0, 0.5)

    assert fresh is not None
    assert open_envelope(fresh).after is not None
    assert (open_envelope(fresh).epoch, open_envelope(fresh).seq) == (b"epoch-02", 1)
    assert sum(sizes(spool)) == 1_000
    assert outbox.new_epochs == 1


def test_an_acknowledgement_is_kept_and_a_refusal_starts_a_chain_that_names_the_old_one(spool: MemorySpool) -> None:
    spool.put(rows(1_500), T0)
    outbox = outbox_over(spool)
    outbox.seal_due(T0, 10.0)
    second = open_envelope(spool.raw(2))

    assert outbox.on_ack(Ack(second.epoch.hex(), 2, second.hash.hex(), T0), 0.0, 0.5) == Mark(2)
    refused = outbox.on_ack(Ack(second.epoch.hex(), 2, second.hash.hex(), T0 + 1, "seal"), 0.0, 0.5)
    outbox.seal_due(T0, 10.0)

    assert refused == NewEpoch("seal", everything=False)
    first = open_envelope(spool.raw(1))
    assert first.after is not None
    assert (first.after.epoch, first.after.seq, first.after.why) == (b"epoch-01", 2, "seal")
    assert sum(sizes(spool)) == 500


def test_after_a_restart_it_sends_what_was_sealed_before(spool: MemorySpool) -> None:
    spool.put(rows(1_000), T0)
    outbox_over(spool).seal_due(T0, 10.0)

    restarted = outbox_over(spool)

    assert restarted.next_envelope(0.0, 0.5) == spool.raw(1)
    assert restarted.next_envelope(0.0, 0.5) == spool.raw(2)
