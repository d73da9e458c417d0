"""Ingest behind a real mosquitto: a sealed batch becomes a ledger entry and an acknowledgement."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coldchain import topics
from coldchain.bus import connected
from coldchain.clock import SystemClock
from coldchain.errors import Unavailable
from coldchain.registry import CurrentRegistry
from coldchain.seal import Ack
from coldchain.senml import Row
from coldchain.settings import BrokerSettings, IngestSettings
from ingest.service import IngestService
from tests.fakes import MemoryLedger
from tests.mqtt import Ear, broker, ear, running, until
from tests.support import T0, SealingNode, fleet, put

pytestmark = pytest.mark.broker

DATA = topics.data("gw-1")
ACK = topics.ack("gw-1")


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[IngestService, MemoryLedger, SealingNode, Ear, int]]:
    """Run ingest, a known gateway and an ear at one broker."""
    node, ledger = SealingNode("gw-1"), MemoryLedger()
    put(ledger, *fleet([node]))
    async with broker(folder) as port, ear(port, ACK, topics.SERVER_STATUS) as gateway:
        service = IngestService(
            BrokerSettings(port=port), IngestSettings(), ledger, CurrentRegistry(ledger, SystemClock()), SystemClock()
        )
        async with running(service):
            await until(lambda: service.connected, "ingest's connection")
            yield service, ledger, node, gateway, port


async def test_a_sealed_batch_is_recorded_and_acknowledged(tmp_path: Path) -> None:
    async with served(tmp_path) as (service, ledger, node, gateway, _):
        before = ledger.end()
        sealed = node.seal([Row("urn:a:t", T0, 4.5)])

        await gateway.connection.publish_checked(DATA, sealed.raw)
        await until(lambda: gateway.on(ACK), "the acknowledgement")

        ack = Ack.decode(gateway.on(ACK)[0])
        assert (ack.epoch, ack.seq, ack.hash, ack.refuse) == (node.epoch.hex(), 1, sealed.hash.hex(), None)
        assert [entry.raw for entry in ledger.read(before, 9)] == [sealed.raw]
        assert service.intake.counters["appended"] == 1


async def test_a_batch_that_somebody_retained_is_not_taken_at_every_start(tmp_path: Path) -> None:
    async with served(tmp_path / "one") as (_, _, node, gateway, port):
        retained = node.seal([Row("urn:a:t", T0, 4.5)])
        await gateway.connection.publish_checked(DATA, retained.raw, retain=True)
        await until(lambda: gateway.on(ACK), "the acknowledgement of the live one")

        ledger = MemoryLedger()
        put(ledger, *fleet([node]))
        second = IngestService(
            BrokerSettings(port=port), IngestSettings(), ledger, CurrentRegistry(ledger, SystemClock()), SystemClock()
        )
        async with running(second):
            await until(lambda: second.connected, "the second start")
            live = SealingNode("gw-1", b"epoch--2").seal([Row("urn:a:t", T0, 4.5)])
            await gateway.connection.publish_checked(DATA, live.raw)
            await until(lambda: second.intake.counters["received"], "the live batch")

        assert second.intake.counters.as_dict() | {"received": 1, "appended": 1} == second.intake.counters.as_dict()


async def test_an_oversized_message_is_counted_and_the_next_one_is_taken(tmp_path: Path) -> None:
    async with served(tmp_path) as (service, _, node, gateway, _):
        await gateway.connection.publish_checked(DATA, bytes(900_000))
        await gateway.connection.publish_checked(DATA, node.seal([Row("urn:a:t", T0, 4.5)]).raw)
        await until(lambda: gateway.on(ACK), "the acknowledgement")

        assert service.intake.counters["bad_envelope"] == 1


@pytest.mark.parametrize(
    "payload", [b"", b"rubbish", b"[]", b'{"online":"yes"}', b'{"online":true,"behind_batches":"many"}', b"{" * 50_000]
)
async def test_a_status_that_is_none_is_on_no_page(tmp_path: Path, payload: bytes) -> None:
    async with served(tmp_path) as (service, _, _, gateway, _):
        good = json.dumps({"online": True, "session": "2023-11-15T00:00:00Z", "behind_batches": 3, "new": 1})

        await gateway.connection.publish_checked(topics.status("gw-bad"), payload)
        await gateway.connection.publish_checked(topics.status("gw-1"), good.encode(), retain=True)
        await until(lambda: "gw-1" in service.statuses, "the status")

        assert set(service.statuses) == {"gw-1"}
        assert service.statuses["gw-1"]["behind_batches"] == 3


async def test_gateways_are_told_whether_the_server_is_there(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, ear(port, topics.SERVER_STATUS) as gateway:
        ledger = MemoryLedger()
        service = IngestService(
            BrokerSettings(port=port), IngestSettings(), ledger, CurrentRegistry(ledger, SystemClock()), SystemClock()
        )

        def said() -> list[bool]:
            return [json.loads(payload)["online"] for payload in gateway.on(topics.SERVER_STATUS)]

        async with running(service):
            await until(lambda: said() == [True], "online")
        await until(lambda: said()[-1:] == [False], "offline, said before leaving")

        with contextlib.suppress(Unavailable):
            async with connected(service_connection := service._connection()):
                service_connection.send(topics.SERVER_STATUS, b'{"online":true}', 1, retain=True)
                await until(lambda: said()[-1] is True, "online again")
                sock = service_connection._client._sock
                assert sock is not None
                sock.close()
                await until(lambda: said()[-1] is False, "the last will")
