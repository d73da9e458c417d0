"""The book of episodes: what folds found since the last commit becomes episodes, alarms, and points that wait.

::

    moves (closed) ──┬─▶ news: episodes ─▶ reconciled with their alarms
    open lanes ──────┤                └──▶ of the record: no alarm stands for them
                     └─▶ known: only their numbers moved ─▶ one statement for all
    lanes that wait ───▶ pending

Open episodes of the record ring nobody, so their numbers may be some minutes old in the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.episodes import Episode, closed_episode, open_episodes
from alerts.handling import Handling
from alerts.lifecycle import GONE, Telling
from alerts.parameters import ParameterTable
from alerts.reconcile import Moment, told_of
from alerts.records import LANES, RECORDED, Folded, Lane, Loud, MoveKind, Phase, Records
from alerts.running import OpenLanes, Running, open_lanes
from alerts.writing import Writing
from coldchain.clock import Clock
from coldchain.registry import Registry

RECORD_S = 600.0
"""Open episodes of the record ring nobody: their numbers are stored so often at least, and when the judge settles.
At each commit they were half of its work, because a third of the coolers as found stand outside their label."""

RECORD_AT_ONCE = 5_000
"""Points whose numbers for the record one commit brings up to date. When the judge settles, all."""

RINGS_NOBODY = np.array([lane in RECORDED for lane in LANES])
WAITS = np.array([lane not in (*RECORDED, Lane.LIFE) for lane in LANES])
"""By the number of a lane; a life that used up some of its time waits for nothing."""

_Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Entered:
    """What the store has once the transaction is through.

    Attributes:
        known: open episodes as they are there; ``unsure``: those whose alarm needs a decision still.
        behind: shape (points,); of which the record's numbers are older there.
        recorded_s: when the record was brought up to date last, steady time.
    """

    known: OpenLanes
    unsure: OpenLanes
    behind: NDArray[np.bool_]
    recorded_s: float
    pending: set[tuple[str, str]]


class Book:
    """Brings the store's episodes, alarms and pending rows up to date, within the judge's transaction.

    Args:
        pending: (point, rule) of every pending row in the store.
    """

    def __init__(
        self,
        registry: Registry,
        parameters: ParameterTable,
        handling: Handling,
        clock: Clock,
        pending: set[tuple[str, str]],
    ) -> None:
        self._registry = registry
        self._parameters = parameters
        self._handling = handling
        self._clock = clock
        self._running = Running()
        self._behind = np.empty(0, bool)
        self._recorded_s = clock.monotonic_s()
        self._pending = pending

    def grow(self, points: int) -> None:
        """Make room for more points."""
        self._behind = np.concatenate([self._behind, np.zeros(points - len(self._behind), bool)])

    def older(self, points: Sequence[int]) -> None:
        """Take it that the store has older numbers of some points: what it has is not known after a restart."""
        self._behind[points] = True

    def forget(self, point: int) -> None:
        """Ask again for all episodes of a point."""
        self._running.forget(point)

    def none_pends(self) -> None:
        """The store has no pending row any more."""
        self._pending = set()

    @property
    def behind(self) -> NDArray[np.bool_]:
        """Points of whose open episodes the store has older numbers, shape (points,)."""
        return self._behind

    def ripe(self, *, settling: bool) -> NDArray[np.bool_]:
        """Return of which points the record is brought up to date now, shape (points,); of all when settling."""
        ripe = np.full(len(self._behind), settling)
        if not settling and self._record_due():
            ripe[np.flatnonzero(self._behind)[:RECORD_AT_ONCE]] = True
        return ripe

    def _record_due(self) -> bool:
        return self._clock.monotonic_s() - self._recorded_s >= RECORD_S

    # -- writing ----------------------------------------------------------------------------------------------

    def write(
        self,
        writing: Writing,
        points: Records,
        numbers: NDArray[np.intp],
        loud: Loud,
        folds: Sequence[Folded],
        ripe: NDArray[np.bool_],
    ) -> Entered:
        """Store what became of some points; `saved` when the transaction is through.

        Args:
            points: of all points. ``numbers``: those that were folded since the last time, or are behind and ripe.
            loud: of these. ``folds``: what the folds said meanwhile.
            ripe: as `ripe` gave it.
        """
        lanes = open_lanes(numbers, points, loud)
        known, recorded = self._running.knows(lanes), RINGS_NOBODY[lanes.lane]
        waits = recorded & known & ~ripe[lanes.number]
        known &= ~self._running.levels_moved(lanes)
        moved = known & ~waits & self._running.numbers_moved(lanes)
        news = np.flatnonzero(~known & ~waits)
        decided = self._news(writing, folds, lanes[news], points)
        self._progress(writing, lanes[moved])
        pending = self._put_pending(writing, numbers, loud)
        behind = self._behind & ~ripe
        done = (ripe.any() or self._record_due()) and not behind.any()
        behind[lanes.number[waits]] = True
        moved[news] = decided
        return Entered(
            known=lanes[moved],
            unsure=lanes[news[~decided]],
            behind=behind,
            recorded_s=self._clock.monotonic_s() if done else self._recorded_s,
            pending=pending,
        )

    def saved(self, entered: Entered) -> None:
        """The store has it."""
        self._running.keep(entered.known)
        self._running.drop(entered.unsure)
        self._behind, self._recorded_s, self._pending = entered.behind, entered.recorded_s, entered.pending

    def _news(self, writing: Writing, folds: Sequence[Folded], opened: OpenLanes, points: Records) -> NDArray[np.bool_]:
        """Store episodes that ended, and open ones that are new or stand at another level.

        Returns:
            Of each open one, whether nothing is left to be decided of its alarm.
        """
        found: dict[int, dict[_Key, Episode]] = {}
        for folded in folds:
            over = np.flatnonzero(folded.moves["kind"] == MoveKind.CLOSED)
            for move, state in zip(folded.moves[over], folded.moved[over], strict=True):
                number = int(move["slot"])
                episode = closed_episode(self._parameters.naming(self._registry, number), move, state)
                found.setdefault(number, {})[episode.key] = episode
        named = {number: self._parameters.naming(self._registry, number) for number in set(opened.number.tolist())}
        still = open_episodes(named, opened.loud)
        for number, episode in zip(opened.number.tolist(), still, strict=True):
            found.setdefault(number, {})[episode.key] = episode
        writing.put_episodes([each for some in found.values() for each in some.values()])
        decided: set[_Key] = set()
        for number, episodes in found.items():
            told = told_of(list(episodes.values()))
            if told:
                decided |= self._reconcile(writing, number, told, points)
        return np.array([episode.rule in RECORDED or episode.key in decided for episode in still], bool)

    def _reconcile(self, writing: Writing, number: int, episodes: Sequence[Episode], points: Records) -> set[_Key]:
        """Let a point's alarms follow its episodes; return the keys of those whose alarm needs no decision."""
        first_ms = min(episode.onset_ms for episode in episodes)
        alarms = [
            alarm
            for alarm in writing.alarms(self._registry.point_ids[number], first_ms)
            if any(
                alarm.episode.rule == episode.rule and episode.overlaps(alarm.episode.onset_ms, alarm.episode.ended_ms)
                for episode in episodes
            )
        ]
        moment = Moment(self._clock.now_ms(), int(points["t"][number]))
        outcomes = self._handling.reconciled(writing, alarms, episodes, moment)
        told = [alarm for alarm in (*alarms, *(outcome.alarm for outcome in outcomes)) if alarm.state not in GONE]
        return {alarm.episode.key for alarm in told if alarm.telling is not Telling.DEFER}

    def _progress(self, writing: Writing, moved: OpenLanes) -> None:
        namings = [self._parameters.naming(self._registry, number) for number in moved.number.tolist()]
        onsets = moved.state["onset"].tolist()
        rows = [
            (*numbers, naming.point, naming.rule(LANES[lane]), onset)
            for numbers, naming, lane, onset in zip(moved.numbers(), namings, moved.lane.tolist(), onsets, strict=True)
        ]
        rings = ~RINGS_NOBODY[moved.lane]
        writing.progress(rows, [rows[place] for place in np.flatnonzero(rings).tolist()])

    def _put_pending(self, writing: Writing, numbers: NDArray[np.intp], loud: Loud) -> set[tuple[str, str]]:
        waits = loud[(loud.state["phase"] == Phase.PENDING) & WAITS[loud.lane]]
        current = []
        for number, lane, state in zip(numbers[waits.which].tolist(), waits.lane.tolist(), waits.state, strict=True):
            naming = self._parameters.naming(self._registry, number)
            row = naming.point, naming.rule(LANES[lane]), int(state["onset"]), int(state["stayed"].max())
            current.append(row)
        still = {row[:2] for row in current}
        asked = np.isin([self._registry.point_numbers[point] for point, _ in self._pending], numbers)
        gone = {key for key, again in zip(self._pending, asked.tolist(), strict=True) if again} - still
        writing.set_pending(gone, current)
        return (self._pending - gone) | still
