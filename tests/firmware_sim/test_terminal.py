"""A simulated truck through a real gateway: TCP on loopback, a real spool, a real broker, nothing lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldchain import topics
from coldchain.cli.broker import free_port
from coldchain.clock import SystemClock
from coldchain.geo import distance_m
from coldchain.readings import Quality
from coldchain.seal import Ack, Sealed, open_envelope, unpacked
from coldchain.senml import decode
from coldchain.settings import BrokerSettings, GatewaySettings, Jt808Profile, Jt808Settings, Jt808Terminal
from firmware_sim.sensing import Reading
from firmware_sim.terminal import Fix, Refused, Terminal, fixes_of
from gateway.jt808.profiles import ITEMS
from gateway.service import Gateway
from tests.firmware_sim.stories import FLEET, play
from tests.mqtt import Ear, broker, ear, running, until

NUMBER = "13912345678"
PREFIX = f"urn:dev:name:jt808-{NUMBER}"
PROBES = ("reefer-1.return-air", "reefer-1.rear-door-top", "reefer-1.product")
DATA = topics.data("door")

Said = dict[tuple[str, int], float | str]


def channel(point: str) -> str:
    return FLEET.point(point).channel


def drive() -> list[Fix]:
    """Return five hours of a delivery round, a fix a minute, as if it ended now."""
    story = play("multi-stop-round")
    place = channel("reefer-1.latitude"), channel("reefer-1.longitude")
    speed, probes = channel("reefer-1.speed"), [channel(point) for point in PROBES]
    readings: Iterator[Reading] = (r for r in story.said if r.channel in (*place, speed, *probes))
    fixes = fixes_of(readings, place, speed, probes)[-300:]
    later_ms = SystemClock().now_ms() // 1000 * 1000 - fixes[-1].t_ms
    return [Fix(fix.t_ms + later_ms, fix.place, fix.speed_m_per_s, fix.celsius) for fix in fixes]


def door(folder: Path, mqtt: int, port: int) -> Gateway:
    three = ITEMS[0x51].model_copy(update={"sensors": 3})
    jt808 = Jt808Settings(
        port=port,
        profiles={"reefer": Jt808Profile(coordinates="GCJ-02", items={"0x51": three})},
        terminals={NUMBER: Jt808Terminal(profile="reefer", device="SIM0001")},
    )
    uplink = BrokerSettings(host="127.0.0.1", port=mqtt)
    settings = GatewaySettings(
        node="door", spool=folder / "door.db", seal_age_s=0.05, door=True, uplink=uplink, jt808=jt808
    )
    return Gateway(settings, SystemClock(), ntp=lambda: True)


class Server:
    """Acknowledges what a door sends, as ingest does, and keeps each batch once."""

    def __init__(self, listening: Ear) -> None:
        self._ear = listening
        self.batches: dict[tuple[bytes, int], Sealed] = {}

    async def run(self) -> None:
        seen = 0
        while True:
            for raw in self._ear.on(DATA)[seen:]:
                seen += 1
                sealed = open_envelope(raw)
                self.batches[sealed.epoch, sealed.seq] = sealed
                ack = Ack(sealed.epoch.hex(), sealed.seq, sealed.hash.hex(), SystemClock().now_ms())
                self._ear.connection.send(topics.ack("door"), ack.encode())
            await asyncio.sleep(0.01)  # there is nothing to wait for: the ear only gathers

    def heard(self) -> tuple[Said, int]:
        """Return (quantity, time) → what came up of the terminal, and how many records that were."""
        found: Said = {}
        count = 0
        for sealed in list(self.batches.values()):
            block = decode(unpacked(sealed.pack), sealed.created_ms).readings
            for row in range(len(block)):
                name = block.names[int(block.channel[row])]
                if name.startswith(PREFIX):
                    value = block.words.get(row) or float(block.value[row])
                    found[name.rpartition(":")[2], int(block.measured_at_ms[row])] = value
                    count += 1
                    assert not int(block.quality[row]) & Quality.SENSOR_CLOCK, name
        return found, count


async def connected(terminal: Terminal) -> None:
    """Dial until the door listens."""
    deadline_s = asyncio.get_running_loop().time() + 10
    while True:
        try:
            return await terminal.connect()
        except OSError:
            assert asyncio.get_running_loop().time() < deadline_s
            await asyncio.sleep(0.01)


@pytest.mark.broker
@pytest.mark.parametrize("version", [None, 1])
async def test_a_truck_drives_its_round_through_a_tunnel_and_a_restart_of_the_door(
    tmp_path: Path, version: int | None
) -> None:
    fixes, port = drive(), free_port(0)
    terminal = Terminal(NUMBER, "127.0.0.1", port, version, "GCJ-02")
    async with broker(tmp_path) as mqtt, ear(mqtt, DATA) as listening, running(server := Server(listening)):
        async with running(door(tmp_path, mqtt, port)):
            await connected(terminal)
            code = terminal.code
            await terminal.hang_up()  # no network from here: what follows is kept
            assert [await terminal.tell(fix) for fix in fixes[:-2]] == [False] * (len(fixes) - 2)
            await terminal.connect()
            twice = list(terminal.kept)[:50]
            assert await terminal.catch_up() == len(fixes) - 2
            terminal.kept.extend(twice)  # an answer that got lost: the terminal says them again
            assert await terminal.catch_up() == 50
        assert not await terminal.tell(fixes[-2])  # the door is away
        async with running(door(tmp_path, mqtt, port)):
            await connected(terminal)
            assert terminal.code == code
            assert await terminal.catch_up() == 1
            assert await terminal.tell(fixes[-1])
            channels = 3 + len(PROBES)
            await until(lambda: len(server.heard()[0]) == len(fixes) * channels, "every reading")
            await terminal.hang_up()

    said, records = server.heard()
    assert records == (len(fixes) + 50) * channels  # what was said twice is one by channel and time
    for fix in fixes:
        assert fix.place is not None
        at_ms = fix.t_ms // 1000 * 1000
        there = float(said["lat", at_ms]), float(said["lon", at_ms])
        assert float(distance_m(*there, *fix.place)) < 0.2
        assert said["speed", at_ms] == pytest.approx(fix.speed_m_per_s, abs=0.015)
        for place, celsius in enumerate(fix.celsius, 1):
            assert said[f"temperature-{place}", at_ms] == pytest.approx(celsius, abs=0.0501)
    assert max(fix.speed_m_per_s for fix in fixes) > 5, "it stood still"


@pytest.mark.broker
async def test_a_stranger_is_refused_and_its_call_is_on_its_way_to_the_inbox(tmp_path: Path) -> None:
    port = free_port(0)
    stranger = Terminal("13900000009", "127.0.0.1", port)
    async with broker(tmp_path) as mqtt, ear(mqtt, DATA) as server, running(door(tmp_path, mqtt, port)):
        with pytest.raises(Refused, match="registration: 4"):
            await connected(stranger)
        await stranger.hang_up()

        def calls() -> list[str]:
            texts = [str(unpacked(open_envelope(raw).pack)) for raw in server.on(DATA)]
            return [text for text in texts if "jt808-13900000009:registration" in text]

        await until(calls, "the call")
