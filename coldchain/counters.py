"""Counters whose books balance: every stage says how many it got and what became of each."""

from __future__ import annotations

import threading


class Counters:
    """Named counts; adding to a name that was not declared is a bug.

    >>> books = Counters("received", "accepted")
    >>> books.add("received", 2)
    >>> books.as_dict()
    {'received': 2, 'accepted': 0}
    """

    def __init__(self, *names: str) -> None:
        self._counts = dict.fromkeys(names, 0)
        self._lock = threading.Lock()

    def add(self, name: str, count: int = 1) -> None:
        """Count something.

        Raises:
            KeyError: the name was not declared.
        """
        with self._lock:
            self._counts[name] += count

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def as_dict(self) -> dict[str, int]:
        """Return a copy of all counts, in the order of their declaration."""
        with self._lock:
            return dict(self._counts)

    def balance(self, total: str, *parts: str) -> int:
        """Return ``total`` minus the sum of its parts: 0 when nothing went missing."""
        with self._lock:
            return self._counts[total] - sum(self._counts[part] for part in parts)
