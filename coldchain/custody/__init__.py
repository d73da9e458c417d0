"""Who has the goods: change entries of trips and goods, which the registry passes over.

A year of trips and lots is thousands of times what the registry holds: projections keep them in their stores.
"""

from coldchain.custody.captures import EpcisCapture
from coldchain.custody.goods import (
    GOODS,
    Goods,
    Lot,
    LotChange,
    LotGone,
    LotHold,
    LotPlaced,
    LotRelease,
    LotShare,
)
from coldchain.custody.recalls import RECALLS, Recall, RecallAnswer, RecallEnd, RecallPlan
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

CUSTODY = (Trip, TripMoment, TripVehicle, Milking, *GOODS, *RECALLS, EpcisCapture)
"""Every kind of change entry of this package."""

__all__ = [
    "CUSTODY",
    "GOODS",
    "MOMENTS",
    "PURPOSES",
    "RECALLS",
    "TRIP_KINDS",
    "EpcisCapture",
    "Goods",
    "Lot",
    "LotChange",
    "LotGone",
    "LotHold",
    "LotPlaced",
    "LotRelease",
    "LotShare",
    "Milking",
    "Recall",
    "RecallAnswer",
    "RecallEnd",
    "RecallPlan",
    "Trip",
    "TripMoment",
    "TripStop",
    "TripVehicle",
]
