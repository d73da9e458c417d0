"""Random schedules over real gateway and ingest rules: loss, duplicates, reorder, kills, damage, restores, clones.

One schedule is a few hundred random steps (the chaos), then the world heals and everything must drain. The rules under
test are exactly `gateway.outbox`, `gateway.sender` and `ingest.intake`; only disk, network and signature are toys.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import cbor2

from coldchain.seal import Ack, Sealed, open_envelope, unpacked
from coldchain.senml import Row, decode
from gateway.outbox import Outbox
from ingest.intake import Intake, Message
from tests.fakes import MemoryLedger, MemorySpool

KEY = b"k" * 32
STEPS = 500
DRAIN_STEPS = 20_000
START_MS = 1_700_000_000_000


def toy_sign(body: bytes) -> bytes:
    """Return an envelope under a toy signature (a real one takes 32 µs, and there are millions)."""
    return cbor2.dumps([body, hashlib.sha256(KEY + body).digest()])


def toy_verify(sealed: Sealed, key: bytes) -> bool:
    """Check a toy signature."""
    return sealed.signature == hashlib.sha256(key + sealed.body).digest()


@dataclass
class Outcome:
    """How a schedule ended."""

    blocked: bool
    missing: int
    recorded: int
    faults: dict[str, int] = field(default_factory=dict)


@dataclass
class _Gateway:
    spool: MemorySpool
    outbox: Outbox


class Schedule:
    """One seeded schedule.

    Args:
        seed: everything random comes from it.
        faults: which of ``flip``, ``restore``, ``rollback``, ``clone`` may happen beside loss, duplication, reorder
            and kills.
        break_ack: alters acknowledgements on their way; the control that must fail drops the hash here.
    """

    def __init__(self, seed: int, faults: frozenset[str], break_ack: Callable[[Ack, _Gateway], Ack] | None = None):
        self.random = random.Random(seed)
        self.faults = faults
        self.break_ack = break_ack
        self.now_ms = START_MS
        self.next_id = 0
        self.uplink: list[bytes] = []
        self.downlink: list[tuple[int, Ack]] = []
        self.ledger = MemoryLedger()
        self.intake = self._intake()
        self.backup: MemoryLedger | None = None
        self.snapshot: MemorySpool | None = None
        self.happened: dict[str, int] = {}
        self.gateways = [self._gateway(MemorySpool(self._epoch()))]

    def _epoch(self) -> bytes:
        return self.random.randbytes(8)

    def _intake(self) -> Intake:
        return Intake(self.ledger, lambda _node: [KEY], verify=toy_verify)

    def _gateway(self, spool: MemorySpool) -> _Gateway:
        return _Gateway(spool, Outbox("gw", spool, toy_sign, self._epoch))

    # -- one step ---------------------------------------------------------------------------------------------

    def step(self, chaos: bool) -> None:
        """Do one random thing."""
        self.now_ms += self.random.choice((0, 1, 1, 5, 40))
        dice = self.random.random()
        if dice < 0.35:
            self._send(self.random.choice(self.gateways))
        elif dice < 0.62:
            self._deliver_up(chaos)
        elif dice < 0.88:
            self._deliver_down(chaos)
        elif dice < 0.90:
            self.now_ms += 1000
        elif chaos:
            self._disturb(dice)

    def _now_s(self) -> float:
        return (self.now_ms - START_MS) / 1000

    def _send(self, gateway: _Gateway) -> None:
        raw = gateway.outbox.next_envelope(self._now_s(), self.random.random())
        gateway.outbox.seal_due(self.now_ms, 0.0)
        if raw is not None:
            self.uplink.append(raw)

    def _deliver_up(self, chaos: bool) -> None:
        taken: list[Message] = []
        for _ in range(min(len(self.uplink), self.random.choice((1, 1, 2, 4)))):
            place = self.random.randrange(min(len(self.uplink), 4)) if chaos else 0
            fate = self.random.random() if chaos else 1.0
            raw = self.uplink[place] if 0.05 <= fate < 0.10 else self.uplink.pop(place)
            if fate >= 0.05:
                taken.append(Message("gw", raw))
        if not taken:
            return
        answers = self.intake.take(taken, lambda: self.now_ms)
        if chaos and self.random.random() < 0.01:  # killed after the commit, before the ack
            self._count("server killed before ack")
            self.intake = self._intake()
            return
        for answer in answers:
            for place in range(len(self.gateways)):
                self.downlink.append((place, answer.ack))

    def _deliver_down(self, chaos: bool) -> None:
        if not self.downlink:
            return
        place = self.random.randrange(min(len(self.downlink), 4)) if chaos else 0
        fate = self.random.random() if chaos else 1.0
        target, ack = self.downlink[place] if 0.05 <= fate < 0.10 else self.downlink.pop(place)
        if fate < 0.05 or target >= len(self.gateways):
            return
        gateway = self.gateways[target]
        if self.break_ack is not None:
            ack = self.break_ack(ack, gateway)
        gateway.outbox.on_ack(ack, self._now_s(), self.random.random())
        gateway.outbox.seal_due(self.now_ms, 0.0)

    def _count(self, fault: str) -> None:
        self.happened[fault] = self.happened.get(fault, 0) + 1

    def _disturb(self, dice: float) -> None:
        gateway = self.random.choice(self.gateways)
        if dice < 0.97:
            self._produce(gateway)
        elif dice < 0.975:
            self._count("gateway killed")
            self._reborn(gateway, gateway.spool)
        elif dice < 0.980:
            self._count("broker killed")
            self.uplink.clear()
            self.downlink.clear()
            for each in self.gateways:
                each.outbox.sender.lost_connection()
        elif dice < 0.984:
            self._count("server killed")
            self.intake = self._intake()
        elif dice < 0.987:
            self.backup = self.ledger.copy()
            self.snapshot = self.gateways[0].spool.copy()
        elif dice < 0.990 and "flip" in self.faults:
            self._flip(gateway)
        elif dice < 0.993 and "restore" in self.faults and self.backup:
            self._count("server restored")
            self.ledger = self.backup.copy()
            self.intake = self._intake()
        elif dice < 0.996 and "rollback" in self.faults and self.snapshot:
            self._count("spool rolled back")
            self._reborn(self.gateways[0], self.snapshot.copy())
        elif "clone" in self.faults and len(self.gateways) == 1:
            self._count("spool cloned")
            self.gateways.append(self._gateway(gateway.spool.copy()))

    def _reborn(self, gateway: _Gateway, spool: MemorySpool) -> None:
        gateway.spool = spool
        gateway.outbox = Outbox("gw", spool, toy_sign, self._epoch)

    def _produce(self, gateway: _Gateway) -> None:
        rows = []
        for _ in range(3):
            self.next_id += 1
            rows.append(Row("u:t", START_MS + self.next_id, 4.0, "Cel"))
        gateway.spool.put(rows, self.now_ms)
        gateway.outbox.seal_due(self.now_ms, 0.0)

    def _flip(self, gateway: _Gateway) -> None:
        stored = gateway.spool.batches()
        if not stored:
            return
        self._count("batch damaged")
        seq = self.random.choice(stored)[0]
        raw = bytearray(gateway.spool.raw(seq))
        raw[self.random.randrange(len(raw))] ^= 1 << self.random.randrange(8)
        gateway.spool.damage(seq, bytes(raw))

    # -- the whole --------------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Play the chaos, let the world heal, and say what is missing."""
        for _ in range(STEPS):
            self.step(chaos=True)
        for gateway in self.gateways:
            self._produce(gateway)
        drained = False
        for count in range(DRAIN_STEPS):
            self.step(chaos=False)
            if count % 50 == 0 and all(each.spool.behind() == 0 for each in self.gateways):
                drained = True
                break
        recorded = self._recorded()
        held = {taken.row.measured_at_ms for each in self.gateways for taken in each.spool.readings}
        return Outcome(not drained, len(held - recorded) if drained else 0, len(recorded), self.happened)

    def _recorded(self) -> set[int]:
        recorded: set[int] = set()
        for entry in self.ledger.entries:
            sealed = open_envelope(entry.raw)
            pack = decode(unpacked(sealed.pack), sealed.created_ms)
            recorded.update(pack.readings.measured_at_ms.tolist())
        return recorded
