"""The door that `coldchain up` runs beside the server: a gateway process of its own, registered at its first start."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from coldchain.cli.broker import stop
from coldchain.clock import Clock
from coldchain.keys import load_or_make
from coldchain.ledger.port import Ledger
from coldchain.registry import Change, Node, registry_at
from coldchain.settings import Settings

_log = structlog.get_logger()

RESTART_S = 2.0
NODE = "door"
SITE = "server"
"""Where the door stands: no site of anybody's, so that a claim grants it each channel."""

CONFIG = """\
# Written by coldchain; changes are overwritten. A door of your own: coldchain run gateway --config FILE.
[gateway]
node = "{node}"
door = true
spool = {spool}
seal_age_s = 1.0

[gateway.uplink]
host = {host}
port = {port}
"""


@contextlib.asynccontextmanager
async def running_door(settings: Settings, ledger: Ledger, clock: Clock) -> AsyncIterator[None]:
    """Run the door while inside; its spool, key and log lie in the data folder's ``door``."""
    folder = settings.data / "door"
    key = load_or_make(folder / "door.key").public_key().public_bytes_raw().hex()
    known = registry_at(ledger, ledger.end()).nodes.get(NODE)
    if known is None:
        node = Node(NODE, SITE, (key,), evidence="authenticated-direct")
        ledger.change([Change(node, "coldchain up", "door for sensors without a gateway").encode()], clock.now_ms())
    file = folder / "door.toml"
    text = CONFIG.format(
        node=NODE,
        spool=_quoted(str((folder / "door.db").resolve())),
        host=_quoted(settings.broker.host),
        port=settings.broker.port,
    )
    if settings.broker.username is not None:
        text += (
            f"username = {_quoted(settings.broker.username)}\npassword = {_quoted(settings.broker.password or '')}\n"
        )
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    command = [sys.executable, "-m", "coldchain.cli", "run", "gateway", "--config", str(file)]
    task = asyncio.create_task(_kept_running(command, folder / "door.log", clock))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _kept_running(command: list[str], log: Path, clock: Clock) -> None:
    while True:
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out)
        try:
            code = await process.wait()
        finally:
            await stop(process)
        _log.error("door.ended", code=code, log=str(log), again_in_s=RESTART_S)
        await clock.sleep(RESTART_S)


def _quoted(text: str) -> str:
    """Return a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
