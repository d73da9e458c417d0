"""Scenario files: every one that comes along can be told, and a bad one says everything that is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from coldchain.cli.main import app
from coldchain.errors import ConfigError
from firmware_sim.fitting import check
from firmware_sim.fleet import named_fleet
from firmware_sim.scenario import KINDS, Detour, Milking, Offline, Scenario, Washing, WrongClock
from firmware_sim.scenario_files import load_scenario, load_together, parse_scenario, scenario_names, seconds_of

GOOD = """
title = "t"
fleet = "every-kind"
[[happening]]
kind = "offline"
points = ["cooler-1.product"]
start = "-2h"
duration = "1h30m"
keeps = true
"""


def test_a_file_becomes_what_it_says() -> None:
    scenario = parse_scenario(GOOD, "x.toml")

    wanted = Offline(points=("cooler-1.product",), start_s=-7200.0, duration_s=5400.0, keeps=True)
    assert scenario == Scenario((wanted,), "t", "every-kind")


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_fits_its_fleet(name: str) -> None:
    scenario = load_scenario(name)

    check(named_fleet(scenario.fleet), scenario)
    assert len(scenario.title) < 120


def test_together_the_scenarios_use_every_kind_of_happening() -> None:
    used = {type(what) for name in scenario_names() for what in load_scenario(name).happenings}

    assert used == set(KINDS.values())


def test_every_fault_of_a_file_is_listed_with_its_place() -> None:
    text = """
        titel = "x"
        weather = "mars"
        [[happening]]
        kind = "ofline"
        [[happening]]
        kind = "offline"
        points = "cooler-1.product"
        start = "yesterday"
        keeps = 1
        colour = "red"
        [[happening]]
        kind = "wrong-clock"
        points = ["cooler-1.product"]
        reads = "1970-01-01T00:00:00Z"
        drift_share = 0.1
        [[happening]]
        kind = "radio-loss"
        points = ["cooler-1.product"]
        lost_share = 3.0
        duration = "-1h"
        [[happening]]
        kind = "round"
        assets = ["reefer-1"]
        stops = [
            { name = "a", latitude = 31.0, longitude = 121.0, arrives = "0s", leaves = "10m" },
            { name = "b", latitude = 99.0, longitude = 121.0, arrives = "5m", leaves = "4m" },
        ]
    """

    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, "bad.toml")

    said = "\n".join(caught.value.faults)
    for place in (
        "bad.toml: 'titel' is no field",
        "bad.toml: no title",
        "no weather 'mars'",
        "[[happening]] 1: kind = 'ofline'; there are door-open",
        "[[happening]] 2 (offline): points = 'cooler-1.product': a list of ids",
        "[[happening]] 2 (offline): start = 'yesterday'",
        "[[happening]] 2 (offline): keeps = 1: a bool was expected",
        "[[happening]] 2 (offline): 'colour' is no field",
        "[[happening]] 3 (wrong-clock): exactly one of reads, ahead and drift_share",
        "[[happening]] 3 (wrong-clock): reads: before 1970-01-01T00:10:00Z",
        "[[happening]] 4 (radio-loss): lost_share = 3.0: a share between 0 and 1",
        "[[happening]] 5 (round): stop 'b': 99.0, 121.0 is no place on Earth",
        "[[happening]] 5 (round): stop 'b': leaves before it arrives",
        "[[happening]] 5 (round): stop 'b': arrives before 'a' is left",
    ):
        assert place in said


def test_a_truck_that_must_fly_is_a_fault() -> None:
    stops = [
        '{ name = "a", latitude = 31.0, longitude = 121.0, arrives = "0s", leaves = "10m" }',
        '{ name = "b", latitude = 32.0, longitude = 121.0, arrives = "20m", leaves = "30m" }',
    ]
    text = f'title = "t"\n[[happening]]\nkind = "round"\nassets = ["reefer-1"]\nstops = [{",".join(stops)}]'

    with pytest.raises(ConfigError, match="stop 'b': 185 m/s from 'a'"):
        parse_scenario(text, "x.toml")


def test_a_scenario_that_does_not_fit_its_fleet_says_everything() -> None:
    misfits = Scenario(
        (
            Offline(points=("nobody.product",)),
            Offline(),
            Washing(assets=("cooler-1",)),
            WrongClock(sites=("nowhere",), ahead_s=5.0),
        )
    )

    with pytest.raises(ConfigError) as caught:
        check(named_fleet("every-kind"), misfits)

    assert caught.value.faults == [
        "scenario: offline: the fleet has no point 'nobody.product'",
        "scenario: offline: whom it befalls was expected: assets, sites or points",
        "scenario: washing: cooler-1 is no tank",
        "scenario: wrong-clock: the fleet has no site 'nowhere'",
    ]


def test_scenarios_happen_at_once_if_their_fleet_is_one() -> None:
    both = load_together(["tank-washing", "unit-off-while-loaded"])

    assert len(both.happenings) == 3
    assert both.weather == "shanghai-july"
    with pytest.raises(ConfigError, match="different fleets"):
        load_together(["demo", "calm"])
    with pytest.raises(ConfigError, match="no scenario 'nope'; there are calm"):
        load_together(["nope"])


def test_a_scenario_can_be_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD, "utf-8")

    assert load_scenario(str(file)).of(Offline)[0].keeps
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read"):
        load_scenario(str(tmp_path / "absent.toml"))


def test_the_command_lists_every_scenario_in_a_line() -> None:
    result = CliRunner().invoke(app, ["scenarios"])

    assert [line.split()[0] for line in result.stdout.splitlines()] == scenario_names()


@given(st.integers(0, 9), st.integers(0, 50), st.integers(0, 59), st.integers(0, 59), st.booleans())
def test_a_duration_is_the_sum_of_its_parts(days: int, hours: int, minutes: int, seconds: int, before: bool) -> None:
    text = f"{'-' if before else ''}{days}d{hours}h{minutes}m{seconds}s"

    total_s = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    assert seconds_of(text) == (-total_s if before else total_s)


def test_milkings_and_ways_around_are_read_from_a_file() -> None:
    text = """
        title = "t"
        [[happening]]
        kind = "milking"
        assets = ["tank-1"]
        times = ["04:30", "23:05"]
        lasts = "1h"
        [[happening]]
        kind = "detour"
        assets = ["tanker-1"]
        from_km = 5
        to_km = 7.5
        over = [ { latitude = 31.6, longitude = 121.5 } ]
    """

    assert parse_scenario(text, "x.toml").happenings == (
        Milking(assets=("tank-1",), times_s=(16_200.0, 83_100.0), lasts_s=3600.0),
        Detour(assets=("tanker-1",), from_km=5.0, to_km=7.5, over=((31.6, 121.5),)),
    )
    for wrong, said in (('"24:00"', "'24:00' is no time of day"), ('"4:30"', "'4:30' is no time of day")):
        with pytest.raises(ConfigError, match=said):
            parse_scenario(text.replace('"04:30"', wrong), "x.toml")


@pytest.mark.parametrize("wrong", [{"times_s": ()}, {"times_s": (0.0, 3600.0), "lasts_s": 50_000.0}, {"lasts_s": 0.0}])
def test_a_milking_needs_times_and_a_length_that_fits_between_them(wrong: dict[str, Any]) -> None:
    what = replace(Milking(assets=("tank-1",), times_s=(16_200.0,)), **wrong)

    with pytest.raises(ConfigError, match="milking: times, and a length that fits between them, were expected"):
        check(named_fleet("every-kind"), Scenario((what,)))
    with pytest.raises(ConfigError, match="milking: cooler-1 is no tank"):
        check(named_fleet("every-kind"), Scenario((Milking(assets=("cooler-1",), times_s=(0.0,)),)))
