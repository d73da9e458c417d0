"""From kept readings to acknowledged batches: sealing and the answers to acknowledgements, over any spool.

Pure but for the spool: time and chance come in as arguments, so that the protocol model can run ten thousand schedules
through exactly this code.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coldchain.errors import RejectedReading
from coldchain.seal import MAX_PACK_BYTES, MAX_READINGS, Ack, After, body_of, hash_of, open_envelope
from coldchain.senml import Row, encode
from gateway.sender import BatchRef, Mark, NewEpoch, Sender
from gateway.spool import Spool, StoredBatch, Taken

Sign = Callable[[bytes], bytes]
"""Body in, envelope out."""

NewEpochId = Callable[[], bytes]
"""Eight random bytes, never the same twice."""

ROW_BYTES = 48
"""What a record weighs unpacked besides its name; used to stay below 64 KiB before compressing."""

LEVEL = 6
"""zlib level: 9 saves 1 % on packs of 500 and costs twice the time."""


@dataclass(frozen=True, slots=True)
class SealAge:
    """When a batch closes although it is not full, seconds (protocol: size and age)."""

    online_s: float = 10.0
    offline_s: float = 300.0


class Outbox:
    """Seals what the spool holds and follows the acknowledgements of one node.

    Args:
        node: id in the registry.
        spool: where readings and batches are kept.
        sign: makes the envelope of a body.
        epoch_id: makes the id of a new epoch.
    """

    def __init__(self, node: str, spool: Spool, sign: Sign, epoch_id: NewEpochId) -> None:
        self.node = node
        self.new_epochs = 0
        self._spool = spool
        self._sign = sign
        self._epoch_id = epoch_id
        self.sender = self._resumed()

    def _resumed(self) -> Sender:
        chain = self._spool.chain()
        sender = Sender(chain.epoch, chain.acked, chain.acked_hash, chain.heard_at_ms)
        for seq, body_hash, size in self._spool.batches():
            sender.add(BatchRef(seq, body_hash, size))
        return sender

    # -- sealing ----------------------------------------------------------------------------------------------

    def seal_due(self, now_ms: int, age: float, *, most: int = 64) -> int:
        """Seal what is full or old enough.

        Args:
            now_ms: the gateway's clock.
            age: seconds after which a batch closes although it is not full.
            most: batches to make at most in this call.

        Returns:
            How many batches were made.
        """
        made = 0
        while made < most:
            taken = self._spool.unsealed(MAX_READINGS)
            if not taken:
                break
            # a clock that was set back leaves readings taken in the future: they wait no longer than the others
            old_enough = abs(now_ms - min(item.taken_at_ms for item in taken)) >= age * 1000
            fitting = _fitting(taken)
            if len(taken) < MAX_READINGS and len(fitting) == len(taken) and not old_enough:
                break
            self._seal(fitting, now_ms)
            made += 1
        return made

    def _seal(self, taken: Sequence[Taken], now_ms: int) -> None:
        chain = self._spool.chain()
        pack = zlib.compress(encode([item.row for item in taken]), LEVEL)
        after = chain.after if chain.seq == 0 else None
        body = body_of(self.node, chain.epoch, chain.seq + 1, chain.prev, now_ms, after, pack)
        batch = StoredBatch(chain.seq + 1, hash_of(body), self._sign(body), taken[-1].id)
        self._spool.add_batch(batch)
        self.sender.add(BatchRef(batch.seq, batch.hash, len(batch.raw)))

    # -- sending and hearing ----------------------------------------------------------------------------------

    def next_envelope(self, now_s: float, jitter: float) -> bytes | None:
        """Return the next envelope to publish, or None when nothing may be sent now.

        A stored batch whose body no longer has its hash (a damaged disk) is never sent: its readings go into a new
        epoch.
        """
        batch = self.sender.next_to_send(now_s, jitter)
        if batch is None:
            return None
        raw = self._spool.raw(batch.seq)
        if _names(raw, batch.hash):
            return raw
        self._restart(NewEpoch("damaged", everything=False), self.sender.heard_at_ms, now_s, jitter)
        return None

    def on_ack(self, ack: Ack, now_s: float, jitter: float) -> Mark | NewEpoch | None:
        """Take an acknowledgement, do what it asks of the spool, and return what was done."""
        action = self.sender.on_ack(ack, now_s, jitter)
        if isinstance(action, Mark):
            self._spool.mark(action.seq, self.sender.heard_at_ms)
        elif isinstance(action, NewEpoch):
            self._restart(action, ack.at, now_s, jitter)
        return action

    def _after(self, old: Sender, why: str) -> After:
        """Name the last epoch of which anything was acknowledged.

        An epoch that ended before its first acknowledgement proves nothing about the server: naming it would hide what
        the epoch before it had been promised (found by the model: 6 of 10,000 schedules with a damaged batch and a
        restored server lost readings).
        """
        before = self._spool.chain().after
        if old.acked or before is None:
            return After(old.epoch, old.acked, why)
        return After(before.epoch, before.seq, "behind" if before.why == "behind" else why)

    def _restart(self, action: NewEpoch, at_ms: int, now_s: float, jitter: float) -> None:
        old = self.sender
        heard = max(old.heard_at_ms, at_ms)
        after = self._after(old, action.why)
        self._spool.new_epoch(self._epoch_id(), after, heard, everything=action.everything)
        self.sender = self._resumed()
        self.sender.patience = old.patience
        if old.acked == 0:  # nothing of the last epoch was taken: do not spin through epochs
            self.sender.held_until_s = now_s + old.patience.next_wait(jitter)
        self.new_epochs += 1


def _names(raw: bytes, body_hash: bytes) -> bool:
    try:
        return open_envelope(raw).hash == body_hash
    except RejectedReading:
        return False


def _fitting(taken: Sequence[Taken]) -> Sequence[Taken]:
    weight = 0
    for place, item in enumerate(taken):
        weight += weight_of(item.row)
        if weight > MAX_PACK_BYTES and place:
            return taken[:place]
    return taken


def weight_of(row: Row) -> int:
    """Return at least what a row weighs in an uncompressed pack, bytes."""
    words = row.value + row.unit if isinstance(row.value, str) else row.unit
    return ROW_BYTES + len(row.name) + len(words.encode()) * 6
