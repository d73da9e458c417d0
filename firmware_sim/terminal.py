"""A vehicle's terminal that speaks JT/T 808: it registers, says where it is and how warm, and keeps what nobody took.

::

    readings of a truck ──fixes_of──▶ Fix ──▶ Terminal.tell ──0x0200──▶ answered: done
                                                │ no network, no answer
                                                └──▶ kept ──▶ Terminal.catch_up ──0x0704, a batch──▶ answered: done

A terminal of its own making: what it writes is built here by the standard's tables, not by what a gateway reads with.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from coldchain.geo import from_wgs84
from coldchain.jt808 import Kind, Message, Splitter, bcd_of_time, framed, packed, parts_of, unframed, unpacked
from firmware_sim.sensing import Reading

MEMORY = 10_000
"""Positions kept; JT/T 794 wants at least as many as a day has."""

BATCH = 50
"""Positions in one batch."""

PATIENCE_S = 5.0
"""An answer that takes longer is none."""

_ACC_ON, _FIX = 1 << 0, 1 << 1


class Refused(Exception):
    """The platform said no: to the registration, the code or a message."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What a terminal says once.

    Attributes:
        t_ms: its own time, ms UTC; whole seconds are sent.
        place: latitude and longitude, WGS-84 degrees; None without satellites.
        celsius: one a probe, None for one that is not there.
    """

    t_ms: int
    place: tuple[float, float] | None
    speed_m_per_s: float
    celsius: tuple[float | None, ...]


def fixes_of(readings: Iterable[Reading], place: tuple[str, str], speed: str, probes: Sequence[str]) -> list[Fix]:
    """Return what a truck's terminal says of the readings of its box, one fix a moment.

    Args:
        place: channels of latitude and longitude.
        speed: channel of the speed.
        probes: channels of the temperatures, in the order of the terminal's sockets.
    """
    moments: dict[int, dict[str, object]] = {}
    for reading in readings:
        moments.setdefault(reading.t_ms, {})[reading.channel] = reading.value
    return [_fix(t_ms, said, place, speed, probes) for t_ms, said in sorted(moments.items())]


def _fix(t_ms: int, said: Mapping[str, object], place: tuple[str, str], speed: str, probes: Sequence[str]) -> Fix:
    latitude, longitude, metres = (_number(said.get(channel)) for channel in (*place, speed))
    there = None if latitude is None or longitude is None else (latitude, longitude)
    return Fix(t_ms, there, metres or 0.0, tuple(_number(said.get(channel)) for channel in probes))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class Terminal:
    """One truck's terminal; used by one task.

    Args:
        number: of its SIM card, digits.
        version: None speaks 2013, 1 speaks 2019.
        coordinates: what its firmware makes of the receiver's WGS-84.
    """

    def __init__(
        self, number: str, host: str, port: int, version: int | None = None, coordinates: str = "WGS-84"
    ) -> None:
        self.number, self.code = number, ""
        self.kept: deque[Fix] = deque(maxlen=MEMORY)
        self._host, self._port = host, port
        self._version, self._coordinates = version, coordinates
        self._serial = 0
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._splitter = Splitter()

    async def connect(self) -> None:
        """Dial, register when it has no code, and prove itself.

        Raises:
            Refused: the platform does not know it.
            OSError: no network.
        """
        await self.hang_up()
        self._line = await asyncio.open_connection(self._host, self._port)
        self._splitter = Splitter()
        if not self.code:
            answer = await self._ask(Kind.REGISTER, self._registration())
            if answer.body[2]:
                raise Refused(f"registration: {answer.body[2]}")
            self.code = answer.body[3:].decode("ascii")
        proof = self.code.encode()
        if self._version is not None:
            proof = bytes([len(proof)]) + proof + b"860000000000000" + bytes(20)
        await self._done(Kind.AUTHENTICATE, proof)

    async def hang_up(self) -> None:
        """End the connection, as a tunnel does: without a word."""
        if self._line is not None:
            (_, writer), self._line = self._line, None
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def tell(self, fix: Fix) -> bool:
        """Say a position now, or keep it; return whether it was taken."""
        try:
            await self._done(Kind.POSITION, self._position(fix))
        except (OSError, TimeoutError, EOFError):
            self.kept.append(fix)
            return False
        return True

    async def catch_up(self) -> int:
        """Say what was kept, in batches; return how many were taken. What is not taken stays."""
        taken = 0
        with contextlib.suppress(OSError, TimeoutError, EOFError):
            while self.kept:
                some = [self.kept[place] for place in range(min(BATCH, len(self.kept)))]
                positions = b"".join(len(raw).to_bytes(2, "big") + raw for raw in map(self._position, some))
                await self._done(Kind.POSITIONS, len(some).to_bytes(2, "big") + b"\1" + positions)
                for _ in some:
                    self.kept.popleft()
                taken += len(some)
        return taken

    def _registration(self) -> bytes:
        maker, model, device = (5, 20, 7) if self._version is None else (11, 30, 30)
        fields = b"SIM".ljust(maker, b"\0") + b"terminal".ljust(model, b"\0") + b"SIM0001".ljust(device, b"\0")
        return bytes([0, 31, 0, 101]) + fields + b"\1" + "沪A12345".encode("gbk")

    def _position(self, fix: Fix) -> bytes:
        status, place = _ACC_ON, bytes(8)
        if fix.place is not None:
            status |= _FIX
            shown = from_wgs84(*fix.place, self._coordinates)
            place = b"".join(round(float(degrees) * 1e6).to_bytes(4, "big") for degrees in shown)
        speed = round(fix.speed_m_per_s * 36).to_bytes(2, "big")
        basic = bytes(4) + status.to_bytes(4, "big") + place + bytes(2) + speed + bytes(2) + bcd_of_time(fix.t_ms)
        probes = b"".join(_tenths(celsius) for celsius in fix.celsius)
        return basic + (b"\x51" + bytes([len(probes)]) + probes if probes else b"")

    async def _done(self, kind: Kind, body: bytes) -> None:
        answer = await self._ask(kind, body)
        if answer.body[4]:
            raise Refused(f"{kind:#06x}: {answer.body[4]}")

    async def _ask(self, kind: Kind, body: bytes) -> Message:
        """Send a message, in parts where it is long, and wait until its last part is answered."""
        if self._line is None:
            raise ConnectionError("no connection")
        parts = list(parts_of(Message(kind, self.number, self._serial, body, self._version)))
        self._serial = (parts[-1].serial + 1) % (1 << 16)
        self._line[1].write(b"".join(framed(packed(part)) for part in parts))
        async with asyncio.timeout(PATIENCE_S):
            while True:
                data = await self._line[0].read(4096)
                if not data:
                    raise EOFError("the platform hung up")
                for answer in (unpacked(unframed(frame)) for frame in self._splitter.feed(data)):
                    if int.from_bytes(answer.body[:2], "big") == parts[-1].serial:
                        return answer


def _tenths(celsius: float | None) -> bytes:
    """Return a temperature as item 0x51 has it: tenths, the first bit 1 below zero, FFFF where no probe is."""
    if celsius is None:
        return b"\xff\xff"
    tenths = round(abs(celsius) * 10)
    return (tenths | (0x8000 if celsius < 0 else 0)).to_bytes(2, "big")
