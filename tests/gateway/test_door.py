"""A door: sensors without a gateway speak to the uplink broker or post, and are answered when it is durable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from coldchain import topics
from coldchain.bus import Connection, connected
from coldchain.cli.broker import free_port
from coldchain.clock import SystemClock
from coldchain.errors import ConfigError, Unavailable
from coldchain.seal import Sealed, open_envelope, unpacked
from coldchain.senml import decode
from coldchain.settings import BrokerSettings, GatewaySettings
from gateway.hearing import full_name
from gateway.push import app_of
from gateway.service import Gateway
from tests.gateway.formats.frames import PUBLISHED
from tests.mqtt import Ear, broker, ear, running, until

DATA = topics.data("door")


def door_at(port: int, folder: Path, **more: Any) -> Gateway:
    uplink = BrokerSettings(host="127.0.0.1", port=port)
    settings = GatewaySettings(node="door", spool=folder / "door.db", seal_age_s=0.05, door=True, uplink=uplink, **more)
    return Gateway(settings, SystemClock(), ntp=lambda: True)


def batches(listening: Ear) -> list[Sealed]:
    return [open_envelope(raw) for raw in listening.on(DATA)]


def said(listening: Ear) -> dict[str, list[float]]:
    """Return channel → values that came up."""
    found: dict[str, list[float]] = {}
    for sealed in batches(listening):
        block = decode(unpacked(sealed.pack), sealed.created_ms).readings
        for row in range(len(block)):
            if row not in block.words:
                found.setdefault(block.names[int(block.channel[row])], []).append(float(block.value[row]))
    return found


async def test_a_sensor_without_a_gateway_needs_one_line(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, ear(port, DATA) as server, running(door_at(port, tmp_path)):
        await until(lambda: batches(server), "the boot's batch")
        await server.connection.publish_checked(topics.plain("my-fridge"), b'[{"n":"temperature","u":"Cel","v":4.2}]')
        await server.connection.publish_checked(
            topics.plain("my-fridge"), b'[{"n":"urn:dev:mac:0024befffe804ff1:temperature","u":"Cel","v":5.5}]'
        )
        await until(lambda: len(said(server)) == 2, "both readings")

    assert said(server) == {
        "urn:coldchain:plain:my-fridge:temperature": [4.2],
        "urn:dev:mac:0024befffe804ff1:temperature": [5.5],
    }


async def test_what_was_published_while_the_door_was_away_comes_afterwards(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, ear(port, DATA) as server:
        async with running(door_at(port, tmp_path)):
            await until(lambda: batches(server), "the boot's batch")
        await server.connection.publish_checked(topics.plain("f"), b'[{"n":"t","u":"Cel","v":4.2}]')
        async with running(door_at(port, tmp_path)):
            await until(lambda: said(server), "the reading")

    assert said(server) == {"urn:coldchain:plain:f:t": [4.2]}


async def test_a_network_server_is_a_source_with_its_format(tmp_path: Path) -> None:
    frame = next(frame for frame in PUBLISHED if frame.format == "things-stack")
    topic = "v3/dairy@ttn/devices/probe-1/up"
    async with broker(tmp_path) as port, ear(port, DATA) as server:
        door = door_at(port, tmp_path, sources={"v3/+/devices/+/up": "things-stack"})
        async with running(door), connected(Connection("127.0.0.1", port, "ttn")) as platform:
            await until(lambda: batches(server), "the boot's batch")
            await platform.publish_checked(topic, frame.payload)
            await until(lambda: any(name.startswith(frame.device) for name in said(server)), "the uplink")


class _Full:
    """A hearing whose spool has no room."""

    def rejections(self) -> dict[str, int]:
        return {}

    async def take_once(self, said: object) -> int:
        raise Unavailable("no room")


async def test_a_push_is_answered_when_it_is_durable(tmp_path: Path) -> None:
    port = free_port(0)
    async with broker(tmp_path) as mqtt, ear(mqtt, DATA) as server:
        door = door_at(mqtt, tmp_path, push_port=port, push_tokens={"fridge-*": "secret"})
        async with running(door), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until(lambda: batches(server), "the boot's batch")
            body, right = b'[{"n":"t","u":"Cel","v":4.2}]', {"Authorization": "Bearer secret"}
            answers = {
                "kept": await client.post("/push/fridge-1", content=body, headers=right),
                "no token": await client.post("/push/fridge-1", content=body),
                "another's": await client.post("/push/freezer", content=body, headers=right),
                "no reading": await client.post("/push/fridge-1", content=b"rubbish", headers=right),
                "too long": await client.post("/push/fridge-1", content=b"x" * 70_000, headers=right),
            }
            await until(lambda: said(server), "the reading")

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "kept": 204, "no token": 401, "another's": 401, "no reading": 422, "too long": 413,
    }  # fmt: skip
    assert answers["no reading"].json()["detail"] == "bad-senml"
    assert said(server) == {"urn:coldchain:plain:fridge-1:t": [4.2]}


async def test_a_full_spool_says_when_to_come_again() -> None:
    app = app_of(_Full(), {"*": "secret"})  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        answer = await client.post("/push/f", content=b"[]", headers={"Authorization": "Bearer secret"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_pushing_without_tokens_is_refused(tmp_path: Path) -> None:
    async with broker(tmp_path) as port:
        with pytest.raises(ExceptionGroup) as group:
            await door_at(port, tmp_path, push_port=free_port(0)).run()

    assert group.group_contains(ConfigError, match="give each sensor a token")


def test_a_bare_name_belongs_to_its_sensor() -> None:
    assert full_name("f-1", "temperature") == "urn:coldchain:plain:f-1:temperature"
