"""What exists, as a fold of change entries: keys, bindings, rules, numbers."""

from __future__ import annotations

import pytest

from coldchain.clock import TestClock
from coldchain.readings import readings_of
from coldchain.registry import Binding, CurrentRegistry, LimitRule, Node, Point, Probe, Registry, registry_at
from coldchain.registry.current import FRESH_S
from tests.fakes import MemoryLedger
from tests.support import MINUTE_MS, T0, SealingNode, channel_of, fleet, put

KEY = "AB" * 32
CHANNEL = channel_of("gw-1")


def registry_of(*puts: object) -> Registry:
    ledger = MemoryLedger()
    put(ledger, *puts)  # type: ignore[arg-type]
    return registry_at(ledger, ledger.end())


@pytest.mark.parametrize(
    ("keys", "revoked", "left"),
    [
        ((KEY,), (), [KEY]),
        ((KEY, "cd" * 32), (KEY,), ["cd" * 32]),
        ((KEY,), (KEY.lower(),), []),
        ((KEY, "no key", "ab", "zz" * 32), (), [KEY]),
    ],
)
def test_a_revoked_or_malformed_key_opens_no_epoch(
    keys: tuple[str, ...], revoked: tuple[str, ...], left: list[str]
) -> None:
    registry = registry_of(Node("gw-1", "site", keys, revoked))

    assert registry.keys_of("gw-1") == [bytes.fromhex(key) for key in left]
    assert registry.keys_of("gw-2") == []


def test_a_change_that_this_program_does_not_know_is_counted_and_stops_nothing() -> None:
    ledger = MemoryLedger()
    ledger.change([b'{"change":{"put":"of the future"},"who":"a","why":"b"}', b"rubbish"], T0)
    put(ledger, Probe("urn:a:t"))

    registry = registry_at(ledger, ledger.end())

    assert registry.unknown_changes == 2
    assert registry.channel_names == ["urn:a:t"]


def test_a_channel_keeps_the_number_that_it_got_first() -> None:
    one = registry_of(Probe("a"), Probe("b"), Probe("a", "another model"), Probe("c"))

    assert one.channel_numbers == {"a": 0, "b": 1, "c": 2}


def test_the_later_binding_of_a_probe_counts_from_its_start() -> None:
    node = SealingNode("gw-1")
    registry = registry_of(*fleet([node]), Binding(CHANNEL, "gw-1/p1", T0 + MINUTE_MS))
    block = readings_of([(CHANNEL, T0 + at, 4.5, 0, None) for at in (0, MINUTE_MS - 1, MINUTE_MS)])

    points = [registry.point_ids[number] for number in registry.sort("gw-1", block).point]

    assert points == ["gw-1/p0", "gw-1/p0", "gw-1/p1"]


def test_the_rule_in_force_is_the_last_that_had_begun() -> None:
    registry = registry_of(LimitRule("p", T0, 8.0), LimitRule("p", 0, 6.0), LimitRule("p", T0, 9.0))

    assert [getattr(registry.rule_at("p", at), "high_celsius", None) for at in (-1, 0, T0 - 1, T0)] == [None, 6, 6, 9]


def test_a_current_registry_is_half_a_second_old_at_most_and_never_changes_under_a_reader() -> None:
    ledger, clock = MemoryLedger(), TestClock(T0)
    current = CurrentRegistry(ledger, clock)
    before = current()
    put(ledger, Point("p", "a", "product", "temperature", 60))

    assert current() is before
    clock.advance_sync(FRESH_S)
    after = current()

    assert set(after.points) == {"p"}
    assert before.points == {}
    assert (after.position, after.version) == (1, 1)
