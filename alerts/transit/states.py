"""The states of a trip, as one table.

::

    planned ──departed──▶ under-way ──arrived──▶ at-stop ──departed──▶ under-way … ──left-last──▶ ended
       │                     └──reached-receiver──▶ waiting ──accepted, refused, left-last──▶ ended
       └──cancelled──▶ cancelled                 (raw milk at the plant: arrived, and not yet taken over)
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class TripState(StrEnum):
    PLANNED = "planned"
    AT_STOP = "at-stop"
    UNDER_WAY = "under-way"
    WAITING = "waiting"
    ENDED = "ended"
    CANCELLED = "cancelled"


class TripEvent(StrEnum):
    """What happens on a trip; found from positions or said by a person.

    ``reached-receiver``: raw milk arrived where it is to be taken over. ``came-home``: arrived at a stop to which it
    only returns. ``left-last``: left the last stop.
    """

    ARRIVED = "arrived"
    REACHED_RECEIVER = "reached-receiver"
    CAME_HOME = "came-home"
    DEPARTED = "departed"
    LEFT_LAST = "left-last"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ENDED = "ended"
    CANCELLED = "cancelled"


OVER = frozenset({TripState.ENDED, TripState.CANCELLED})

_ON = {
    TripEvent.ARRIVED: TripState.AT_STOP,
    TripEvent.REACHED_RECEIVER: TripState.WAITING,
    TripEvent.CAME_HOME: TripState.ENDED,
    TripEvent.DEPARTED: TripState.UNDER_WAY,
    TripEvent.LEFT_LAST: TripState.ENDED,
    TripEvent.ENDED: TripState.ENDED,
}

STEPS: Mapping[TripState, Mapping[TripEvent, TripState]] = {
    TripState.PLANNED: {**_ON, TripEvent.CANCELLED: TripState.CANCELLED},
    TripState.AT_STOP: {
        **_ON,
        TripEvent.ACCEPTED: TripState.AT_STOP,
        TripEvent.REFUSED: TripState.AT_STOP,
        TripEvent.CANCELLED: TripState.CANCELLED,
    },
    TripState.UNDER_WAY: {
        **_ON,
        TripEvent.ACCEPTED: TripState.UNDER_WAY,
        TripEvent.REFUSED: TripState.UNDER_WAY,
        TripEvent.CANCELLED: TripState.CANCELLED,
    },
    TripState.WAITING: {
        **_ON,
        TripEvent.ACCEPTED: TripState.ENDED,
        TripEvent.REFUSED: TripState.ENDED,
    },
    TripState.ENDED: {},
    TripState.CANCELLED: {},
}
"""State → what happens → next state; what is not named changes nothing. A delivery may be taken over at a stop or, as
far as the positions go, on the way from it: that moves no state."""


def step(state: TripState, event: TripEvent) -> TripState:
    """Return the state after an event.

    >>> step(TripState.WAITING, TripEvent.ACCEPTED), step(TripState.ENDED, TripEvent.ARRIVED)
    (<TripState.ENDED: 'ended'>, <TripState.ENDED: 'ended'>)
    """
    return STEPS[state].get(event, state)
