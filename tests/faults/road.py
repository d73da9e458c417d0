"""Trucks on the road of the fault suite: one is back before faults come, one meets a jam while they do; their truth.

The rounds' plans are in the ledger before anything starts (`coldchain.cli.dispatch`). What has to be found of them is
judged once from the truth: no ledger, no batches, no arrival, no restarts; `tests/alerts/transit` holds the judging
itself to hand-made roads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from alerts.history import Samples, standing
from alerts.transit.book import Entries, Known, span_of
from alerts.transit.gathering import gathered
from alerts.transit.trips import Judged, judged
from coldchain.cli.report import Api
from coldchain.clock import rfc3339
from coldchain.custody import Trip
from coldchain.ledger.port import Kind, Ledger
from coldchain.registry import Registry, decode_change
from firmware_sim.fleet import fleet_toml
from firmware_sim.scenario import Expect
from firmware_sim.truth import Sent, Truth

PLACES = {
    "warehouse-1": ("上海市嘉定区曹安公路 5 号（演示）", 31.370, 121.230),
    "shop-1": ("上海市徐汇区龙华中路 1 号（演示）", 31.1745, 121.4515),
    "shop-3": ("上海市浦东新区世纪大道 3 号（演示）", 31.229, 121.527),
}
NAMES = {"warehouse-1": "上海·嘉定冷库", "shop-1": "上海·龙华店", "shop-3": "上海·世纪大道店"}

TRUCK = """
[[site]]
id = "truck-{number}"
name = "配送车 {number}（沪A·演0{number}）"
kind = "vehicle"
operator = "chenlu"

[[node]]
id = "gw-truck-{number}"
site = "truck-{number}"

[[asset]]
id = "reefer-{number}"
name = "车厢 {number}"
kind = "reefer"
site = "truck-{number}"
"""
POINTS = {"product": ("temperature", "Cel"), "latitude": ("latitude", "lat"), "longitude": ("longitude", "lon"),
          "speed": ("speed", "m/s")}  # fmt: skip
"""No limit: what these readings mean is a trip's business alone."""

SCENARIO, FLEET = "road.toml", "road_fleet.toml"
STOPS = (("warehouse-1", "0m", "30m"), ("shop-1", "1h30m", "1h50m"), ("shop-3", "2h20m", "2h40m"),
         ("warehouse-1", "3h40m", "4h"))  # fmt: skip
STARTS = {3: "-8h", 4: "-2h"}
"""Of each truck's round, from the start of live; the second one is back an hour and a half before its end."""
JAM = """
[[happening]]
kind = "jam"
assets = ["reefer-4"]
start = "-80m"
duration = "3h"
from_km = 12.0
to_km = 18.0
km_per_h = 6.0
"""
"""Three quarters of an hour: the shops' windows close half an hour behind the planned times."""


def written(folder: Path, scenario: str) -> str:
    """Write the small fleet with the trucks, and a scenario of that with their rounds; return the scenario's name.

    Args:
        scenario: text of one of the small fleet.
    """
    fleet = fleet_toml("small") + "".join(_truck(number) for number in STARTS)
    for address, latitude, longitude in PLACES.values():
        line = f'address = "{address}"\n'
        assert line in fleet, f"the fleet has no {address}"
        fleet = fleet.replace(line, f'{line}latitude = {latitude}\nlongitude = {longitude}\ncoordinates = "WGS-84"\n')
    rounds = "".join(_round(number, start) for number, start in STARTS.items())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FLEET).write_text(fleet, "utf-8")
    (folder / SCENARIO).write_text(scenario.replace('fleet = "small"', f'fleet = "{FLEET}"') + rounds + JAM, "utf-8")
    return str(folder / SCENARIO)


def _truck(number: int) -> str:
    asset = f"reefer-{number}"
    points = (
        f'\n[[point]]\nid = "{asset}.{name}"\nasset = "{asset}"\nposition = "{name}"\nquantity = "{quantity}"\n'
        f'unit = "{unit}"\ninterval_s = 60\nchannel = "urn:dev:mac:0024befffe809{number}{place:02}:{quantity}"\n'
        for place, (name, (quantity, unit)) in enumerate(POINTS.items())
    )
    return TRUCK.format(number=number) + "".join(points)


def _round(number: int, start: str) -> str:
    stops = ", ".join(
        f'{{ name = "{NAMES[site]}", latitude = {PLACES[site][1]}, longitude = {PLACES[site][2]}, '
        f'arrives = "{arrives}", leaves = "{leaves}" }}'
        for site, arrives, leaves in STOPS
    )
    return f'\n[[happening]]\nkind = "round"\nassets = ["reefer-{number}"]\nstart = "{start}"\nstops = [{stops}]\n'


# -- what has to be found -------------------------------------------------------------------------------------

Found = dict[str, Any]
"""What the API says of a trip, as far as it must be the same however its readings came."""


def expected_trips(truth: Truth, ledger: Ledger, registry: Registry) -> dict[str, Found]:
    """Return trip → what has to be found of it, from what was produced."""
    samples = _samples(truth)
    return {plan.id: _expected(registry, plan, samples) for plan in _plans(ledger)}


def _expected(registry: Registry, plan: Trip, samples: dict[str, Samples]) -> Found:
    begins_ms, ends_ms = span_of(plan)
    nowhere: frozenset[str] = frozenset()
    known = Known(
        id=plan.id, vehicles=nowhere | {plan.vehicle}, sites=nowhere, loads={}, begins_ms=begins_ms, ends_ms=ends_ms
    )

    def ask(point: str, begin: int, end: int) -> Samples:
        said = [samples[each.channel] for each in registry.bindings_of(point) if each.channel in samples]
        first, last = np.searchsorted(said[0].t, [begin, end]).tolist() if said else (0, 0)
        return said[0].until(last).since(first) if said else standing(*_NOTHING)

    while True:
        heard = gathered(registry, Entries(plan), known, known.from_ms, None, ask)
        went = judged(plan, heard, registry.trip_rules_at(plan.kind, begins_ms))
        if went.course.over_ms == known.over_ms:
            return _said(went, heard.newest_ms)
        known.over_ms = went.course.over_ms


_NOTHING = np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)


def _said(went: Judged, newest_ms: int) -> Found:
    return {
        "state": went.course.state.value,
        "newest": rfc3339(newest_ms),
        "driven_m": round(went.driven_m),
        "stops": [(_time(stop.arrived_ms), _time(stop.left_ms)) for stop in went.course.stops],
        "alarms": sorted((one.rule, rfc3339(one.onset_ms), _time(one.ended_ms)) for one in went.delays),
    }


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)


def _plans(ledger: Ledger) -> Iterator[Trip]:
    for entry in ledger.changes(0, ledger.end()):
        put = decode_change(entry.raw).change if entry.kind is Kind.CHANGE else None
        if isinstance(put, Trip):
            yield put


def _samples(truth: Truth) -> dict[str, Samples]:
    by_channel: dict[str, list[Sent]] = {}
    for sent in truth.produced():
        if sent.expect is Expect.RECORDED and sent.value is not None:
            by_channel.setdefault(sent.channel, []).append(sent)
    return {
        channel: standing(
            np.array([one.t_ms for one in sent], np.int64),
            np.array([one.value for one in sent], np.float64),
            np.arange(len(sent), dtype=np.int64),
        )
        for channel, sent in by_channel.items()
    }


FORGED = "at-stop"


# -- what was found -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trips:
    """The trips of a run beside their truth.

    Attributes:
        ended: of them, and ``alarms``: how many the truth holds; a run without either would prove nothing of them.
        wrong: those that are not as they must be, what was expected and what was found.
        seconds: that the comparison took, with waiting until the last of them was judged.
        forgery_found: one trip was written back to what it was in its middle, and the comparison saw it.
    """

    expected: int
    ended: int
    alarms: int
    seconds: float
    wrong: list[str] = field(default_factory=list)
    forgery_found: bool = False

    @property
    def ok(self) -> bool:
        """Whether all are as they must be, and it was seen that one was not."""
        return (
            self.expected == len(STARTS)
            and self.ended == len(STARTS)
            and self.alarms > 0
            and not self.wrong
            and self.forgery_found
        )


def wrong_trips(base: str, expected: dict[str, Found]) -> list[str]:
    """Return the trips of which a server says something else than is expected."""
    wrong = []
    with Api(base) as api:
        for trip, wanted in expected.items():
            try:
                found = _found(api.get(f"/api/v1/trips/{trip}"))
            except httpx.HTTPError as fault:
                found = {"fault": str(fault)}
            if found != wanted:
                wrong.append(f"{trip}: expected {wanted}, found {found}")
    return wrong


def _found(said: Any) -> Found:
    standing_alarms = [one for one in said["alarms"] if one["state"] not in ("retracted", "merged")]
    return {
        "state": said["state"],
        "newest": said["newest"],
        "driven_m": said["driven_m"],
        "stops": [(stop["arrived"], stop["left"]) for stop in said["stops"]],
        "alarms": sorted((one["rule"], one["onset"], one["ended"]) for one in standing_alarms),
    }


def forged(alarms: Path, trip: str) -> None:
    """Write a trip back to what it was before its end, as a judge would leave it that lost its last judgement.

    Args:
        alarms: the alarm store; no server uses it.
    """
    earlier = f"json_set(CAST(judged AS TEXT), '$.state', '{FORGED}')"
    with sqlite3.connect(alarms) as store:
        store.execute(f"UPDATE trip SET judged = CAST({earlier} AS BLOB) WHERE id = ?", (trip,))
    store.close()


def sees_forgery(wrong: list[str], trip: str) -> bool:
    """Say whether a comparison saw that a trip was `forged`."""
    return any(one.startswith(trip) and f"found {{'state': '{FORGED}'" in one for one in wrong)
