"""Trips: what was planned, and what a person said of them. Where a vehicle was is read from its positions.

Times are measured times, ms UTC; places are ids of sites; coordinates are WGS-84, degrees.
"""

from __future__ import annotations

import msgspec

TRIP_KINDS = ("raw-milk", "distribution")
PURPOSES = ("load", "unload", "return")
"""What a stop is for; ``return``: goods are no more on board, the vehicle comes home."""

MOMENTS = ("arrived", "departed", "accepted", "refused", "ended", "cancelled")
"""What a person may say of a trip or a stop. ``accepted``, ``refused``: the receiver took the goods, or did not;
``ended``: the trip is over, whatever was planned."""


class TripStop(msgspec.Struct, frozen=True):
    """A place where a vehicle is expected.

    Attributes:
        site: its id.
        purpose: one of `PURPOSES`.
        arrives_ms, leaves_ms: as planned; None: nobody said.
        window_from_ms, window_to_ms: when it must arrive; None: no such end.
        quantity: what is loaded or unloaded there, in ``unit`` (any word); None: nobody said.
    """

    site: str
    purpose: str
    arrives_ms: int | None = None
    leaves_ms: int | None = None
    window_from_ms: int | None = None
    window_to_ms: int | None = None
    quantity: float | None = None
    unit: str = ""


class Trip(msgspec.Struct, frozen=True, tag="trip", tag_field="put"):
    """A planned trip; another entry with the same id is another plan of it.

    Whoever writes entries keeps a plan out that is older than the one that stands (`coldchain.trips.asking`).

    Attributes:
        kind: one of `TRIP_KINDS`.
        vehicle: the site (of kind ``vehicle``) that drives; `TripVehicle` when another one takes over.
        stops: in planned order, the first one where it starts; at least two.
        route: the planned way, (latitude, longitude); empty: nobody said.
        distance_m: planned way from first to last stop; None: nobody said.
        carrier: id of a carrier, or its name. ``order``: number of the order or tour in the dispatch system.
        driver, driver_phone, escort: 司机, 押运员. ``permit``: 准运证明 number that it drives with.
        version: rises with every plan of the trip: a counter of the dispatch system, or when it changed it; None: it
            has no such number.
        delivery: id of the message that brought it, as in the two entries below; empty: none was given.
    """

    id: str
    kind: str
    vehicle: str
    stops: tuple[TripStop, ...]
    route: tuple[tuple[float, float], ...] = ()
    distance_m: float | None = None
    carrier: str = ""
    driver: str = ""
    driver_phone: str = ""
    escort: str = ""
    permit: str = ""
    order: str = ""
    version: int | None = None
    delivery: str = ""


class TripMoment(msgspec.Struct, frozen=True, tag="trip-moment", tag_field="put"):
    """A person said that something happened on a trip; of the same stop and moment the last word counts.

    Attributes:
        moment: one of `MOMENTS`.
        stop: place in `Trip.stops`; None for what concerns the whole trip.
        at_ms: when it happened; None takes an earlier word of the same stop and moment back.
    """

    trip: str
    moment: str
    at_ms: int | None
    stop: int | None = None
    delivery: str = ""


class TripVehicle(msgspec.Struct, frozen=True, tag="trip-vehicle", tag_field="put"):
    """换车: another vehicle goes on with a trip and its goods from a time on."""

    trip: str
    vehicle: str
    from_ms: int
    delivery: str = ""


class Milking(msgspec.Struct, frozen=True, tag="milking", tag_field="put"):
    """Milk came into a tank: where the age of raw milk begins.

    Attributes:
        asset: the tank (at a farm or station).
        ended_ms: when milking ended; the same asset and time replaces.
        litres: what came in; None: not measured.
        farm: 畜主 or farm.
    """

    asset: str
    ended_ms: int
    litres: float | None = None
    farm: str = ""
