"""A real `coldchain registry import` and a real `coldchain claim`, killed by a signal: all of it is there, or nothing.

Twice over: before a chosen statement of the writing transaction, and while SQLite writes its files.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Asset, Binding, Operator, Point, Probe, Put, Site, registry_at
from coldchain.registry.changes import Node, decode_change
from coldchain.registry.exporting import sheets_of
from coldchain.registry.writing import write_file
from tests.registry.test_round_trip import registry_of

SITES = 60
CHANNEL = "urn:dev:mac:0024befffe804ff1:temperature"
CLAIM = ("claim", CHANNEL, "--asset", "C0", "--position", "top-front", "--yes", "--server", "http://127.0.0.1:9")
STEPS = ("BEGIN IMMEDIATE", "INSERT INTO", "UPDATE", "COMMIT")
GIVE_UP_S = 60.0

KILLED_BEFORE = """
import os, signal, sys
from coldchain import database

step, open_one = sys.argv.pop(1), database.sqlite.connect

def traced(*args, **more):
    connection = open_one(*args, **more)
    connection.set_trace_callback(lambda said: said.startswith(step) and os.kill(os.getpid(), signal.SIGKILL))
    return connection

database.sqlite.connect = traced
from coldchain.cli.main import main
main()
"""

KILLED_AT = """
import resource, signal, sys

signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # the kernel kills whoever makes a file larger, in the middle of a write
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv.pop(1))))
from coldchain.cli.main import main
main()
"""
"""The ledger is 37 kB before, its log grows to 115 kB, and the checkpoint afterwards makes the ledger 131 kB."""

HALF_WRITTEN = """
import os, signal
from coldchain.ledger.sql import SqlLedger

whole = SqlLedger.change

def halved(self, changes, at_ms):
    whole(self, changes[: len(changes) // 2], at_ms)
    os.kill(os.getpid(), signal.SIGKILL)

SqlLedger.change = halved
from coldchain.cli.main import main
main()
"""


def run(data: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end, or to just before a statement."""
    how = ["-c", KILLED_BEFORE, before] if before else ["-m", "coldchain.cli"]
    command = [sys.executable, *how, *words, "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=GIVE_UP_S)


def puts_in(data: Path) -> list[Put]:
    if not (data / "ledger.db").exists():
        return []
    ledger = SqlLedger.open(data / "ledger.db")
    try:
        assert registry_at(ledger, ledger.end()).position == ledger.end()
        return [decode_change(entry.raw).change for entry in ledger.changes(0, ledger.end())]
    finally:
        ledger.close()


def shops() -> list[Put]:
    puts: list[Put] = [Operator("dairy", "Dairy")]
    for number in range(SITES):
        point, channel = f"C{number}.p", f"urn:dev:mac:{number:016x}:t"
        puts += [
            Site(f"S{number}", "一店", "shop", "dairy"), Node(f"gw-{number}", f"S{number}", ()),
            Asset(f"C{number}", "柜", "island", f"S{number}"),
            Point(point, f"C{number}", "product", "temperature", 300), Probe(channel), Binding(channel, point, 0),
        ]  # fmt: skip
    return puts


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("list") / "shops.xlsx"
    write_file(file, sheets_of(registry_of(shops())), "zh")
    return file


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, book: Path) -> Path:
    data = tmp_path_factory.mktemp("filled")
    assert run(data, "registry", "import", str(book)).returncode == 0
    return data


@pytest.mark.parametrize("step", STEPS)
def test_an_import_that_is_killed_leaves_nothing_and_the_next_one_brings_everything_once(
    tmp_path: Path, book: Path, step: str
) -> None:
    SqlLedger.open(tmp_path / "ledger.db").close()  # so that the statement is the import's, not the making of tables

    killed = run(tmp_path, "registry", "import", str(book), before=step)

    assert killed.returncode == -signal.SIGKILL
    assert puts_in(tmp_path) == []

    for _ in range(2):
        assert run(tmp_path, "registry", "import", str(book)).returncode == 0

    assert sorted(map(repr, puts_in(tmp_path))) == sorted(map(repr, shops()))


@pytest.mark.parametrize(("largest", "there"), [(40_000, 0), (70_000, 0), (110_000, 0), (120_000, 1)])
def test_an_import_that_is_killed_while_it_writes_leaves_all_or_nothing(
    tmp_path: Path, book: Path, largest: int, there: int
) -> None:
    SqlLedger.open(tmp_path / "ledger.db").close()
    command = [sys.executable, "-c", KILLED_AT, str(largest), "registry", "import", str(book), "--data", str(tmp_path)]

    killed = subprocess.run(command, capture_output=True, check=False, timeout=GIVE_UP_S)

    assert killed.returncode == -signal.SIGXFSZ
    assert len(puts_in(tmp_path)) == there * len(shops())
    assert run(tmp_path, "registry", "import", str(book)).returncode == 0
    assert sorted(map(repr, puts_in(tmp_path))) == sorted(map(repr, shops()))


def test_control_an_import_in_two_transactions_is_caught_half_done(tmp_path: Path, book: Path) -> None:
    command = [sys.executable, "-c", HALF_WRITTEN, "registry", "import", str(book), "--data", str(tmp_path)]

    killed = subprocess.run(command, capture_output=True, check=False, timeout=GIVE_UP_S)

    assert killed.returncode == -signal.SIGKILL
    assert 0 < len(puts_in(tmp_path)) < len(shops())


@pytest.mark.parametrize("step", STEPS)
def test_a_claim_that_is_killed_leaves_nothing_and_the_next_one_claims(tmp_path: Path, filled: Path, step: str) -> None:
    (tmp_path / "ledger.db").write_bytes((filled / "ledger.db").read_bytes())
    before = puts_in(tmp_path)

    killed = run(tmp_path, *CLAIM, before=step)

    assert killed.returncode == -signal.SIGKILL
    assert puts_in(tmp_path) == before
    assert run(tmp_path, *CLAIM).returncode == 0
    claimed = puts_in(tmp_path)[len(before) :]
    assert [put.point for put in claimed if isinstance(put, Binding)] == ["C0.top-front"]
    assert len({repr(put) for put in claimed}) == len(claimed)
