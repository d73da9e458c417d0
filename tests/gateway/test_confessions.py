"""What a gateway says of itself in its own chain."""

from __future__ import annotations

import random
from pathlib import Path

from coldchain.clock import TestClock
from coldchain.settings import GatewaySettings
from gateway.service import Gateway
from gateway.sqlite_spool import SqliteSpool


def words_after_a_start(folder: Path) -> list[object]:
    settings = GatewaySettings(node="gw-1", spool=folder / "gw-1.spool", key_file=folder / "gw-1.key")
    gateway = Gateway(settings, TestClock(), random.Random(1), ntp=lambda: True)
    gateway._begin()
    gateway._spool.close()
    spool = SqliteSpool(settings.spool, "gw-1", b"unused--")
    said: list[object] = [
        taken.row.value for taken in spool.unsealed(100) if taken.row.name == "urn:coldchain:gw-1:event"
    ]
    spool.close()
    return said


def test_a_first_start_and_a_restart_confess_a_boot_and_no_loss(tmp_path: Path) -> None:
    assert words_after_a_start(tmp_path) == ["boot"]
    assert words_after_a_start(tmp_path) == ["boot", "boot"]


def test_a_node_that_had_a_spool_confesses_that_it_is_lost(tmp_path: Path) -> None:
    words_after_a_start(tmp_path)
    for file in tmp_path.glob("gw-1.spool*"):
        if file.suffix != ".spooled":
            file.unlink()

    said = words_after_a_start(tmp_path)

    assert said == ["boot", "spool-lost"]
