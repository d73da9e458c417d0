"""Arrivals and departures, found from positions and fences.

::

            inside                         inside: stands still, or `DWELL_MS` slower than a road
    away ──────────▶ maybe there ─────────────────────────────────────────────────────────▶ there
      ▲                 │ outside the margin                                                  │
      │◀────────────────┘                                                                     │
      └───────────────────────────────────────────────────────────────────────────────────────┘
             outside the margin for `DWELL_MS`, or far out and driving

A fence is larger on the way out than on the way in, so that a noisy fix at its edge is no departure and no second
arrival. No single fix makes a visit: one that jumped inside has no second one beside it. Through a fence at road speed
is no visit, however wide the fence is; who waits at a red light inside one looks like the shortest delivery. A hole in
the track neither confirms nor ends anything; what is known behind it does. Each fence is judged by itself: who stands
where two of them overlap is at both sites, and the plan says for which of them it came.

A pure function of the track, decided fix by fix: a longer track changes only what was not decided yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from alerts.transit.halts import STANDS_M_PER_S, holes, speeds
from alerts.transit.track import Track
from coldchain.geo import EARTH_M
from coldchain.registry import Fence
from coldchain.registry.fences import outside_m, round_of

DWELL_MS = 120_000
"""Shorter than the quickest delivery, and as long as a receiver may be off. Assumed."""

ROAD_M_PER_S = 30 / 3.6
"""Who drives faster is passing: nobody does on a yard. Assumed."""

MARGIN_M, MARGIN_SHARE = 50.0, 0.2
"""What a fence is larger by on the way out: receivers between houses are off by some tens of metres, and wide fences
are drawn roughly. Assumed."""

FAR_M, FAR_RADII = 500.0, 3.0
"""So far beyond the edge, and driving, it has left: no receiver that is off drives, too. Assumed."""

YES, NO = 1, 0


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle was at a site. Measured times, ms.

    Attributes:
        arrived_ms: of the first fix inside.
        known_ms: of the fix that confirmed it.
        last_ms: of the newest fix at which it was there: inside, or not outside the margin.
        left_ms: of the first fix outside the margin for good; None: still there as far as the track goes.
        left_known_ms: of the fix that decided it.
        hole: between arriving and leaving nothing was known for a while.
    """

    site: str
    arrived_ms: int
    known_ms: int
    last_ms: int
    left_ms: int | None
    left_known_ms: int | None
    hole: bool


def visits_of(track: Track, fences: Mapping[str, Fence], dwell_ms: int = DWELL_MS) -> list[Visit]:
    """Return the visits of a vehicle, in the order in which it arrived.

    Args:
        fences: site → its fence, WGS-84 (`coldchain.registry.Registry.fence_at`).
        dwell_ms: how long it must be inside, or outside, where nothing else decides.
    """
    signs = _Signs(track)
    found = [visit for site, fence in fences.items() for visit in _visits(signs, site, fence, dwell_ms)]
    return sorted(found, key=lambda visit: (visit.arrived_ms, visit.site))


class _Signs:
    """What a track says whatever the fence is; a byte a fix, in which the next yes or no is found at once."""

    def __init__(self, track: Track) -> None:
        speed = speeds(track)
        gaps = holes(track)
        self.track = track
        self.t: list[int] = track.t.tolist()
        self.stands = (speed < STANDS_M_PER_S).tobytes()
        self.drives = track.speed >= STANDS_M_PER_S
        self.gap = gaps.tobytes()
        self.counts = (~gaps & ~(speed >= ROAD_M_PER_S)).tobytes()


def _visits(signs: _Signs, site: str, fence: Fence, dwell_ms: int) -> Iterator[Visit]:
    where = _Where.of(signs, fence)
    arrived = -1 if where is None else where.inside.find(YES)
    while where is not None and arrived >= 0:
        until = _next(where.out, YES, arrived)
        known = _confirmed(signs, where, arrived, until, dwell_ms)
        if known is None:
            arrived = where.inside.find(YES, until)
            continue
        left, decided = _left(signs, where, known, dwell_ms)
        last = left - 1
        yield Visit(
            site,
            signs.t[arrived],
            signs.t[known],
            signs.t[last],
            None if decided is None else signs.t[left],
            None if decided is None else signs.t[decided],
            signs.gap.find(YES, arrived + 1, last + 1 if decided is None else left + 1) >= 0,
        )
        arrived = -1 if decided is None else where.inside.find(YES, decided)


@dataclass(frozen=True, slots=True)
class _Where:
    """A byte a fix: inside a fence; outside its margin; so far outside, and driving, that it has left."""

    inside: bytes
    out: bytes
    gone: bytes

    @classmethod
    def of(cls, signs: _Signs, fence: Fence) -> _Where | None:
        """Return where each fix lies; None where none is inside."""
        track = signs.track
        latitude, longitude, radius_m = round_of(fence)
        far_m = FAR_M + FAR_RADII * radius_m
        up = np.degrees((radius_m + far_m) / EARTH_M)
        over = up / np.cos(np.radians(latitude)) * 1.1  # a parallel is shorter at the box's far end
        near = (np.abs(track.latitude - latitude) <= up) & (np.abs(track.longitude - longitude) <= over)
        if not near.any():
            return None
        outside = np.full(len(track), np.inf)
        outside[near] = outside_m(fence, track.latitude[near], track.longitude[near])
        inside = outside <= 0
        if not inside.any():
            return None
        margin_m = max(MARGIN_M, MARGIN_SHARE * radius_m)
        gone = (outside > far_m) & signs.drives
        return cls(inside.tobytes(), (outside > margin_m).tobytes(), gone.tobytes())


def _confirmed(signs: _Signs, where: _Where, arrived: int, until: int, dwell_ms: int) -> int | None:
    """Return the fix that confirms an arrival, of those before the next one outside."""
    held_ms, stood = 0, False
    for fix in range(arrived, until):
        if fix > arrived and signs.counts[fix]:
            held_ms += signs.t[fix] - signs.t[fix - 1]
        stood = stood or bool(where.inside[fix] and signs.stands[fix])
        if held_ms >= dwell_ms or (stood and fix > arrived):
            return fix
    return None


def _left(signs: _Signs, where: _Where, known: int, dwell_ms: int) -> tuple[int, int | None]:
    """Return the first fix outside for good and the one that decides it; without that the first that is not there."""
    back = known
    while True:
        left = _next(where.out, YES, back)
        back = _next(where.out, NO, left)
        for fix in range(left, back):
            if where.gone[fix] or signs.t[fix] - signs.t[left] >= dwell_ms:
                return left, fix
        if back == len(signs.t):
            return left, None


def _next(flags: bytes, wanted: int, start: int) -> int:
    found = flags.find(wanted, start)
    return len(flags) if found < 0 else found
