"""How hot a tank is while it is washed: a programme of straight lines that passes exactly through 85.00 °C, twice.

Alkali 75-85 °C and hot water 90-95 °C, daily (trade sources on cleaning in place of milk tankers, read on the web; the
minutes are assumed). It is neither an excursion nor a fault: 85.00 is the power-on word of a DS18B20 only as a jump,
alone, from a 1-wire probe.
"""

from __future__ import annotations

import numpy as np

PROGRAMME = (
    (0, 20.0),
    (3, 38.0),
    (10, 38.0),
    (57, 85.0),
    (67, 85.0),
    (72, 60.0),
    (77, 60.0),
    (110, 93.0),
    (125, 93.0),
    (135, 25.0),
    (145, 8.0),
)
"""(minute, °C): cold start, rinse, alkali rising by 1 K/min and held, rinse, hot water, cold rinse."""

DURATION_S = PROGRAMME[-1][0] * 60
PEAK_CELSIUS = max(celsius for _, celsius in PROGRAMME)


def washing_celsius(since_s: float) -> float:
    """Return the temperature ``since_s`` seconds after the start, °C; NaN outside the programme.

    >>> washing_celsius(57 * 60), washing_celsius(102 * 60), washing_celsius(-1)
    (85.0, 85.0, nan)
    """
    if not 0 <= since_s <= DURATION_S:
        return float("nan")
    minutes, celsius = zip(*PROGRAMME, strict=True)
    return float(np.interp(since_s / 60, minutes, celsius))
