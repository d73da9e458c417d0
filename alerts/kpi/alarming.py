"""KPIs of alarms; an alarm counts on the day on which it was raised, and one that was retracted or merged nowhere.

The words are those of ISA-18.2 and EEMUA 191; what they call an operator is a site here: whoever is on duty there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import compress
from typing import NamedTuple

from alerts.kpi.figures import Share, Waits
from alerts.occurrences import floods
from coldchain.registry.intervals import Piece

MINUTE_MS = 60_000

STANDING_MS = 24 * 3_600_000
"""An alarm that is active for longer stands (EEMUA 191: stale)."""

TOP = 10


@dataclass(frozen=True, slots=True)
class Alarms:
    """Alarms of a site that were neither retracted nor merged, column by column.

    As columns because 124,000 objects, a month of 2,000 shops, took 2 s of garbage collection.

    Attributes:
        raised_ms: the server's time. ``onset_ms``, ``ended_ms``: measured; ``ended_ms`` None: it stands.
        paged_ms: when people were asked first; None: nobody was.
        acknowledged_ms: when somebody said first that they have it; None: nobody did.
        chattering, late: 0 or 1; ``late``: discovered when it was long over.
    """

    site: str
    id: Sequence[str] = ()
    asset: Sequence[str] = ()
    rule: Sequence[str] = ()
    raised_ms: Sequence[int] = ()
    onset_ms: Sequence[int] = ()
    ended_ms: Sequence[int | None] = ()
    paged_ms: Sequence[int | None] = ()
    acknowledged_ms: Sequence[int | None] = ()
    chattering: Sequence[int] = ()
    late: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.id)

    def raised_in(self, from_ms: int, to_ms: int) -> Alarms:
        """Return those that were raised in [from, to)."""
        inside = [from_ms <= at_ms < to_ms for at_ms in self.raised_ms]
        if all(inside):
            return self
        columns = (getattr(self, name) for name in COLUMNS)
        return Alarms(self.site, *(list(compress(column, inside)) for column in columns))


COLUMNS = tuple(one.name for one in fields(Alarms))[1:]


class Source(NamedTuple):
    """What alarms come from: an asset (empty: a site as a whole) and a rule; how many."""

    site: str
    asset: str
    rule: str
    alarms: int


def alarms_a_day(alarms: Alarms, open_days: int, closed_days: int) -> Share:
    """Return alarms ÷ days on which the site was open at some time."""
    return Share(len(alarms), open_days, closed_days)


def acknowledged(alarms: Alarms) -> Waits:
    """Return how long it took from asking people until somebody said that they have it."""
    rows = zip(alarms.paged_ms, alarms.acknowledged_ms, strict=True)
    asked = [(paged_ms, at_ms) for paged_ms, at_ms in rows if paged_ms is not None]
    return Waits(tuple(max(at_ms - paged_ms, 0) for paged_ms, at_ms in asked if at_ms is not None), len(asked))


def told(alarms: Alarms, accepted_ms: Mapping[str, int]) -> Waits:
    """Return how long it took from raising an alarm until a provider took the first message about it.

    Args:
        accepted_ms: alarm → when that was; only of those of which it was.
    """
    asked = [paged_ms is not None for paged_ms in alarms.paged_ms]
    rows = zip(compress(alarms.id, asked), compress(alarms.raised_ms, asked), strict=True)
    waits = [max(accepted_ms[name] - raised_ms, 0) for name, raised_ms in rows if name in accepted_ms]
    return Waits(tuple(waits), sum(asked))


def standing(alarms: Alarms, now_ms: int) -> Share:
    """Return alarms whose condition stood for more than `STANDING_MS`, of all."""
    spans = zip(alarms.onset_ms, alarms.ended_ms, strict=True)
    stood = ((now_ms if ended_ms is None else ended_ms) - onset_ms > STANDING_MS for onset_ms, ended_ms in spans)
    return Share(sum(stood), len(alarms))


def chattering(alarms: Alarms) -> Share:
    """Return alarms that came and went too often (`alerts.occurrences.chattering`), of all."""
    return Share(sum(alarms.chattering), len(alarms))


def flood_time(alarms: Alarms, open_pieces: Iterable[Piece], closed_ms: int, now_ms: int) -> Share:
    """Return minutes in which a site was flooded (`alerts.occurrences.floods`), of those in which it was open.

    Args:
        alarms: also those raised a day before, of which a flood may be left.
    """
    live = [at_ms for at_ms, late in zip(alarms.raised_ms, alarms.late, strict=True) if not late]
    wet = [(one.began_ms, now_ms if one.ended_ms is None else one.ended_ms) for one in floods(live, now_ms)]
    open_ms = flooded_ms = 0
    for from_ms, to_ms in open_pieces:
        open_ms += to_ms - from_ms
        flooded_ms += sum(max(0, min(to_ms, end) - max(from_ms, begin)) for begin, end in wet)
    return Share(flooded_ms / MINUTE_MS, open_ms / MINUTE_MS, closed_ms / MINUTE_MS)


def top_sources(alarms: Iterable[Alarms], most: int = TOP) -> list[Source]:
    """Return what most alarms come from, the largest first."""
    found: list[Source] = []
    for one in alarms:
        counted = Counter(zip(one.asset, one.rule, strict=True))
        found += [Source(one.site, asset, rule, count) for (asset, rule), count in counted.items()]
    return sorted(found, key=lambda one: (-one.alarms, one.site, one.asset, one.rule))[:most]
