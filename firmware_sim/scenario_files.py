"""Scenarios by name or file: read strictly, every fault with its file and place.

::

    title = "one line for the list"
    fleet = "every-kind"              # a name of firmware_sim.fleet.FLEETS, or a file beside this one
    weather = "shanghai-july"         # optional

    [[happening]]
    kind = "door-open"                # a word of firmware_sim.scenario.KINDS
    assets = ["cooler-1"]             # sites and points, too
    start = "-2h"                     # from the start of live
    duration = "1h30m"                # left out: to the end

A field that holds a time has the name of the dataclass field without ``_s`` and is written as a duration.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import reduce
from importlib.resources import files
from pathlib import Path
from typing import Any

from coldchain.clock import parse_rfc3339
from coldchain.errors import ConfigError
from firmware_sim.climate import CLIMATES
from firmware_sim.roads import Stop, faults_of
from firmware_sim.scenario import KINDS, Happening, Scenario, WrongClock

FOLDER = "scenarios"
EARLIEST_CLOCK_MS = 600_000
"""A clock that says less than 10 min after 1970 began: SenML reads it as relative to now (RFC 8428 §4.5.3), and a
gateway would believe the near future."""

_DURATION = re.compile(r"(-?)((?:\d+(?:\.\d+)?[dhms])+)")
_SECONDS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_HEAD = {"title", "fleet", "weather", "happening"}
_SHARES = ("capacity_share", "fresh_share", "hit_share", "lost_share")


def scenario_names() -> list[str]:
    """Return the names of the scenarios that come with the simulator."""
    found = (item.name for item in files(__package__).joinpath(FOLDER).iterdir())
    return sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml"))


def load_scenario(name: str) -> Scenario:
    """Return a scenario that comes with the simulator, or one of a file.

    Args:
        name: one of `scenario_names`, or a path that ends with ``.toml``.

    Raises:
        ConfigError: no such scenario, or every fault of its file.
    """
    if name.endswith(".toml"):
        try:
            found = parse_scenario(Path(name).read_text("utf-8"), name)
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(f"{name}: cannot be read: {fault}") from fault
        if found.fleet.endswith(".toml"):
            return replace(found, fleet=str(Path(name).parent / found.fleet))
        return found
    if name not in scenario_names():
        raise ConfigError(f"no scenario {name!r}; there are {', '.join(scenario_names())}")
    file = f"{name}.toml"
    return parse_scenario(files(__package__).joinpath(FOLDER, file).read_text("utf-8"), file)


def load_together(names: Sequence[str]) -> Scenario:
    """Return several scenarios at once.

    Raises:
        ConfigError: every fault of every file, or scenarios of different fleets.
    """
    found: list[Scenario] = []
    faults: list[str] = []
    for name in names:
        try:
            found.append(load_scenario(name))
        except ConfigError as fault:
            faults += fault.faults
    fleets = sorted({scenario.fleet for scenario in found})
    if len(fleets) > 1:
        faults.append(f"scenarios of different fleets cannot happen at once: {', '.join(fleets)}")
    if faults:
        raise ConfigError(faults)
    return reduce(Scenario.together, found)


def demo_scenario() -> Scenario:
    """Return the demo's story."""
    return load_scenario("demo")


def seconds_of(text: str) -> float:
    """Return a duration in seconds.

    Raises:
        ValueError: it is none.

    >>> seconds_of("1h30m"), seconds_of("-2d")
    (5400.0, -172800.0)
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no duration such as 90s, 1h30m or -2d")
    sign, parts = found.groups()
    total_s = sum(float(number) * _SECONDS[unit] for number, unit in re.findall(r"(\d+(?:\.\d+)?)([dhms])", parts))
    return -total_s if sign else total_s


def parse_scenario(text: str, where: str) -> Scenario:
    """Read a scenario file.

    Raises:
        ConfigError: every fault at once, each with file and place.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{where}: {fault}") from fault
    faults = [f"{where}: {name!r} is no field of a scenario" for name in tables if name not in _HEAD]
    head = {name: tables.get(name, "") for name in ("title", "fleet", "weather")}
    faults += [
        f"{where}: {name} = {value!r}: a text was expected" for name, value in head.items() if value != f"{value}"
    ]
    if not head["title"]:
        faults.append(f"{where}: no title (one line that says what happens)")
    if head["weather"] and head["weather"] not in CLIMATES:
        faults.append(f"{where}: no weather {head['weather']!r}; there are {', '.join(CLIMATES)}")
    rows = tables.get("happening", [])
    happenings: list[Happening] = []
    for place, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        reader = _Row(row if isinstance(row, dict) else {"happening": row}, f"{where}: [[happening]] {place}")
        made = reader.happening()
        faults += reader.faults
        if made is not None:
            happenings.append(made)
    if faults:
        raise ConfigError(faults)
    return Scenario(tuple(happenings), head["title"], head["fleet"] or "demo", head["weather"])


class _Row:
    """One ``[[happening]]``: reads what it can and collects every fault."""

    def __init__(self, row: Mapping[str, Any], where: str) -> None:
        self.faults: list[str] = []
        self._row, self._where = row, where

    def happening(self) -> Happening | None:
        word = self._row.get("kind")
        kind = KINDS.get(word) if isinstance(word, str) else None
        if kind is None:
            self._fault(f"kind = {word!r}; there are {', '.join(KINDS)}")
            return None
        self._where += f" ({word})"
        known = {_written(field.name): field for field in fields(kind)}
        made: dict[str, Any] = {}
        for name, value in self._row.items():
            if name == "kind":
                continue
            if name not in known:
                self._fault(f"{name!r} is no field of {word}; there are {', '.join(sorted(known))}")
                continue
            try:
                made[known[name].name] = self._value(known[name].name, str(known[name].type), value)
            except (ValueError, TypeError, KeyError) as fault:
                self._fault(f"{name} = {value!r}: {fault}")
        if self.faults:
            return None
        found = kind(**made)
        self._check(found)
        return None if self.faults else found

    def _value(self, name: str, kind: str, value: Any) -> Any:
        if name == "times_s":
            return tuple(_time_of_day_s(text) for text in value)
        if name == "over":
            return tuple((float(row["latitude"]), float(row["longitude"])) for row in value)
        if name.endswith("_s"):
            if not isinstance(value, str):
                raise ValueError("a duration such as 90s was expected")
            return seconds_of(value)
        if name == "reads_ms":
            return parse_rfc3339(value)
        if name == "stops":
            return self._stops(value)
        if kind.startswith("tuple"):
            if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
                raise ValueError("a list of ids was expected")
            return tuple(value)
        if kind.startswith("bool") is not isinstance(value, bool):
            raise ValueError(f"a {kind.partition(' ')[0]} was expected")
        if kind.startswith("float") and isinstance(value, int | float):
            if name in _SHARES and not 0 <= value <= 1:
                raise ValueError("a share between 0 and 1 was expected")
            return float(value)
        if kind.partition(" ")[0] != type(value).__name__:
            raise ValueError(f"a {kind.partition(' ')[0]} was expected")
        return value

    def _stops(self, rows: Any) -> tuple[Stop, ...]:
        stops = tuple(
            Stop(
                row["name"],
                float(row["latitude"]),
                float(row["longitude"]),
                seconds_of(row["arrives"]),
                seconds_of(row["leaves"]),
            )
            for row in rows
        )
        for fault in faults_of(stops):
            self._fault(fault)
        return stops

    def _check(self, found: Happening) -> None:
        if found.duration_s is not None and found.duration_s <= 0:
            self._fault("duration: more than nothing was expected")
        if isinstance(found, WrongClock):
            given = [value for value in (found.reads_ms, found.ahead_s, found.drift_share) if value is not None]
            if len(given) != 1:
                self._fault("exactly one of reads, ahead and drift_share was expected")
            if found.reads_ms is not None and found.reads_ms < EARLIEST_CLOCK_MS:
                self._fault("reads: before 1970-01-01T00:10:00Z a gateway takes it for the near future")

    def _fault(self, what: str) -> None:
        self.faults.append(f"{self._where}: {what}")


def _time_of_day_s(text: str) -> float:
    """Return ``05:30`` in seconds after midnight."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise ValueError(f"{text!r} is no time of day such as 05:30")
    return int(found[1]) * 3600.0 + int(found[2]) * 60.0


def _written(name: str) -> str:
    """Return a field's name in a file: times are durations and moments, which say their unit themselves."""
    return name.removesuffix("_ms").removesuffix("_s")
