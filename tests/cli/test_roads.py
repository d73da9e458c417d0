"""The road of a mobile gateway: what passes, what a dead spot cuts, and which gateways of a fleet share a class."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from coldchain.cli.chain import DOORS, FIXED, GATEWAYS, MOBILE, Chain
from coldchain.cli.roads import Relay, Roads
from coldchain.settings import load
from firmware_sim.scenario import DeadSpot

PATIENCE_S = 5.0


@contextlib.asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """A server that says again what it hears; yields its port."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while block := await reader.read(1024):
                writer.write(block)
        writer.transport.abort()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextlib.asynccontextmanager
async def line(relay: Relay) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a relay."""
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def heard(reader: asyncio.StreamReader) -> bytes:
    """Return what comes next, nothing when the line is broken."""
    try:
        return await asyncio.wait_for(reader.read(1024), PATIENCE_S)
    except ConnectionError:
        return b""


async def test_a_cut_breaks_the_line_and_a_mended_one_passes_again() -> None:
    async with echo() as port:
        relay = Relay(port)
        await relay.open()
        async with line(relay) as (reader, writer):
            writer.write(b"before")
            assert await heard(reader) == b"before"

            relay.cut(True)
            assert await heard(reader) == b""
        async with line(relay) as (reader, _):
            assert await heard(reader) == b""

        relay.cut(False)
        async with line(relay) as (reader, writer):
            writer.write(b"after")
            assert await heard(reader) == b"after"
        await relay.close()


async def test_a_relay_to_nobody_breaks_the_line_itself() -> None:
    relay = Relay(to_port=1)
    await relay.open()

    async with line(relay) as (reader, _):
        assert await heard(reader) == b""
    await relay.close()


def test_only_who_is_in_a_dead_spot_is_without_network() -> None:
    roads = Roads({}, [(DeadSpot(start_s=60, duration_s=30), ["a"]), (DeadSpot(start_s=80, duration_s=30), ["a", "b"])])

    assert [roads.dark_at(at) for at in (0, 60, 85, 100, 110)] == [set(), {"a"}, {"a", "b"}, {"a", "b"}, set()]


def test_gateways_of_a_class_share_a_process_and_its_limits(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 0)

    files = {name: [word for word in chain.roles[name].command if word.endswith(".toml")] for name in GATEWAYS}
    nodes = {name: {load(Path(file)).gateway.node for file in files[name]} for name in GATEWAYS}
    limits = {
        name: {(g.seal_age_s, g.spool_limit_mb) for g in (load(Path(file)).gateway for file in files[name])}
        for name in GATEWAYS
    }

    assert {"gw-truck-1", "gw-tanker-1"} <= nodes[MOBILE]
    assert {"gw-shop-1", "gw-plant-1", "gw-station-2"} <= nodes[FIXED]
    assert nodes[DOORS] == {"door-loggers", "door-carrier"}
    assert set.union(*nodes.values()) == {node.id for node in chain.fleet.nodes}
    assert all(len(found) == 1 for found in limits.values())
    assert len({next(iter(found)) for found in limits.values()}) == len(GATEWAYS)
    assert set(chain.roads.relays) == {"gw-truck-2", "gw-tanker-1"}


def test_a_fleet_without_doors_needs_no_process_for_them(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 0, scenarios=("small",))

    assert MOBILE in chain.roles
    assert DOORS not in chain.roles
