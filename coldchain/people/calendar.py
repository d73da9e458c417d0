"""Is the shop open, is somebody asleep, is today a working day: clocks on walls, from entries of the registry.

Everything goes by the clock on the wall: an hour that a zone skips in spring is nobody's, one that it has twice in
autumn counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coldchain.people.entries import Person
from coldchain.people.hours import ALWAYS, HOLIDAY, MIDNIGHT, WEEKDAYS, WORKDAY, Week, covers, week_of
from coldchain.registry.fold import Registry

HOME = "Asia/Shanghai"
"""The zone where none is known."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVERY_DAY = frozenset(WEEKDAYS)


@dataclass(frozen=True, slots=True)
class Wall:
    """What clock and calendar on a wall say.

    Attributes:
        today, yesterday: what these days are called, of `coldchain.people.hours.DAY_WORDS`.
        minute: of the day.
    """

    today: frozenset[str]
    yesterday: frozenset[str]
    minute: int


def wall_at(registry: Registry, timezone: str, regions: Iterable[str], at_ms: int) -> Wall:
    """Return the wall in a time zone, with the holidays of regions, the nearest first."""
    local = local_at(timezone, at_ms)
    places = (*regions, "")
    today, before = local.date(), local.date() - timedelta(days=1)
    return Wall(_called(registry, places, today), _called(registry, places, before), local.hour * 60 + local.minute)


def local_at(timezone: str, at_ms: int) -> datetime:
    """Return what time it is in a zone; at home for one that is not known."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone_named(timezone))


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """Return a time zone; the one at home for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(HOME)


def wall_of(registry: Registry, site: str, at_ms: int) -> Wall:
    """Return the wall of a site; at home for one that is not known."""
    known = registry.sites.get(site)
    return wall_at(registry, known.timezone if known else HOME, registry.regions_of(site), at_ms)


def is_open(registry: Registry, site: str, at_ms: int) -> bool:
    """Say whether a site is open: always where no hours are known, never while it is closed (停业)."""
    if registry.is_closed(site, at_ms):
        return False
    known = registry.sites.get(site)
    return known is None or holds(known.opening_hours, wall_of(registry, site, at_ms))


def quiet_until(person: Person, at_ms: int) -> int | None:
    """Return when a person's quiet hours end, ms; None outside of them, and of hours that cannot be read."""
    local = local_at(person.timezone, at_ms)
    try:
        week = week_of(person.quiet)
    except ValueError:
        return None
    if not person.quiet or not covers(week, _EVERY_DAY, _EVERY_DAY, local.hour * 60 + local.minute):
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = [to_min % MIDNIGHT for group in week for _, to_min in group.spans]
    ends = [midnight + timedelta(days=day, minutes=minute) for day in (0, 1) for minute in minutes]
    return min(end_ms for end_ms in map(_ms, ends) if end_ms > at_ms)


def holds(hours: str, wall: Wall) -> bool:
    """Say whether hours hold then; empty ones do always, and so do those that cannot be read.

    Rather a message too many: an import lets no such hours in, but other programs write entries, too.
    """
    return covers(_week(hours), wall.today, wall.yesterday, wall.minute)


def _called(registry: Registry, regions: Iterable[str], day: date) -> frozenset[str]:
    weekday = WEEKDAYS[day.weekday()]
    said = {holiday.region: holiday.kind for holiday in registry.holidays.get(day.isoformat(), ())}
    kind = next((said[region] for region in regions if region in said), "off" if day.weekday() >= 5 else "work")
    return frozenset((weekday, HOLIDAY if kind == "off" else WORKDAY))


def _ms(local: datetime) -> int:
    return (local.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=4096)
def _week(hours: str) -> Week:
    try:
        return week_of(hours)
    except ValueError:
        return ALWAYS
