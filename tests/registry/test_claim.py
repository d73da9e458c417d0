"""From the inbox to a chart: what was kept of an unknown sensor comes in when it is claimed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coldchain.registry.actions import Place, claim
from coldchain.registry.spans import spans_of
from coldchain.senml import Row
from dashboards.inbox import inbox
from tests.ingest.worlds import World, world
from tests.support import MINUTE_MS, T0, SealingNode, fleet, put

DEVICE = "urn:dev:mac:0024befffe804ff1"
CHANNEL = f"{DEVICE}:temperature"


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def gateway(here: World) -> SealingNode:
    node = SealingNode("gw-1")
    put(here.ledger, *fleet([node]))
    return node


def minutes(here: World, point: str) -> list[int]:
    window = here.series.window(spans_of(here.projection.registry, point), 0, 1 << 62)
    return [(at_ms - T0) // MINUTE_MS for at_ms in window.measured_at_ms.tolist()]


def test_an_unknown_sensor_is_shown_with_its_last_word_gateway_and_signal(here: World, gateway: SealingNode) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.0, "Cel")])
    gateway.append(
        here.ledger, [Row(CHANNEL, T0 + MINUTE_MS, 4.5, "Cel"), Row(f"{DEVICE}:rssi", T0 + MINUTE_MS, -71.0, "dBm")]
    )
    here.project()

    by_channel = {item.channel: item for item in inbox(here.series, here.ledger)}

    item = by_channel[CHANNEL]
    assert (item.node, item.device, item.kept, item.value, item.unit) == ("gw-1", DEVICE, 2, 4.5, "Cel")
    assert (item.first_at, item.measured_at) == ("2023-11-15T00:00:00.000Z", "2023-11-15T00:01:00.000Z")
    assert item.signal_dbm == -71.0


@pytest.mark.parametrize(("from_minute", "left"), [(0, [0, 1, 2]), (2, [2])])
def test_a_claim_brings_in_what_was_kept_from_its_start(
    here: World, gateway: SealingNode, from_minute: int, left: list[int]
) -> None:
    for minute in range(3):
        gateway.append(here.ledger, [Row(CHANNEL, T0 + minute * MINUTE_MS, 4.0, "Cel")])
    here.project()
    place = Place(asset="cooler-gw-1", position="top-front")

    plan = claim(here.projection.registry, CHANNEL, place, T0 + from_minute * MINUTE_MS, "gw-1")
    here.ledger.change([change.encode() for change in plan.changes("me", "claim")], T0)
    here.project()

    assert minutes(here, "cooler-gw-1.top-front") == left
    assert inbox(here.series, here.ledger) == []
    assert ("cooler-gw-1.top-front", T0 + 2 * MINUTE_MS, 4.0, 0, None) in here.newest()
