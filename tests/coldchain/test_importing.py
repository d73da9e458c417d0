"""A registry file: checked whole, written whole, and the same file twice changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coldchain.cli.registry import write_changes
from coldchain.clock import TestClock
from coldchain.errors import ConfigError
from coldchain.registry import Binding, Change, LimitRule, Node, Registry, registry_at
from coldchain.registry.importing import read_registry
from tests.fakes import MemoryLedger
from tests.support import T0

KEY = "ab" * 32
FILE = f"""
[[operator]]
id = "dairy"
name = "Dairy"
[[site]]
id = "shop"
name = "Shop"
kind = "shop"
operator = "dairy"
[[node]]
id = "gw-1"
site = "shop"
keys = ["{KEY}"]
[[asset]]
id = "cooler"
name = "Cooler"
kind = "glass-door-cooler"
site = "shop"
[[point]]
id = "p-1"
asset = "cooler"
position = "product"
quantity = "temperature"
interval_s = 60
channel = "urn:a:t"
high_celsius = 6.0
low_celsius = 2.0
"""
SECOND_POINT = FILE.split("[[point]]")[1].replace("p-1", "p-2")


def bring_in(ledger: MemoryLedger, text: str, clock: TestClock) -> list[Change]:
    return write_changes(ledger, read_registry(text, source="fleet.toml"), clock, who="test", why="test")


def state(ledger: MemoryLedger) -> Registry:
    return registry_at(ledger, ledger.end())


def faults_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_registry(text, source="fleet.toml")
    return caught.value.faults


def test_the_same_file_twice_changes_nothing() -> None:
    ledger, clock = MemoryLedger(), TestClock(T0)

    assert len(bring_in(ledger, FILE, clock)) == 8
    clock.advance_sync(3600)
    assert bring_in(ledger, FILE, clock) == []
    assert ledger.end() == 8


def test_first_limits_hold_from_the_beginning_and_later_ones_from_now_on() -> None:
    ledger, clock = MemoryLedger(), TestClock(T0)
    bring_in(ledger, FILE, clock)

    (change,) = bring_in(ledger, FILE.replace("6.0", "8.0"), clock)

    assert change.change == LimitRule("p-1", T0, 8.0, 2.0)
    assert state(ledger).rules["p-1"][0] == LimitRule("p-1", 0, 6.0, 2.0)
    assert bring_in(ledger, FILE.replace("6.0", "8.0"), clock) == []


def test_a_probe_that_moves_to_another_point_and_back_moves_from_now_on() -> None:
    ledger, clock = MemoryLedger(), TestClock(T0)
    bring_in(ledger, FILE, clock)
    elsewhere = FILE.replace('channel = "urn:a:t"', "") + "[[point]]" + SECOND_POINT

    bring_in(ledger, elsewhere, clock)
    clock.advance_sync(60)
    bring_in(ledger, FILE, clock)

    assert state(ledger).bindings["urn:a:t"] == [
        Binding("urn:a:t", "p-1", 0),
        Binding("urn:a:t", "p-2", T0),
        Binding("urn:a:t", "p-1", T0 + 60_000),
    ]
    assert bring_in(ledger, FILE, clock) == []


def test_a_node_without_keys_in_the_file_keeps_its_own() -> None:
    ledger, clock = MemoryLedger(), TestClock(T0)
    bring_in(ledger, FILE, clock)
    without = FILE.replace(f'keys = ["{KEY}"]', "")
    assert bring_in(ledger, without, clock) == []

    bring_in(ledger, FILE.replace(f'keys = ["{KEY}"]', 'grants = ["urn:b:t"]'), clock)

    assert state(ledger).nodes["gw-1"] == Node("gw-1", "shop", (KEY,), grants=("urn:b:t",))


def test_all_faults_are_told_at_once_each_with_its_place() -> None:
    text = FILE.replace('kind = "shop"\n', "").replace("interval_s = 60", "interval_s = 0").replace(KEY, "no key")

    faults = faults_of(text + '[[points]]\nid = "x"\n[[asset]]\nid = "bad id"\n')

    assert [fault.split(": ")[1:3] for fault in faults] == [
        ["[[points]]", "no such table; known"],
        ["[[site]] 'shop'", "line 5"],
        ["[[asset]] 'bad id'", "line 29"],
        ["[[asset]] 'bad id'", "line 29"],
        ["[[node]] 'gw-1'", "line 9"],
        ["[[point]] 'p-1'", "line 18"],
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "p-1"', 'id = "p/1"', "id must be"),
        ('id = "p-1"', "id = 5", "id must be"),
        ('asset = "cooler"', 'asset = "room"', "asset = 'room' is not in this file"),
        ("interval_s = 60", 'interval_s = "60"', "interval_s"),
        ("interval_s = 60", "interval_s = 60\ncolour = 1", "unknown: colour"),
        ('channel = "urn:a:t"', "channel = 5", "channel"),
        ('channel = "urn:a:t"', 'channel = "a b"', "not a SenML name"),
        ('channel = "urn:a:t"', 'channel = "urn:a:t"\nfrom_ms = "now"', "from_ms"),
        ("high_celsius = 6.0", "high_celsius = nan", "finite"),
        ("high_celsius = 6.0", "high_celsius = inf", "finite"),
        ("high_celsius = 6.0", "high_celsius = 1.0", "not below"),
        ("high_celsius = 6.0", "high_celsius = 6.0\ndeadband_kelvin = -1.0", "at least 0"),
        ("[[point]]", "[[point]]" + SECOND_POINT + "[[point]]", "another point"),
        ("[[asset]]", '[[site]]\nid = "shop"\nname = "x"\nkind = "shop"\noperator = "dairy"\n[[asset]]', "twice"),
    ],
)
def test_a_fault_says_what_was_found(old: str, new: str, said: str) -> None:
    (fault,) = faults_of(FILE.replace(old, new))

    assert fault.startswith("fleet.toml: ")
    assert said in fault


@pytest.mark.parametrize("text", ["[operator]\nid = 'x'", "operator = 5", "operator = [1]", "= rubbish"])
def test_what_is_no_list_of_tables_is_told_as_such(text: str) -> None:
    assert len(faults_of(text)) == 1


def test_the_command_imports_nothing_of_a_file_with_a_fault(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(FILE, "utf-8")
    bad.write_text(FILE + '[[asset]]\nid = "x"\n', "utf-8")
    command = [sys.executable, "-m", "coldchain.cli", "registry", "import", "--data", str(tmp_path / "data")]

    refused = subprocess.run([*command, str(bad)], capture_output=True, text=True, check=False)
    taken = subprocess.run([*command, str(good)], capture_output=True, text=True, check=False)

    assert refused.returncode == 2
    assert "[[asset]] 'x'" in refused.stderr
    assert taken.returncode == 0, taken.stderr
    assert "8" in taken.stdout
