"""`coldchain up`: the embedded server, with a broker of its own when none is named."""

from __future__ import annotations

import asyncio
import contextlib

import typer

from coldchain import topics
from coldchain.cli.broker import running_broker
from coldchain.cli.door import running_door
from coldchain.cli.server import running
from coldchain.errors import ConfigError
from coldchain.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


async def serve(
    settings: Settings, *, demo: bool, own_broker: bool, door: bool = False, acknowledge_early: bool = False
) -> None:
    """Serve until cancelled.

    Args:
        door: hear sensors that have no gateway, too.

    Raises:
        ConfigError: an address that would carry readings and logins in the clear, or a folder that is in use.
    """
    if settings.web.host not in LOOPBACK:
        raise ConfigError(
            f"web.host = {settings.web.host}: without TLS the page is served on loopback only; from another machine: "
            f"ssh -L {settings.web.port}:127.0.0.1:{settings.web.port} this-machine"
        )
    async with contextlib.AsyncExitStack() as stack:
        if own_broker and settings.broker.host in LOOPBACK and not await _answers(settings):
            await stack.enter_async_context(running_broker(settings.data / "broker", settings.broker.port))
        server = await stack.enter_async_context(running(settings, demo=demo, acknowledge_early=acknowledge_early))
        if door:
            await stack.enter_async_context(running_door(settings, server.ledger, server.clock))
            typer.echo(
                f"sensors without a gateway: mosquitto_pub -p {settings.broker.port} -t {topics.plain('NAME')} …"
            )
        typer.echo(f"page http://{settings.web.host}:{settings.web.port}   data {settings.data.resolve()}")
        await asyncio.Event().wait()


async def _answers(settings: Settings) -> bool:
    try:
        _, writer = await asyncio.open_connection(settings.broker.host, settings.broker.port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
