"""Days on the wall of a site: where they begin, how many there were, and when the site was open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from coldchain.registry.intervals import Piece, between, common

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Days:
    """Days from the first to the last one, both included."""

    first: date
    last: date

    def span(self, zone: ZoneInfo, now_ms: int) -> Piece:
        """Return [from, to) of these days in a zone, ms; nothing of the future.

        >>> Days(date(2026, 3, 29), date(2026, 3, 29)).span(ZoneInfo("Europe/Berlin"), 1 << 60)
        (1774738800000, 1774821600000)
        """
        from_ms = midnight_ms(self.first, zone)
        return from_ms, max(from_ms, min(midnight_ms(self.last + timedelta(days=1), zone), now_ms))

    def each(self, zone: ZoneInfo, now_ms: int) -> Iterator[Piece]:
        """Yield [from, to) of each day that has begun, the last one as far as it has gone."""
        day, from_ms = self.first, midnight_ms(self.first, zone)
        while day <= self.last and from_ms < now_ms:
            day += timedelta(days=1)
            to_ms = midnight_ms(day, zone)
            yield from_ms, min(to_ms, now_ms)
            from_ms = to_ms


@lru_cache(maxsize=4096)
def midnight_ms(day: date, zone: ZoneInfo) -> int:
    """Return when a day begins in a zone, ms UTC; days of 23 and 25 hours are as long as they are."""
    local = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (local.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)


def open_in(closed: Sequence[Piece], span: Piece) -> list[Piece]:
    """Return the parts of a span in which a site was not closed."""
    return list(between(list(common(closed, [span])), *span))
