"""The registry as it stands now, for whoever asks now and then: pages, the key ring, the commands."""

from __future__ import annotations

import threading

from coldchain.clock import Clock
from coldchain.ledger.port import Ledger
from coldchain.registry.fold import Registry

FRESH_S = 0.5
"""How old an answer may be: a revoked key opens no epoch after this, a new point is on the page."""


class CurrentRegistry:
    """Gives the newest registry, at most half a second old; each answer is a value that no later change touches."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._registry = Registry()
        self._fresh_until_s = float("-inf")
        self._lock = threading.Lock()

    def __call__(self) -> Registry:
        with self._lock:
            now_s = self._clock.monotonic_s()
            if now_s >= self._fresh_until_s:
                end = self._ledger.end()
                news = self._ledger.changes(self._registry.position, end)
                if news:
                    self._registry = self._registry.copy()
                for entry in news:
                    self._registry.apply(entry)
                self._registry.position = end
                self._fresh_until_s = now_s + FRESH_S
            return self._registry
