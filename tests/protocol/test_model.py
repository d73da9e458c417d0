"""Ten thousand random schedules through the real rules: nothing blocks, nothing that a gateway held is missing."""

from __future__ import annotations

from itertools import combinations

import msgspec
import pytest

from coldchain.seal import Ack
from tests.protocol.model import Schedule, _Gateway

KINDS = ("clone", "flip", "restore", "rollback")
MIXES = [frozenset(mix) for size in range(len(KINDS) + 1) for mix in combinations(KINDS, size)]
SCHEDULES = 10_000
SHARE = 500


@pytest.mark.parametrize("first", range(0, SCHEDULES, SHARE))
def test_no_schedule_blocks_a_gateway_or_loses_what_it_held(first: int) -> None:
    happened: dict[str, int] = {}

    for seed in range(first, first + SHARE):
        mix = MIXES[seed % len(MIXES)]
        outcome = Schedule(seed, mix).run()

        assert not outcome.blocked, f"seed {seed}, {sorted(mix)}: blocked for ever"
        assert outcome.missing == 0, f"seed {seed}, {sorted(mix)}: {outcome.missing} readings missing"
        for fault, count in outcome.faults.items():
            happened[fault] = happened.get(fault, 0) + count

    assert len(happened) == 8, f"faults that never happened: {happened}"


def _without_hash(ack: Ack, gateway: _Gateway) -> Ack:
    """An acknowledgement as a protocol without the hash would have it: its seq is believed."""
    sender = gateway.outbox.sender
    known = sender.batches.get(ack.seq)
    mine = known.hash if known else sender.acked_hash
    return msgspec.structs.replace(ack, hash=mine.hex()) if ack.seq <= sender.sealed_to else ack


def test_control_an_ack_without_its_hash_loses_readings() -> None:
    outcomes = [Schedule(seed, frozenset({"rollback", "clone"}), break_ack=_without_hash).run() for seed in range(300)]

    assert sum(outcome.missing for outcome in outcomes) > 0
