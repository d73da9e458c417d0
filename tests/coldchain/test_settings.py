"""Settings: all faults at once, the environment on top, every default explained."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from coldchain.errors import ConfigError
from coldchain.notify_settings import explain_channels
from coldchain.settings import Settings, explain, load


def written(folder: Path, text: str) -> Path:
    file = folder / "coldchain.toml"
    file.write_text(text, "utf-8")
    return file


def test_without_a_file_everything_has_a_default() -> None:
    assert load(None, {}) == Settings()


def test_the_environment_stands_above_the_file_and_the_file_above_the_default(tmp_path: Path) -> None:
    file = written(tmp_path, "[web]\nport = 8081\nhost = 'localhost'\n")

    settings = load(file, {"COLDCHAIN_WEB__PORT": "9090", "COLDCHAIN_DATA": "/srv/cold", "OTHER": "x"})

    assert (settings.web.port, settings.web.host, settings.ingest.batch_ms) == (9090, "localhost", 50)
    assert settings.data == Path("/srv/cold")


def test_an_inner_section_is_reached_through_the_environment() -> None:
    settings = load(None, {"COLDCHAIN_GATEWAY__UPLINK__HOST": "broker.example", "COLDCHAIN_GATEWAY__NODE": "gw-1"})

    assert (settings.gateway.uplink.host, settings.gateway.node) == ("broker.example", "gw-1")


def test_all_faults_are_told_at_once_with_their_place_and_what_was_found(tmp_path: Path) -> None:
    file = written(tmp_path, "[web]\nport = 70000\ncolour = 'red'\n[ingest]\nbatch_ms = 0\n")

    with pytest.raises(ConfigError) as caught:
        load(file, {"COLDCHAIN_SERIES__MEMORY_MB": "much"})

    told = "\n".join(sorted(caught.value.faults))
    assert len(caught.value.faults) == 4
    for part in ("ingest.batch_ms", "series.memory_mb", "web.colour: no such setting", "web.port", "70000", "'much'"):
        assert part in told


@pytest.mark.parametrize("text", ["= rubbish", "\x00", "[web\nport=1"])
def test_a_file_that_is_no_toml_is_told_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"coldchain\.toml: not TOML"):
        load(written(tmp_path, text), {})


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml", {})


def leaves(section: type[BaseModel], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in section.model_fields.items():
        kind = field.annotation
        inner = isinstance(kind, type) and issubclass(kind, BaseModel)
        found |= leaves(kind, f"{prefix}{name}.") if inner else {f"{prefix}{name}"}  # type: ignore[arg-type]
    return found


def test_every_setting_is_explained() -> None:
    lines = list(explain())

    channels = set(explain_channels())  # theirs are in tests/coldchain/test_notify_settings.py
    assert {name for name, _, _ in set(lines) - channels} == leaves(Settings)
    assert all(meaning for _, _, meaning in lines)


def test_a_fault_ends_the_command_with_two_and_no_traceback(tmp_path: Path) -> None:
    file = written(tmp_path, "[web]\nport = 70000\n[ingest]\nbatch_ms = 0\n")

    command = [sys.executable, "-m", "coldchain.cli", "config", "--config", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert "web.port" in ended.stderr
    assert "ingest.batch_ms" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_fault_from_the_environment_names_the_variable(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[web]\nport = 8080\n", "utf-8")

    with pytest.raises(ConfigError) as refused:
        load(file, {"COLDCHAIN_WEB__PORT": "many"})

    assert str(refused.value).startswith("COLDCHAIN_WEB__PORT: web.port")


def test_a_list_may_come_from_the_environment() -> None:
    settings = load(None, {"COLDCHAIN_GATEWAY__HISTORY_SENSORS": "logger-1,logger-2"})

    assert settings.gateway.history_sensors == ("logger-1", "logger-2")


def test_the_formats_of_a_gateways_sensors_keep_their_order(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('[gateway.formats]\n"lora-7" = "senml"\n"lora-*" = "chirpstack"\n', "utf-8")

    assert list(load(file, {}).gateway.formats.items()) == [("lora-7", "senml"), ("lora-*", "chirpstack")]
