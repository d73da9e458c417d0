"""One HTTP exchange with a provider: in time, without redirects, and without telling a secret.

::

    channel ──ask──▶ Wire ──▶ GuardedTransport ──▶ provider
            ◀── Reply | Later (nobody knows whether it arrived) | Broken (address, certificate) ──

The transport is used without httpx's client, because that one logs whole addresses, and robots have their key there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from alerts.notify.channels.hiding import Hiding
from alerts.notify.channels.port import Broken, Later
from coldchain.clock import Clock
from coldchain.net_guard import AddressRefused
from coldchain.secret import Secret

LARGEST_REPLY = 65_536
"""Bytes of an answer that are read; what a provider has to say is under 2 kB."""

LONGEST_PAUSE_S = 86_400.0
"""No provider may put a message off for longer than this."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered.

    Attributes:
        headers: by name in small letters.
        body: at most `LARGEST_REPLY` bytes of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body as an object, an empty one where it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def host_of(url: str) -> str:
    """Return what a reason may tell of an address."""
    try:
        return urlsplit(url).hostname or "?"
    except ValueError:
        return "?"


class Wire:
    """The line to one provider.

    Args:
        transport: what sends, usually a `coldchain.net_guard.GuardedTransport`.
        clock: tells how long until a moment that a provider names.
        connect_s: longest wait for somebody to answer at the address, seconds.
        timeout_s: longest whole exchange, seconds.
        secrets: hidden in whatever a provider says.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        clock: Clock,
        *,
        connect_s: float,
        timeout_s: float,
        secrets: Iterable[Secret] = (),
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._connect_s = connect_s
        self._timeout_s = timeout_s
        self._hiding = Hiding(secrets)

    def hide(self, token: Secret) -> None:
        """See `alerts.notify.channels.hiding.Hiding.hide`."""
        self._hiding.hide(token)

    def said(self, host: str, text: object) -> str:
        """See `alerts.notify.channels.hiding.Hiding.said`."""
        return self._hiding.said(host, text)

    async def ask(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply | Later | Broken:
        """Send once and read the answer.

        Args:
            url: with everything; its host is all that a reason tells of it.
        """
        host = host_of(url)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(method, url, dict(headers or {}), body)
        except AddressRefused as fault:
            return Broken(self.said("address", fault))
        except (httpx.InvalidURL, ValueError):  # a name that DNS cannot hold, too
            return Broken(self.said("address", "not an address"))
        except httpx.LocalProtocolError:
            return Broken(self.said(host, "a header has a line break or another character that it must not have"))
        except socket.gaierror:
            return Later(self.said(host, "the name does not resolve"))
        except (TimeoutError, httpx.TimeoutException):
            return Later(self.said(host, "no answer in time; whether it arrived is not known"))
        except httpx.ConnectError as fault:
            if _certificate(fault):
                return Broken(self.said(host, "its certificate does not hold"))
            return Later(self.said(host, "nobody answers there"))
        except (httpx.HTTPError, OSError) as fault:
            return Later(self.said(host, f"{type(fault).__name__}; whether it arrived is not known"))

    async def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Reply:
        times = httpx.Timeout(self._timeout_s, connect=self._connect_s).as_dict()
        request = httpx.Request(
            method,
            url,
            headers=httpx.Headers(
                {"accept-encoding": "identity", "user-agent": "coldchain", **headers}, encoding="utf-8"
            ),
            content=body or None,
            extensions={"timeout": times},
        )
        response = await self._transport.handle_async_request(request)
        try:
            read = bytearray()
            async for piece in response.aiter_raw():
                read += piece
                if len(read) >= LARGEST_REPLY:
                    break
        finally:
            with contextlib.suppress(httpx.HTTPError):
                await response.aclose()
        return Reply(response.status_code, dict(response.headers), bytes(read[:LARGEST_REPLY]))

    def by_status(self, host: str, reply: Reply) -> Later | Broken | None:
        """Return what a status means that is no 2xx at every provider; None where the body has to tell."""
        if reply.status == 429 or reply.status >= 500:
            return Later(self.said(host, f"status {reply.status}"), self.pause_s(reply))
        if 300 <= reply.status < 400:
            return Broken(self.said(host, f"status {reply.status}: redirects are not followed"))
        return None

    def unreadable(self, host: str, reply: Reply) -> Later | Broken:
        """Return what an answer means that does not have the provider's own code in it."""
        if reply.status >= 400:
            return Broken(self.said(host, f"status {reply.status}"))
        return Later(self.said(host, "an answer without its code; whether it arrived is not known"))

    def pause_s(self, reply: Reply) -> float | None:
        """Return how long the provider wants to be left alone, None where it does not say.

        ``Retry-After`` in seconds or as a date (RFC 9110), or Feishu's ``x-ogw-ratelimit-reset`` in seconds.
        """
        text = (reply.headers.get("retry-after") or reply.headers.get("x-ogw-ratelimit-reset") or "").strip()
        if text.isascii() and text.isdigit():
            return min(float(text), LONGEST_PAUSE_S)
        try:
            moment = parsedate_to_datetime(text).timestamp()
        except (ValueError, OverflowError):
            return None
        return min(max(0.0, moment - self._clock.now_ms() / 1000), LONGEST_PAUSE_S)

    async def close(self) -> None:
        """Close what is open."""
        await self._transport.aclose()


def _certificate(fault: BaseException | None) -> bool:
    """Say whether a certificate is why nobody could be spoken to."""
    while fault is not None:
        if isinstance(fault, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(fault):
            return True
        fault = fault.__cause__ or fault.__context__
    return False
