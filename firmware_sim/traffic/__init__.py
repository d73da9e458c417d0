"""Road trips as roads are: a population with plans, disturbances, truth and fixes, for judging predictions.

::

    ways, usual ──▶ tours ──▶ plans                     what is known before
    hazards ──▶ drawing ──▶ days ──▶ driving            what happens
                              └──▶ reckoning ──▶ truth  what could be known of it, and when
                                       hearing          what a server hears
                                       trips            all of it, by seed and number

Nothing in here knows a rule that judges trips. Every number says where it comes from, or that it is assumed.
"""

from firmware_sim.traffic.hazards import USUAL, Hazards
from firmware_sim.traffic.hearing import Heard
from firmware_sim.traffic.plans import Plan, PlannedStop
from firmware_sim.traffic.trips import Trip, trip, trips
from firmware_sim.traffic.truth import Truth

__all__ = ["USUAL", "Hazards", "Heard", "Plan", "PlannedStop", "Trip", "Truth", "trip", "trips"]
