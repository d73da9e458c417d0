"""Whether milk was cooled in time after milking: a fold over what a probe in the tank's milk said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from alerts.transit.ageing import Ageing, Goods
from alerts.transit.delay import WARNING, Delay, severity_of
from coldchain.profiles import TripRules

COOLED_LATE = "cooled-late"
MINUTE_MS = 60_000


def cooled_late(milkings: Sequence[int], goods: Goods, rules: TripRules) -> Iterator[Delay]:
    """Yield each milking whose milk was warmer than it must be when its time was over.

    What no sample says is not told: a hole over the end of the time is told by the sample behind it, if that is warm.
    It ends with the first sample that is cold enough, or where the next milking ends, whose own time then counts.

    Args:
        milkings: when each ended, measured ms, rising.
    """
    if rules.cooled_to is None or rules.cooled_within is None:
        return
    limit, within_ms = rules.cooled_to.value, round(rules.cooled_within.value * MINUTE_MS)
    known = np.isfinite(goods.celsius)
    t, celsius = goods.t[known], goods.celsius[known]
    ageing = Ageing(Goods(t, celsius, goods.interval_ms), rules.dose_reference.value)
    for number, ended_ms in enumerate(milkings):
        until_ms = milkings[number + 1] if number + 1 < len(milkings) else np.iinfo(np.int64).max
        begin, end = np.searchsorted(t, [ended_ms, until_ms]).tolist()
        cold = begin + np.flatnonzero(celsius[begin:end] <= limit)
        first_ms = int(t[cold[0]]) if len(cold) else None
        deadline_ms = ended_ms + within_ms
        warm = np.searchsorted(t[:end], deadline_ms)
        last = end if first_ms is None else int(cold[0])
        if warm >= last:
            continue
        rows = np.arange(warm, last)
        peak = rows[np.argmax(celsius[rows])]
        severity = max(WARNING, severity_of(float(ageing.hours(deadline_ms, int(t[last - 1]))), rules))
        closed_ms = first_ms if first_ms is not None else (int(until_ms) if end < len(t) else None)
        yield Delay(
            COOLED_LATE,
            deadline_ms,
            int(t[warm]),
            closed_ms,
            round(float(celsius[peak]), 1),
            int(t[peak]),
            limit,
            "Cel",
            severity,
            severity,
            {"milking_ended_ms": ended_ms, "cooled_ms": first_ms},
        )
