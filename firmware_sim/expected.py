"""What the system is expected to make of it: one line a happening, and one an excursion that is beyond doubt.

::

    scenario ──▶ expected_of ──▶ hole, late, fault, quality, quarantine, suspect, washing, twice, state, stop, milking
                                                                                                  known before
    readings ──▶ Watch        ──▶ episode with bounds of its onset                                   found on the way

`Watch` folds what is true, not what noise made of it: within ``NOISES`` standard deviations of a limit it says neither
yes nor no, so each episode that it names must be found, and there may be more.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import msgspec

from firmware_sim.chance import CHINA_OFFSET_S
from firmware_sim.fleet import Fleet, Point
from firmware_sim.milking import milkings_s
from firmware_sim.positions import Instrument
from firmware_sim.rounds import rounds_of
from firmware_sim.scenario import (
    WORDS,
    Breakdown,
    DoorOpen,
    Duplicates,
    Happening,
    Milking,
    Moved,
    Offline,
    PowerCut,
    ProbeSwapped,
    RefrigerationFailure,
    Scenario,
    Spiking,
    Stuck,
    UnitOff,
    Unplugged,
    Unregistered,
    Washing,
    WrongClock,
)
from firmware_sim.washing import DURATION_S

NOISES = 5.0
SEEN_BY: dict[type[Happening], str] = {DoorOpen: "door", UnitOff: "unit"}
"""The quantity of the switch that shows it."""

ROAD_QUANTITIES = ("latitude", "longitude", "speed")
AROUND_LIVE_MS = 86_400_000
"""Milkings are named for a day before and after the start of live."""


class Expected(msgspec.Struct, frozen=True, omit_defaults=True):
    """One expectation.

    Attributes:
        expected: ``hole`` (no reading measured in the span), ``late`` (its readings come after the span), ``fault``
            (the word), ``quality`` (the word), ``quarantine`` (the reason), ``suspect`` (values are recorded as sent;
            a rule must say the word and no temperature), ``washing`` (neither excursion nor fault), ``twice`` (sent
            more than once, recorded once), ``state`` (a rule may say the word: door-open, unit-off,
            refrigeration-failure; at the switch that shows it, else at the temperatures), ``stop`` (a vehicle stands at
            the stop that the word names, from its true arrival to its true departure), ``breakdown`` (it stands on the
            road), ``milking`` (milk comes into the tank), ``episode`` (word high or low; its onset lies in the span).
        point: empty for a channel that nobody registered.
        from_ms: ms UTC, true time; of the span [from, to).
        to_ms: None for an open end.
    """

    expected: str
    point: str
    channel: str
    from_ms: int
    to_ms: int | None = None
    word: str = ""


def expected_of(scenario: Scenario, fleet: Fleet, live_ms: int) -> list[Expected]:
    """Return what each happening asks of the record, in the order of the scenario."""
    found: list[Expected] = []
    by_id = {point.id: point for point in fleet.points}
    for happening in scenario.happenings:
        from_ms = live_ms + round(happening.start_s * 1000)
        to_ms = None if happening.duration_s is None else from_ms + round(happening.duration_s * 1000)
        points = [by_id[name] for name in happening.points_of(fleet)]
        temperatures = [point for point in points if point.quantity == "temperature"]
        match happening:
            case Offline(keeps=keeps) | PowerCut(sensors_keep=keeps):
                kind = "late" if keeps else "hole"
                found += [Expected(kind, point.id, point.channel, from_ms, to_ms) for point in points]
            case Unplugged(says=says):
                kind, word = ("suspect", "sentinel") if number_of(says) is not None else ("fault", says)
                found += [Expected(kind, point.id, point.channel, from_ms, to_ms, word) for point in temperatures]
            case Stuck():
                found += [Expected("suspect", p.id, p.channel, from_ms, to_ms, "stuck") for p in temperatures]
            case Spiking():
                found += [Expected("suspect", p.id, p.channel, from_ms, to_ms, "spike") for p in temperatures]
            case WrongClock(drift_share=None):
                found += [Expected("quality", p.id, p.channel, from_ms, to_ms, "sensor-clock") for p in points]
            case Breakdown(unit_off=unit_off):
                places = [point for point in points if point.quantity == "latitude"]
                found += [Expected("breakdown", p.id, p.channel, from_ms, to_ms) for p in places]
                if unit_off:
                    seen = [point for point in points if point.quantity == "unit"]
                    found += [
                        Expected("state", p.id, p.channel, from_ms, to_ms, WORDS[UnitOff]) for p in seen or temperatures
                    ]
            case Milking():
                spans = milkings_s(happening, live_ms, live_ms - AROUND_LIVE_MS, live_ms + AROUND_LIVE_MS)
                found += [
                    Expected("milking", point.id, point.channel, _utc_ms(begins_s), _utc_ms(ends_s))
                    for point in temperatures
                    for begins_s, ends_s in spans
                ]
            case Washing():
                end_ms = from_ms + DURATION_S * 1000
                found += [Expected("washing", p.id, p.channel, from_ms, end_ms) for p in temperatures]
            case Duplicates():
                found += [Expected("twice", point.id, point.channel, from_ms, to_ms) for point in points]
            case ProbeSwapped(channel=channel):
                found += [Expected("hole", point.id, point.channel, from_ms, to_ms) for point in points]
                found += [Expected("quarantine", p.id, channel, from_ms, to_ms, "unknown-channel") for p in points]
            case Moved():
                silent = [Expected("hole", point.id, point.channel, from_ms, to_ms) for point in points]
                found += silent if to_ms is not None else []
                there_ms = from_ms if to_ms is None else to_ms
                found += [Expected("quarantine", p.id, p.channel, there_ms, None, "foreign-channel") for p in points]
            case Unregistered(channel=channel):
                found.append(Expected("quarantine", "", channel, from_ms, to_ms, "unknown-channel"))
            case DoorOpen() | UnitOff() | RefrigerationFailure():
                seen = [point for point in points if point.quantity == SEEN_BY.get(type(happening))]
                word = WORDS[type(happening)]
                found += [Expected("state", p.id, p.channel, from_ms, to_ms, word) for p in seen or temperatures]
            case _:
                pass
    return found + _on_the_road(scenario, fleet, live_ms)


def _on_the_road(scenario: Scenario, fleet: Fleet, live_ms: int) -> list[Expected]:
    """Return when vehicles stand at their stops, and when they are in a tunnel."""
    found: list[Expected] = []
    for asset, start_s, road in rounds_of(scenario, fleet):
        points = [point for point in fleet.points if point.asset == asset and point.quantity in ROAD_QUANTITIES]
        zero_ms = live_ms + round(start_s * 1000)
        for name, arrived_s, left_s in road.stays():
            span_ms = [zero_ms + round(at_s * 1000) for at_s in (arrived_s, left_s)]
            places = [point for point in points if point.quantity == "latitude"]
            found += [Expected("stop", p.id, p.channel, span_ms[0], span_ms[1], name) for p in places]
        for from_s, to_s in road.hidden_s:
            span_ms = [zero_ms + ceil(at_s * 1000) for at_s in (from_s, to_s)]
            found += [Expected("hole", point.id, point.channel, span_ms[0], span_ms[1]) for point in points]
    return found


def _utc_ms(at_s: float) -> int:
    return round((at_s - CHINA_OFFSET_S) * 1000)


def number_of(says: str) -> float | None:
    """Return a sentinel's number, None for a word.

    >>> number_of("-127"), number_of("no-probe")
    (-127.0, None)
    """
    try:
        return float(says)
    except ValueError:
        return None


class Watch:
    """Folds one judged point's true temperatures into episodes that are beyond doubt.

    Args:
        point: with at least one limit.
        instrument: its probe's; offset moves the limits, noise and resolution widen the doubt.

    Attributes:
        plausible_kelvin: what is said lies within this of what is true, or the sensor misbehaves.
    """

    def __init__(self, point: Point, instrument: Instrument) -> None:
        doubt = NOISES * instrument.noise_kelvin + instrument.resolution_kelvin
        self.plausible_kelvin = abs(instrument.offset_kelvin) + doubt
        self._sides = [
            _Side(point, word, sign * (limit - instrument.offset_kelvin), sign, doubt)
            for word, limit, sign in (("high", point.high_celsius, 1.0), ("low", point.low_celsius, -1.0))
            if limit is not None
        ]

    def see(self, at_ms: int, celsius: float) -> Iterator[Expected]:
        """Take the next true temperature that was said, and yield an episode once it is certain."""
        for side in self._sides:
            found = side.see(at_ms, celsius)
            if found is not None:
                yield found

    def doubt(self, at_ms: int) -> None:
        """Take a moment at which the sensor said what is not true (a spike, a sentinel): anything may follow."""
        for side in self._sides:
            side.doubt(at_ms)


class _Side:
    """One limit. A run of samples that all may be out may have started an episode; one whose samples all must be out,
    without a hole and for the on-delay, has. Only ``return_delay_s`` of samples that must be back ends either."""

    def __init__(self, point: Point, word: str, limit: float, sign: float, doubt: float) -> None:
        self._point, self._word, self._sign = point, word, sign
        self._maybe, self._sure, self._back = limit - doubt, limit + doubt, limit - point.deadband_kelvin - doubt
        self._maybe_ms: int | None = None
        self._sure_ms: int | None = None
        self._back_ms: int | None = None
        self._last_ms: int | None = None
        self._told = False

    def see(self, at_ms: int, celsius: float) -> Expected | None:
        value, point = celsius * self._sign, self._point
        if self._last_ms is not None and at_ms - self._last_ms > 2 * point.interval_s * 1000:
            self._sure_ms = self._back_ms = None
        self._last_ms = at_ms
        if value > self._back:
            self._back_ms = None
        elif self._back_ms is None:
            self._back_ms = at_ms
        elif at_ms - self._back_ms >= (point.return_delay_s + point.interval_s) * 1000:
            self._maybe_ms, self._told = None, False
        if value >= self._maybe:
            self._maybe_ms = at_ms if self._maybe_ms is None else self._maybe_ms
        elif self._maybe_ms is not None and at_ms - self._maybe_ms < point.on_delay_s * 1000:
            self._maybe_ms = None
        if value < self._sure:
            self._sure_ms = None
        elif self._sure_ms is None:
            self._sure_ms = at_ms
        if self._told or self._sure_ms is None or at_ms - self._sure_ms < point.on_delay_s * 1000:
            return None
        self._told = True
        assert self._maybe_ms is not None  # sure lies above maybe
        return Expected("episode", point.id, point.channel, self._maybe_ms, self._sure_ms + 1, self._word)

    def doubt(self, at_ms: int) -> None:
        self._maybe_ms = at_ms if self._maybe_ms is None else self._maybe_ms
        self._sure_ms = self._back_ms = None
        self._last_ms = at_ms
