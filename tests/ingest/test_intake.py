"""What ingest answers to every kind of message, and that its books balance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cbor2
import hypothesis.strategies as st
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings

import ingest.intake
from coldchain.errors import Unavailable
from coldchain.ledger import Appended, Head, Run
from coldchain.seal import ZERO_HASH, Ack, After, Sealed, body_of, open_envelope, seal, verified
from coldchain.senml import Row, encode
from ingest.intake import Intake, Message
from tests.fakes import MemoryLedger
from tests.support import T0

OUTCOMES = (
    "appended", "duplicate", "gap", "forked", "bad_seal", "refused_behind", "unknown_version", "bad_envelope",
    "unknown_node", "foreign_topic", "not_taken",
)  # fmt: skip


class Gateway:
    """Seals batches of one chain; nothing checks what it is told to seal."""

    def __init__(self, node: str = "gw-1", key: bytes = b"a" * 32, epoch: bytes = b"epoch--1") -> None:
        self.node, self.epoch = node, epoch
        self.key = Ed25519PrivateKey.from_private_bytes(key)
        self.seq, self.prev = 0, ZERO_HASH

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def batch(self, *, after: After | None = None, pack: bytes = b"") -> Sealed:
        """Return the chain's next batch."""
        pack = pack or encode([Row("urn:a:t", T0 + self.seq, 4.5)])
        body = body_of(self.node, self.epoch, self.seq + 1, self.prev, T0, after, pack)
        sealed = open_envelope(seal(body, self.key))
        self.seq, self.prev = sealed.seq, sealed.hash
        return sealed

    def batches(self, number: int) -> list[Sealed]:
        return [self.batch() for _ in range(number)]


def spoiled(batch: Sealed) -> Sealed:
    """Return a batch whose signature is another's."""
    return open_envelope(cbor2.dumps([batch.body, bytes(64)]))


@dataclass
class Server:
    """An intake over a ledger in memory, with a clock and a count of signature checks."""

    keys: dict[str, list[bytes]]
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    now_ms: int = T0
    checks: int = 0

    def __post_init__(self) -> None:
        self.intake = Intake(self.ledger, lambda node: self.keys.get(node, []), verify=self._verify)

    def _verify(self, sealed: Sealed, key: bytes) -> bool:
        self.checks += 1
        return verified(sealed, key)

    def hear(self, *payloads: Sealed | bytes, node: str = "gw-1") -> list[tuple[int, str | None]]:
        """Take one micro-batch; return (seq, refusal) of each answer; the books must balance."""
        return [(ack.seq, ack.refuse) for ack in self.acks(*payloads, node=node)]

    def acks(self, *payloads: Sealed | bytes, node: str = "gw-1") -> list[Ack]:
        messages = [Message(node, one.raw if isinstance(one, Sealed) else one) for one in payloads]
        answers = self.intake.take(messages, lambda: self.now_ms)
        assert self.intake.counters.balance("received", *OUTCOMES) == 0
        return [answer.ack for answer in answers]

    def counted(self) -> dict[str, int]:
        return {name: count for name, count in self.intake.counters.as_dict().items() if count and name != "received"}


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def server(gateway: Gateway) -> Server:
    return Server({"gw-1": [gateway.public]})


# -- the way of a batch ---------------------------------------------------------------------------------------------


def test_the_next_batch_is_durable_and_then_acknowledged_with_its_hash(server: Server, gateway: Gateway) -> None:
    batch = gateway.batch()

    (ack,) = server.acks(batch)

    assert ack == Ack(gateway.epoch.hex(), 1, batch.hash.hex(), T0)
    assert [entry.raw for entry in server.ledger.read(0, 9)] == [batch.raw]
    assert server.ledger.head("gw-1", gateway.epoch).key == gateway.public


def test_a_run_is_proven_by_the_seal_of_its_last_batch_alone(server: Server, gateway: Gateway) -> None:
    assert server.hear(*gateway.batches(32)) == [(32, None)]

    assert server.checks == 1
    assert server.counted() == {"appended": 32}


def test_batches_that_cross_on_the_way_within_a_micro_batch_wait_for_the_resend(
    server: Server, gateway: Gateway
) -> None:
    one, two, three = gateway.batches(3)

    assert server.hear(one, three, two) == [(2, None)]
    assert server.counted() == {"appended": 2, "gap": 1}
    assert server.hear(three) == [(3, None)]


def test_a_known_batch_is_answered_always_and_written_once(server: Server, gateway: Gateway) -> None:
    batches = gateway.batches(3)
    server.hear(*batches)

    for batch in (batches[0], batches[2], batches[2]):
        assert server.hear(batch) == [(3, None)]

    assert server.ledger.end() == 3
    assert server.counted() == {"appended": 3, "duplicate": 3}
    assert server.checks == 1


def test_the_same_batch_twice_in_one_micro_batch_is_written_once(server: Server, gateway: Gateway) -> None:
    batch = gateway.batch()

    assert server.hear(batch, batch) == [(1, None)]
    assert server.counted() == {"appended": 1, "duplicate": 1}


def test_a_gap_is_answered_at_most_every_200_ms_an_epoch(server: Server, gateway: Gateway) -> None:
    batches = gateway.batches(9)
    other = Gateway(epoch=b"epoch--2")
    server.hear(batches[0])

    answers = []
    for wait_ms in (0, 0, 199, 1, 200):
        server.now_ms += wait_ms
        answers.append(server.hear(batches[5]))

    assert answers == [[(1, None)], [], [], [(1, None)], [(1, None)]]
    other.batch()
    assert server.hear(other.batch()) == [(0, None)], "another epoch has its own patience"
    assert server.counted() == {"appended": 1, "gap": 6}


def test_a_gap_is_answered_although_the_clock_stepped_back(server: Server, gateway: Gateway) -> None:
    batches = gateway.batches(3)
    server.hear(batches[2])
    server.now_ms -= 3_600_000

    assert server.hear(batches[2]) == [(0, None)]


# -- every refusal --------------------------------------------------------------------------------------------------


def test_another_authentic_body_under_a_known_seq_is_a_fork(server: Server, gateway: Gateway) -> None:
    server.hear(*gateway.batches(2))
    clone = Gateway()
    first = clone.batch(pack=b"[1]")

    assert server.hear(first) == [(2, "fork")]
    assert server.hear(clone.batch()) == [(2, "fork")]
    assert server.hear(clone.batch()) == [(2, "fork")], "the next seq behind another body"

    assert server.counted() == {"appended": 2, "forked": 3}
    assert server.ledger.end() == 2


def test_a_fork_within_one_micro_batch_keeps_the_first(server: Server, gateway: Gateway) -> None:
    clone = Gateway()

    assert server.hear(gateway.batch(), clone.batch(pack=b"[1]")) == [(1, "fork")]
    assert server.counted() == {"appended": 1, "forked": 1}


def test_a_forged_body_under_a_known_seq_is_a_bad_seal_and_no_fork(server: Server, gateway: Gateway) -> None:
    server.hear(*gateway.batches(2))
    forger = Gateway(key=b"f" * 32)

    assert server.hear(forger.batch(pack=b"[1]")) == [(2, None)]
    assert server.counted() == {"appended": 2, "bad_seal": 1}


def test_a_bad_seal_is_refused_only_if_it_was_the_next(server: Server, gateway: Gateway) -> None:
    one, two, three = gateway.batches(3)
    server.hear(one)

    assert server.hear(spoiled(three)) == [(1, None)], "a gap, whatever its seal"
    assert server.hear(spoiled(two)) == [(1, "seal")]
    assert server.hear(two) == [(2, None)], "the chain goes on with the right one"
    assert server.counted() == {"appended": 2, "gap": 1, "bad_seal": 1}
    assert server.intake.samples == {("gw-1", "bad_seal"): spoiled(two).raw}


def test_the_next_seq_behind_a_body_that_nobody_sealed_is_a_bad_seal(server: Server, gateway: Gateway) -> None:
    gateway.batch()
    wild = Gateway()
    wild.seq, wild.prev = 0, b"x" * 32

    assert server.hear(spoiled(wild.batch())) == [(0, "seal")]
    assert server.counted() == {"bad_seal": 1}


def test_of_a_run_that_ends_unproven_the_proven_part_is_kept(server: Server, gateway: Gateway) -> None:
    batches = gateway.batches(6)
    batches[3], batches[5] = spoiled(batches[3]), spoiled(batches[5])

    assert server.hear(*batches) == [(3, "seal")]

    assert server.ledger.end() == 3
    assert server.counted() == {"appended": 3, "bad_seal": 1, "gap": 2}


def test_a_bad_signature_inside_a_run_that_ends_proven_is_proven_by_the_links(server: Server, gateway: Gateway) -> None:
    batches = gateway.batches(3)
    batches[1] = spoiled(batches[1])

    assert server.hear(*batches) == [(3, None)]


def test_a_body_damaged_on_the_way_costs_only_what_stands_behind_it(server: Server, gateway: Gateway) -> None:
    one, two, three = gateway.batches(3)
    damaged = open_envelope(two.raw.replace(b"urn:a:t", b"urn:a:x"))

    assert server.hear(one, damaged, three) == [(1, "seal")]
    assert server.ledger.end() == 1
    assert server.hear(two, three) == [(3, None)]


def test_an_epoch_after_more_than_the_server_has_is_refused_as_behind(server: Server) -> None:
    def opening(why: str, seq: int = 5) -> Sealed:
        return Gateway(epoch=b"epoch--2").batch(after=After(b"epoch--1", seq, why))

    assert server.hear(opening("fork")) == [(0, "behind")]
    assert server.hear(opening("fork", seq=0)) == [(1, None)], "it promised nothing"
    assert server.counted() == {"refused_behind": 1, "appended": 1}


def test_an_epoch_that_says_behind_itself_is_taken(server: Server) -> None:
    assert server.hear(Gateway(epoch=b"epoch--2").batch(after=After(b"epoch--1", 5, "behind"))) == [(1, None)]


def test_an_epoch_after_what_the_server_has_is_taken(server: Server, gateway: Gateway) -> None:
    server.hear(*gateway.batches(5))

    assert server.hear(Gateway(epoch=b"epoch--2").batch(after=After(b"epoch--1", 5, "seal"))) == [(1, None)]


def test_a_forged_opening_cannot_say_what_was_promised(server: Server) -> None:
    forged = spoiled(Gateway(epoch=b"epoch--2").batch(after=After(b"epoch--1", 5, "fork")))

    assert server.hear(forged) == [(0, "seal")]
    assert server.counted() == {"bad_seal": 1}


def test_a_version_from_the_future_is_answered_and_kept_by_the_gateway(server: Server, gateway: Gateway) -> None:
    server.hear(gateway.batch())
    future = seal(cbor2.dumps([2, "gw-1", gateway.epoch, 2, "anything"]), gateway.key)

    assert server.hear(future) == [(1, "version")]
    assert server.hear(future, node="gw-2") == [], "on another's topic nobody is answered"
    assert server.counted() == {"appended": 1, "unknown_version": 2}


@pytest.mark.parametrize("payload", [b"", b"rubbish", cbor2.dumps([b"", b""]), b"\x81" * 60_000])
def test_what_is_no_envelope_is_counted_sampled_and_not_answered(server: Server, payload: bytes) -> None:
    assert server.hear(payload, payload) == []

    assert server.counted() == {"bad_envelope": 2}
    assert server.intake.samples == {("gw-1", "bad_envelope"): payload}


def test_an_unknown_node_is_counted_and_not_answered(server: Server) -> None:
    stranger = Gateway("gw-9")

    assert server.hear(*stranger.batches(2), node="gw-9") == []
    assert server.counted() == {"unknown_node": 2}
    assert server.ledger.end() == 0


def test_a_node_on_another_nodes_topic_is_counted_and_not_answered(server: Server, gateway: Gateway) -> None:
    assert server.hear(gateway.batch(), node="gw-2") == []

    assert server.counted() == {"foreign_topic": 1}
    assert ("gw-2", "foreign_topic") in server.intake.samples


@pytest.mark.parametrize("pack", [b"rubbish", b"\x78\x9c broken", b"[", b"[" * 70_000, b"[]"])
def test_authentic_bytes_are_recorded_even_when_their_content_is_unusable(
    server: Server, gateway: Gateway, pack: bytes
) -> None:
    assert server.hear(gateway.batch(pack=pack), gateway.batch()) == [(2, None)]


# -- keys -----------------------------------------------------------------------------------------------------------


def test_a_new_key_opens_an_epoch_while_the_old_one_drains(server: Server, gateway: Gateway) -> None:
    new = Gateway(key=b"b" * 32, epoch=b"epoch--2")
    server.keys["gw-1"] = [gateway.public, new.public]

    assert server.hear(gateway.batch(), new.batch(), gateway.batch(), new.batch()) == [(2, None), (2, None)]
    assert server.ledger.head("gw-1", gateway.epoch).key == gateway.public
    assert server.ledger.head("gw-1", new.epoch).key == new.public


@pytest.mark.parametrize("left", [[], [b"n" * 32]], ids=["no key left", "another key left"])
def test_a_revoked_key_opens_no_epoch_but_its_open_chain_drains(
    server: Server, gateway: Gateway, left: list[bytes]
) -> None:
    server.hear(gateway.batch())
    server.keys["gw-1"] = left

    assert server.hear(gateway.batch()) == [(2, None)]
    opening = Gateway(epoch=b"epoch--2").batch()
    assert server.hear(opening) == ([(0, "seal")] if left else [])
    assert server.ledger.end() == 2


def test_a_chain_keeps_to_the_key_that_opened_it(server: Server, gateway: Gateway) -> None:
    other = Gateway(key=b"b" * 32)
    server.keys["gw-1"] = [gateway.public, other.public]
    first = gateway.batch()
    other.seq, other.prev = first.seq, first.hash
    second, third = other.batch(), other.batch()

    assert server.hear(first) == [(1, None)]
    assert server.hear(second, third) == [(1, "seal")]
    assert server.ledger.end() == 1


# -- the ledger away, other writers ---------------------------------------------------------------------------------


class Full(MemoryLedger):
    """A ledger whose disk is full."""

    def append(self, runs: Sequence[Run], received_at_ms: int) -> list[Appended | Head]:
        raise Unavailable("disk full")


def test_nothing_is_acknowledged_while_the_ledger_takes_nothing(gateway: Gateway) -> None:
    server = Server({"gw-1": [gateway.public]}, Full())
    batches = gateway.batches(2)

    with pytest.raises(Unavailable):
        server.hear(*batches, b"rubbish")

    assert server.counted() == {"not_taken": 2, "bad_envelope": 1}
    assert server.intake.counters.balance("received", *OUTCOMES) == 0


class Contended(MemoryLedger):
    """A ledger into which another process writes the same chain just before each of our appends."""

    rivals: list[Run]

    def append(self, runs: Sequence[Run], received_at_ms: int) -> list[Appended | Head]:
        if self.rivals:
            super().append([self.rivals.pop(0)], received_at_ms)
        return super().append(runs, received_at_ms)


def test_a_head_that_another_process_moved_is_planned_again(gateway: Gateway) -> None:
    ledger = Contended()
    server = Server({"gw-1": [gateway.public]}, ledger)
    batches = gateway.batches(3)
    ledger.rivals = [Run("gw-1", gateway.epoch, Head(), batches[:2], gateway.public)]

    assert server.hear(*batches) == [(3, None)]
    assert server.counted() == {"appended": 1, "duplicate": 2}
    assert ledger.end() == 3


def test_a_chain_that_others_move_again_and_again_is_left_to_the_gateway(gateway: Gateway) -> None:
    ledger = Contended()
    server = Server({"gw-1": [gateway.public]}, ledger)
    batches = gateway.batches(5)
    heads = [Head(), *(Head(batch.seq, batch.hash, gateway.public) for batch in batches)]
    ledger.rivals = [Run("gw-1", gateway.epoch, heads[n], [batches[n]], gateway.public) for n in range(3)]

    assert server.hear(*batches) == []
    assert server.counted() == {"not_taken": 5}
    assert server.hear(*batches) == [(5, None)]


def test_more_chains_than_are_remembered_are_all_answered(monkeypatch: pytest.MonkeyPatch, gateway: Gateway) -> None:
    monkeypatch.setattr(ingest.intake, "MAX_CHAINS", 2)
    server = Server({"gw-1": [gateway.public]})
    chains = [Gateway(epoch=b"epoch-%02d" % number) for number in range(9)]

    first = server.hear(*(chain.batch() for chain in chains))
    repeated = server.hear(*(Gateway(epoch=chain.epoch).batch() for chain in chains))

    assert first == repeated == [(1, None)] * 9


def test_samples_are_bounded_and_counts_are_not(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setattr(ingest.intake, "MAX_SAMPLES", 3)

    for number in range(9):
        server.hear(b"rubbish", node=f"gw-{number}")

    assert len(server.intake.samples) == 3
    assert server.counted() == {"bad_envelope": 9}


# -- properties -----------------------------------------------------------------------------------------------------


def stream(chance: random.Random) -> tuple[list[Sealed], list[bytes]]:
    """Return an honest chain and a stream of it with everything that a network and an enemy add."""
    honest, clone, forger = Gateway(), Gateway(), Gateway(key=b"f" * 32)
    batches = honest.batches(8)
    noise: list[Any] = [
        *batches, *map(spoiled, batches), *clone.batches(2), clone.batch(pack=b"[1]"), *forger.batches(3),
        b"", b"rubbish", seal(cbor2.dumps([9, "gw-1", honest.epoch, 2]), honest.key),
        Gateway("gw-9").batch(), Gateway(epoch=b"epoch--2").batch(after=After(b"epoch--9", 4, "fork")),
    ]  # fmt: skip
    told = chance.choices(noise, k=chance.randint(1, 40))
    return batches, [one.raw if isinstance(one, Sealed) else one for one in told]


@given(st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_whatever_comes_the_books_balance_and_the_chain_is_the_gateways(chance: random.Random) -> None:
    batches, told = stream(chance)
    server = Server({"gw-1": [Gateway().public]})

    while told:
        cut = chance.randint(1, len(told))
        server.now_ms += chance.randint(0, 300)
        acks = server.acks(*told[:cut])
        told = told[cut:]
        for ack in acks:
            held = server.ledger.hash_at("gw-1", bytes.fromhex(ack.epoch), ack.seq) or ZERO_HASH
            assert held.hex() == ack.hash, "an acknowledgement names what is durable"
    server.acks(*batches)

    mine = [entry.raw for entry in server.ledger.read(0, 99) if open_envelope(entry.raw).epoch == b"epoch--1"]
    assert [open_envelope(raw).seq for raw in mine] == list(range(1, len(mine) + 1))
    assert len(mine) >= 8 or "fork" in {ack.refuse for ack in server.acks(*batches)}
