"""What a list of duties and shifts may not say, beyond what each of its cells may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from coldchain.people.entries import Duty, Shift
from coldchain.registry.cells import Both


def fault_of(put: Duty | Shift) -> tuple[str, Both] | None:
    """Return the field and what is wrong with a duty or shift taken alone; None when nothing is."""
    if put.site and put.region:
        return "region", (
            "网点和区域只能填一个:区域包括其中的网点",
            "either a site or a region: a region means every site in it",
        )
    return None


def overlapping(shifts: Iterable[Shift]) -> Iterator[tuple[Shift, Shift]]:
    """Yield pairs of shifts in which a person is on call twice in one role and place, the earlier one first.

    Being on call at two places at once is no fault: small companies do it.
    """
    ordered = sorted(shifts, key=lambda one: (one.person, one.role, one.site, one.region, one.from_ms))
    for before, after in pairwise(ordered):
        there = (before.person, before.role, before.site, before.region)
        if there == (after.person, after.role, after.site, after.region) and after.from_ms < before.to_ms:
            yield before, after
