"""What ingest does with envelopes: verify, append, answer. Pure but for the ledger that it is given.

::

    [(topic's node, payload)] ──▶ open ──▶ group by chain ──▶ runs after the head ──▶ seal of each run's last
                                                                                          │
        acks ◀── answers ◀── ledger.append(runs), one durable transaction ◀───────────────┘

The rules are those of the protocol ("Ingest"): (1) next seq, right prev, right seal → append, ack after the commit;
(2) a seq that it has → answer, another body under it → ``refuse: fork``; (3) a gap → answer, at most every 200 ms;
(4) a bad seal → keep one sample, count, ``refuse: seal`` only if it was the next; (5) seq 1 after an epoch of which the
ledger lacks something → ``refuse: behind``; (6) nothing else stops a chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from coldchain.counters import Counters
from coldchain.crash import crash_point
from coldchain.errors import RejectedReading, Unavailable
from coldchain.ledger.port import Appended, Head, Ledger, Run
from coldchain.seal import Ack, Sealed, UnknownVersion, open_envelope, verified

GAP_ANSWER_MS = 200
"""A gap is answered at most this often an epoch (protocol: ingest, 3)."""

MAX_SAMPLES = 1000
"""Unauthentic payloads kept for a look, one a node and reason; further nodes are only counted."""

MAX_CHAINS = 65_536
"""Chains whose last gap answer is remembered."""

RECENT_HASHES = 8_192
"""Hashes of the last batches appended, 3 MB, the windows of 256 gateways: a gateway that waits sends its window again,
and asking the ledger for each of those took a tenth of ingest's time."""

SHARES = 2
"""Threads among which signatures are divided, this one included."""

CONFLICT_ROUNDS = 3
"""How often a run is tried again when another writer moved its chain's head in between."""

Key = tuple[str, bytes]
KeysOf = Callable[[str], Sequence[bytes]]
Verify = Callable[[Sealed, bytes], bool]


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message on a data topic.

    Attributes:
        node: the topic's node level; must be the body's.
    """

    node: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement to publish."""

    node: str
    ack: Ack


@dataclass(slots=True)
class _Chain:
    """A chain while one micro-batch is worked through.

    Attributes:
        books: what became of its messages; counted when that is final, for a conflict plans them again.
    """

    node: str
    epoch: bytes
    head: Head
    run: list[Sealed] = field(default_factory=list)
    key: bytes = b""
    answer: bool = False
    refuse: str | None = None
    books: Counter[str] = field(default_factory=Counter)

    @property
    def seq(self) -> int:
        return self.run[-1].seq if self.run else self.head.seq

    @property
    def hash(self) -> bytes:
        return self.run[-1].hash if self.run else self.head.hash


class Intake:
    """Takes micro-batches of messages into a ledger.

    Args:
        ledger: any driver.
        keys_of: unrevoked public keys of a node; empty for an unknown node.
        executor: where signatures are checked (they leave the GIL); None checks them in line.
        verify: says whether a seal is a key's.

    Attributes:
        counters: ``received`` is the sum of all others. ``not_taken``: the ledger was away, or other writers moved the
            chain again and again; the gateway sends it again.
    """

    def __init__(
        self,
        ledger: Ledger,
        keys_of: KeysOf,
        *,
        executor: Executor | None = None,
        verify: Verify = verified,
    ) -> None:
        self.counters = Counters(
            "received", "appended", "duplicate", "gap", "forked", "bad_seal", "refused_behind",
            "unknown_version", "bad_envelope", "unknown_node", "foreign_topic", "not_taken",
        )  # fmt: skip
        self.samples: dict[tuple[str, str], bytes] = {}
        self._ledger = ledger
        self._keys_of = keys_of
        self._executor = executor
        self._verify = verify
        self._heads: dict[Key, Head] = {}
        self._recent: dict[tuple[Key, int], bytes] = {}
        self._gap_answered_ms: dict[Key, int] = {}

    def take(self, messages: Sequence[Message], now_ms: Callable[[], int]) -> list[Answer]:
        """Append what is next in its chain and return the acknowledgements, at most one or two a chain.

        Args:
            messages: in the order of arrival.
            now_ms: the server's clock; read again after the commit for `Ack.at`.

        Raises:
            Unavailable: the ledger took nothing; nothing may be acknowledged, the gateways will send again.
        """
        answers: list[Answer] = []
        groups: dict[Key, list[Sealed]] = {}
        for message in messages:
            self.counters.add("received")
            sealed = self._opened(message, answers, now_ms)
            if sealed is not None:
                groups.setdefault((sealed.node, sealed.epoch), []).append(sealed)
        for _ in range(CONFLICT_ROUNDS):
            chains = [self._planned(key, batches, now_ms()) for key, batches in groups.items()]
            self._prove_all(chains)
            try:
                groups = self._append(chains, groups, answers, now_ms)
            except Unavailable:
                self.counters.add("not_taken", sum(map(len, groups.values())))
                raise
            if not groups:
                break
        self.counters.add("not_taken", sum(map(len, groups.values())))
        return answers

    # -- before the ledger ------------------------------------------------------------------------------------

    def _opened(self, message: Message, answers: list[Answer], now_ms: Callable[[], int]) -> Sealed | None:
        try:
            sealed = open_envelope(message.payload)
        except UnknownVersion as fault:
            self._sample("unknown_version", message)
            if fault.node == message.node and self._is_known(fault.node, fault.epoch):
                head = self._head((fault.node, fault.epoch))
                ack = Ack(fault.epoch.hex(), head.seq, head.hash.hex(), now_ms(), "version")
                answers.append(Answer(fault.node, ack))
            return None
        except RejectedReading:
            self._sample("bad_envelope", message)
            return None
        if sealed.node != message.node:
            self._sample("foreign_topic", message)
            return None
        if not self._is_known(sealed.node, sealed.epoch):
            self._sample("unknown_node", message)
            return None
        return sealed

    def _is_known(self, node: str, epoch: bytes) -> bool:
        """Say whether a node has a key, or a chain that was opened with one since revoked (it may drain)."""
        return bool(self._keys_of(node) or self._ledger.head(node, epoch).seq)

    def _sample(self, reason: str, message: Message) -> None:
        self.counters.add(reason)
        if len(self.samples) < MAX_SAMPLES:
            self.samples.setdefault((message.node, reason), message.payload)

    def _head(self, key: Key) -> Head:
        head = self._heads.get(key)
        if head is None:
            head = self._heads[key] = self._ledger.head(*key)
            if len(self._heads) > MAX_CHAINS:
                self._heads = {key: head}
        return head

    # -- one chain --------------------------------------------------------------------------------------------

    def _planned(self, key: Key, batches: Sequence[Sealed], now_ms: int) -> _Chain:
        chain = _Chain(*key, self._head(key))
        for batch in batches:
            if batch.seq == chain.seq + 1 and batch.prev == chain.hash:
                if batch.seq == 1 and self._behind(batch):
                    self._refuse_behind(chain, batch)
                else:
                    chain.run.append(batch)
            elif batch.seq <= chain.seq:
                self._known(chain, batch)
            elif batch.seq == chain.seq + 1:
                self._broken_link(chain, batch)
            else:
                chain.books["gap"] += 1
                chain.answer = chain.answer or self._may_answer_gap(key, now_ms)
        return chain

    def _known(self, chain: _Chain, batch: Sealed) -> None:
        """A seq that it has: answer always; another, authentic body under it is a fork."""
        chain.answer = True
        held = next((mine.hash for mine in chain.run if mine.seq == batch.seq), None)
        if held is None:
            held = self._held(chain, batch.seq)
        if held is None or held == batch.hash:
            chain.books["duplicate"] += 1
        elif self._key_for(chain, batch):
            chain.books["forked"] += 1
            chain.refuse = "fork"
        else:
            self._bad_seal(chain, batch)

    def _held(self, chain: _Chain, seq: int) -> bytes | None:
        if seq == chain.head.seq:
            return chain.head.hash
        recent = self._recent.get(((chain.node, chain.epoch), seq))
        return self._ledger.hash_at(chain.node, chain.epoch, seq) if recent is None else recent

    def _remember(self, key: Key, run: Sequence[Sealed]) -> None:
        for batch in run:
            self._recent[key, batch.seq] = batch.hash
        while len(self._recent) > RECENT_HASHES:
            del self._recent[next(iter(self._recent))]

    def _broken_link(self, chain: _Chain, batch: Sealed) -> None:
        """The next seq with another prev: a fork if authentic, a bad seal otherwise."""
        chain.answer = True
        if self._key_for(chain, batch):
            chain.books["forked"] += 1
            chain.refuse = "fork"
        else:
            self._bad_seal(chain, batch)
            chain.refuse = "seal"

    def _behind(self, batch: Sealed) -> bool:
        after = batch.after
        return (
            after is not None and after.why != "behind" and self._ledger.head(batch.node, after.epoch).seq < after.seq
        )

    def _refuse_behind(self, chain: _Chain, batch: Sealed) -> None:
        chain.answer = True
        if self._key_for(chain, batch):
            chain.books["refused_behind"] += 1
            chain.refuse = "behind"
        else:
            self._bad_seal(chain, batch)
            chain.refuse = "seal"

    def _bad_seal(self, chain: _Chain, batch: Sealed) -> None:
        chain.books["bad_seal"] += 1
        if len(self.samples) < MAX_SAMPLES:
            self.samples.setdefault((batch.node, "bad_seal"), batch.raw)

    def _may_answer_gap(self, key: Key, now_ms: int) -> bool:
        last = self._gap_answered_ms.get(key)
        if last is not None and 0 <= now_ms - last < GAP_ANSWER_MS:
            return False
        if len(self._gap_answered_ms) > MAX_CHAINS:
            self._gap_answered_ms.clear()
        self._gap_answered_ms[key] = now_ms
        return True

    def _key_for(self, chain: _Chain, batch: Sealed) -> bytes:
        """Return the key that made this seal, empty if none: the chain's own, or at its start any unrevoked one."""
        own = chain.head.key or chain.key
        candidates = [own] if own else self._keys_of(chain.node)
        return next((key for key in reversed(candidates) if self._verify(batch, key)), b"")

    def _prove_all(self, chains: Sequence[_Chain]) -> None:
        """Prove each; in the executor a share a thread, because a task a chain costs as much as its signature."""
        if self._executor is None or len(chains) < SHARES:
            shares: list[Sequence[_Chain]] = [chains]
        else:
            shares = [chains[first::SHARES] for first in range(SHARES)]
        others = [self._executor.submit(self._prove_each, share) for share in shares[1:] if self._executor]
        self._prove_each(shares[0])
        for other in others:
            other.result()

    def _prove_each(self, chains: Sequence[_Chain]) -> None:
        for chain in chains:
            self._prove(chain)

    def _prove(self, chain: _Chain) -> None:
        """Keep the longest part of the run that is proven.

        A run's hash links and the seal of its last batch prove all of it (105,120 checks take 202 s, the links 0.14 s);
        only when that one is bad is each looked at.
        """
        if not chain.run:
            return
        chain.key = self._key_for(chain, chain.run[-1])
        if chain.key:
            return
        bad = chain.run[-1]
        proven = 0
        for place, batch in enumerate(chain.run):
            key = self._key_for(chain, batch)
            if not key:
                bad = batch
                break
            chain.key, proven = key, place + 1
        self._bad_seal(chain, bad)
        chain.books["gap"] += len(chain.run) - proven - 1
        chain.run = chain.run[:proven]
        chain.answer, chain.refuse = True, "seal"

    # -- the ledger -------------------------------------------------------------------------------------------

    def _append(
        self,
        chains: Sequence[_Chain],
        groups: dict[Key, list[Sealed]],
        answers: list[Answer],
        now_ms: Callable[[], int],
    ) -> dict[Key, list[Sealed]]:
        runs = [Run(chain.node, chain.epoch, chain.head, chain.run, chain.key) for chain in chains if chain.run]
        crash_point("before-ledger-commit")
        results = iter(self._ledger.append(runs, now_ms()) if runs else [])
        crash_point("after-commit-before-ack")
        again: dict[Key, list[Sealed]] = {}
        for chain in chains:
            key, head = (chain.node, chain.epoch), chain.head
            if chain.run:
                result = next(results)
                if not isinstance(result, Appended):  # another writer: plan again from the true head
                    self._heads[key] = result
                    again[key] = groups[key]
                    continue
                self._heads[key] = head = result.head
                self._remember(key, chain.run)
                chain.books["appended"] = len(chain.run)
            for outcome, count in chain.books.items():
                self.counters.add(outcome, count)
            if chain.run or chain.answer:
                answers.append(_answer(chain, head, now_ms()))
        return again


def _answer(chain: _Chain, head: Head, at_ms: int) -> Answer:
    return Answer(chain.node, Ack(chain.epoch.hex(), head.seq, head.hash.hex(), at_ms, chain.refuse))
