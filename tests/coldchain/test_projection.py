"""Projections that share a decoder keep close together, and none waits for one that stands still."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from coldchain import projection
from coldchain.batches import BatchDecoder
from coldchain.ledger.port import Entry
from coldchain.projection import Abreast, Follower
from coldchain.senml import Row
from tests.fakes import MemoryLedger
from tests.support import T0, SealingNode, channel_of, fleet, put


def test_who_is_ahead_waits_until_the_other_comes() -> None:
    abreast = Abreast()
    abreast.reached("slow", 10, 10)
    passed = threading.Event()

    def lead() -> None:
        abreast.reached("fast", 40, 10)
        passed.set()

    leader = threading.Thread(target=lead)
    leader.start()
    assert not passed.is_set()
    abreast.reached("slow", 20, 10)
    leader.join(10)

    assert passed.is_set()


def test_who_does_not_move_is_waited_for_once() -> None:
    abreast = Abreast(patience_s=0.0)
    abreast.reached("away", 1, 1)

    assert not abreast.reached("fast", 10, 1)
    assert abreast.reached("fast", 20, 1)
    abreast.reached("away", 2, 1)
    assert not abreast.reached("fast", 30, 1)


class _Counting:
    """A projection that decodes and counts."""

    def __init__(self, name: str, decoder: BatchDecoder) -> None:
        self.name, self.cursor, self.steps = name, 0, list[int]()
        self._decoder = decoder

    def step(self, entries: Sequence[Entry]) -> None:
        self._decoder.all(entries)
        self.cursor = entries[-1].position
        self.steps.append(len(entries))

    def idle(self) -> None:
        pass


def test_a_step_is_a_megabyte_however_small_the_packs() -> None:
    ledger, node = MemoryLedger(), SealingNode("gw-1")
    put(ledger, *fleet([node]))
    for minute in range(300):
        node.append(ledger, [Row(channel_of("gw-1"), T0 + minute * 60_000, 4.0, "Cel")])
    counting = _Counting("one", BatchDecoder())
    follower = Follower(counting, ledger)
    follower.start()
    follower.caught_up.wait(10)
    follower.stop()

    assert counting.cursor == ledger.end()
    assert counting.steps[0] == projection.CHUNK
    assert max(counting.steps[1:]) > projection.CHUNK


def test_a_decoder_forgets_the_oldest_first() -> None:
    ledger, node = MemoryLedger(), SealingNode("gw-1")
    put(ledger, *fleet([node]))
    first = ledger.end()
    for minute in range(3):
        node.append(ledger, [Row(channel_of("gw-1"), T0 + minute * 60_000, 4.0, "Cel")])
    entries = ledger.read(first, 10)
    decoder = BatchDecoder(remembered_bytes=2 * max(len(entry.raw) for entry in entries))

    batches = decoder.all(entries)

    assert decoder(entries[2]) is batches[2]
    assert decoder(entries[1]) is batches[1]
    assert decoder(entries[0]) is not batches[0]
