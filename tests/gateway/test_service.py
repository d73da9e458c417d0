"""A gateway between two ends of a real mosquitto: from a sensor's message to a sealed batch, and back."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from coldchain import topics
from coldchain.bus import Connection
from coldchain.clock import SystemClock
from coldchain.errors import ConfigError, Unavailable
from coldchain.keys import load_or_make
from coldchain.seal import Ack, Sealed, open_envelope, unpacked, verified
from coldchain.senml import decode
from coldchain.settings import BrokerSettings, GatewaySettings
from gateway.service import Gateway
from tests.gateway.formats.frames import PUBLISHED
from tests.mqtt import Ear, broker, ear, running, until

pytestmark = pytest.mark.broker

NAME = "urn:dev:t-1:temperature"
SITE = topics.site_data("gw-1", "t-1")
DATA = topics.data("gw-1")


def gateway_at(port: int, folder: Path, **settings: Any) -> Gateway:
    broker_settings = BrokerSettings(port=port)
    section = GatewaySettings(
        node="gw-1",
        spool=folder / "spool.db",
        site=broker_settings,
        uplink=broker_settings,
        seal_age_s=0.1,
        seal_age_offline_s=0.1,
        **settings,
    )
    return Gateway(section, SystemClock(), random.Random(7), ntp=lambda: True)


def reading(value: float) -> bytes:
    return json.dumps([{"n": NAME, "u": "Cel", "v": value}]).encode()


def batches(listening: Ear) -> list[Sealed]:
    return [open_envelope(raw) for raw in listening.on(DATA)]


def values(listening: Ear) -> list[float]:
    found = []
    for sealed in batches(listening):
        block = decode(unpacked(sealed.pack), sealed.created_ms).readings
        found += [value for name, _, value, _, _ in block.rows() if name == NAME]
    return found


def acknowledge(connection: Connection, sealed: Sealed, at_ms: int) -> None:
    connection.send(topics.ack("gw-1"), Ack(sealed.epoch.hex(), sealed.seq, sealed.hash.hex(), at_ms).encode())


async def test_a_sensors_reading_goes_up_sealed_and_is_forgotten_when_it_is_acknowledged(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, ear(port, DATA, topics.status("gw-1")) as server:
        gateway = gateway_at(port, tmp_path)
        async with running(gateway):
            await until(lambda: batches(server), "the boot's batch")
            await server.connection.publish_checked(SITE, reading(4.5))
            await until(lambda: 4.5 in values(server), "a sealed batch")

            last = batches(server)[-1]
            acknowledge(server.connection, last, SystemClock().now_ms())
            await until(lambda: gateway.outbox.sender.acked == last.seq, "the acknowledgement")

        assert verified(last, load_or_make(tmp_path / "spool.key").public_key().public_bytes_raw())
        assert [sealed.seq for sealed in batches(server)][:2] == [1, 2]
        status = json.loads(server.on(topics.status("gw-1"))[0])
        assert status["online"] is True


async def test_nothing_is_sent_while_the_server_says_that_it_is_offline(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, ear(port, DATA, name="server") as server:
        await server.connection.publish_checked(topics.SERVER_STATUS, b'{"online":false}', retain=True)
        gateway = gateway_at(port, tmp_path)
        async with running(gateway):
            await until(lambda: gateway._server_offline, "the server's status")
            while not gateway.intake.counters["messages"]:  # until the gateway has subscribed on site
                await server.connection.publish_checked(SITE, reading(4.5))
            await until(lambda: gateway.outbox.sender.batches, "sealed batches")
            assert server.on(DATA) == []

            await server.connection.publish_checked(topics.SERVER_STATUS, b'{"online":true}', retain=True)
            await until(lambda: 4.5 in values(server), "the batch after the server came back")


async def test_a_message_that_a_site_broker_retained_is_no_new_reading(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, ear(port, DATA) as server:
        await server.connection.publish_checked(SITE, reading(-99.0), retain=True)
        async with running(gateway_at(port, tmp_path)):
            await until(lambda: batches(server), "the boot's batch")
            await server.connection.publish_checked(SITE, reading(4.5))
            await until(lambda: 4.5 in values(server), "the live reading")

        assert set(values(server)) == {4.5}


async def test_a_reading_is_acknowledged_on_site_only_when_the_spool_has_it(tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise Unavailable("no room")

    async with broker(tmp_path) as port, ear(port, DATA) as server:
        gateway = gateway_at(port, tmp_path)
        gateway.intake.keep = full  # type: ignore[method-assign,assignment]
        async with running(gateway):
            await until(lambda: batches(server), "the boot's batch")
            await server.connection.publish_checked(SITE, reading(4.5))
            await until(lambda: gateway.intake.counters["refused"], "the refusal")

        async with running(gateway_at(port, tmp_path)):
            await until(lambda: 4.5 in values(server), "the reading that nobody had acknowledged")


async def test_a_vendors_message_goes_up_as_senml_and_what_repeats_it_does_not(tmp_path: Path) -> None:
    frame = next(frame for frame in PUBLISHED if frame.format == "things-stack")
    async with broker(tmp_path) as port, ear(port, DATA) as server:
        gateway = gateway_at(port, tmp_path, formats={"t-*": "things-stack"})
        async with running(gateway):
            await until(lambda: batches(server), "the boot's batch")
            for _ in range(2):
                await server.connection.publish_checked(SITE, frame.payload)
            await until(lambda: gateway.intake.counters["duplicates"], "the repetition")
            await until(lambda: frame.device in names(server), "a sealed batch")

        assert names(server)[frame.device] == {"temperature", "humidity", "battery", "rssi", "snr"}


def names(listening: Ear) -> dict[str, set[str]]:
    """Return device → last parts of the names that came up."""
    found: dict[str, set[str]] = {}
    for sealed in batches(listening):
        for name in decode(unpacked(sealed.pack), sealed.created_ms).readings.names:
            device, _, what = name.rpartition(":")
            found.setdefault(device, set()).add(what)
    return found


def test_a_format_that_is_none_stops_a_gateway_before_it_touches_anything(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'t-1' = 'ruuvi' is no format; known are senml, ruuvi-gateway"):
        gateway_at(1883, tmp_path, formats={"t-1": "ruuvi"})

    assert not list(tmp_path.iterdir())


async def test_a_refused_seal_brings_the_same_readings_in_a_new_chain(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, ear(port, DATA) as server:
        gateway = gateway_at(port, tmp_path)
        async with running(gateway):
            await until(lambda: batches(server), "the boot's batch")
            await server.connection.publish_checked(SITE, reading(4.5))
            await until(lambda: 4.5 in values(server), "a sealed batch")
            old = batches(server)[-1]
            refusal = Ack(old.epoch.hex(), 0, bytes(32).hex(), SystemClock().now_ms(), "seal")

            server.connection.send(topics.ack("gw-1"), b"rubbish")
            server.connection.send(topics.ack("gw-1"), refusal.encode())
            await until(lambda: any(sealed.epoch != old.epoch for sealed in batches(server)), "a new chain")

        fresh = next(sealed for sealed in batches(server) if sealed.epoch != old.epoch)
        assert fresh.seq == 1
        assert fresh.after is not None
        assert fresh.after.why == "seal"


async def test_a_clock_that_the_server_contradicts_is_set_and_the_gateway_confesses_it(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, ear(port, DATA) as server:
        gateway = gateway_at(port, tmp_path)
        async with running(gateway):
            await until(lambda: batches(server), "the boot's batch")
            acknowledge(server.connection, batches(server)[0], SystemClock().now_ms() + 3_600_000)
            await until(lambda: len(batches(server)) > 1, "the confession")

        pack = unpacked(batches(server)[-1].pack)
        assert b"clock-set:+3" in pack
        assert b"urn:coldchain:gw-1:event" in pack
