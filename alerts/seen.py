"""First measured time of each channel ever delivered, registered or not: what a registry change may make old."""

from __future__ import annotations

from coldchain.readings import Readings

PACKS_REMEMBERED = 4096
"""Packs' names of which it is known since when they are seen: asking for each of 100 names took 30 µs a pack."""


class Seen:
    """Channels that spoke.

    Args:
        earliest_ms: channel → first measured time, as the store has it.
    """

    def __init__(self, earliest_ms: dict[str, int]) -> None:
        self._earliest_ms = earliest_ms
        self._together: dict[tuple[str, ...], int] = {}
        self._unsaved: dict[str, int] = {}

    def __contains__(self, channel: object) -> bool:
        return channel in self._earliest_ms

    def see(self, readings: Readings) -> None:
        """Note the channels of a batch that has readings."""
        earliest = int(readings.measured_at_ms.min())
        if self._together.get(readings.names, earliest + 1) <= earliest:
            return
        if len(self._together) >= PACKS_REMEMBERED:
            self._together.clear()
        self._together[readings.names] = earliest
        for name in readings.names:
            if self._earliest_ms.get(name, earliest + 1) > earliest:
                self._earliest_ms[name] = self._unsaved[name] = earliest

    def to_save(self) -> dict[str, int]:
        """Return what the store does not know yet."""
        return self._unsaved

    def saved(self) -> None:
        """The store knows all of them."""
        self._unsaved.clear()
