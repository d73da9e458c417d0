"""Only public addresses are called, and only those that were checked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from coldchain.net_guard import AddressRefused, GuardedTransport, Resolve, refusal, resolved, tls_context
from tests.alerts.notify.certificates import certificate
from tests.alerts.notify.fakes.served import Served

PRIVATE = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
    "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1",
    "3fff::1", "100::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1",
)  # fmt: skip

PUBLIC = (
    "1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1",
    "198.17.255.255", "223.255.255.255", "2606:2800:220:1:248:1893:25c8:1946", "240e::1", "64:ff9b::101:101",
    "::ffff:1.1.1.1", "2002:101:101::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_is_sent_to_a_private_reserved_or_multicast_address(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_up_to_the_edges_of_the_private_ones_are_taken(address: str) -> None:
    assert refusal(address) == ""


class Recorder(httpx.AsyncBaseTransport):
    """Keeps what would be sent; the addresses in ``away`` do not answer."""

    def __init__(self, away: frozenset[str] = frozenset()) -> None:
        self.sent: list[httpx.Request] = []
        self._away = away

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        if request.url.host in self._away:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(200)


def answering(*answers: list[str]) -> Resolve:
    """Return a name server that gives another answer each time, the last one for ever."""
    left = list(answers)

    async def resolve(host: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def guarded(resolve: Resolve, inner: httpx.AsyncBaseTransport, *allowed: str) -> GuardedTransport:
    return GuardedTransport(allowed_hosts=allowed, resolve=resolve, inner=inner)


async def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_meant() -> None:
    inner = Recorder()
    transport = guarded(answering(["93.184.216.34"], ["127.0.0.1"]), inner)

    await transport.handle_async_request(httpx.Request("POST", "https://hook.example.com/a?b=c", content=b"x"))

    assert str(inner.sent[0].url) == "https://93.184.216.34/a?b=c"
    assert inner.sent[0].headers["host"] == "hook.example.com"
    assert inner.sent[0].extensions["sni_hostname"] == "hook.example.com"
    assert inner.sent[0].read() == b"x"


async def test_a_name_that_is_bound_anew_is_checked_anew() -> None:
    inner = Recorder()
    transport = guarded(answering(["93.184.216.34"], ["127.0.0.1"]), inner)
    await transport.handle_async_request(httpx.Request("POST", "https://hook.example.com/"))

    with pytest.raises(AddressRefused, match=r"hook\.example\.com: 127\.0\.0\.1 is not public"):
        await transport.handle_async_request(httpx.Request("POST", "https://hook.example.com/"))

    assert len(inner.sent) == 1


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    inner = Recorder()

    with pytest.raises(AddressRefused):
        await guarded(answering(["93.184.216.34"] * 3 + ["10.0.0.1"]), inner).handle_async_request(
            httpx.Request("GET", "https://hook.example.com/")
        )

    assert not inner.sent


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example.com/",
        "https://hook.example.com:8443/",
        "https://user:pass@hook.example.com/",
        "ftp://hook.example.com/",
    ],
)
async def test_only_https_on_port_443_without_a_login_in_the_address(url: str) -> None:
    inner = Recorder()

    with pytest.raises(AddressRefused) as refused:
        await guarded(answering(["93.184.216.34"]), inner).handle_async_request(httpx.Request("GET", url))

    assert not inner.sent
    assert "pass" not in str(refused.value)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]", "[::ffff:7f00:1]"]
)
async def test_no_way_of_writing_this_machine_gets_through_the_systems_own_resolver(host: str) -> None:
    inner = Recorder()

    with pytest.raises((AddressRefused, httpx.InvalidURL)):
        await guarded(resolved, inner).handle_async_request(httpx.Request("GET", f"https://{host}/"))

    assert not inner.sent


async def test_a_host_that_the_settings_name_may_be_private_and_plain() -> None:
    inner = Recorder()

    await guarded(answering(["10.0.0.7"]), inner, "gateway.lan").handle_async_request(
        httpx.Request("GET", "http://gateway.lan:8080/")
    )

    assert str(inner.sent[0].url) == "http://10.0.0.7:8080/"


async def test_the_next_address_is_tried_where_nobody_answers() -> None:
    inner = Recorder(away=frozenset({"2606:2800::1"}))

    await guarded(answering(["2606:2800::1", "93.184.216.34"]), inner).handle_async_request(
        httpx.Request("POST", "https://hook.example.com/", content=b"once")
    )

    assert [request.url.host for request in inner.sent] == ["2606:2800::1", "93.184.216.34"]
    assert inner.sent[1].read() == b"once"


class Https(Served):
    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()


@pytest.mark.parametrize(("name", "holds"), [("hook.test", True), ("other.test", False)])
async def test_the_certificate_is_held_against_the_name_not_the_address(name: str, holds: bool, tmp_path: Path) -> None:
    file, server_tls = certificate(tmp_path, "hook.test")
    server = Https()
    server.server_tls = server_tls
    async with server:
        transport = GuardedTransport(allowed_hosts=[name], tls=tls_context(file), resolve=answering(["127.0.0.1"]))
        request = httpx.Request("GET", f"https://{name}:{server.port}/")

        if holds:
            assert (await transport.handle_async_request(request)).status_code == 204
        else:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await transport.handle_async_request(request)
        await transport.aclose()
