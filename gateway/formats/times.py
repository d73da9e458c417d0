"""Times as devices and platforms write them: seconds, milliseconds, text, RFC 3339."""

from __future__ import annotations

from datetime import UTC, datetime

_MAX = 1e20
_SECONDS_BELOW = 1e11
"""A larger number of seconds would be after the year 5138; a smaller one of milliseconds, before March 1973."""


def ms_of(value: object) -> int | None:
    """Return a time in ms UTC, None when there is none: absent, zero, below zero, or unreadable.

    Numbers are seconds, milliseconds, microseconds or nanoseconds by their size. A text is a number or RFC 3339;
    without an offset it is UTC.

    >>> ms_of("1653668027"), ms_of(1698922776030), ms_of("2022-07-18T09:34:15.775023242+00:00"), ms_of("0")
    (1653668027000, 1698922776030, 1658136855775, None)
    """
    if isinstance(value, str):
        try:
            seconds = float(value)
        except ValueError:
            return _rfc3339(value)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return None
    else:
        seconds = float(value) if 0 < value < _MAX else 0.0
    if not 0 < seconds < _MAX:
        return None
    while seconds >= _SECONDS_BELOW:
        seconds /= 1000
    return round(seconds * 1000) or None


def _rfc3339(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        ms = round(moment.timestamp() * 1000)
    except (OverflowError, ValueError):
        return None
    return ms if ms > 0 else None
