"""When milk came into tanks, as people and milking systems say it: where the time of raw milk begins."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterable

from coldchain.custody import Milking
from coldchain.errors import RejectedReading
from coldchain.ledger.port import Ledger
from coldchain.registry import decode_change

_SIGN = b'"milking"'
"""Stands in each such entry; what lacks it need not be read."""


class Milkings:
    """The milkings of a ledger, read once and then what is new."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._position = 0
        self._ended: dict[str, list[int]] = {}
        self._lock = threading.Lock()

    def first(self, assets: Iterable[str], from_ms: int, to_ms: int) -> tuple[str, int] | None:
        """Return (tank, when) of the first milking into one of some tanks in [from, to); None: nobody said one."""
        with self._lock:
            self._read()
            found = []
            for asset in assets:
                ended = self._ended.get(asset, [])
                place = bisect.bisect_left(ended, from_ms)
                if place < len(ended) and ended[place] < to_ms:
                    found.append((ended[place], asset))
        return None if not found else (min(found)[1], min(found)[0])

    def _read(self) -> None:
        end = self._ledger.end()
        for entry in self._ledger.changes(self._position, end):
            if _SIGN not in entry.raw:
                continue
            try:
                put = decode_change(entry.raw).change
            except RejectedReading:  # of a newer program
                continue
            if isinstance(put, Milking):
                ended = self._ended.setdefault(put.asset, [])
                place = bisect.bisect_left(ended, put.ended_ms)
                if ended[place : place + 1] != [put.ended_ms]:
                    ended.insert(place, put.ended_ms)
        self._position = end
