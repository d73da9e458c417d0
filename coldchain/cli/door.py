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
from coldchain.errors import ConfigError
from coldchain.keys import load_or_make
from coldchain.ledger.port import Ledger
from coldchain.registry import Change, Node, registry_at
from coldchain.settings import Settings
from gateway.jt808.profiles import profile_faults

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
jt808 = {jt808}

[gateway.uplink]
host = {host}
port = {port}
"""


@contextlib.asynccontextmanager
async def running_door(settings: Settings, ledger: Ledger, clock: Clock) -> AsyncIterator[None]:
    """Run the door while inside; its spool, key and log lie in the data folder's ``door``.

    Raises:
        ConfigError: what `profile_faults` says of `gateway.jt808`.
    """
    if faults := profile_faults(settings.gateway.jt808):
        raise ConfigError(faults)
    folder = settings.data / "door"
    key = load_or_make(folder / "door.key").public_key().public_bytes_raw().hex()
    known = registry_at(ledger, ledger.end()).nodes.get(NODE)
    if known is None:
        node = Node(NODE, SITE, (key,), evidence="authenticated-direct")
        ledger.change([Change(node, "coldchain up", "door for sensors without a gateway").encode()], clock.now_ms())
    file = folder / "door.toml"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(config_of(settings, folder))
    command = [sys.executable, "-m", "coldchain.cli", "run", "gateway", "--config", str(file)]
    task = asyncio.create_task(_kept_running(command, folder / "door.log", clock))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def config_of(settings: Settings, folder: Path) -> str:
    """Return the door's own TOML file: the server's broker, and the terminals that the server's settings list."""
    text = CONFIG.format(
        node=NODE,
        spool=_toml(str((folder / "door.db").resolve())),
        jt808=_toml(settings.gateway.jt808.model_dump(exclude_defaults=True)),
        host=_toml(settings.broker.host),
        port=settings.broker.port,
    )
    if settings.broker.username is not None:
        text += f"username = {_toml(settings.broker.username)}\npassword = {_toml(settings.broker.password or '')}\n"
    return text


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


def _toml(value: object) -> str:
    """Return a value in one line of TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value).lower() if isinstance(value, bool) else repr(value)
