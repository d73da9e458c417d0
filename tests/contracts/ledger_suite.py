"""What every ledger driver promises; a driver's test file gives the fixture ``ledger`` and imports everything here."""

from __future__ import annotations

import pytest

from coldchain.ledger import Appended, Entry, Head, Kind, Ledger, Run
from coldchain.seal import ZERO_HASH, Sealed
from coldchain.senml import Row
from tests.support import DAY_MS, T0, SealingNode

MONTHS_MS = (T0, T0 + 31 * DAY_MS, T0 + 62 * DAY_MS)
"""A moment in each of three months that follow each other."""


def run_of(node: SealingNode, number: int = 1, *, after: Head | None = None) -> Run:
    """Seal the chain's next batches and return them as a run behind ``after`` (the chain's own head)."""
    head = node.head if after is None else after
    batches = [node.seal([Row("urn:a:t", T0 + place, 4.5)]) for place in range(number)]
    return Run(node.node, node.epoch, head, batches, node.public_key)


def read_all(ledger: Ledger, chunk: int = 1000) -> list[Entry]:
    """Read from the beginning, in chunks."""
    entries: list[Entry] = []
    while more := ledger.read(entries[-1].position if entries else 0, chunk):
        entries += more
    return entries


def raws(batches: list[Sealed]) -> list[bytes]:
    return [batch.raw for batch in batches]


def test_an_empty_ledger_says_so(ledger: Ledger) -> None:
    assert ledger.end() == 0
    assert ledger.read(0, 10) == []
    assert ledger.changes(0, 10) == []
    assert ledger.head("gw-1", b"epoch--1") == Head(0, ZERO_HASH, b"")
    assert ledger.hash_at("gw-1", b"epoch--1", 1) is None
    assert not ledger.wait(0, 0.0)


def test_a_run_gets_dense_positions_and_becomes_the_head(ledger: Ledger) -> None:
    node = SealingNode("gw-1")
    run = run_of(node, 3)

    answer = ledger.append([run], T0)

    assert answer == [Appended(1, Head(3, run.batches[-1].hash, node.public_key))]
    assert ledger.head("gw-1", node.epoch) == Head(3, run.batches[-1].hash, node.public_key)
    assert [(e.position, e.kind, e.received_at_ms) for e in ledger.read(0, 9)] == [
        (n, Kind.BATCH, T0) for n in (1, 2, 3)
    ]
    assert [entry.raw for entry in ledger.read(0, 9)] == raws(list(run.batches))


def test_a_run_behind_another_head_is_answered_with_the_true_one_and_leaves_nothing(ledger: Ledger) -> None:
    node = SealingNode("gw-1")
    ledger.append([run_of(node, 2)], T0)
    true_head = node.head

    stale = ledger.append([run_of(node, after=Head())], T0)
    wrong_hash = ledger.append([run_of(node, after=Head(2, b"x" * 32))], T0)
    ahead = ledger.append([run_of(node, after=Head(3, node.head.hash))], T0)

    assert stale == wrong_hash == ahead == [true_head]
    assert ledger.end() == 2
    assert ledger.head("gw-1", node.epoch) == true_head


def test_a_refused_run_does_not_stop_the_others_of_its_call(ledger: Ledger) -> None:
    one, two, three = SealingNode("gw-1"), SealingNode("gw-2"), SealingNode("gw-3")
    refused = run_of(two, after=Head(5, b"x" * 32))

    answers = ledger.append([run_of(one, 2), refused, run_of(three)], T0)

    assert answers == [Appended(1, one.head), Head(), Appended(3, three.head)]
    assert ledger.end() == 3
    assert refused.batches[0].raw not in {entry.raw for entry in read_all(ledger)}
    assert ledger.hash_at("gw-2", two.epoch, 1) is None


def test_two_runs_of_one_chain_in_one_call_follow_each_other(ledger: Ledger) -> None:
    node = SealingNode("gw-1")

    answers = ledger.append([run_of(node), run_of(node, 2)], T0)

    assert [type(answer) for answer in answers] == [Appended, Appended]
    assert ledger.head("gw-1", node.epoch) == node.head
    assert ledger.end() == 3


def test_chains_of_a_node_and_nodes_of_an_epoch_do_not_mix(ledger: Ledger) -> None:
    chains = [SealingNode("gw-1"), SealingNode("gw-1", b"epoch--2"), SealingNode("gw-2")]

    ledger.append([run_of(chain, number) for number, chain in enumerate(chains, 1)], T0)

    assert [ledger.head(chain.node, chain.epoch) for chain in chains] == [chain.head for chain in chains]
    assert ledger.head("gw-2", b"epoch--2") == Head()


def test_the_key_that_opened_a_chain_stays_with_it(ledger: Ledger) -> None:
    node = SealingNode("gw-1")
    ledger.append([run_of(node)], T0)
    later = run_of(node)

    ledger.append([Run(later.node, later.epoch, later.after, later.batches, b"another key, 32 bytes, for sure.")], T0)

    assert ledger.head("gw-1", node.epoch) == node.head
    assert node.head.key == node.public_key


def test_every_body_can_be_asked_for_by_its_place(ledger: Ledger) -> None:
    node = SealingNode("gw-1")
    batches: list[Sealed] = []
    for at_ms in MONTHS_MS:
        run = run_of(node, 2)
        batches += run.batches
        ledger.append([run], at_ms)

    assert [ledger.hash_at("gw-1", node.epoch, seq) for seq in range(1, 7)] == [batch.hash for batch in batches]
    assert [ledger.hash_at("gw-1", node.epoch, seq) for seq in (0, 7, -1)] == [None] * 3
    assert ledger.hash_at("gw-1", b"epoch--2", 1) is None


def test_changes_stand_between_batches_and_can_be_read_alone(ledger: Ledger) -> None:
    node = SealingNode("gw-1")
    assert ledger.change([b"one", b"two"], T0) == [1, 2]
    ledger.append([run_of(node, 2)], T0)
    assert ledger.change([b"three"], T0 + 5) == [5]
    assert ledger.change([], T0) == []

    assert [(e.position, e.raw) for e in ledger.changes(0, 5)] == [(1, b"one"), (2, b"two"), (5, b"three")]
    assert [e.position for e in ledger.changes(1, 4)] == [2]
    assert [e.position for e in ledger.changes(4, 1000)] == [5]
    assert [e.kind for e in read_all(ledger)] == [Kind.CHANGE] * 2 + [Kind.BATCH] * 2 + [Kind.CHANGE]
    assert ledger.changes(4, 5)[0].received_at_ms == T0 + 5


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_reading_in_pieces_gives_everything_once_across_months(ledger: Ledger, chunk: int) -> None:
    nodes = [SealingNode(f"gw-{number}") for number in range(3)]
    expected: list[bytes] = []
    for at_ms in MONTHS_MS:
        for node in nodes:
            run = run_of(node, 2)
            ledger.append([run], at_ms)
            expected += raws(list(run.batches))
        ledger.change([b"change"], at_ms)
        expected.append(b"change")

    entries = read_all(ledger, chunk)

    assert [entry.position for entry in entries] == list(range(1, len(expected) + 1))
    assert [entry.raw for entry in entries] == expected
    assert ledger.end() == len(expected)


def test_a_clock_that_steps_back_over_the_month_leaves_the_order_as_it_is(ledger: Ledger) -> None:
    node = SealingNode("gw-1")
    for at_ms in (T0, MONTHS_MS[1], T0, MONTHS_MS[1], MONTHS_MS[2], T0):
        ledger.append([run_of(node)], at_ms)

    entries = read_all(ledger, 2)

    assert [entry.position for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry.received_at_ms for entry in entries][2] == T0
    assert ledger.head("gw-1", node.epoch) == node.head


def test_whoever_listens_hears_of_every_commit(ledger: Ledger) -> None:
    heard: list[int] = []
    ledger.listen(heard.append)
    node = SealingNode("gw-1")

    ledger.append([run_of(node, 2)], T0)
    ledger.change([b"change"], T0)

    assert heard == [2, 3]
    assert ledger.wait(2, 0.0)
    assert not ledger.wait(3, 0.0)
