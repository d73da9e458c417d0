"""Milk in tanks at farms and stations: when it was milked, and whether it was cooled in time.

::

    Milking ──take──▶ due ─┐
    milk's temperature ────┼──▶ cooled_late ──▶ episodes, reconciled with their alarms
    registry moved ────────┘
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.sqlite import insert

from alerts.tables import tank as table
from alerts.transit.book import KEPT_MS
from alerts.transit.waiting import Waiting
from coldchain.custody import Milking

AFTER_MS = 24 * 3_600_000
"""Milk's temperature counts so long after a milking: by then there was another one, or the tank was emptied."""


@dataclass(slots=True, kw_only=True)
class Tank(Waiting):
    """A tank as memory has it; ``milkings``: by when each ended, ms."""

    asset: str
    milkings: dict[int, Milking] = field(default_factory=dict)

    @property
    def ended_ms(self) -> list[int]:
        """When each milking ended, rising."""
        return sorted(self.milkings)


_encode = msgspec.json.Encoder(order="deterministic").encode
_milkings = msgspec.json.Decoder(list[Milking]).decode


class Tanks:
    """The tanks of an alarm store into which milk came."""

    def __init__(self, engine: Engine) -> None:
        self._tanks: dict[str, Tank] = {}
        self._unsaved: set[str] = set()
        with engine.connect() as connection:
            for row in connection.execute(select(table)):
                known = Tank(asset=row.asset, milkings={one.ended_ms: one for one in _milkings(row.said)})
                self._tanks[row.asset] = known
                if row.due:
                    known.told(1)

    @property
    def unsaved(self) -> bool:
        """Whether something is not in the store."""
        return bool(self._unsaved)

    def take(self, put: Milking, position: int) -> None:
        """Take that milk came into a tank; what is older than all that late data may change is forgotten."""
        known = self._tanks.setdefault(put.asset, Tank(asset=put.asset))
        known.milkings[put.ended_ms] = put
        newest_ms = max(known.milkings)
        known.milkings = {at_ms: one for at_ms, one in known.milkings.items() if at_ms >= newest_ms - KEPT_MS}
        known.told(position)
        self._unsaved.add(put.asset)

    def heard(self, asset: str, from_ms: int, to_ms: int, position: int) -> None:
        """Its milk's temperature was measured in [from_ms, to_ms], or is another one."""
        known = self._tanks.get(asset)
        if known is None or not any(at_ms <= to_ms and from_ms < at_ms + AFTER_MS for at_ms in known.milkings):
            return
        if known.told(position):
            self._unsaved.add(asset)

    def moved(self, position: int) -> None:
        """The rules of trips are others."""
        for known in self._tanks.values():
            if known.told(position):
                self._unsaved.add(known.asset)

    def due(self) -> list[Tank]:
        """Return the tanks that have to be judged."""
        return [known for known in self._tanks.values() if known.due]

    def oldest(self, assets: Iterable[str], from_ms: int, to_ms: int) -> int | None:
        """Return the end of the first milking into some tanks in (from_ms, to_ms]; None: nobody said one."""
        ended = [
            at_ms
            for asset in assets
            if asset in self._tanks
            for at_ms in self._tanks[asset].milkings
            if from_ms < at_ms <= to_ms
        ]
        return min(ended, default=None)

    def save(self, connection: Connection) -> None:
        """Write what is not in the store, in the judge's transaction."""
        for asset in sorted(self._unsaved):
            known = self._tanks[asset]
            said = _encode([known.milkings[at_ms] for at_ms in known.ended_ms])
            row = {"asset": asset, "said": said, "due": known.due}
            connection.execute(
                insert(table).values(**row).on_conflict_do_update(index_elements=[table.c.asset], set_=row)
            )

    def saved(self) -> None:
        """The store has it."""
        self._unsaved.clear()

    def judged(self, connection: Connection, known: Tank, upto: int) -> None:
        """Write that a tank was judged with everything up to a position."""
        connection.execute(update(table).where(table.c.asset == known.asset).values(due=known.news > upto))
