"""Which entries of trips cannot be, and why: asked before one is written.

Everything that a judge would have to guess is refused: a vehicle or site that nobody registered, a plan without any
time, a word on a stop that the plan does not have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from coldchain.clock import rfc3339
from coldchain.custody import MOMENTS, PURPOSES, TRIP_KINDS, Trip, TripMoment, TripStop, TripVehicle
from coldchain.custody.refusals import BAD_ID
from coldchain.readings import EARLIEST_MS, FUTURE_TOLERANCE_MS
from coldchain.registry import Registry
from coldchain.registry.cells import Both
from coldchain.registry.hints import Hints
from coldchain.topics import valid_id
from coldchain.trips.ways import MOST_CORNERS

Put = Trip | TripMoment | TripVehicle

MOST_STOPS = 200
DAY_MS = 86_400_000

LONGEST_MS = 14 * DAY_MS
"""A plan over a longer time has a mistyped day; assumed."""

FARTHEST_MS = 366 * DAY_MS
"""And so has one that begins later than this from now; assumed."""

OF_STOP = ("arrived", "departed")
OF_TRIP = ("ended", "cancelled")
"""Moments that need a stop, and those that have none; goods may be accepted or refused at a stop or as a whole."""


class Refusal(StrEnum):
    """Why an entry of a trip cannot be; `REFUSALS` has the words."""

    BAD_ID = "bad-id"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_VEHICLE = "unknown-vehicle"
    UNKNOWN_SITE = "unknown-site"
    UNKNOWN_PURPOSE = "unknown-purpose"
    STOP_COUNT = "stop-count"
    NO_TIME = "no-time"
    BAD_TIME = "bad-time"
    TIME_ORDER = "time-order"
    BAD_QUANTITY = "bad-quantity"
    BAD_ROUTE = "bad-route"
    UNKNOWN_TRIP = "unknown-trip"
    UNKNOWN_MOMENT = "unknown-moment"
    UNKNOWN_STOP = "unknown-stop"
    IN_FUTURE = "in-future"


REFUSALS: dict[Refusal, Both] = {
    Refusal.BAD_ID: BAD_ID,
    Refusal.UNKNOWN_KIND: ("运输类型应为 raw-milk 或 distribution", "a trip is of kind raw-milk or distribution"),
    Refusal.UNKNOWN_VEHICLE: ("没有登记这辆车", "no such vehicle is registered"),
    Refusal.UNKNOWN_SITE: ("没有登记这个网点", "no such site is registered"),
    Refusal.UNKNOWN_PURPOSE: ("作业应为 load、unload 或 return", "a stop's purpose is load, unload or return"),
    Refusal.STOP_COUNT: (f"一次运输应有 2 至 {MOST_STOPS} 个站点", f"a trip has 2 to {MOST_STOPS} stops"),
    Refusal.NO_TIME: ("计划中没有任何时间", "the plan names no time at all, so nothing could be late"),
    Refusal.BAD_TIME: ("时间不成立(年份有误?)", "a time that cannot be (mistyped year?)"),
    Refusal.TIME_ORDER: ("时间先后有误", "times in the wrong order"),
    Refusal.BAD_QUANTITY: ("数量或里程应为不小于 0 的数", "a quantity or distance is a number of at least 0"),
    Refusal.BAD_ROUTE: (
        f"路线应为空或 2 至 {MOST_CORNERS} 个点(纬度、经度)",
        f"a route is empty, or 2 to {MOST_CORNERS} of latitude and longitude in degrees",
    ),
    Refusal.UNKNOWN_TRIP: ("没有这次运输的计划", "nobody planned a trip with this id"),
    Refusal.UNKNOWN_MOMENT: ("没有这个说法", f"a moment is one of {', '.join(MOMENTS)}"),
    Refusal.UNKNOWN_STOP: (
        "计划中没有这一站,或这个说法不属于某一站",
        "the plan has no such stop, or this is not said of a stop",
    ),
    Refusal.IN_FUTURE: ("时间在将来", "this is still to come"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be, with what was found.

    Attributes:
        stop: the place in `Trip.stops` that is meant; None: none of them.
        field: the field that is meant; empty: the whole.
        hint: the likely cause.
    """

    reason: Refusal
    detail: str
    stop: int | None = None
    field: str = ""
    hint: Both = ("", "")

    def said(self, language: str = "en") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        place = 0 if language == "zh" else 1
        return f"{REFUSALS[self.reason][place]}: {self.detail}{self.hint[place]}"


def refusals(put: Put, plan: Trip | None, registry: Registry, now_ms: int, hints: Hints) -> Iterator[Refused]:
    """Yield everything for which an entry cannot be.

    Args:
        plan: the newest plan of the trip that is spoken of; None: nobody planned it.
        now_ms: server's time.
        hints: of the request or list that is asked about.
    """
    match put:
        case Trip():
            yield from _of_plan(put, registry, hints)
            for number, stop in enumerate(put.stops):
                yield from refusals_of_stop(number, stop, registry, now_ms, hints)
            yield from _of_course(put)
        case _ if plan is None:
            yield Refused(Refusal.UNKNOWN_TRIP, repr(put.trip)[:80], field="trip")
        case TripMoment():
            yield from _of_moment(put, plan, now_ms, hints)
        case TripVehicle():
            yield from _of_vehicle(put.vehicle, registry, hints)
            yield from _of_time(put.from_ms, now_ms)


def refusals_of_stop(number: int, stop: TripStop, registry: Registry, now_ms: int, hints: Hints) -> Iterator[Refused]:
    """Yield everything for which a planned stop cannot be.

    Args:
        number: its place in `Trip.stops`.
    """
    if stop.site not in registry.sites:
        near = hints(stop.site, registry.sites)
        yield Refused(Refusal.UNKNOWN_SITE, repr(stop.site)[:80], number, "site", near)
    if stop.purpose not in PURPOSES:
        yield Refused(Refusal.UNKNOWN_PURPOSE, stop.purpose, number, "purpose", hints(stop.purpose, PURPOSES))
    if not _sound(stop.quantity):
        yield Refused(Refusal.BAD_QUANTITY, str(stop.quantity), number, "quantity")
    for field in ("arrives_ms", "leaves_ms", "window_from_ms", "window_to_ms"):
        at_ms = getattr(stop, field)
        if at_ms is not None and not EARLIEST_MS <= at_ms <= now_ms + FARTHEST_MS:
            yield Refused(Refusal.BAD_TIME, rfc3339(at_ms), number, field)
    if stop.window_from_ms is not None and stop.window_to_ms is not None and stop.window_to_ms < stop.window_from_ms:
        yield Refused(Refusal.TIME_ORDER, rfc3339(stop.window_to_ms), number, "window_to_ms")


def _of_plan(trip: Trip, registry: Registry, hints: Hints) -> Iterator[Refused]:
    if not valid_id(trip.id):
        yield Refused(Refusal.BAD_ID, repr(trip.id)[:80], field="id")
    if trip.kind not in TRIP_KINDS:
        yield Refused(Refusal.UNKNOWN_KIND, trip.kind, field="kind", hint=hints(trip.kind, TRIP_KINDS))
    if not 2 <= len(trip.stops) <= MOST_STOPS:
        yield Refused(Refusal.STOP_COUNT, str(len(trip.stops)))
    if not _sound(trip.distance_m):
        yield Refused(Refusal.BAD_QUANTITY, str(trip.distance_m), field="distance_m")
    if len(trip.route) == 1 or len(trip.route) > MOST_CORNERS or not all(_on_earth(*place) for place in trip.route):
        yield Refused(Refusal.BAD_ROUTE, str(len(trip.route)), field="route")
    yield from _of_vehicle(trip.vehicle, registry, hints)


def _of_course(trip: Trip) -> Iterator[Refused]:
    """Refuse a plan without times, one that goes back in time, and one that takes for ever."""
    times = [
        (at_ms, number, field)
        for number, stop in enumerate(trip.stops)
        for field, at_ms in (("arrives_ms", stop.arrives_ms), ("leaves_ms", stop.leaves_ms))
        if at_ms is not None
    ]
    for (before_ms, _, _), (at_ms, number, field) in pairwise(times):
        if at_ms < before_ms:
            yield Refused(Refusal.TIME_ORDER, f"{rfc3339(at_ms)} < {rfc3339(before_ms)}", number, field)
    if times and times[-1][0] - times[0][0] > LONGEST_MS:
        yield Refused(Refusal.BAD_TIME, rfc3339(times[-1][0]), *times[-1][1:])
    if not times and all(stop.window_from_ms is None and stop.window_to_ms is None for stop in trip.stops):
        yield Refused(Refusal.NO_TIME, trip.id)


def _of_moment(put: TripMoment, plan: Trip, now_ms: int, hints: Hints) -> Iterator[Refused]:
    if put.moment not in MOMENTS:
        near = hints(put.moment, MOMENTS)
        yield Refused(Refusal.UNKNOWN_MOMENT, put.moment, field="moment", hint=near)
    elif put.moment in (OF_STOP if put.stop is None else OF_TRIP):
        yield Refused(Refusal.UNKNOWN_STOP, f"{put.moment}, stop {put.stop}", field="stop")
    elif put.stop is not None and not 0 <= put.stop < len(plan.stops):
        yield Refused(Refusal.UNKNOWN_STOP, f"stop {put.stop} of {len(plan.stops)}, the first is 0", field="stop")
    if put.at_ms is not None:
        yield from _of_time(put.at_ms, now_ms)


def _of_vehicle(name: str, registry: Registry, hints: Hints) -> Iterator[Refused]:
    known = registry.sites.get(name)
    if known is None or known.kind != "vehicle":
        vehicles = [site.id for site in registry.sites.values() if site.kind == "vehicle"]
        yield Refused(Refusal.UNKNOWN_VEHICLE, repr(name)[:80], field="vehicle", hint=hints(name, vehicles))


def _of_time(at_ms: int, now_ms: int) -> Iterator[Refused]:
    if at_ms < EARLIEST_MS:
        yield Refused(Refusal.BAD_TIME, rfc3339(at_ms), field="at_ms")
    elif at_ms > now_ms + FUTURE_TOLERANCE_MS:
        yield Refused(Refusal.IN_FUTURE, rfc3339(at_ms), field="at_ms")


def _sound(quantity: float | None) -> bool:
    return quantity is None or (math.isfinite(quantity) and quantity >= 0)


def _on_earth(latitude: float, longitude: float) -> bool:
    return abs(latitude) <= 90 and abs(longitude) <= 180
