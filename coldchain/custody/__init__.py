"""Who has the goods: change entries of trips, goods and papers, which the registry passes over.

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
from coldchain.custody.papers import (
    PAPERS,
    Celsius,
    Delivery,
    DeliveryLine,
    MilkNote,
    MilkTank,
    PaperEnd,
    PaperSignature,
    PaperVoid,
    Photo,
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

CUSTODY = (Trip, TripMoment, TripVehicle, Milking, *GOODS, *RECALLS, *PAPERS, EpcisCapture)
"""Every kind of change entry of this package."""

__all__ = [
    "CUSTODY",
    "GOODS",
    "MOMENTS",
    "PAPERS",
    "PURPOSES",
    "RECALLS",
    "TRIP_KINDS",
    "Celsius",
    "Delivery",
    "DeliveryLine",
    "EpcisCapture",
    "Goods",
    "Lot",
    "LotChange",
    "LotGone",
    "LotHold",
    "LotPlaced",
    "LotRelease",
    "LotShare",
    "MilkNote",
    "MilkTank",
    "Milking",
    "PaperEnd",
    "PaperSignature",
    "PaperVoid",
    "Photo",
    "Recall",
    "RecallAnswer",
    "RecallEnd",
    "RecallPlan",
    "Trip",
    "TripMoment",
    "TripStop",
    "TripVehicle",
]
