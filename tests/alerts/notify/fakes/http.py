"""A small HTTP server: reads one request a connection, answers as its mode says, and lets a subclass be a provider."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from coldchain.clock import TestClock
from tests.alerts.notify.fakes.modes import RETRY_AFTER_S, Mode
from tests.alerts.notify.fakes.served import Served

FLOOD_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def echo(self) -> str:
        """Everything that was said, as careless providers repeat it in their error texts."""
        return f"bad request {self.target} {dict(self.headers)} {self.body.decode(errors='replace')}"


Said = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


def said(told: object, status: int = 200, **headers: str) -> Said:
    return status, headers, json.dumps(told).encode()


def hmac_base64(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, "sha256").digest()).decode()


class FakeHttp(Served):
    """A provider on loopback.

    A subclass says in its own words what `accepted`, `refused`, `broken` and `busy` are; what it accepts it checks
    first as the provider would. Requests of `always` (tokens) are answered whatever the mode is.
    """

    def __init__(self, clock: TestClock) -> None:
        super().__init__()
        self.clock = clock
        self.mode = Mode.ACCEPT
        self.heard: list[Heard] = []
        self.delivered: list[Heard] = []
        self.elsewhere = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- what a provider says --

    def always(self, heard: Heard) -> Said | None:
        return None

    def accepted(self, heard: Heard) -> Said:
        return said({})

    def refused(self, heard: Heard) -> Said:
        return said({"error": heard.echo}, 422)

    def broken(self, heard: Heard) -> Said:
        return said({"error": heard.echo}, 401)

    def busy(self, heard: Heard) -> Said:
        return said({"error": heard.echo}, 503)

    # -- the wire --

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = await self._read(reader)
        if heard.path == "/elsewhere":
            self.elsewhere += 1
        self.heard.append(heard)
        answer = self._answer(heard)
        if answer is not None:
            await self._write(writer, answer)
        elif self.mode is Mode.HANG:
            await self.over.wait()

    async def _read(self, reader: asyncio.StreamReader) -> Heard:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Heard(method, target, headers, body)

    def _answer(self, heard: Heard) -> Said | None:
        first = self.always(heard)
        if first is not None:
            return first
        if self.mode in (Mode.ACCEPT, Mode.DROP):
            answer = self.accepted(heard)
            return answer if self.mode is Mode.ACCEPT else None
        if self.mode is Mode.HANG:
            return None
        if self.mode in (Mode.REFUSE, Mode.BROKEN, Mode.BUSY):
            said_so = {Mode.REFUSE: self.refused, Mode.BROKEN: self.broken, Mode.BUSY: self.busy}
            return said_so[self.mode](heard)
        plain: dict[Mode, Said] = {
            Mode.LIMITED: (429, {"Retry-After": str(RETRY_AFTER_S)}, heard.echo.encode()),
            Mode.FAIL: (500, {}, heard.echo.encode()),
            Mode.REDIRECT: (302, {"Location": f"{self.url}/elsewhere"}, b""),
            Mode.GARBAGE: (200, {}, b"<html>" + heard.echo.encode()),
            Mode.FLOOD: (200, {}, b"x" * FLOOD_BYTES),
        }
        return plain[self.mode]

    async def _write(self, writer: asyncio.StreamWriter, answer: Said) -> None:
        status, headers, body = answer
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} x\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
