"""Every reason for which a record waits instead of being a reading, from sealed bytes to the quarantine list."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import cbor2
import pytest

from coldchain.batches import WHOLE
from coldchain.registry import Probe
from coldchain.seal import MAX_PACK_BYTES
from tests.ingest.worlds import World, world
from tests.support import T0, SealingNode, append_batches, channel_of, fleet, put

CHANNEL = channel_of("gw-1")
GOOD = {"n": CHANNEL, "t": T0 / 1000, "v": 4.5}


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        yield made


def sealed(here: World, pack: bytes) -> list[tuple[int, str]]:
    """Seal a pack in a known gateway, project, and return (index, reason) of what waits."""
    one, two = SealingNode("gw-1"), SealingNode("gw-2")
    put(here.ledger, *fleet([one, two]), Probe("urn:known:unbound"))
    before = one.head
    append_batches(here.ledger, one, before, [one.seal_pack(pack)])
    here.project()
    return [(record.index, record.reason) for record in here.series.quarantine()]


@pytest.mark.parametrize(
    ("pack", "reason"),
    [
        (b"rubbish", "bad-senml"),
        (b"[]", "bad-senml"),
        (b'[{"n":"a","v":1e309}]', "bad-senml"),
        (b"\x81" * 5_000, "bad-senml"),
        (b'[{"n":"a","v":1,"bver":11}]', "senml-version"),
        (b'[{"n":"a","v":1,"x_":1}]', "senml-label"),
        (b"\x78\x9c broken", "bad-pack"),
        (zlib.compress(b"[]")[:-2], "bad-pack"),
        (b"[" * (MAX_PACK_BYTES + 1), "pack-too-large"),
        (zlib.compress(bytes(2 << 20)), "pack-too-large"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_pack_that_cannot_be_read_waits_as_a_whole(here: World, pack: bytes, reason: str) -> None:
    assert sealed(here, pack) == [(WHOLE, reason)]
    assert here.readings() == set()


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"n": "bad name", "v": 1}, "bad-name"),
        ({"n": CHANNEL, "v": 1, "vb": True}, "two-values"),
        ({"n": CHANNEL}, "no-value"),
        ({"n": CHANNEL, "v": float("nan")}, "not-finite"),
        ({"n": CHANNEL, "vd": "aGk"}, "data-value"),
        ({"n": CHANNEL, "s": 1}, "sum-only"),
        ({"n": CHANNEL, "v": 1, "t": 1e300}, "bad-time"),
        ({"n": "urn:nobody:knows", "v": 1}, "unknown-channel"),
        ({"n": "urn:known:unbound", "v": 1}, "unbound-channel"),
        ({"n": channel_of("gw-2"), "v": 1}, "foreign-channel"),
        ({"n": "urn:coldchain:gw-2:event", "vs": "boot"}, "foreign-channel"),
        ({"n": "urn:coldchain:gw-1:untimed:b1:" + CHANNEL, "t": 5, "v": 1}, "untimed"),
    ],
)
def test_a_record_that_is_no_reading_waits_alone_under_its_reason(
    here: World, record: dict[str, Any], reason: str
) -> None:
    pack = cbor2.dumps([GOOD, record, {**GOOD, "v": 5.5, "t": T0 / 1000 + 60}])

    assert sealed(here, pack) == [(1, reason)]
    assert {row[2] for row in here.readings()} == {4.5, 5.5}


def test_a_reading_that_waits_for_nothing_is_in_no_quarantine(here: World) -> None:
    assert sealed(here, json.dumps([GOOD]).encode()) == []
    assert len(here.readings()) == 1
