"""Inhibition: what an alarm that stands says for others, so that they ring nobody while it does (Alertmanager's word).

The judge already speaks once for the points of a silent gateway; this is about alarms of one site, or of the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.arrival import Arrival


@dataclass(frozen=True, slots=True)
class Inhibition:
    """``source`` mutes ``targets`` at its own site, or everywhere."""

    source: str
    targets: frozenset[str]
    everywhere: bool = False


SILENT = frozenset({Arrival.SILENCE.value, Arrival.NODE_SILENCE.value})

INHIBITIONS = (
    Inhibition(Arrival.SERVER_DEAF, SILENT, everywhere=True),
    Inhibition("mains-lost", SILENT | {"unit-off"}),
    Inhibition(Arrival.NODE_SILENCE, frozenset({Arrival.SILENCE.value})),
)
"""Never the temperature itself: the milk of a shop without power still gets warm."""


def muted(rule: str, site: str, standing: Iterable[tuple[str, str]]) -> bool:
    """Say whether an alarm of a rule at a site is spoken for by what stands, (rule, site).

    >>> muted("silence", "S1", [("mains-lost", "S1")]), muted("product", "S1", [("mains-lost", "S1")])
    (True, False)
    """
    stands = set(standing)
    return any(
        rule in each.targets
        and any(source == each.source and (each.everywhere or where == site) for source, where in stands)
        for each in INHIBITIONS
    )


SOURCES = frozenset(each.source for each in INHIBITIONS)
