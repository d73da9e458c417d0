"""A real mosquitto for the tests that need one."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
PATIENCE_S = 20.0


def until(done: Callable[[], bool], wake: threading.Event, step: Callable[[], None] = lambda: None) -> None:
    """Call ``step`` at each wake-up until ``done``; fail after PATIENCE_S without it."""
    give_up_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_s:
        step()
        if done():
            return
        wake.wait(0.05)
        wake.clear()
    pytest.fail("did not happen in time")


class Mosquitto:
    """A broker that can be killed and started again on the same port; it persists nothing."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        self._config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        never = threading.Event()
        until(self._listens, never)

    def hang(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Listener:
    """A gateway's ear: everything on the site topics, as (topic, payload, user properties)."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes, list[tuple[str, str]]]] = []
        self.wake, self.subscribed = threading.Event(), threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, "ear", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe("coldchain/v1/+/site/+/data", qos=1)
        self._client.on_subscribe = lambda *_: self.subscribed.set()
        self._client.on_message = self._message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self.subscribed.wait(PATIENCE_S)

    def _message(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        said = getattr(message.properties, "UserProperty", [])
        self.heard.append((message.topic, bytes(message.payload), said))
        self.wake.set()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    if MOSQUITTO is None:
        pytest.skip("no mosquitto on this machine")
    broker = Mosquitto(tmp_path)
    yield broker
    broker.kill()


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    ear = Listener(mosquitto.port)
    yield ear
    ear.close()
