"""A round as it is truly driven: jams, breakdowns and detours change when its stops are reached, tunnels what is heard.

::

    planned stops + hindrances ──▶ legs ──▶ driven ──▶ Road: stops as they are reached, way points where speed changes

A driver who lost time does not make it up, and stays as long as planned at each stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from firmware_sim.fleet import Fleet
from firmware_sim.roads import Road, Stop, distance_m
from firmware_sim.scenario import Breakdown, Detour, Happening, Jam, Round, Scenario, Tunnel

_NEAR_M, _NEAR_S = 1e-6, 1e-6


def rounds_of(scenario: Scenario, fleet: Fleet) -> Iterator[tuple[str, float, Road]]:
    """Yield (asset, start of the round in seconds from the start of live, the round as it is driven)."""
    for tour in scenario.of(Round):
        for asset in tour.assets_of(fleet):
            own = [
                what for what in scenario.happenings if isinstance(what, HINDRANCES) and asset in what.assets_of(fleet)
            ]
            yield asset, tour.start_s, driven(tour, own)


HINDRANCES: tuple[type[Happening], ...] = (Jam, Breakdown, Detour, Tunnel)


def driven(tour: Round, hindrances: Sequence[Happening]) -> Road:
    """Return a round as it is driven.

    Args:
        hindrances: of this vehicle; others are passed over. Places are kilometres of the planned way, moments seconds
            from the start of live, as the round's own start.
    """
    if not any(isinstance(what, HINDRANCES) for what in hindrances):
        return Road(tour.stops)
    wheel = _Wheel(tour, hindrances)
    starts_m = accumulate((distance_m(here, then) for here, then in pairwise(tour.stops)), initial=0.0)
    for (here, then), start_m in zip(pairwise(tour.stops), starts_m, strict=False):
        wheel.drive(here, then, start_m)
    return Road(tuple(wheel.stops), tuple(wheel.hidden_s))


def faults_of_place(stops: Sequence[Stop], from_km: float, to_km: float) -> list[str]:
    """Return what is wrong with a stretch of a round's way, one sentence each."""
    length_km = Road(tuple(stops)).length_m() / 1000
    if 0 <= from_km < to_km <= length_km:
        return []
    return [f"from_km = {from_km:g}, to_km = {to_km:g}: a stretch of the way's {length_km:.1f} km was expected"]


def faults_of_detour(stops: Sequence[Stop], what: Detour) -> list[str]:
    """Return what is wrong with a detour: its stretch, or a stop within it."""
    inner_km = list(accumulate(distance_m(here, then) / 1000 for here, then in pairwise(stops)))[:-1]
    passed = [stops[number + 1].name for number, km in enumerate(inner_km) if what.from_km < km < what.to_km]
    return [*faults_of_place(stops, what.from_km, what.to_km), *(f"it passes {name!r}" for name in passed)]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A straight piece of way; ``from_m`` counts along the planned way, None where it leaves it."""

    here: Stop
    then: Stop
    from_m: float | None


class _Wheel:
    """Moments are seconds from the round's start."""

    def __init__(self, tour: Round, hindrances: Sequence[Happening]) -> None:
        self._since_s = tour.start_s
        self._jams = [what for what in hindrances if isinstance(what, Jam)]
        self._breakdowns = [what for what in hindrances if isinstance(what, Breakdown)]
        self._detours = [what for what in hindrances if isinstance(what, Detour)]
        self._tunnels = [what for what in hindrances if isinstance(what, Tunnel)]
        self._now_s = tour.stops[0].leaves_s
        self.stops = [tour.stops[0]]
        self.hidden_s: list[tuple[float, float]] = []

    def drive(self, here: Stop, then: Stop, start_m: float) -> None:
        """Drive from one planned stop to the next, and stay there."""
        speed = distance_m(here, then) / (then.arrives_s - here.leaves_s)
        for piece in self._pieces(here, then, start_m):
            self._roll(piece, speed)
        arrives_s = self._now_s
        self.stops.pop()  # the last note of the way is the stop itself
        self._now_s += then.leaves_s - then.arrives_s
        self.stops.append(Stop(then.name, then.latitude_deg, then.longitude_deg, arrives_s, self._now_s, then.served))

    def _pieces(self, here: Stop, then: Stop, start_m: float) -> Iterator[_Piece]:
        """Yield the pieces of a leg; whether a way is closed is asked when the vehicle is there."""
        length_m, at_m, place = distance_m(here, then), 0.0, here
        for what in sorted(self._detours, key=lambda what: what.from_km):
            leaves_m, back_m = what.from_km * 1000 - start_m, what.to_km * 1000 - start_m
            if not (at_m <= leaves_m and back_m <= length_m + _NEAR_M):
                continue
            corner = _between(here, then, leaves_m / length_m)
            yield _Piece(place, corner, start_m + at_m)
            at_m, place = leaves_m, corner
            if what.covers(self._since_s + self._now_s):
                back = _between(here, then, back_m / length_m)
                for latitude, longitude in what.over:
                    over = _point(latitude, longitude)
                    yield _Piece(place, over, None)
                    place = over
                yield _Piece(place, back, None)
                at_m, place = back_m, back
        yield _Piece(place, then, start_m + at_m)

    def _roll(self, piece: _Piece, planned_m_per_s: float) -> None:
        length_m, at_m = distance_m(piece.here, piece.then), 0.0
        while at_m < length_m - _NEAR_M:
            self._stand(piece, at_m, length_m)
            speed, end_m, until_s = planned_m_per_s, length_m, self._next_s()
            for jam in self._jams if piece.from_m is not None else ():
                from_m, to_m = (km * 1000 - (piece.from_m or 0.0) for km in (jam.from_km, jam.to_km))
                if jam.covers(self._since_s + self._now_s) and at_m < to_m - _NEAR_M:
                    if at_m < from_m - _NEAR_M:
                        end_m = min(end_m, from_m)
                    else:
                        speed, end_m = min(speed, jam.km_per_h / 3.6), min(end_m, to_m)
            arrives_s = self._now_s + (end_m - at_m) / speed
            goes_s = min(arrives_s, until_s)
            there_m = end_m if arrives_s <= until_s else at_m + speed * (until_s - self._now_s)
            self._hide(piece, at_m, there_m, goes_s)
            self._now_s, at_m = goes_s, there_m
            self._note(_between(piece.here, piece.then, at_m / length_m), goes_s)

    def _stand(self, piece: _Piece, at_m: float, length_m: float) -> None:
        for what in self._breakdowns:
            if what.covers(self._since_s + self._now_s + _NEAR_S):
                goes_on_s = what.end_s - self._since_s
                self._hide(piece, at_m, at_m, goes_on_s)
                self._note(_between(piece.here, piece.then, at_m / length_m), goes_on_s)
                self._now_s = goes_on_s

    def _next_s(self) -> float:
        """Return when the next jam or breakdown begins or ends."""
        moments = [
            at_s - self._since_s for what in (*self._jams, *self._breakdowns) for at_s in (what.start_s, what.end_s)
        ]
        return min((at_s for at_s in moments if at_s > self._now_s + _NEAR_S), default=float("inf"))

    def _hide(self, piece: _Piece, at_m: float, there_m: float, until_s: float) -> None:
        """Note when the vehicle is in a tunnel on its way from here to there."""
        if piece.from_m is None:
            return
        for what in self._tunnels:
            from_m, to_m = (min(max(km * 1000 - piece.from_m, at_m), there_m) for km in (what.from_km, what.to_km))
            if there_m > at_m and from_m < to_m:
                pace = (until_s - self._now_s) / (there_m - at_m)
                self.hidden_s.append((self._now_s + (from_m - at_m) * pace, self._now_s + (to_m - at_m) * pace))
            elif there_m == at_m and what.from_km * 1000 <= piece.from_m + at_m < what.to_km * 1000:
                self.hidden_s.append((self._now_s, until_s))

    def _note(self, place: Stop, leaves_s: float) -> None:
        """Note that a place of the way is reached now and left then."""
        self.stops.append(Stop("", place.latitude_deg, place.longitude_deg, self._now_s, leaves_s, False))


def _between(here: Stop, then: Stop, share: float) -> Stop:
    return _point(
        here.latitude_deg + share * (then.latitude_deg - here.latitude_deg),
        here.longitude_deg + share * (then.longitude_deg - here.longitude_deg),
    )


def _point(latitude_deg: float, longitude_deg: float) -> Stop:
    return Stop("", latitude_deg, longitude_deg, 0.0, 0.0, False)
