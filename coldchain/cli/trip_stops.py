"""When vehicles were at the stops of a trip, as the judge found it from their positions: for the events of EPCIS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import Engine, select

from alerts.tables import trip
from alerts.transit.view import TripView
from coldchain.exchange.world import StopTimes

_view = msgspec.json.Decoder(TripView).decode


def judged_stops(engine: Engine) -> Callable[[str], Sequence[StopTimes]]:
    """Return what tells of a trip when it was at each stop; nothing of one that was not judged.

    Args:
        engine: of the alarm store.
    """

    def stops(name: str) -> Sequence[StopTimes]:
        with engine.connect() as connection:
            raw = connection.execute(select(trip.c.judged).where(trip.c.id == name)).scalar()
        return [] if raw is None else [StopTimes(stop.arrived_ms, stop.left_ms) for stop in _view(raw).stops]

    return stops
