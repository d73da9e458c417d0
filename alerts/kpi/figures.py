"""What a KPI is made of: a share of two numbers, or waits of which the middle and the slow end are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True, slots=True)
class Share:
    """So much of so much; both in the KPI's unit.

    Attributes:
        left_out: what the denominator lacks because nothing was asked for then (closed, out of service).
    """

    numerator: float = 0
    denominator: float = 0
    left_out: float = 0

    @property
    def rate(self) -> float | None:
        """Numerator ÷ denominator; None where there is nothing to divide by.

        >>> Share(3, 4).rate, Share(0, 0).rate
        (0.75, None)
        """
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Waits:
    """How long what was asked for took; what did not come at all is in the share and in no percentile.

    Attributes:
        waits_ms: of what came, any order.
        asked: of how many it was asked for.
    """

    waits_ms: tuple[int, ...] = ()
    asked: int = 0

    @property
    def share(self) -> Share:
        """What came, of what was asked for."""
        return Share(len(self.waits_ms), self.asked)

    def percentile_s(self, percent: int) -> float | None:
        """Return the wait, s, that so many percent did not exceed; None where nothing came."""
        found = percentile(self.waits_ms, percent)
        return None if found is None else found / 1000


def shares_as_one(shares: Sequence[Share]) -> Share:
    """Return what shares come to together.

    >>> shares_as_one([Share(1, 2), Share(0, 2, 5)])
    Share(numerator=1, denominator=4, left_out=5)
    """
    return Share(
        sum(one.numerator for one in shares),
        sum(one.denominator for one in shares),
        sum(one.left_out for one in shares),
    )


def waits_as_one(waits: Iterable[Waits]) -> Waits:
    """Return what waits come to together."""
    some = list(waits)
    return Waits(tuple(chain.from_iterable(one.waits_ms for one in some)), sum(one.asked for one in some))


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Return the nearest-rank percentile: the smallest value that at least so many percent do not exceed.

    >>> percentile([15, 20, 35, 40, 50], 50), percentile([15, 20, 35, 40, 50], 90), percentile([], 50)
    (35, 50, None)
    """
    if not values:
        return None
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(rank, 1) - 1]
