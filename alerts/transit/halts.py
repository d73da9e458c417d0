"""Where a vehicle stood: how fast it was at each fix, and its halts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.transit.track import Track
from coldchain.geo import distance_m
from coldchain.kinetics import HOLD_INTERVALS

Floats = NDArray[np.float64]

STANDS_M_PER_S = 5 / 3.6
"""5 km/h: a receiver that lies still says up to 2 or 3, and who walks a truck to a dock drives faster. Assumed."""

SHUNTS_M = 60.0
"""A vehicle that does not leave this circle around its first standing fix is at the same halt: it turns, or its
receiver does (reflections in a yard are off by tens of metres). Assumed."""


@dataclass(frozen=True, slots=True)
class Halt:
    """A vehicle stood at one place.

    Attributes:
        from_ms, to_ms: measured ms of the first and the last fix at which it stood.
        latitude, longitude: shape (n,), degrees, of all these fixes.
    """

    from_ms: int
    to_ms: int
    latitude: Floats
    longitude: Floats


def holes(track: Track) -> NDArray[np.bool_]:
    """Say for each fix whether there is a hole before it, shape (n,)."""
    apart_ms = np.diff(track.t, prepend=track.t[:1])
    late: NDArray[np.bool_] = apart_ms > HOLD_INTERVALS * track.interval_ms
    return late


def speeds(track: Track) -> Floats:
    """Return how fast the vehicle was at each fix, m/s: as it said, or from the way since the fix before.

    NaN where it did not say and there is no fix before, or a hole.
    """
    way_m = distance_m(track.latitude[:-1], track.longitude[:-1], track.latitude[1:], track.longitude[1:])
    took_s = np.diff(track.t) / 1000
    moved = np.concatenate([[np.nan], way_m / took_s])[: len(track)]
    moved[holes(track)] = np.nan
    return np.where(np.isnan(track.speed), moved, track.speed)


def standing(track: Track) -> NDArray[np.bool_]:
    """Say for each fix whether the vehicle stands, shape (n,); what is not known is no standing."""
    slow: NDArray[np.bool_] = speeds(track) < STANDS_M_PER_S
    return slow


def halts_of(track: Track) -> list[Halt]:
    """Return the halts of a vehicle in measured order, each as long as it stays within `SHUNTS_M`.

    A hole does not end a halt: who stands at the same place before and after it has stood there, as far as is known.
    """
    stands = np.flatnonzero(standing(track))
    found: list[Halt] = []
    at = 0
    while at < len(stands):
        first = int(stands[at])
        latitude, longitude = track.latitude[first:], track.longitude[first:]
        gone = distance_m(latitude, longitude, latitude[0], longitude[0]) > SHUNTS_M
        end = first + int(gone.argmax()) if gone.any() else len(track)
        beyond = int(np.searchsorted(stands, end))
        of = stands[at:beyond]
        found.append(Halt(int(track.t[first]), int(track.t[of[-1]]), track.latitude[of], track.longitude[of]))
        at = beyond
    return found
