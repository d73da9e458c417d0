"""温控合规率: for how much of the time with goods on board their temperature lay within the label's condition.

::

    a trip that is over ──▶ loaded time ──▶ each body and tank, its one compliance point
                                              known ........ while its probe spoke
                                              within ....... of that, outside every episode of the record
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alerts.transit.months import loaded_span
from alerts.transit.reader import KnownTrip
from coldchain.goods.points import compliance_point
from coldchain.registry import Point, Registry
from coldchain.registry.intervals import Piece, between, common, joined
from dashboards.sources import Sources
from dashboards.spoken import Spoken
from dashboards.trip_track import legs_between

DEFINITION = {
    "zh": (
        "温控合规率 = 合规时长 ÷ 有数据时长,按时间加权,各车厢(罐)分别计时后相加。只计已结束运单的载货时段:"
        "从离开第一个装货站起,到最后一个卸货站接收(未记录接收则为离开,再无则为运单结束)止。每个车厢(罐)只用一个合规测点:"
        "产品处或缓冲探头优先,其次是声明了产品档案的测点,再次是其他空气测点。合规指产品温度(只测空气时为估算值)在标签贮存条件之内;"
        "开门、化霜、装卸不扣除,一律计入。没有数据的时段不计入分子和分母,另行列出。运单计入其计划出发的月份(北京时间)。"
    ),
    "en": (
        "Temperature compliance = time within the condition ÷ time with data, weighted by time, added up over "
        "bodies and tanks. Only time with goods on board of trips that are over counts: from leaving the "
        "first stop that loads until the last one that unloads took the goods over (else was left, else the "
        "end of the trip). Each body or tank has one compliance point: a probe in the goods or in a buffer, "
        "else the point with a product profile, else another one in the air. Within means that the product's "
        "temperature (an estimate where only air is measured) lies within the label's condition; open doors, "
        "defrosts and loading are not excused. Time without data counts in neither and is named apart. A trip "
        "counts in the month in which it was planned to begin, by China's time."
    ),
}
"""What the number is, so that it can stand in a contract."""


@dataclass(slots=True)
class Complied:
    """Sums over trips, ms; `unmeasured`: trips of which nobody knows when they were loaded or how warm it was."""

    trips: int = 0
    unmeasured: int = 0
    loaded_ms: int = 0
    known_ms: int = 0
    within_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Aboard:
    """A compliance point with goods around it in [from, to)."""

    trip: str
    point: Point
    from_ms: int
    to_ms: int


def complied(sources: Sources, trips: Iterable[KnownTrip]) -> Complied:
    """Return how well trips kept the condition; those that are not over or were cancelled count nowhere."""
    found = Complied()
    aboard: list[_Aboard] = []
    for trip in trips:
        if trip.view is None or trip.view.over_ms is None or trip.state == "cancelled":
            continue
        own = list(_aboard(sources.registry(), trip))
        aboard += own
        found.trips += bool(own)
        found.unmeasured += not own
    if not aboard:
        return found
    points = sorted({one.point.id for one in aboard})
    from_ms, to_ms = min(one.from_ms for one in aboard), max(one.to_ms for one in aboard)
    outside = sources.trips.out_of_condition(points, from_ms, to_ms)
    spoken = Spoken(sources, from_ms, to_ms)
    for one in aboard:
        known = list(between(spoken.holes(one.point, one.from_ms, one.to_ms), one.from_ms, one.to_ms))
        out = [(onset, one.to_ms if ended is None else ended) for onset, ended in outside.get(one.point.id, ())]
        known_ms = _length(known)
        found.loaded_ms += one.to_ms - one.from_ms
        found.known_ms += known_ms
        found.within_ms += known_ms - _length(common(known, list(joined(out))))
    return found


def _aboard(registry: Registry, trip: KnownTrip) -> Iterator[_Aboard]:
    span = loaded_span(trip)
    if span is None:
        return
    for vehicle, from_ms, to_ms in legs_between(trip, *span):
        for asset, begin, end in registry.stays_at(vehicle):
            first, last = max(begin, from_ms), min(end, to_ms)
            point, _ = compliance_point(registry, asset, first, last) if first < last else (None, "")
            if point is not None and (point.profile or registry.label_at(point.id, first) is not None):
                yield _Aboard(trip.plan.id, point, first, last)


def _length(pieces: Iterable[Piece]) -> int:
    return sum(end - begin for begin, end in pieces)
