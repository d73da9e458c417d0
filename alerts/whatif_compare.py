"""What differs between two judgements of the same samples: counts by kind of asset and rule, and each difference.

::

    asset ─▶ Course now, Course then ─▶ episodes of a point and rule that overlap are one ─▶ Change
                                     └▶ Comparison: counts, minutes of the record, what no page told of
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.episodes import Episode
from alerts.reconcile import told_of
from alerts.records import Lane
from alerts.telling import FAMILIES, PAGE_EVERY_MS
from alerts.whatif import RECORD, Course, Span
from alerts.whatif_pages import Page
from coldchain.registry import SEVERITIES

LONG_MS = 2 * 3_600_000
"""A stay above the storage condition for so long is one that somebody should have been told of. A choice."""

WARM = ("high", *(rule for rule, family in FAMILIES.items() if family == "warm"))
"""Rules whose page tells that something is warm."""

KEPT = 1000
"""Differences of a kind that are kept while more are counted; sorting them out costs nothing that one sees."""


class How(StrEnum):
    """In what an episode then differs from the one now."""

    NEW = "new"
    GONE = "gone"
    SEVERER = "severer"
    MILDER = "milder"
    EARLIER = "earlier"
    LATER = "later"
    SPLIT = "split"
    """One now, several then: the second and each after it."""
    JOINED = "joined"
    """Several now, one then."""
    DIFFERS = "differs"
    """Of a check of the record: the same key, other numbers."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; ``paged``: whether the alarm brought a page, now and then."""

    how: How
    asset: str
    now: Episode | None
    then: Episode | None
    paged: tuple[bool, bool] = (False, False)

    @property
    def either(self) -> Episode:
        """The episode then, or the one that is gone."""
        found = self.then or self.now
        assert found is not None
        return found

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """Paged ones first, then the most severe, then the earliest."""
        one = self.either
        return not any(self.paged), -SEVERITIES.index(one.top_severity), one.raised_ms, one.point


@dataclass
class Pair:
    """A number now and then."""

    now: int = 0
    then: int = 0

    def add(self, now: int, then: int) -> None:
        """Count more."""
        self.now += now
        self.then += then


@dataclass
class Comparison:
    """Everything that two judgements of some assets say about a span.

    Attributes:
        keep: differences kept of each kind, the most important ones; None: all.
        episodes, pages: (kind of asset, rule) → how many were raised, or paged, inside the span.
        record_ms: lane of the record → time outside the storage condition.
        untold: stays of `LONG_MS` above the storage condition (the one of now) that no page told of.
        standing: alarms raised before the span and still open in it, which count nowhere else.
        found: how many differences of each kind there are.
    """

    span: Span
    keep: int | None = 20
    episodes: dict[tuple[str, str], Pair] = field(default_factory=dict)
    pages: dict[tuple[str, str], Pair] = field(default_factory=dict)
    record_ms: dict[Lane, Pair] = field(default_factory=lambda: {lane: Pair() for lane in RECORD})
    untold: Pair = field(default_factory=Pair)
    standing: Pair = field(default_factory=Pair)
    found: Counter[How] = field(default_factory=Counter)
    _changes: dict[How, list[Change]] = field(default_factory=dict)

    def add(self, asset: str, kind: str, now: Course, then: Course) -> None:
        """Take an asset in."""
        for side, course in enumerate((now, then)):
            one = (1, 0) if side == 0 else (0, 1)
            for episode in course.episodes:
                if self._counts(episode):
                    self.episodes.setdefault((kind, episode.rule), Pair()).add(*one)
            for page in course.pages:
                if page.at_ms < self.span.from_ms:
                    continue
                self.pages.setdefault((kind, page.episode.rule), Pair()).add(*one)
        for lane in RECORD:
            self.record_ms[lane].add(now.record_ms[lane], then.record_ms[lane])
        stays = [episode for episode in now.episodes if episode.rule == Lane.RECORD_HIGH and self._counts(episode)]
        self.untold.add(_untold(stays, now), _untold(stays, then))
        self.standing.add(*(sum(self._stood(episode) for episode in told_of(one.episodes)) for one in (now, then)))
        for change in changes(asset, now, then):
            if any(one is not None and self._counts(one) for one in (change.now, change.then)):
                self.note(change)

    def note(self, change: Change) -> None:
        """Count a difference, and keep it if it is one of the most important of its kind."""
        self.found[change.how] += 1
        kept = self._changes.setdefault(change.how, [])
        kept.append(change)
        if self.keep is not None and len(kept) >= self.keep + KEPT:
            kept.sort(key=lambda one: one.rank)
            del kept[self.keep :]

    def changes(self) -> Iterator[tuple[How, Sequence[Change]]]:
        """Yield each kind of difference that there is, and those of it that were kept, the most important first."""
        for how in How:
            if self.found[how]:
                yield how, sorted(self._changes[how], key=lambda one: one.rank)[: self.keep]

    def _counts(self, episode: Episode) -> bool:
        return self.span.from_ms <= episode.raised_ms < self.span.to_ms

    def _stood(self, episode: Episode) -> bool:
        from_ms = self.span.from_ms
        return episode.raised_ms < from_ms and (episode.ended_ms is None or episode.ended_ms > from_ms)


def changes(asset: str, now: Course, then: Course) -> Iterator[Change]:
    """Yield in what the alarms of an asset differ; those of the record are counted and not listed."""
    paged_now, paged_then = ({page.episode.key for page in one.pages} for one in (now, then))
    for before, after, how in paired(told_of(now.episodes), told_of(then.episodes)):
        if how is None:
            assert before is not None
            assert after is not None
            how = _moved(before, after)
        if how is not None:
            paged = (before is not None and before.key in paged_now, after is not None and after.key in paged_then)
            yield Change(how, asset, before, after, paged)


def paired(
    now: Sequence[Episode], then: Sequence[Episode]
) -> Iterator[tuple[Episode | None, Episode | None, How | None]]:
    """Yield which episode now is which then: same point and rule, overlapping, the earliest first.

    An episode that overlaps only with what is another's yields `How.SPLIT` or `How.JOINED` together with that one.
    """
    keys = dict.fromkeys((episode.point, episode.rule) for episode in (*now, *then))
    before = {key: [one for one in now if (one.point, one.rule) == key] for key in keys}
    after = {key: [one for one in then if (one.point, one.rule) == key] for key in keys}
    for key in keys:
        yield from _paired(_by_onset(before[key]), _by_onset(after[key]))


def _paired(
    now: Sequence[Episode], then: Sequence[Episode]
) -> Iterator[tuple[Episode | None, Episode | None, How | None]]:
    """Walk two rows of episodes that do not overlap among themselves."""
    i = j = 0
    taken_now = taken_then = False  # whether the one at i, j has a partner already
    while i < len(now) or j < len(then):
        if i < len(now) and j < len(then) and now[i].overlaps(then[j].onset_ms, then[j].ended_ms):
            if not taken_now and not taken_then:
                yield now[i], then[j], None
            elif not taken_then:
                yield now[i], then[j], How.SPLIT
            elif not taken_now:
                yield now[i], then[j], How.JOINED
            taken_now = taken_then = True
        elif j >= len(then) or (i < len(now) and now[i].onset_ms < then[j].onset_ms):
            if not taken_now:
                yield now[i], None, How.GONE
            i, taken_now = i + 1, False
            continue
        else:
            if not taken_then:
                yield None, then[j], How.NEW
            j, taken_then = j + 1, False
            continue
        if _end(now[i]) <= _end(then[j]):
            i, taken_now = i + 1, False
        else:
            j, taken_then = j + 1, False


def _untold(stays: Iterable[Episode], course: Course) -> int:
    """Return how many long stays no page of the asset told of: before it by a page budget's time, or in it."""
    final = {episode.key: episode for episode in course.episodes}
    told = [page for page in course.pages if page.episode.rule in WARM]
    return sum(
        stay.exposed_ms >= LONG_MS and not any(_tells(page, final[page.episode.key], stay) for page in told)
        for stay in stays
    )


def _tells(page: Page, alarm: Episode, stay: Episode) -> bool:
    if stay.ended_ms is not None and page.at_ms > stay.ended_ms:
        return False
    return page.at_ms > stay.onset_ms - PAGE_EVERY_MS or alarm.overlaps(stay.onset_ms, stay.ended_ms)


def _moved(now: Episode, then: Episode) -> How | None:
    change = SEVERITIES.index(then.top_severity) - SEVERITIES.index(now.top_severity)
    if change:
        return How.SEVERER if change > 0 else How.MILDER
    if now.raised_ms != then.raised_ms:
        return How.EARLIER if then.raised_ms < now.raised_ms else How.LATER
    return None


def _by_onset(episodes: Iterable[Episode]) -> list[Episode]:
    return sorted(episodes, key=lambda episode: episode.onset_ms)


def _end(episode: Episode) -> float:
    return float("inf") if episode.ended_ms is None else episode.ended_ms
