"""Profiles in the ledger: versions by time, the built-in one before the first, and nothing else disturbed."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from alerts.touch import apply_change
from coldchain.ledger import Entry, Kind
from coldchain.profiles import Product, builtin, version_of
from coldchain.profiles.structs import Days
from coldchain.registry import Change, LimitRule, Point, Profile, Registry, decode_change
from coldchain.registry.exporting import sheets_of
from coldchain.registry.fold import fold
from tests.fakes import MemoryLedger
from tests.support import T0, SealingNode, fleet, put

MILK = builtin().products["pasteurized"]
COOLER = builtin().kinds["glass-door-cooler"]


def shorter(days: float) -> Product:
    return msgspec.structs.replace(MILK, shelf_life=Days(days=days, status="assumed", source="our own trials"))


def entry(profile: Profile, position: int = 1) -> Entry:
    return Entry(position, Kind.CHANGE, T0, Change(profile, "QA", "why").encode())


def test_each_version_holds_from_its_time_until_the_next_and_the_built_in_one_before() -> None:
    registry = fold([entry(Profile(T0, shorter(6))), entry(Profile(T0 + 1000, shorter(5)))])

    held = [registry.product_at("pasteurized", at) for at in (0, T0 - 1, T0, T0 + 999, T0 + 1000)]

    assert held == [MILK, MILK, shorter(6), shorter(6), shorter(5)]
    assert registry.product_at("esl", T0) == builtin().products["esl"]
    assert registry.product_at("beer", T0) is None
    assert len({version_of(one) for one in held if one}) == 3


def test_the_order_of_the_entries_does_not_matter() -> None:
    entries = [entry(Profile(T0 + 1000 * at, shorter(at))) for at in range(1, 6)]
    shuffled = entries.copy()
    random.Random(7).shuffle(shuffled)

    assert fold(entries).products == fold(shuffled).products


def test_the_ledger_holds_exactly_what_was_in_force() -> None:
    profile = Profile(T0, shorter(6))

    again = decode_change(Change(profile, "QA", "why").encode()).change

    assert again == profile
    assert isinstance(again, Profile)
    assert version_of(again.content) == version_of(profile.content)


def test_rules_of_a_kind_are_versions_too() -> None:
    slower = msgspec.structs.replace(COOLER, warning_on_delay=COOLER.silence_page)
    registry = fold([entry(Profile(T0, slower))])

    assert registry.kind_rules_at(COOLER.id, T0 - 1) == COOLER
    assert registry.kind_rules_at(COOLER.id, T0) == slower
    assert registry.product_at(COOLER.id, T0) is None
    assert registry.kind_rules_at("spaceship", T0) is None


def test_a_version_touches_the_points_that_are_judged_by_it() -> None:
    ledger = MemoryLedger()
    point = Point("gw-1/p0", "cooler-gw-1", "product", "temperature", 60, profile="pasteurized")
    put(ledger, *fleet([SealingNode("gw-1")], probes_each=2), point)
    registry = fold(ledger.entries)
    kind = registry.assets["cooler-gw-1"].kind

    touched = registry.apply(entry(Profile(T0, MILK), 100))
    by_kind = registry.apply(entry(Profile(T0, msgspec.structs.replace(COOLER, id=kind)), 101))

    assert touched.points == {"gw-1/p0": T0}
    assert by_kind.points == {"gw-1/p0": T0, "gw-1/p1": T0}
    assert not touched.channels | by_kind.channels


def test_a_copy_keeps_its_profiles_to_itself() -> None:
    registry = fold([entry(Profile(T0, shorter(6)))])
    twin = registry.copy()

    registry.apply(entry(Profile(T0, shorter(5)), 2))

    assert twin.product_at("pasteurized", T0) == shorter(6)


def test_the_judge_and_the_lists_pass_over_it() -> None:
    registry = Registry()
    put_before = Change(LimitRule("p", 0, 6.0), "", "").encode()

    assert apply_change(registry, entry(Profile(T0, shorter(6)))) == {}
    assert set(apply_change(registry, Entry(2, Kind.CHANGE, T0, put_before))) == {"p"}
    assert registry.unknown_changes == 0
    assert [sheet.kind.name for sheet in sheets_of(registry) if sheet.rows] == ["limit-rule"]


def test_the_files_of_the_program_are_in_its_package() -> None:
    import coldchain.profiles

    folder = Path(coldchain.profiles.__file__).parent
    assert {file.name for file in folder.glob("*.toml")} == {"products.toml", "kinds.toml", "trips.toml"}
