"""The README's five minutes: one published line, the inbox, a claim, a reading at a point; as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from coldchain.cli.broker import free_port

ROOT = Path(__file__).parent.parent
PATIENCE_S = 30.0

pytestmark = pytest.mark.skipif(shutil.which("mosquitto_pub") is None, reason="no mosquitto_pub on this machine")


def commands() -> list[list[str]]:
    """Return the commands of the README's section, comments gone."""
    section = (ROOT / "README.md").read_text("utf-8").partition("### Your first own sensor")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return [shlex.split(line, comments=True) for line in block[1].splitlines()]


class Machine:
    """A fresh folder and free ports, in which the commands run as a stranger's would."""

    def __init__(self, folder: Path) -> None:
        self.broker, self.web = free_port(0), free_port(0)
        self.server = f"http://127.0.0.1:{self.web}"
        self.folder = folder
        self.environment = {
            **os.environ,
            "COLDCHAIN_BROKER__PORT": str(self.broker),
            "COLDCHAIN_WEB__PORT": str(self.web),
            "COLDCHAIN_SERVER": self.server,
            "PYTHONPATH": str(ROOT),
        }

    def command(self, words: list[str]) -> list[str]:
        if words[0] == "coldchain":
            return [sys.executable, "-m", "coldchain.cli", *words[1:]]
        return [words[0], "-p", str(self.broker), *words[1:]]

    def run(self, words: list[str]) -> str:
        """Run a command that ends; try again while it cannot yet (the broker and the door are starting)."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            done = subprocess.run(
                self.command(words), cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                return done.stdout
            assert time.monotonic() < deadline_s, f"{words}: {done.stdout}{done.stderr}"
            time.sleep(0.2)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    with (tmp_path / "up.log").open("wb") as log:
        up = subprocess.Popen(made.command(commands()[0]), cwd=tmp_path, env=made.environment, stdout=log, stderr=log)
    try:
        yield made
    finally:
        up.terminate()
        up.wait(PATIENCE_S)


def test_the_readmes_four_lines_bring_an_own_sensor_onto_a_chart(machine: Machine) -> None:
    _, publish, inbox, claim = commands()

    def listed() -> str:
        deadline_s = time.monotonic() + PATIENCE_S
        while "my-fridge" not in (told := machine.run(inbox)):
            assert time.monotonic() < deadline_s, told
            machine.run(publish)  # a message published before the door first subscribed has nowhere to wait
        return told

    assert "4.2 Cel" in listed()
    said = machine.run(claim)
    assert "written" in said

    deadline_s = time.monotonic() + PATIENCE_S
    url = f"{machine.server}/api/v1/points/my-fridge.product/readings"
    while True:
        answer = httpx.get(url)
        if answer.status_code == 200 and answer.json()["items"]:
            break
        assert time.monotonic() < deadline_s, answer.text
        time.sleep(0.1)
    assert answer.json()["items"][0]["value"] == 4.2
    assert machine.run(inbox).strip() == "no unclaimed sensors"
