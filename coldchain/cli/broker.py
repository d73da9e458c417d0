"""A broker of our own for the demo and the embedded server: mosquitto if it is there, else the `iotcore` wheel.

It persists nothing and is trusted with nothing: what a gateway sent stays in its spool until the ledger holds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from coldchain.errors import ConfigError, Unavailable

# A start reads the ledger and compiles the fold once after an installation; a busy machine doubles either.
START_S = 60.0
STOP_S = 5.0
LOG_LINES = 12

OWN_PORTS = 20_000, 32_768
"""Below what Linux gives to outgoing connections (ip_local_port_range)."""

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
    """Return the first free TCP port from ``first`` on, any free one for 0.

    Any is one below those that the system gives to outgoing connections: a server that is started again on its port
    must not find a stranger's connection there.

    Raises:
        ConfigError: none of 100.
    """
    ports = range(first, first + 100) if first else secrets.SystemRandom().sample(range(*OWN_PORTS), 100)
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((host, port))
                return port
    raise ConfigError(f"no free TCP port on {host} among {ports[0]} to {ports[-1]}: stop what holds them")


@contextlib.asynccontextmanager
async def running_broker(folder: Path, port: int) -> AsyncIterator[int]:
    """Run a broker on loopback while inside; yields its process id."""
    command = broker_command(folder, port)
    log = folder / f"broker-{port}.log"
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out, env=os.environ.copy())
    try:
        await wait_open(process, port, f"the broker ({command[0]})", log)
        yield process.pid
    finally:
        await stop(process)


async def wait_open(process: asyncio.subprocess.Process, port: int, what: str, log: Path) -> None:
    """Wait until a process of ours listens on loopback.

    Raises:
        Unavailable: it ended, or does not listen within 60 s; says what its log ends with.
    """
    deadline = asyncio.get_running_loop().time() + START_S
    while process.returncode is None and asyncio.get_running_loop().time() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return
    happened = f"no answer within {START_S:.0f} s" if process.returncode is None else f"ended with {process.returncode}"
    raise Unavailable(f"{what} on 127.0.0.1:{port}: {happened}; its log {log} ends with:\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-LOG_LINES:]) or "(nothing)"


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
