"""Who has the goods: change entries of trips and goods, which the registry passes over.

A year of trips and lots is thousands of times what the registry holds: projections keep them in their stores.
"""

from coldchain.custody.trips import (
    MOMENTS,
    PURPOSES,
    TRIP_KINDS,
    Milking,
    Trip,
    TripMoment,
    TripStop,
    TripVehicle,
)

CUSTODY = (Trip, TripMoment, TripVehicle, Milking)
"""Every kind of change entry of this package."""

__all__ = [
    "CUSTODY",
    "MOMENTS",
    "PURPOSES",
    "TRIP_KINDS",
    "Milking",
    "Trip",
    "TripMoment",
    "TripStop",
    "TripVehicle",
]
