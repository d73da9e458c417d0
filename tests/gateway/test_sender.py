"""What a gateway does about acknowledgements, refusals and silence."""

from __future__ import annotations

import pytest

from coldchain.seal import Ack
from gateway.sender import MAX_WINDOW_BYTES, BatchRef, Mark, NewEpoch, Sender

EPOCH = b"epoch--1"
EVEN = 0.5
"""Jitter that leaves a wait as it is."""


def sender_with(number: int, size: int = 100) -> Sender:
    sender = Sender(EPOCH)
    for seq in range(1, number + 1):
        sender.add(BatchRef(seq, bytes([seq]) * 32, size))
    return sender


def ack(seq: int, at: int = 1, *, refuse: str | None = None, hash: bytes | None = None, epoch: bytes = EPOCH) -> Ack:
    body_hash = (bytes([seq]) * 32 if seq else bytes(32)) if hash is None else hash
    return Ack(epoch.hex(), seq, body_hash.hex(), at, refuse)


def sent(sender: Sender, now_s: float = 0.0, jitter: float = EVEN) -> list[int]:
    """Send all that may be sent now."""
    out = []
    while (batch := sender.next_to_send(now_s, jitter)) is not None:
        out.append(batch.seq)
    return out


def test_the_first_window_is_four_batches() -> None:
    assert sent(sender_with(50)) == [1, 2, 3, 4]


def test_the_window_grows_with_each_acknowledged_batch_to_thirty_two() -> None:
    sender = sender_with(200)
    widths = []
    for _ in range(6):
        going = sent(sender)
        widths.append(sender.sent - sender.acked)
        assert sender.on_ack(ack(going[-1] if going else sender.sent), 0.0, EVEN) == Mark(sender.acked)

    assert widths == [4, 8, 16, 32, 32, 32]


def test_no_more_than_one_mebibyte_is_on_the_way() -> None:
    sender = sender_with(50, size=MAX_WINDOW_BYTES // 3)

    assert sent(sender) == [1, 2, 3]
    sender.on_ack(ack(1), 0.0, EVEN)
    assert sent(sender) == [4]


def test_a_batch_larger_than_the_bound_goes_alone() -> None:
    sender = sender_with(2, size=MAX_WINDOW_BYTES + 1)

    assert sent(sender) == [1]
    sender.on_ack(ack(1), 0.0, EVEN)
    assert sent(sender) == [2]


def test_without_progress_it_sends_again_after_a_second_doubling_to_a_minute() -> None:
    sender = sender_with(1)
    assert sent(sender, 0.0) == [1]
    moments: list[float] = []
    now_s = 0.0
    while len(moments) < 8:
        now_s += 0.25
        if sent(sender, now_s):
            moments.append(now_s)

    waits = [later - earlier for earlier, later in zip([0.0, *moments], moments, strict=False)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_gateways_that_lost_the_same_server_do_not_come_back_together() -> None:
    def second_sending(jitter: float) -> float:
        sender = sender_with(1)
        sent(sender, 0.0, jitter)
        return next(ms / 1000 for ms in range(3000) if sent(sender, ms / 1000, jitter))

    assert [second_sending(jitter) for jitter in (0.0, 0.5, 0.999)] == [0.75, 1.0, 1.25]


def test_progress_makes_it_patient_from_the_beginning_again() -> None:
    sender = sender_with(9)
    sent(sender)
    for now_s in (1.0, 3.0, 7.0):
        assert sent(sender, now_s)

    sender.on_ack(ack(1), 8.0, EVEN)

    assert 1 not in sent(sender, 8.9)
    assert sent(sender, 9.0)[0] == 2


def test_an_answer_without_progress_makes_it_go_back_once() -> None:
    sender = sender_with(3)
    assert sent(sender) == [1, 2, 3]

    assert sender.on_ack(ack(0), 0.1, EVEN) is None
    assert sent(sender, 0.1) == [1, 2, 3]
    assert sender.on_ack(ack(0, at=2), 0.2, EVEN) is None
    assert sent(sender, 0.2) == []


def test_a_lost_connection_sends_again_at_once() -> None:
    sender = sender_with(3)
    sent(sender)

    sender.lost_connection()

    assert sent(sender) == [1, 2, 3]


def test_a_stale_acknowledgement_changes_nothing() -> None:
    sender = sender_with(6)
    sent(sender)
    sender.on_ack(ack(4, at=100), 0.0, EVEN)

    assert sender.on_ack(ack(2, at=50), 0.0, EVEN) is None
    assert sender.on_ack(ack(2, at=100), 0.0, EVEN) is None
    assert sender.on_ack(ack(9, epoch=b"epoch--0"), 0.0, EVEN) is None
    assert sender.acked == 4


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (ack(2, at=101), "behind"),
        (ack(0, at=101), "behind"),
        (ack(4, at=101, hash=b"x" * 32), "behind"),
        (ack(9, at=101), "ahead"),
        (ack(5, at=101, hash=b"x" * 32), "hash"),
        (ack(4, at=101, refuse="behind"), "behind"),
        (ack(4, at=101, refuse="fork"), "fork"),
    ],
)
def test_a_server_that_forgot_or_knows_another_chain_gets_everything_again(answer: Ack, why: str) -> None:
    sender = sender_with(6)
    sent(sender)
    sender.on_ack(ack(4, at=100), 0.0, EVEN)

    assert sender.on_ack(answer, 0.0, EVEN) == NewEpoch(why, everything=True)


def test_a_refused_seal_starts_an_epoch_with_what_is_unacknowledged() -> None:
    sender = sender_with(6)
    sender.on_ack(ack(4, at=100), 0.0, EVEN)

    assert sender.on_ack(ack(4, at=99, refuse="seal"), 0.0, EVEN) is None, "older than what it knows"
    assert sender.on_ack(ack(4, at=101, refuse="seal"), 0.0, EVEN) == NewEpoch("seal", everything=False)


def test_a_version_that_the_server_does_not_know_is_held_and_kept() -> None:
    sender = sender_with(3)
    sent(sender)

    assert sender.on_ack(ack(0, refuse="version"), 10.0, EVEN) is None

    held = next(ms / 1000 for ms in range(10_000, 90_000, 10) if sent(sender, ms / 1000))
    assert held >= 11.0
    assert sender.sealed_to == 3


def test_a_batch_that_does_not_follow_is_a_bug_here() -> None:
    with pytest.raises(ValueError, match="does not follow"):
        sender_with(3).add(BatchRef(5, bytes(32), 1))
