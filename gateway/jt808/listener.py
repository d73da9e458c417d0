"""The TCP listener: connections, their limits, and the order of things: durable first, answered then."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from coldchain.clock import Clock
from coldchain.counters import Counters
from coldchain.errors import ConfigError, Unavailable
from coldchain.jt808 import Splitter, framed, packed
from coldchain.settings import Jt808Settings
from gateway.hearing import Hearing
from gateway.jt808.directory import Directory
from gateway.jt808.talk import Step, Talk

READ_BYTES = 8_192
"""Read at once, and twice as much waits in a connection's buffer: 300 trucks hold 5 MB."""

RATE = 20.0
"""Frames a second of one terminal, in the long run: it says one in 10 to 30 s, and batches of what it kept."""

STRANGER_RATE = 1.0
"""The same of one that did not prove itself."""

AHEAD_S = 20.0
"""So far a terminal may be ahead of its rate: 400 frames at once. What comes faster waits, and is answered later."""

LOOK_EVERY_S = 5.0
"""How often is asked who has said nothing for too long."""

TELL_EVERY_LOOKS = 120
"""The log has the counters every 10 min, while they move."""

log = structlog.get_logger()


class Codes(Protocol):
    """Where the terminals' codes are kept, and parts that wait for others."""

    async def recall(self, key: str) -> str | None:
        """Return what was remembered."""
        ...

    async def remember(self, key: str, value: str) -> None:
        """Remember, durable on return.

        Raises:
            Unavailable: no room.
        """
        ...


@dataclass(slots=True)
class _Pace:
    """Until when frames have used up their rate, steady seconds."""

    used_until_s: float = 0.0


@dataclass(slots=True, eq=False)
class _Line:
    """A connection: when it was last heard, steady seconds, and whether its terminal proved itself."""

    writer: asyncio.StreamWriter
    heard_s: float
    proven: bool = False
    pace: _Pace = field(default_factory=_Pace)


class Listener:
    """Speaks with every terminal of a door.

    Args:
        mint: makes a new code.
    """

    def __init__(
        self, settings: Jt808Settings, hearing: Hearing, codes: Codes, clock: Clock, mint: Callable[[], str]
    ) -> None:
        self.counters = Counters(
            "connections", "turned_away", "cut_off", "unfinished",
            "frames", "bad_frames", "parts", "kept", "talk", "unsupported", "unauthenticated", "foreign",
        )  # fmt: skip
        self._settings = settings
        self._hearing = hearing
        self._codes = codes
        self._clock = clock
        self._mint = mint
        self._directory = Directory(settings, {}, mint)
        self._lines: set[_Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._of_number: dict[str, _Line] = {}
        self._paces: dict[str, _Pace] = {}  # of those who are kept: to dial again is no new start

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            ConfigError: the address is taken, or not this machine's.
        """
        codes, parts = await self._noted(_key), await self._noted(_parts_key)
        self._directory = Directory(self._settings, codes, self._mint, parts)
        host, port = self._settings.host, self._settings.port
        try:
            server = await asyncio.start_server(self._connected, host, port, limit=READ_BYTES, backlog=256)
        except OSError as fault:
            raise ConfigError(f"gateway.jt808: {host}:{port} cannot be listened on: {fault.strerror}") from fault
        log.info("jt808.listening", host=host, port=port)
        try:
            async with server:
                await self._cut_off_the_silent()
        finally:
            for line in self._lines:
                line.writer.transport.abort()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _noted(self, key: Callable[[str], str]) -> dict[str, str]:
        noted = {number: await self._codes.recall(key(number)) for number in self._settings.terminals}
        return {number: value for number, value in noted.items() if value}

    async def _cut_off_the_silent(self) -> None:
        told: dict[str, int] = {}
        for look in itertools.count(1):
            await self._clock.sleep(LOOK_EVERY_S)
            if look % TELL_EVERY_LOOKS == 0 and told != (told := self.counters.as_dict()):
                log.info("jt808.counters", **told, rejected=self._hearing.rejections())
            long_ago_s = self._clock.monotonic_s() - self._settings.idle_s
            for line in [line for line in self._lines if line.heard_s < long_ago_s]:
                self._cut_off(line)

    def _cut_off(self, line: _Line) -> None:
        self.counters.add("cut_off")
        line.writer.transport.abort()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counters.add("connections")
        if not self._has_seat():
            self.counters.add("turned_away")
            writer.transport.abort()
            return
        line = _Line(writer, self._clock.monotonic_s())
        self._lines.add(line)
        talk = Talk(self._directory, self.counters)
        try:
            await self._talk(reader, line, talk)
        except (OSError, Unavailable) as fault:  # nothing was answered that is not durable: the terminal comes again
            log.info("jt808.ended", number=talk.number, fault=str(fault))
        finally:
            self.counters.add("unfinished", talk.unfinished)
            if self._of_number.get(talk.number) is line:
                del self._of_number[talk.number]
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()  # one that does not read its answers is cut off by and by, too
            self._lines.discard(line)

    def _has_seat(self) -> bool:
        """Say whether one more may come; those who did not prove themselves have half of the seats."""
        unproven = sum(not line.proven for line in self._lines)
        most = self._settings.max_connections
        return len(self._lines) < most and unproven < max(1, most // 2)

    async def _talk(self, reader: asyncio.StreamReader, line: _Line, talk: Talk) -> None:
        splitter = Splitter()
        closing = False
        while not closing and (data := await reader.read(READ_BYTES)):
            line.heard_s = self._clock.monotonic_s()
            steps = [talk.take(frame) for frame in splitter.feed(data)]
            closing = splitter.lost or any(step.close for step in steps)
            wait_s = self._wait_s(line, talk, len(steps))
            too_fast = wait_s > self._settings.idle_s
            if closing or too_fast:
                self.counters.add("cut_off")
            if too_fast:
                return
            if wait_s and not closing:
                line.heard_s += wait_s  # it is not silent: we do not listen
                await self._clock.sleep(wait_s)
            await self._settle(steps, line, talk)

    async def _settle(self, steps: Sequence[Step], line: _Line, talk: Talk) -> None:
        """Make durable what the terminal will be told is."""
        for step in steps:
            if step.event:
                log.info("jt808.terminal", number=talk.number, what=step.event)
            if step.code is not None:
                await self._codes.remember(_key(talk.number), step.code)
        if said := [one for step in steps for one in (*step.given_up, step.keep) if one is not None]:
            await self._hearing.take(said)
        if waiting := [step.parts for step in steps if step.parts is not None]:  # behind what was whole: it may go now
            await self._codes.remember(_parts_key(talk.number), waiting[-1])
        line.proven = talk.authenticated
        if line.proven:
            self._only_one(talk.number, line)
        line.writer.write(b"".join(framed(packed(answer)) for step in steps for answer in step.answers))
        await line.writer.drain()

    def _only_one(self, number: str, line: _Line) -> None:
        """A terminal that comes back before its old connection was found dead is heard on the new one."""
        before = self._of_number.get(number)
        self._of_number[number] = line
        if before is not None and before is not line:
            self._cut_off(before)

    def _wait_s(self, line: _Line, talk: Talk, frames: int) -> float:
        """Return how long its frames are to wait, seconds; they count against its rate from now on."""
        pace = self._paces.setdefault(talk.number, line.pace) if talk.may_speak() else line.pace
        now_s = self._clock.monotonic_s()
        pace.used_until_s = max(now_s, pace.used_until_s) + frames / (RATE if talk.authenticated else STRANGER_RATE)
        return max(0.0, pace.used_until_s - now_s - AHEAD_S)


def _key(number: str) -> str:
    return f"jt808:{number}"


def _parts_key(number: str) -> str:
    return f"jt808-parts:{number}"
