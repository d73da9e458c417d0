"""What a vehicle is doing, found from its unit, doors and speed, where neither a person nor a trip says it.

::

    unit off, standing, doors shut, for `parked_after` ─▶ parked ──┐
    then the unit on, until it moves or a door opens ─▶ pre-cooling ├─ no goods: nothing is judged
    then a door open before it moved ─▶ loading ─▶ loaded, until parked again
    a door open at a stop after it moved ─▶ unloading

Signals can say that no goods are there, not that they are: in doubt there are goods. Who is loaded and stands with the
unit off is taken for parked after `parked_after`, unless a person or a trip says "loaded"; an excursion that is open
then is not ended by a guess (`alerts.fold`).

A pure function of the last two days (`alerts.windows.LOOKBACK_MS`), so that judging on time and again find the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerts.records import HOUR_MS, NEVER_MS
from alerts.switches import at_edges
from alerts.windows import MINUTE_MS, Rules, Run, ms_of
from coldchain.kinetics import LAPSE_MS

SIGNALS = ("unit", "door", "speed")
"""Quantities that it is found from; a body without a door contact has its doors shut."""

NO_GOODS = ("parked", "pre-cooling")

LOADING_WITHIN_MS = 12 * HOUR_MS
"""A door that opens so long after the vehicle was parked, before it moved, is opened to load. Assumed."""

LOADED_MS = 16 * HOUR_MS
"""After a loading goods are known to be on board for a day's work at most. Assumed."""

HALT_MS = 10 * MINUTE_MS
"""A shorter halt is traffic, not a stop. Assumed."""


@dataclass(frozen=True, slots=True)
class Found:
    """[from, to) in measured ms and the activity, a word of `coldchain.registry` ``ACTIVITIES``."""

    from_ms: int
    to_ms: int
    state: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """[from, to) in which no signal changes; None: not known."""

    from_ms: int
    to_ms: int
    unit: bool | None
    door: bool | None
    moves: bool | None

    @property
    def opened(self) -> bool:
        """A door stands open, and the vehicle stands."""
        return self.door is True and self.moves is not True

    @property
    def off(self) -> bool:
        """Switched off and left: what, held for long, is parked."""
        return self.unit is False and self.moves is False and self.door is not True


def found(runs: Mapping[str, Sequence[Run]], rules: Rules) -> list[Found]:
    """Return what a vehicle was doing as far as its signals say it, rising, without overlaps; between them: unknown.

    Args:
        runs: signal (of `SIGNALS`) → its runs, rising. Without a unit or a speed nothing is found.
    """
    said: list[Found] = []
    for one in _states(_pieces(runs), rules):
        if said and said[-1].state == one.state and said[-1].to_ms == one.from_ms:
            said[-1] = Found(said[-1].from_ms, one.to_ms, one.state)
        else:
            said.append(one)
    return said


def under_way(rides: Sequence[Run]) -> list[tuple[int, int]]:
    """Return [from, to) in which a vehicle is on its way: each run of its speed that is on, and `HALT_MS` after it."""
    ways: list[tuple[int, int]] = []
    for run in rides:
        if run.on and ways and run.from_ms <= ways[-1][1]:
            ways[-1] = ways[-1][0], run.until_ms + HALT_MS
        elif run.on:
            ways.append((run.from_ms, run.until_ms + HALT_MS))
    return ways


def _pieces(runs: Mapping[str, Sequence[Run]]) -> Iterator[_Piece]:
    if not (runs.get("unit") and runs.get("speed")):
        return
    signals = [_kept(runs.get(signal, ())) for signal in SIGNALS]
    for from_ms, to_ms, words in at_edges(signals):
        yield _Piece(from_ms, to_ms, *words)


def _kept(runs: Sequence[Run]) -> list[Run]:
    """A parked vehicle speaks seldom: what it said last holds until it speaks again, at most `LAPSE_MS`."""
    nexts = [run.from_ms for run in runs[1:]]
    kept = [
        Run(run.from_ms, min(run.until_ms + LAPSE_MS, following), run.on)
        for run, following in zip(runs, nexts, strict=False)
    ]
    return kept + [Run(run.from_ms, run.until_ms + LAPSE_MS, run.on) for run in runs[-1:]]


def _states(pieces: Iterable[_Piece], rules: Rules) -> Iterator[Found]:
    off_ms: int | None = None  # switched off and left since then
    empty_ms: int | None = None  # parked until then, and not moved since
    loading_ms: int | None = None  # the last loading
    before_ms = NEVER_MS
    for piece in pieces:
        kind = rules.kind(piece.from_ms)
        if kind is None or kind.parked_after is None:
            off_ms = empty_ms = loading_ms = None
            continue
        if not piece.off:
            off_ms = None
        elif off_ms is None or piece.from_ms > before_ms:
            off_ms = piece.from_ms
        before_ms = piece.to_ms
        parked_ms = piece.to_ms
        if off_ms is not None:
            parked_ms = min(max(off_ms + ms_of(kind.parked_after), piece.from_ms), piece.to_ms)
        if piece.moves:
            empty_ms = None
        state, to_ms = "", parked_ms
        if piece.opened and empty_ms is not None and piece.from_ms - empty_ms <= LOADING_WITHIN_MS:
            state, loading_ms = "loading", piece.from_ms
        elif loading_ms is not None:
            state = "unloading" if piece.opened else "loaded"
        elif empty_ms is not None and piece.unit:
            state, to_ms = "pre-cooling", min(parked_ms, empty_ms + ms_of(kind.pull_down))
        if loading_ms is not None:
            to_ms = min(to_ms, loading_ms + LOADED_MS)
        if state and to_ms > piece.from_ms:
            yield Found(piece.from_ms, to_ms, state)
        if parked_ms < piece.to_ms:
            yield Found(parked_ms, piece.to_ms, "parked")
            empty_ms, loading_ms = piece.to_ms, None
