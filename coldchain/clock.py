"""The only place that reads a clock. Everything else is given one.

``SystemClock`` is the machine's; ``TestClock`` stands still until a test moves it, and wakes sleepers in order
of their deadlines, so that a simulated day takes milliseconds.
"""

from __future__ import annotations

import asyncio
import ctypes
import heapq
import itertools
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

_TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""


class Clock(Protocol):
    """Wall time, steady time and sleep."""

    def now_ms(self) -> int:
        """Return wall time, ms since 1970 UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return steady seconds since an arbitrary start; never steps."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many steady seconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class TestClock:
    """A clock that moves only when told; sleepers wake in order of their deadlines."""

    __test__ = False

    def __init__(self, start_ms: int = 1_700_000_000_000) -> None:
        self._start_ms = start_ms
        self._elapsed_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._ticket = itertools.count()

    def now_ms(self) -> int:
        return self._start_ms + round(self._elapsed_s * 1000)

    def monotonic_s(self) -> float:
        return self._elapsed_s

    def step_wall(self, ms: int) -> None:
        """Set the wall clock forward or back without steady time passing."""
        self._start_ms += ms

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed_s + max(0.0, seconds), next(self._ticket), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let that many seconds pass; everybody who sleeps inside them wakes at the right moment."""
        end = self._elapsed_s + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            deadline, _, future = heapq.heappop(self._sleepers)
            self._elapsed_s = max(self._elapsed_s, deadline)
            if not future.done():
                future.set_result(None)
            await self._settle()
        self._elapsed_s = end

    def advance_sync(self, seconds: float) -> None:
        """Let time pass for code that does not sleep."""
        self._elapsed_s += seconds

    async def _settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


def rfc3339(ms: int) -> str:
    """Return a moment as RFC 3339 in UTC with milliseconds.

    >>> rfc3339(1_700_000_000_123)
    '2023-11-14T22:13:20.123Z'
    """
    whole, rest = divmod(ms, 1000)
    try:
        return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:03d}Z"
    except (OverflowError, ValueError, OSError):
        return f"@{ms}ms"


def parse_rfc3339(text: str) -> int:
    """Return ms since 1970 UTC of an RFC 3339 moment.

    Raises:
        ValueError: not RFC 3339, or without an offset (a naive time means nothing across sites).

    >>> parse_rfc3339("2023-11-15T06:13:20.123+08:00")
    1700000000123
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset: write Z or +08:00 at its end")
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + round(delta.microseconds / 1000)


def ntp_synchronised() -> bool:
    """Say whether the kernel's clock is disciplined by NTP (adjtimex does not return TIME_ERROR).

    False where the machine cannot tell; reading needs no privilege.
    """
    buffer = ctypes.create_string_buffer(512)  # struct timex is 208 bytes on 64-bit Linux; modes = 0 only reads
    try:
        answer = int(ctypes.CDLL(None, use_errno=True).adjtimex(buffer))
    except (OSError, AttributeError):
        return False
    return 0 <= answer < _TIME_ERROR


def boot_id() -> str:
    """Return an id that changes when the machine boots, and not when a process restarts."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip().replace("-", "")[:16]
    except OSError:
        return "unknown"
