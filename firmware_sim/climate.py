"""How warm it is outside, by hour of the local day: a place and month give 24 numbers, any moment one of them.

::

    hottest of the day - range × share of the hour (ASHRAE) ──▶ 24 values ──▶ straight lines between them
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

HOUR_SHARES = (
    *(0.82, 0.88, 0.92, 0.95, 0.98, 1.00, 0.98, 0.91, 0.74, 0.55, 0.38, 0.23),
    *(0.13, 0.05, 0.00, 0.00, 0.06, 0.14, 0.24, 0.39, 0.50, 0.59, 0.68, 0.75),
)
"""Share of the day's range below its hottest hour, from hour 0 on. ASHRAE Handbook, Fundamentals (2009), chapter 14,
table 6; quoted from memory, not checked against the print."""


@dataclass(frozen=True, slots=True)
class Climate:
    """A typical day: its hottest hour and its range."""

    hottest_celsius: float
    range_kelvin: float

    def celsius(self, local_s: float) -> float:
        """Return the outside temperature at a local moment (s), °C.

        >>> CLIMATES["shanghai-july"].celsius(14 * 3600)
        33.0
        """
        hour = local_s / 3600 % 24
        share = np.interp(hour, np.arange(25), [*HOUR_SHARES, HOUR_SHARES[0]])
        return self.hottest_celsius - self.range_kelvin * float(share)


CLIMATES: Mapping[str, Climate] = {
    "shanghai-july": Climate(33.0, 7.0),
    "shanghai-january": Climate(8.0, 6.0),
    "hohhot-january": Climate(-4.0, 13.0),
    "harbin-january": Climate(-12.0, 12.0),
    "guangzhou-july": Climate(33.5, 7.5),
}
"""Mean daily maximum and range of the month, rounded; from memory of climate normals, not checked."""
