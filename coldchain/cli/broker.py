"""A broker of our own for the demo and the embedded server: mosquitto if it is there, else the `iotcore` wheel.

It persists nothing and is trusted with nothing: what a gateway sent stays in its spool until the ledger holds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from coldchain.errors import ConfigError, Unavailable

START_S = 10.0
STOP_S = 5.0

CONFIG = """\
# Written by coldchain; changes are overwritten.
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_inflight_messages 200
# Whoever speaks to a gateway's site broker is told "taken" by the broker: it must not drop what a gateway that is
# being restarted has not fetched yet (past its limit mosquitto drops and still answers success).
max_queued_messages 0
max_packet_size 1048576
queue_qos0_messages false
set_tcp_nodelay true
log_type error
log_type warning
"""

IOTCORE_CONFIG = """\
# Written by coldchain; changes are overwritten.
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "v5-1"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 200
"""


def mosquitto_path() -> str | None:
    """Return where mosquitto is, also outside a user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


def broker_command(folder: Path, port: int) -> list[str]:
    """Write a broker's configuration into a folder and return the command that runs it in the foreground.

    Raises:
        ConfigError: neither mosquitto nor iotcore is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    program = mosquitto_path()
    if program is not None:
        config = folder / f"mosquitto-{port}.conf"
        config.write_text(CONFIG.format(port=port), "utf-8")
        return [program, "-c", str(config)]
    try:
        import iotcore  # noqa: F401
    except ImportError as fault:
        raise ConfigError(
            "no MQTT broker: install mosquitto (apt-get install mosquitto) or the wheel iotcore"
        ) from fault
    config = folder / f"iotcore-{port}.toml"
    config.write_text(IOTCORE_CONFIG.format(port=port), "utf-8")
    return [sys.executable, "-m", "iotcore", "--config", str(config), "--log-level", "CRITICAL"]


def free_port(first: int, host: str = "127.0.0.1") -> int:
    """Return the first free TCP port from ``first`` on (any free one for 0).

    Raises:
        ConfigError: none of 100.
    """
    for port in [0] if first == 0 else range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((host, port))
                return int(probe.getsockname()[1])
    raise ConfigError(
        f"no free TCP port from {first} to {first + 99} on {host}: stop what holds them or choose another"
    )


@contextlib.asynccontextmanager
async def running_broker(folder: Path, port: int) -> AsyncIterator[int]:
    """Run a broker on loopback while inside; yields its process id."""
    command = broker_command(folder, port)
    log = folder / f"broker-{port}.log"
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out, env=os.environ.copy())
    try:
        await wait_open("127.0.0.1", port, f"the broker ({command[0]}); its log is {log}")
        yield process.pid
    finally:
        await stop(process)


async def wait_open(host: str, port: int, what: str) -> None:
    """Wait until something listens.

    Raises:
        Unavailable: not within 10 s.
    """
    deadline = asyncio.get_running_loop().time() + START_S
    while asyncio.get_running_loop().time() < deadline:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise Unavailable(f"nothing answers on {host}:{port} after {START_S:.0f} s: {what}")


async def stop(process: asyncio.subprocess.Process, timeout_s: float = STOP_S) -> None:
    """End a process that we started: politely, then not."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), timeout_s)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
