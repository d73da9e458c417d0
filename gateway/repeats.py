"""Messages that came twice: known by the device's own counter, its bytes and its time, and only then.

The same sample reaches a site by several receivers, and devices send again what nobody answered. What a device says
anew is never taken for that: the counter, the frame and the time must all be those of one of its last messages, so a
device that restarts at 0 is heard, even with the value that it had before.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

DEVICES = 4096
"""Devices remembered; the one heard longest ago is forgotten first."""

MESSAGES = 8
"""Last messages remembered of each."""

SAME_MS = 10_000
"""Receivers of one message disagree about its time by less than this."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a device: its count, its bytes, and when (its own time, else steady time of its arrival)."""

    device: str
    count: int
    frame: int
    own: bool
    at_ms: int


class Repeats:
    """Remembers what was kept; what was only heard is forgotten with `forget`, so that it may come again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, deque[Said]] = OrderedDict()
        self._heard: dict[str, list[Said]] = {}

    def is_repeat(self, said: Said) -> bool:
        """Say whether a message came before; if not, it is heard now."""
        heard = self._heard.get(said.device, [])
        if any(_same(each, said) for each in (*self._kept.get(said.device, ()), *heard)):
            return True
        self._heard[said.device] = [*heard[1 - MESSAGES :], said]
        return False

    def keep(self) -> None:
        """Remember what was heard: it is in the spool."""
        for device, said in self._heard.items():
            self._kept.setdefault(device, deque(maxlen=MESSAGES)).extend(said)
            self._kept.move_to_end(device)
        while len(self._kept) > DEVICES:
            self._kept.popitem(last=False)
        self._heard.clear()

    def forget(self) -> None:
        """Forget what was heard since the last `keep`: it did not get into the spool."""
        self._heard.clear()


def _same(one: Said, other: Said) -> bool:
    return (
        one.count == other.count
        and one.frame == other.frame
        and one.own == other.own
        and abs(one.at_ms - other.at_ms) <= SAME_MS
    )
