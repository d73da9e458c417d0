"""The watch over silences and wrong clocks: looked at only when the judge stands at the ledger's end.

::

    look() ─▶ News (a pure look at memory) ─▶ write() in a transaction ─▶ written() brings memory up to it

What the store has not taken is found again at the next look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from alerts.arrival import FOR_MANY, Arrival, Ended, Occurrence
from alerts.handling import Handling
from alerts.listener import Listener
from alerts.news import News, Turn, over, write_news
from alerts.patience import NOTHING, patience_of
from alerts.records import NEVER_MS
from alerts.silence import START_MS, overdue, without_hole
from alerts.subjects import subject_of
from alerts.together import Together
from alerts.writing import Writing
from coldchain.clock import Clock
from coldchain.kinetics import HOLD_INTERVALS
from coldchain.registry import Registry

LOOK_S = 1.0
"""Steady time between two looks when nobody who was silent speaks."""

REFRESH_S = 600.0
REFRESH_SHARE = 20
"""The registry is read again when it changed, every ten minutes (rules may begin later), and for at most a twentieth of
the time, unless there are new points: 0.3 s for 100,000."""

CHECK_MS = 60_000
CHECKED_FOR_MS = 24 * 3_600_000
"""Whether kept data filled a gap is asked a minute after it ended, a minute after late data came, and for a day."""

CHECK_BUDGET_S = 0.05

MOST = 2_000
"""News of one transaction: a fifth of a second. What is left is found again at the next look."""

Times = Callable[[str, int, int], NDArray[np.int64] | None]
"""From (point, from ms, to ms) to the measured times of its samples, None while the history is behind."""


class Watch:
    """Open silences and wrong clocks, and ended ones that kept data may still fill.

    Attributes:
        more: the last look found more than `MOST`; look again.
    """

    def __init__(
        self, listener: Listener, registry: Registry, clock: Clock, times: Times, occurrences: Sequence[Occurrence]
    ) -> None:
        self._listener = listener
        self._registry = registry
        self._clock = clock
        self._times = times
        self._patience = NOTHING
        self._version = -1
        self._refreshed_s = self._looked_s = float("-inf")
        self._refresh_cost_s = 0.0
        self._begun_up: int | None = None
        self.more = False
        self._open: dict[tuple[str, Arrival], Occurrence] = {}
        self._ended: dict[tuple[str, str, int], Occurrence] = {}
        self._filled: set[str] = set()
        self._recorded = np.empty(0, bool)
        self._told = np.empty(0, bool)
        self._onset_up = np.empty(0, np.int64)
        self._excused_up = np.empty(0, np.int64)
        self._together = Together(listener, registry)
        self._grow()
        for each in occurrences:
            self._remember(each)
        self._ask()

    @property
    def open(self) -> list[Occurrence]:
        """What is open now."""
        return list(self._open.values())

    # -- looking ----------------------------------------------------------------------------------------------

    def look(self) -> list[News]:
        """Return what has happened; the caller stands at the ledger's end."""
        now_s = self._clock.monotonic_s()
        uptime = self._listener.uptime
        uptime.at_end(now_s)
        if self._begun_up is None:
            self._begun_up = uptime.ms
        self._grow()
        rows = self._listener.hearing.rows[: len(self._recorded)]
        changed = self._refresh(now_s)
        ended = self._recorded & (rows["heard_up"] > self._onset_up)
        if not (changed or ended.any() or now_s - self._looked_s >= LOOK_S or self.more):
            return []
        self._looked_s = now_s
        now_ms = self._clock.now_ms()
        due = self._due(rows, ended, now_ms)
        news = [*due, *self._together.ended(self._open.values(), rows, now_ms)]
        news += [*self._ended_nodes(now_ms), *self._ended_points(rows, ended, now_ms)]
        news += [*self._wrong_clocks(now_ms), *self._filled_later(now_ms)]
        news.sort(key=lambda each: each.turn is Turn.RECORDED)  # alarms before the record, if it is too much at once
        self.more = len(news) > MOST
        return news[:MOST]

    def _refresh(self, now_s: float) -> bool:
        changed = self._registry.version != self._version
        since_s = now_s - self._refreshed_s
        grown = len(self._recorded) > len(self._patience.watched)
        if not (changed or since_s >= REFRESH_S) or (since_s < REFRESH_SHARE * self._refresh_cost_s and not grown):
            return False
        before = self._patience
        now_ms, up = self._clock.now_ms(), self._listener.uptime.ms
        self._patience = patience_of(self._registry, now_ms, len(self._recorded))
        was = np.zeros(len(self._recorded), bool)
        was[: len(before.watched)] = before.watched
        if before is NOTHING:
            was |= self._patience.in_use_ms <= self._listener.hearing.rows["heard_ms"][: len(was)]
        self._excused_up[self._patience.watched & ~was] = up
        self._together.refresh(now_ms, self._patience)
        self._version, self._refreshed_s = self._registry.version, now_s
        self._refresh_cost_s = self._clock.monotonic_s() - now_s
        return True

    def _due(self, rows: NDArray[np.void], ended: NDArray[np.bool_], now_ms: int) -> list[News]:
        up, nodes = self._listener.uptime.ms, self._listener.nodes
        told, recorded = self._told & ~ended, self._recorded & ~ended
        starting = self._begun_up is None or up - self._begun_up < START_MS
        expected_up = np.maximum(rows["heard_up"], self._excused_up)
        together = self._together.due(rows, expected_up, told, self._open, now_ms)
        occurrences = [*self._open.values(), *(each.after for each in together)]
        spoken_for, spared_up = self._together.spoken_for(occurrences, now_ms)
        due = overdue(
            *(up, rows["heard_up"], self._excused_up, spared_up, rows["node"]),
            *(recorded, told | spoken_for, self._patience, nodes),
        )
        if starting:
            return []
        tell = set(due.told.tolist())
        return [
            *together,
            *(self._node_silent(n, int(due.owing[n]), int(due.brings[n]), now_ms) for n in due.nodes.tolist()),
            *(self._point_told(n, rows[n], bool(recorded[n]), now_ms) for n in sorted(tell)),
            *(
                News(Turn.RECORDED, self._silence(n, rows[n], now_ms, told=False))
                for n in due.recorded.tolist()
                if n not in tell
            ),
        ]

    def _point_told(self, number: int, row: np.void, recorded: bool, now_ms: int) -> News:
        known = self._open.get((self._point(number), Arrival.SILENCE)) if recorded else None
        if known is None:
            known = self._silence(number, row, now_ms, told=True)
        evidence = {
            "last_heard_ms": known.onset_ms,
            "newest_ms": known.newest_ms,
            "delay_ms": int(self._patience.page_ms[number]),
            "channel": known.channel,
            "node": known.node,
        }
        return News(Turn.TOLD, replace(known, told=True, raised_ms=now_ms), evidence)

    def _silence(self, number: int, row: np.void, now_ms: int, *, told: bool) -> Occurrence:
        point = self._point(number)
        return Occurrence(
            subject=point,
            rule=Arrival.SILENCE,
            onset_ms=int(row["heard_ms"]),
            onset_up=int(row["heard_up"]),
            raised_ms=now_ms,
            newest_ms=int(row["newest_ms"]),
            told=told,
            channel=self._registry.channel_at(point, now_ms),
            node=self._listener.node_names[int(row["node"])],
            version=self._patience.versions[int(self._patience.version[number])],
        )

    def _node_silent(self, number: int, owing: int, brings: int, now_ms: int) -> News:
        node = self._listener.node_names[number]
        rows = self._listener.hearing.rows[: len(self._recorded)]
        mine = rows[(rows["node"] == number) & self._patience.watched]
        after = Occurrence(
            subject=subject_of(node),
            rule=Arrival.NODE_SILENCE,
            onset_ms=int(mine["heard_ms"].max()),
            onset_up=int(self._listener.nodes.last_up[number]),
            raised_ms=now_ms,
            newest_ms=int(mine["newest_ms"].max()),
            told=True,
            node=node,
            points=owing,
        )
        evidence = {
            "last_heard_ms": after.onset_ms,
            "any_batch_ms": self._listener.node_heard_ms(number),
            "points_silent": owing,
            "points": brings,
        }
        return News(Turn.TOLD, after, evidence)

    def _ended_points(self, rows: NDArray[np.void], ended: NDArray[np.bool_], now_ms: int) -> Iterator[News]:
        for number in np.flatnonzero(ended | (self._recorded & ~self._patience.watched)).tolist():
            known = self._open.get((self._point(number), Arrival.SILENCE))
            if known is None:
                continue
            if ended[number]:
                replaced = self._registry.channel_at(known.subject, now_ms) != known.channel
                reason = Ended.REPLACED if replaced else Ended.DATA_CAME
                yield over(known, reason, int(rows["heard_ms"][number]), None if replaced else now_ms + CHECK_MS)
            else:
                yield over(known, Ended.NOT_IN_USE, now_ms, None)

    def _ended_nodes(self, now_ms: int) -> Iterator[News]:
        nodes = self._listener.nodes
        for number in np.flatnonzero(nodes.silent).tolist():
            known = self._open[subject_of(self._listener.node_names[number]), Arrival.NODE_SILENCE]
            if nodes.last_up[number] == NEVER_MS:
                successor = any(node.replaces == known.node for node in self._registry.nodes.values())
                yield over(known, Ended.REPLACED if successor else Ended.NOT_IN_USE, now_ms, None)
            elif nodes.last_up[number] > known.onset_up:
                yield over(known, Ended.DATA_CAME, now_ms, now_ms + CHECK_MS)

    def _wrong_clocks(self, now_ms: int) -> Iterator[News]:
        up = self._listener.uptime.ms
        for number, times in self._listener.clocks.of.items():
            if number >= len(self._recorded):
                continue
            point, in_use = self._point(number), bool(self._patience.watched[number])
            known = self._open.get((point, Arrival.CLOCK))
            if known is not None and (times.over(up) or not in_use):
                yield over(known, Ended.RETURNED if in_use else Ended.NOT_IN_USE, now_ms, None)
            elif known is None and in_use and times.many(now_ms) and not times.over(up):
                row = self._listener.hearing.rows[number]
                silence = self._silence(number, row, now_ms, told=True)
                after = replace(silence, rule=Arrival.CLOCK, onset_ms=times.received_ms[0], version="")
                yield News(Turn.TOLD, after, {"received_ms": list(times.received_ms), "channel": after.channel})

    # -- whether kept data filled a gap -----------------------------------------------------------------------

    def _filled_later(self, now_ms: int) -> Iterator[News]:
        late, self._listener.late = self._listener.late, set()
        for key, known in list(self._ended.items()) if late else ():
            number = self._registry.point_numbers.get(known.subject, -1)
            if number in late and known.check_ms is not None:
                self._ended[key] = replace(known, check_ms=min(known.check_ms, now_ms + CHECK_MS))
        begin_s = self._clock.monotonic_s()
        due = [each for each in self._ended.values() if each.check_ms is not None and each.check_ms <= now_ms]
        waiting = self._waiting() if due else {}
        for known in sorted(due, key=lambda each: each.rule is Arrival.NODE_SILENCE):
            answer = self._complete(known, waiting)
            if answer:
                yield News(Turn.COMPLETED, replace(known, reason=Ended.LATE_COMPLETE, check_ms=None))
            elif known.ended_ms is not None and now_ms >= known.ended_ms + CHECKED_FOR_MS:
                yield News(Turn.SETTLED, replace(known, check_ms=None))
            else:
                last_ms = (known.ended_ms or now_ms) + CHECKED_FOR_MS
                again_ms = now_ms + CHECK_MS if answer is None else last_ms
                self._ended[known.episode.key] = replace(known, check_ms=min(again_ms, last_ms))
            if self._clock.monotonic_s() - begin_s > CHECK_BUDGET_S:
                break

    def _waiting(self) -> dict[str, int]:
        """Return node → earliest onset of its points' silences that are open or may still turn out complete."""
        earliest: dict[str, int] = {}
        for each in (*self._open.values(), *self._ended.values()):
            if each.rule is Arrival.SILENCE:
                earliest[each.node] = min(each.onset_ms, earliest.get(each.node, each.onset_ms))
        return earliest

    def _complete(self, known: Occurrence, waiting: dict[str, int]) -> bool | None:
        """Say whether no hole is left; None: ask again soon."""
        ended_ms = known.ended_ms or 0
        if known.rule in FOR_MANY:
            return False  # what was filled is said by each silence that it spoke for
        if known.rule is Arrival.NODE_SILENCE:
            waits = waiting.get(known.node, ended_ms + 1) <= ended_ms
            return None if waits or known.node not in self._filled else True
        number = self._registry.point_numbers[known.subject]
        hold_ms = HOLD_INTERVALS * self._registry.points[known.subject].interval_s * 1000
        if int(self._listener.hearing.rows["newest_ms"][number]) < ended_ms - hold_ms:
            return None
        times = self._times(known.subject, known.newest_ms, ended_ms)
        return None if times is None else without_hole(times, known.newest_ms, ended_ms, hold_ms)

    # -- writing ----------------------------------------------------------------------------------------------

    def write(self, writing: Writing, news: Sequence[News], handling: Handling) -> None:
        """Store what happened."""
        write_news(writing, news, self._clock.now_ms(), handling)

    def written(self, news: Sequence[News]) -> None:
        """The store has it."""
        for each in news:
            after = each.after
            self._ended.pop(after.episode.key, None)
            if after.ended_ms is not None:
                self._forget(after)
            if each.turn is Turn.COMPLETED and after.rule is Arrival.SILENCE:
                self._filled.add(after.node)
            self._remember(after)
        if news:
            self._ask()

    def _remember(self, occurrence: Occurrence) -> None:
        if occurrence.ended_ms is not None:
            if occurrence.check_ms is not None:
                self._ended[occurrence.episode.key] = occurrence
                self._together.is_over(occurrence)
            return
        self._open[occurrence.subject, occurrence.rule] = occurrence
        if occurrence.rule is Arrival.NODE_SILENCE:
            self._listener.nodes.silent[self._listener.node_numbers[occurrence.node]] = True
            self._filled.discard(occurrence.node)
        elif occurrence.rule is Arrival.SILENCE:
            number = self._registry.point_numbers[occurrence.subject]
            self._recorded[number], self._told[number] = True, occurrence.told
            self._onset_up[number] = occurrence.onset_up

    def _forget(self, occurrence: Occurrence) -> None:
        """Take an occurrence out of what is open, if it is that one."""
        key = occurrence.subject, occurrence.rule
        if key not in self._open or self._open[key].onset_ms != occurrence.onset_ms:
            return
        del self._open[key]
        if occurrence.rule is Arrival.NODE_SILENCE:
            number = self._listener.node_numbers[occurrence.node]
            self._listener.nodes.silent[number] = False
            nodes = self._listener.nodes
            if nodes.back_up[number] <= occurrence.onset_up:
                nodes.came_back(np.array([number]), nodes.last_up[[number]])
        elif occurrence.rule is Arrival.SILENCE:
            number = self._registry.point_numbers[occurrence.subject]
            self._recorded[number] = self._told[number] = False

    def _ask(self) -> None:
        numbers = {self._registry.point_numbers.get(each.subject, -1) for each in self._ended.values()}
        self._listener.ask_for_late(numbers - {-1})

    def _point(self, number: int) -> str:
        return self._registry.point_ids[number]

    def _grow(self) -> None:
        count = len(self._registry.point_ids)
        self._listener.hearing.grow(count)
        missing = count - len(self._recorded)
        if missing > 0:
            self._recorded = np.concatenate([self._recorded, np.zeros(missing, bool)])
            self._told = np.concatenate([self._told, np.zeros(missing, bool)])
            self._onset_up = np.concatenate([self._onset_up, np.full(missing, NEVER_MS)])
            self._excused_up = np.concatenate([self._excused_up, np.full(missing, NEVER_MS)])
