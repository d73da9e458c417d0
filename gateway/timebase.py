"""Which time a reading gets on a gateway: pure rules over a wall clock, a steady clock and what the server said.

A gateway's clock is trusted in a boot once NTP or an acknowledgement's ``at`` confirmed it to 2 s, or when it was
confirmed within the last 30 days (an RTC keeps it). Until then readings are held with steady time. A clock that the
server contradicts is corrected by the difference and the correction is confessed.
"""

from __future__ import annotations

from dataclasses import dataclass

from coldchain.readings import Quality
from coldchain.senml import EARLIEST_WRITTEN_MS

TOLERANCE_MS = 2_000
RTC_TRUST_MS = 30 * 86_400_000
SENSOR_TOLERANCE_MS = 120_000


@dataclass(slots=True)
class Timebase:
    """The gateway's idea of the time in this boot.

    Attributes:
        boot: id of this boot.
        trusted: whether readings may be sealed with a time.
        offset_ms: added to the wall clock; set by the server's word.
    """

    boot: str
    trusted: bool = False
    offset_ms: int = 0

    def start(self, wall_ms: int, *, ntp: bool, confirmed_ms: int | None) -> None:
        """Judge the clock at boot.

        Args:
            wall_ms: what it says now.
            ntp: whether the system says that it is synchronised.
            confirmed_ms: when it was last confirmed, by its own count; None for never.
        """
        by_rtc = confirmed_ms is not None and 0 <= wall_ms - confirmed_ms <= RTC_TRUST_MS
        self.trusted = ntp or by_rtc

    def now_ms(self, wall_ms: int) -> int:
        """Return the corrected time."""
        return wall_ms + self.offset_ms

    def hear(self, server_ms: int, wall_ms: int, round_trip_ms: float) -> int | None:
        """Take the server's time from an acknowledgement.

        Args:
            server_ms: `Ack.at`.
            wall_ms: this machine's uncorrected clock now.
            round_trip_ms: since the acknowledged batch was sent; a slower answer than 2 s says too little.

        Returns:
            The correction made, ms: 0 when the clock was right to 2 s; None when the answer said too little.
        """
        if round_trip_ms > TOLERANCE_MS:
            return None
        wrong_by = server_ms - self.now_ms(wall_ms)
        self.trusted = True
        if abs(wrong_by) <= TOLERANCE_MS:
            return 0
        self.offset_ms += wrong_by
        return wrong_by


def measured_at(own_ms: int, arrival_ms: int, *, history: bool) -> tuple[int, int, int | None]:
    """Return (measured_at_ms, quality bits, the sensor's own time if it was not believed).

    A sensor's own time counts within 2 min of its arrival, or when its format says history; a history from before
    1978 is none, for a pack cannot say it.

    >>> measured_at(0, 1_700_000_000_000, history=False)
    (1700000000000, 2, 0)
    """
    if (history and own_ms >= EARLIEST_WRITTEN_MS) or abs(own_ms - arrival_ms) <= SENSOR_TOLERANCE_MS:
        return own_ms, 0, None
    return arrival_ms, int(Quality.SENSOR_CLOCK), own_ms


def untimed_name(node: str, boot: str, name: str) -> str:
    """Return the name under which a boot that never learnt the time is sealed."""
    return f"urn:coldchain:{node}:untimed:{boot}:{name}"
