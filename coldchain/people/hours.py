"""Hours of a week as text and as something that can be asked: ``workday 08:00-20:00, sat 09:00-13:00``.

A span that ends at or before its start goes over midnight, and belongs to the day on which it starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAY, HOLIDAY = "workday", "holiday"
DAY_WORDS = (*WEEKDAYS, WORKDAY, HOLIDAY)
"""What a day may be called: its weekday, whatever holiday it is, and whether it is worked."""

MIDNIGHT = 24 * 60
"""Minutes."""

_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})\Z")


@dataclass(frozen=True, slots=True)
class Group:
    """Some days and when on them.

    Attributes:
        days: some of `DAY_WORDS`.
        spans: (from, to), minutes of the day, to excluded; above `MIDNIGHT` on the next day.
    """

    days: frozenset[str]
    spans: tuple[tuple[int, int], ...]


Week = tuple[Group, ...]

ALWAYS: Week = (Group(frozenset(WEEKDAYS), ((0, MIDNIGHT),)),)


@lru_cache(maxsize=4096)
def week_of(text: str) -> Week:
    """Return the hours that a text says: days, then spans, then other days …; without days: every day.

    Args:
        text: ``mon-fri 08:00-12:00 14:00-18:00, sat``; a day without a span is meant whole. Empty: always.

    Raises:
        ValueError: what it is that cannot be read.

    >>> week_of("fri 22:00-06:00")[0].spans
    ((1320, 1800),)
    """
    groups: list[Group] = []
    days: set[str] = set()
    spans: list[tuple[int, int]] = []
    for token in re.split(r"[\s,;]+", text.strip()) if text.strip() else ():
        if token[:1].isdigit():
            spans.append(_span(token))
            continue
        if spans:
            groups.append(_group(days, spans))
            days, spans = set(), []
        days |= _days(token)
    if days or spans:
        groups.append(_group(days, spans))
    return tuple(groups) or ALWAYS


def text_of(week: Week) -> str:
    """Return the text that `week_of` reads as the same hours, days and spans in order."""
    return ", ".join(f"{_days_said(group.days)} {' '.join(map(_span_said, group.spans))}" for group in week)


def covers(week: Week, today: frozenset[str], yesterday: frozenset[str], minute: int) -> bool:
    """Say whether hours hold at a minute of a day.

    Args:
        today, yesterday: what these days are called, of `DAY_WORDS`.
        minute: of today, by the clock on the wall.
    """
    for group in week:
        now = minute if group.days & today else None
        late = minute + MIDNIGHT if group.days & yesterday else None
        for from_min, to_min in group.spans:
            if any(at is not None and from_min <= at < to_min for at in (now, late)):
                return True
    return False


def _group(days: Iterable[str], spans: Iterable[tuple[int, int]]) -> Group:
    return Group(frozenset(days) or frozenset(WEEKDAYS), tuple(spans) or ((0, MIDNIGHT),))


def _span(token: str) -> tuple[int, int]:
    found = _SPAN.match(token)
    if not found:
        raise ValueError(f"{token!r} is no span such as 08:00-20:00")
    hour, minute, to_hour, to_minute = map(int, found.groups())
    from_min, to_min = hour * 60 + minute, to_hour * 60 + to_minute
    if max(minute, to_minute) > 59 or max(from_min, to_min) > MIDNIGHT:
        raise ValueError(f"{token!r} is no span of a day")
    from_min %= MIDNIGHT  # people write 24:00 for the beginning, too
    return from_min, to_min if to_min > from_min else to_min + MIDNIGHT


def _days(token: str) -> set[str]:
    if token in DAY_WORDS:
        return {token}
    first, dash, last = token.partition("-")
    if not dash or first not in WEEKDAYS or last not in WEEKDAYS:
        raise ValueError(f"{token!r} is no day; one of {', '.join(DAY_WORDS)}, or mon-fri")
    start, count = WEEKDAYS.index(first), (WEEKDAYS.index(last) - WEEKDAYS.index(first)) % 7
    return {WEEKDAYS[(start + step) % 7] for step in range(count + 1)}


def _days_said(days: frozenset[str]) -> str:
    """Return days in order, three and more neighbours as one piece."""
    pieces: list[list[str]] = []
    for day in (day for day in DAY_WORDS if day in days):
        after = bool(pieces) and day in WEEKDAYS and WEEKDAYS.index(pieces[-1][-1]) + 1 == WEEKDAYS.index(day)
        if after:
            pieces[-1].append(day)
        else:
            pieces.append([day])
    return " ".join(f"{piece[0]}-{piece[-1]}" if len(piece) > 2 else " ".join(piece) for piece in pieces)


def _span_said(span: tuple[int, int]) -> str:
    from_min, to_min = span
    to_min = to_min - MIDNIGHT if to_min > MIDNIGHT else to_min
    return f"{from_min // 60:02}:{from_min % 60:02}-{to_min // 60:02}:{to_min % 60:02}"
