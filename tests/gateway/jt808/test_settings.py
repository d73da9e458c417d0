"""The settings of a door for terminals: the documented example works, and faults are told before anything runs."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coldchain.cli.door import config_of
from coldchain.cli.main import app
from coldchain.clock import TestClock
from coldchain.errors import ConfigError
from coldchain.jt808 import Kind, Message
from coldchain.settings import load
from gateway.jt808.positions import positions_in
from gateway.jt808.profiles import profiles_of
from tests.gateway.jt808.test_listener import Door
from tests.gateway.jt808.test_positions import body

DEVICES = Path(__file__).resolve().parents[3] / "docs" / "devices.md"


def example(folder: Path) -> Path:
    """Write the example of the documents as a file."""
    blocks = re.findall(r"^```toml\n(.*?)^```$", DEVICES.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (text,) = (block for block in blocks if "[gateway.jt808]" in block)
    file = folder / "door.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_documented_example_reads_three_probes_of_a_chinese_map(tmp_path: Path) -> None:
    said = load(example(tmp_path), {}).gateway.jt808

    reefer = profiles_of(said)["reefer"]
    decoded = positions_in(Message(Kind.POSITION, "13912345678", 1, body(items="5106002affff8012")), reefer)

    assert (said.port, said.terminals["13912345678"].device, reefer.coordinates) == (7611, "A000123", "GCJ-02")
    assert [item.value for item in decoded.heard if "temperature" in item.name] == [4.2, "no-probe", -1.8]
    assert all(item.history for item in decoded.heard)


def test_the_door_beside_the_server_gets_what_the_servers_file_says(tmp_path: Path) -> None:
    file, door = example(tmp_path), tmp_path / "made.toml"
    file.write_text(file.read_text("utf-8") + '\n[broker]\npassword = "a\\\\b\\"c"\nusername = "u"\n', "utf-8")
    settings = load(file, {})

    door.write_text(config_of(settings, tmp_path), "utf-8")

    made = load(door, {}).gateway
    assert made.jt808 == settings.gateway.jt808
    assert (made.node, made.door, made.uplink.password) == ("door", True, 'a\\b"c')
    assert load(door, {}).gateway.jt808.port == 7611


def test_the_command_tells_every_fault_and_starts_nothing(tmp_path: Path) -> None:
    file = example(tmp_path)
    text = (
        file.read_text("utf-8").replace('profile = "reefer"', 'profile = "reefers"').replace("items.0x51", "items.x51")
    )
    file.write_text(text, "utf-8")

    answer = CliRunner().invoke(app, ["run", "gateway", "--config", str(file)])

    assert isinstance(answer.exception, ConfigError)
    assert [fault.partition(": ")[2].partition(":")[0] for fault in answer.exception.faults] == [
        "gateway.node", "gateway.jt808.profiles.reefer.items", "gateway.jt808.terminals",
    ]  # fmt: skip


async def test_an_address_that_is_taken_is_said(tmp_path: Path) -> None:
    door = Door(tmp_path, TestClock())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", door.port))
        taken.listen()

        with pytest.raises(ConfigError, match=rf"gateway.jt808: 127.0.0.1:{door.port} cannot be listened on"):
            await door.run()
