"""What a gateway does about acknowledgements: pure rules, no clock, no network, no disk.

::

    sealed batches ──▶ next_to_send ──▶ (publish)          window 4 … 32 batches, at most 1 MiB on the way
    acks           ──▶ on_ack ──▶ Mark | NewEpoch | None

The rules are those of the protocol ("Gateway") with one made safer: ahead with the right hash → mark; a refused seal
→ new epoch with everything unacknowledged; behind with a later server time, or any sign that somebody else wrote this
chain (a fork, another hash, beyond what was sealed) → new epoch with everything still held, because a clone that
extended a restored server's chain may stand where our acknowledged readings stood (docs/decisions/0004). No progress:
go back once, again after 1 s doubling to 60 s.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from coldchain.seal import Ack

FIRST_WINDOW = 4
MAX_WINDOW = 32
MAX_WINDOW_BYTES = 1024 * 1024
FIRST_PATIENCE_S = 1.0
MAX_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class BatchRef:
    """A sealed batch as the rules see it: its place, its name, its weight."""

    seq: int
    hash: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything up to ``seq`` is durable at the server."""

    seq: int


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """Start a new chain.

    Attributes:
        why: stands in the new chain's ``after``: ``behind``, ``fork``, ``seal``, ``ahead``, ``hash``.
        everything: re-seal all readings still held, not only the unacknowledged.
    """

    why: str
    everything: bool


@dataclass(slots=True)
class Patience:
    """How long to wait without progress: 1 s, doubling to 60 s, with jitter; reset by progress."""

    wait_s: float = FIRST_PATIENCE_S

    def next_wait(self, jitter: float) -> float:
        """Return the wait for this time and double the next one.

        Args:
            jitter: a number in [0, 1) from the caller's source of chance.
        """
        wait = self.wait_s * (0.75 + 0.5 * jitter)
        self.wait_s = min(MAX_PATIENCE_S, self.wait_s * 2)
        return wait

    def reset(self) -> None:
        """Progress was made."""
        self.wait_s = FIRST_PATIENCE_S


@dataclass(slots=True)
class Sender:
    """One epoch's sending state.

    Attributes:
        epoch: 8 bytes.
        acked: last seq known durable at the server.
        heard_at_ms: server time (`Ack.at`) of the newest believed acknowledgement of this node, any epoch.
        batches: the sealed, unacknowledged batches by seq, without holes from ``acked + 1`` on.
    """

    epoch: bytes
    acked: int = 0
    acked_hash: bytes = bytes(32)
    heard_at_ms: int = 0
    batches: dict[int, BatchRef] = field(default_factory=dict)
    sent: int = 0
    window: int = FIRST_WINDOW
    patience: Patience = field(default_factory=Patience)
    retry_at_s: float | None = None
    held_until_s: float = 0.0
    _went_back_at: int = -1
    _on_the_way: int = 0

    def __post_init__(self) -> None:
        self.sent = self.acked

    @property
    def sealed_to(self) -> int:
        """Last sealed seq."""
        return self.acked + len(self.batches)

    def add(self, batch: BatchRef) -> None:
        """Take the next sealed batch."""
        if batch.seq != self.sealed_to + 1:
            raise ValueError(f"batch {batch.seq} does not follow {self.sealed_to}")
        self.batches[batch.seq] = batch

    def next_to_send(self, now_s: float, jitter: float) -> BatchRef | None:
        """Return the batch to publish now, or None when the window is full or there is nothing.

        Args:
            now_s: steady time.
            jitter: in [0, 1).
        """
        if now_s < self.held_until_s:
            return None
        if self.retry_at_s is not None and now_s >= self.retry_at_s:
            self._go_back(now_s, jitter)
        batch = self.batches.get(self.sent + 1)
        if batch is None or self.sent - self.acked >= self.window:
            return None
        if self._on_the_way and self._on_the_way + batch.size > MAX_WINDOW_BYTES:
            return None
        self.sent += 1
        self._on_the_way += batch.size
        if self.retry_at_s is None:
            self.retry_at_s = now_s + self.patience.next_wait(jitter)
        return batch

    def lost_connection(self) -> None:
        """Everything on the way may be gone: send again from the first unacknowledged."""
        self._rewind()
        self.retry_at_s = None
        self._went_back_at = -1

    def on_ack(self, ack: Ack, now_s: float, jitter: float) -> Mark | NewEpoch | None:
        """Take an acknowledgement and say what has to be done about it.

        Args:
            ack: decoded, of any epoch (another one's is ignored).
            now_s: steady time.
            jitter: in [0, 1).
        """
        if ack.epoch != self.epoch.hex():
            return None
        if ack.refuse == "version":
            self._rewind()
            self.held_until_s = now_s + self.patience.next_wait(jitter)
            return None
        if ack.refuse:
            if ack.at < self.heard_at_ms:
                return None
            self.heard_at_ms = ack.at
            return NewEpoch(ack.refuse, everything=ack.refuse in ("behind", "fork"))
        return self._on_seq(ack, bytes.fromhex(ack.hash), now_s, jitter)

    def _on_seq(self, ack: Ack, its_hash: bytes, now_s: float, jitter: float) -> Mark | NewEpoch | None:
        if ack.seq > self.sealed_to:
            return NewEpoch("ahead", everything=True)
        if ack.seq > self.acked:
            if self.batches[ack.seq].hash != its_hash:
                return NewEpoch("hash", everything=True)
            return self._mark(ack, now_s, jitter)
        if ack.seq < self.acked:
            return NewEpoch("behind", everything=True) if ack.at > self.heard_at_ms else None
        if ack.seq and its_hash != self.acked_hash:
            return NewEpoch("behind", everything=True) if ack.at > self.heard_at_ms else None
        self.heard_at_ms = max(self.heard_at_ms, ack.at)
        if self._went_back_at != self.acked and self.sent > self.acked:
            self._went_back_at = self.acked
            self._rewind()
        return None

    def _mark(self, ack: Ack, now_s: float, jitter: float) -> Mark:
        grown = ack.seq - self.acked
        for seq in range(self.acked + 1, ack.seq + 1):
            batch = self.batches.pop(seq)
            if seq <= self.sent:
                self._on_the_way -= batch.size
            self.acked_hash = batch.hash
        self.acked = ack.seq
        self.sent = max(self.sent, self.acked)
        self.heard_at_ms = max(self.heard_at_ms, ack.at)
        self.window = min(MAX_WINDOW, self.window + grown)
        self.patience.reset()
        self._went_back_at = -1
        self.retry_at_s = None if self.sent == self.acked else now_s + self.patience.next_wait(jitter)
        return Mark(ack.seq)

    def _go_back(self, now_s: float, jitter: float) -> None:
        self._rewind()
        self.window = max(FIRST_WINDOW, self.window // 2)
        self.retry_at_s = None

    def _rewind(self) -> None:
        self.sent = self.acked
        self._on_the_way = 0
