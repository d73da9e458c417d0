"""A change names every channel whose readings it may move, and no more than it must."""

from __future__ import annotations

from coldchain.ledger import Entry
from coldchain.registry import Asset, Binding, Node, Point, Put, Registry, Touched, event_channel
from coldchain.registry.fold import fold
from tests.fakes import MemoryLedger
from tests.support import SealingNode, channel_of, fleet, put

ONE, TWO = SealingNode("gw-1"), SealingNode("gw-2")
CHANNEL = channel_of("gw-1")


def after(*puts: Put) -> tuple[Registry, Touched]:
    """Return the registry of the two-site fleet after changes, and what the last of them touched."""
    ledger = MemoryLedger()
    put(ledger, *fleet([ONE, TWO], probes_each=1), *puts)
    *before, last = ledger.entries
    registry = fold(before)
    return registry, registry.apply(last)


def test_an_asset_that_moves_touches_the_channels_bound_in_it() -> None:
    _, touched = after(Asset("cooler-gw-1", "cooler", "cooler", "site-gw-2"))

    assert touched.channels == {CHANNEL}


def test_a_gateway_that_moves_touches_both_sites() -> None:
    _, touched = after(Node("gw-1", "site-gw-2", (ONE.public_key.hex(),)))

    assert touched.channels == {CHANNEL, channel_of("gw-2"), event_channel("gw-1")}


def test_a_rotated_key_touches_nothing() -> None:
    _, touched = after(Node("gw-1", "site-gw-1", (ONE.public_key.hex(), "00" * 32)))

    assert touched == Touched()


def test_a_grant_taken_back_touches_its_channel() -> None:
    granted = Node("gw-2", "site-gw-2", (), grants=(CHANNEL,))

    _, touched = after(granted, Node("gw-2", "site-gw-2", ()))

    assert CHANNEL in touched.channels


def test_what_was_moved_away_is_no_longer_found_there() -> None:
    away = Asset("cooler-gw-1", "cooler", "cooler", "site-gw-2")

    _, touched = after(away, Node("gw-3", "site-gw-1", ()))
    assert touched.channels == {event_channel("gw-3")}

    _, touched = after(Binding(CHANNEL, "gw-2/p0", 0), Point("gw-1/p0", "cooler-gw-1", "product", "temperature", 60))
    assert touched.channels == set()


def test_a_copy_goes_its_own_way() -> None:
    registry, _ = after()
    ledger = MemoryLedger()
    put(ledger, *fleet([SealingNode("gw-9")], probes_each=1), Node("gw-3", "site-gw-9", ()))
    *site, node = ledger.entries

    twin = registry.copy()
    for entry in [*site, *_moved()]:
        twin.apply(entry)

    assert registry.apply(node).channels == {event_channel("gw-3")}
    assert registry.bindings_of("gw-2/p0") == [Binding(channel_of("gw-2"), "gw-2/p0", 0)]


def _moved() -> list[Entry]:
    ledger = MemoryLedger()
    put(ledger, Binding("urn:new", "gw-2/p0", 0), Asset("cooler-new", "c", "cooler", "site-gw-1"))
    return ledger.entries
