"""What the network does to a message, in an answer's words."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from alerts.notify.channels.port import Broken, Later
from alerts.notify.channels.wire import LARGEST_REPLY, Reply, Wire
from coldchain.clock import TestClock
from coldchain.net_guard import GuardedTransport, tls_context
from coldchain.secret import Secret
from tests.alerts.notify.certificates import certificate
from tests.alerts.notify.fakes.http import FakeHttp
from tests.alerts.notify.fakes.modes import Mode

LONG = f"https://{'a' * 70}.example.com/"
URL = "https://api.example.com/send?key=hunter2"


class Failing(httpx.AsyncBaseTransport):
    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self._fault


def wire(transport: httpx.AsyncBaseTransport, timeout_s: float = 30.0) -> Wire:
    return Wire(transport, TestClock(), connect_s=1.0, timeout_s=timeout_s, secrets=[Secret("hunter2")])


@pytest.mark.parametrize(
    ("fault", "expected", "why"),
    [
        (socket.gaierror(-2, "hunter2"), Later, "api.example.com: the name does not resolve"),
        (httpx.ConnectError("hunter2"), Later, "api.example.com: nobody answers there"),
        (httpx.ConnectTimeout("hunter2"), Later, "no answer in time"),
        (httpx.ReadTimeout("hunter2"), Later, "no answer in time"),
        (httpx.RemoteProtocolError("hunter2"), Later, "whether it arrived is not known"),
        (httpx.ReadError("hunter2"), Later, "whether it arrived is not known"),
        (ConnectionResetError("hunter2"), Later, "whether it arrived is not known"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] hunter2"), Broken, "certificate"),
        (httpx.LocalProtocolError("hunter2"), Broken, "header"),
    ],
)
async def test_every_fault_is_an_answer_without_its_own_words(fault: Exception, expected: type, why: str) -> None:
    answer = await wire(Failing(fault)).ask("POST", URL)

    assert type(answer) is expected
    assert isinstance(answer, Later | Broken)
    assert why in answer.why
    assert "hunter2" not in answer.why


@pytest.mark.parametrize(
    "url", ["http://api.example.com/", "https://api.example.com:99999/", "https://[::1", "nothing", LONG]
)
async def test_an_address_that_cannot_be_is_broken(url: str) -> None:
    answer = await wire(GuardedTransport()).ask("POST", url)

    assert isinstance(answer, Broken), answer


async def test_a_secret_with_a_line_break_is_no_header_and_raises_nothing() -> None:
    async with FakeHttp(TestClock()) as fake:
        answer = await wire(GuardedTransport(allowed_hosts=["127.0.0.1"])).ask(
            "POST", fake.url, headers={"x-key": "hunter2\r\nX-Admin: 1"}
        )

    assert isinstance(answer, Broken)
    assert not fake.heard


async def test_an_address_at_which_nobody_takes_the_connection_is_given_up_in_time() -> None:
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for one in (first, second):  # fill the queue: the next connection gets no answer, as at a firewall that drops
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        transport = GuardedTransport(allowed_hosts=["127.0.0.1"])

        answer = await Wire(transport, TestClock(), connect_s=0.2, timeout_s=30.0).ask("POST", url)

    assert answer == Later("127.0.0.1: no answer in time; whether it arrived is not known")


async def test_no_more_is_read_than_a_provider_has_to_say() -> None:
    async with FakeHttp(TestClock()) as fake:
        fake.mode = Mode.FLOOD
        reply = await wire(GuardedTransport(allowed_hosts=["127.0.0.1"])).ask("POST", fake.url)

    assert isinstance(reply, Reply)
    assert len(reply.body) == LARGEST_REPLY


@pytest.mark.parametrize(("trusted", "expected"), [(True, Reply), (False, Broken)])
async def test_a_certificate_that_nobody_knows_is_broken(trusted: bool, expected: type, tmp_path: Path) -> None:
    file, server_tls = certificate(tmp_path, "localhost")
    fake = FakeHttp(TestClock())
    fake.server_tls = server_tls
    async with fake:
        transport = GuardedTransport(allowed_hosts=["localhost"], tls=tls_context(file if trusted else None))
        answer = await wire(transport).ask("POST", f"https://localhost:{fake.port}/")

    assert type(answer) is expected, answer


def test_a_body_that_is_no_object_is_an_empty_one() -> None:
    for body in (b"", b"[]", b"1", b"{", b"\xff", b"[" * 100_000):
        assert Reply(200, {}, body).json() == {}
