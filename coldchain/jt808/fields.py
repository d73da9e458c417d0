"""Times of JT/T 808: six bytes of BCD, YY-MM-DD-hh-mm-ss.

The standard has them in UTC+8 and writes no zone, and China has no summer time: every terminal is taken at that word.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""Of the position's time the standard says: GMT+8 时间,本标准中之后涉及的时间均采用此时区."""


def time_of_bcd(raw: bytes) -> int | None:
    """Return a time in ms UTC, None for what is no time: zeros, no digits, a 30th of February.

    >>> time_of_bcd(bytes.fromhex("200616120000")), time_of_bcd(bytes(6))
    (1592280000000, None)
    """
    try:
        year, month, day, hour, minute, second = (int(f"{byte:02x}") for byte in raw)
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=CHINA)
    except ValueError:
        return None
    return round(moment.timestamp() * 1000)


def bcd_of_time(ms: int) -> bytes:
    """Return a time of this century as a terminal says it, cut to seconds.

    >>> bcd_of_time(1_592_280_000_999).hex()
    '200616120000'
    """
    return bytes.fromhex(datetime.fromtimestamp(ms // 1000, UTC).astimezone(CHINA).strftime("%y%m%d%H%M%S"))
