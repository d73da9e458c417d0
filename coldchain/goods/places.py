"""Where goods can be: ``asset:``, ``site:`` or ``trip:`` and an id; and what a printed date means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from coldchain.clock import parse_rfc3339
from coldchain.topics import valid_id

ASSET, SITE, TRIP = "asset:", "site:", "trip:"

CHINA = timezone(timedelta(hours=8))
"""The clock by which a printed day ends: China has one zone, and a lot has no place of its own."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def valid_place(place: str) -> bool:
    """Say whether a text names a place.

    >>> valid_place("asset:C-1"), valid_place("site:"), valid_place("C-1")
    (True, False, False)
    """
    return any(place.startswith(kind) and valid_id(place.removeprefix(kind)) for kind in (ASSET, SITE, TRIP))


def printed_ms(text: str, *, end: bool) -> int | None:
    """Return what a printed date means, ms UTC; None where nothing is printed.

    Args:
        text: a day, or a moment in RFC 3339.
        end: a day ends the matter (保质期至: until its end), otherwise it begins it (生产日期).

    Raises:
        ValueError: it is neither.

    >>> printed_ms("2023-11-14", end=True) == parse_rfc3339("2023-11-15T00:00:00+08:00")
    True
    """
    if not text:
        return None
    if len(text) != len("2026-11-30"):
        return parse_rfc3339(text)
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=CHINA) + timedelta(days=1 if end else 0)
        return (day.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)
    except OverflowError as fault:  # the first and the last day that there are
        raise ValueError(f"{text}: {fault}") from fault
