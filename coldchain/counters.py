"""Counters whose books must balance: what came in is what was written, kept aside or dropped by name."""

from __future__ import annotations

import threading
from collections.abc import Mapping


class Counters:
    """Named whole numbers that only rise; any thread may add.

    >>> books = Counters("received", "written")
    >>> books.add(received=2, written=1)
    >>> books.as_dict()
    {'received': 2, 'written': 1}
    """

    def __init__(self, *names: str) -> None:
        self._numbers = dict.fromkeys(names, 0)
        self._lock = threading.Lock()

    def add(self, **numbers: int) -> None:
        """Add to several counters at once, so that nobody ever reads books that do not balance.

        Raises:
            KeyError: a name that was not given at the start.
        """
        with self._lock:
            for name, number in numbers.items():
                self._numbers[name] += number

    def as_dict(self) -> dict[str, int]:
        """Return all numbers as of one moment."""
        with self._lock:
            return dict(self._numbers)


def balance(numbers: Mapping[str, int], total: str, *parts: str) -> int:
    """Return how many of ``total`` are in none of its parts; 0 when the books balance.

    >>> balance({"received": 5, "written": 3, "quarantined": 2}, "received", "written", "quarantined")
    0
    """
    return numbers[total] - sum(numbers[part] for part in parts)
