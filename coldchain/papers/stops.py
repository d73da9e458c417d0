"""When a trip came to its stops and left them, as the judging of trips found it: what a paper's times are beside.

Papers look for no arrivals themselves: whoever shows a paper says what the page of the trip says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Seen = tuple[int, str]
"""A measured time, ms, and how it is known: ``positions`` or ``said`` (`coldchain.custody.papers.KNOWN_BY`)."""


@dataclass(frozen=True, slots=True)
class StopSeen:
    """How a planned stop turned out; None: not known, or not yet."""

    arrived: Seen | None = None
    departed: Seen | None = None

    def when(self, moment: str) -> Seen | None:
        """Return when it ``arrived`` or ``departed``."""
        return self.departed if moment == "departed" else self.arrived


StopsOf = Callable[[str], Sequence[StopSeen]]
"""Trip → its planned stops in their order; empty before it was judged."""
