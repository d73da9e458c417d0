"""The chart of an alarm, from the readings as they are now."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from alerts.history import History
from alerts.notify.chart import Curve, png_of, svg_of
from alerts.notify.notices import Outbox
from coldchain.errors import Unavailable
from coldchain.registry import Registry

BEFORE_MS = 3 * 3_600_000
"""What of the time before the alarm is shown."""
LONGEST_MS = 48 * 3_600_000

FALLING = ("low", "freeze")

log = structlog.get_logger()

Pictures = Callable[[str, str], bytes | None]
"""From an alarm's id and a time zone to its chart as PNG; None: there is nothing to draw, or it cannot be."""


def pictures_of(
    outbox: Outbox, history: History, registry: Callable[[], Registry], now_ms: Callable[[], int]
) -> Pictures:
    """Return what draws the alarms of temperatures; a mail without a picture is better than none."""

    def picture(alarm: str, timezone: str) -> bytes | None:
        told = outbox.alarms([alarm]).get(alarm)
        known = registry()
        if told is None or told.alarm.episode.unit != "Cel" or told.alarm.episode.point not in known.points:
            return None
        episode, point = told.alarm.episode, known.points[told.alarm.episode.point]
        to_ms = now_ms()
        from_ms = max(episode.onset_ms - BEFORE_MS, to_ms - LONGEST_MS)
        try:
            samples = history.samples(known, point.id, from_ms, to_ms + 1, history.covered())
            if not len(samples):
                return None
            curve = Curve(
                t=samples.t.tolist(),
                v=samples.v.tolist(),
                hole_ms=2 * point.interval_s * 1000,
                limit=episode.limit,
                below=episode.rule in FALLING,
                from_ms=from_ms,
                to_ms=to_ms,
                onset_ms=episode.onset_ms,
                timezone=timezone,
            )
            return png_of(svg_of(curve))
        except Unavailable as fault:
            log.warning("notify.no_picture", alarm=alarm, fault=str(fault))
            return None

    return picture
