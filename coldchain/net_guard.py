"""Addresses that a server may be told to call: public ones only, and only those that were checked.

::

    https://hooks.example.com ─▶ resolve once ─▶ every address public? ─▶ connect to that address,
                                                                          TLS for hooks.example.com

Whoever may name an address must not reach the server's own network with it. A name is resolved once for each request
and the connection goes to an address of that answer, so a name server that answers differently the second time (DNS
rebinding) is never asked a second time. The list does not rest on `ipaddress.is_global`: Python 3.11.7 calls NAT64 and
6to4 forms of 127.0.0.1, and multicast, global.

Source of the networks: IANA's registries of special-purpose IPv4 and IPv6 addresses (RFC 6890), RFC 6052 and RFC 8215
(NAT64), RFC 3056 (6to4), RFC 4291 (2000::/3 is all that is assigned for global use).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path

import httpx

HTTPS_PORT = 443

TRIED_ADDRESSES = 3
"""Of one name, one after another while nobody answers there."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a name and a port to addresses; raises `socket.gaierror`."""

_REFUSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # public by its number, but a cloud's own service for its machines
    )
)  # fmt: skip
_GLOBAL_6 = IPv6Network("2000::/3")
_REFUSED_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(Exception):
    """A request that may not be made: the message names host and reason, never path or query."""


def refusal(address: str) -> str:
    """Return why nothing may be sent to an IP address, empty where it may.

    IPv4 inside IPv6 (mapped, 6to4, NAT64) counts as the IPv4 address.

    >>> refusal("93.184.216.34"), refusal("64:ff9b::7f00:1")
    ('', '127.0.0.1 is not public')
    """
    try:
        found: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return f"{address!r} is no address"
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or _nat64(found)
        if inner is None:
            public = found in _GLOBAL_6 and not any(found in network for network in _REFUSED_6)
            return "" if public else f"{found} is not public"
        found = inner
    return f"{found} is not public" if any(found in network for network in _REFUSED_4) else ""


def _nat64(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else None


async def resolved(host: str, port: int) -> list[str]:
    """Return every address of a name, in the order in which the system would try them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Return what checks certificates: the usual authorities, and those of a file.

    Raises:
        OSError, ssl.SSLError: the file cannot be read or holds no certificate.
    """
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport that sends to public addresses over https on port 443.

    Args:
        allowed_hosts: names, as they stand in an address, that may be private, speak http and use any port.
        tls: checks the certificate against the name, not against the address that is connected to.
        resolve: asked once for each request.
        inner: what sends; connections are not kept, because a kept one was checked for another request.
    """

    def __init__(
        self,
        *,
        allowed_hosts: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolved,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._allowed = frozenset(host.lower().strip("[]") for host in allowed_hosts)
        self._resolve = resolve
        self._inner = inner or httpx.AsyncHTTPTransport(
            verify=tls or tls_context(), trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send to the first address that answers.

        Raises:
            AddressRefused: scheme, port or address; nothing was sent.
            socket.gaierror: the name has no address.
            httpx.TransportError: nobody there, or the connection broke.
        """
        addresses = await self._checked(request.url)
        for address in addresses[:-1]:
            try:
                return await self._send(request, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._send(request, addresses[-1])

    async def _checked(self, url: httpx.URL) -> Sequence[str]:
        host = url.host
        allowed = host in self._allowed
        if url.userinfo or url.scheme not in ("https", "http"):
            raise AddressRefused(f"{host}: only https://, without a user name in the address")
        if not allowed and (url.scheme != "https" or url.port not in (None, HTTPS_PORT)):
            raise AddressRefused(f"{host}: only https on port {HTTPS_PORT}, unless allowed_hosts names it")
        addresses = await self._resolve(host, url.port or HTTPS_PORT)
        if not addresses:
            raise AddressRefused(f"{host}: has no address")
        if not allowed:
            for why in filter(None, map(refusal, addresses)):
                raise AddressRefused(f"{host}: {why}; allowed_hosts may name it")
        return addresses[:TRIED_ADDRESSES]

    async def _send(self, request: httpx.Request, address: str) -> httpx.Response:
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": request.url.host},
            )
        )

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()
