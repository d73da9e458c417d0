"""An event as it was made, with what it is asked for by."""

from __future__ import annotations

from dataclasses import dataclass

from coldchain.epcis.structs import AnyEvent


@dataclass(frozen=True, slots=True)
class Made:
    """An event.

    Attributes:
        subject: what it was made for: all events of a subject are made together, so one that is no longer among them
            is no longer true.
        sites: where it happened; ``trip``: on which trip; empty: on none.
    """

    subject: str
    event: AnyEvent
    at_ms: int
    sites: frozenset[str] = frozenset()
    trip: str = ""
