"""SQLite keeps the ledger's contract: durable, append-only, whole on a full disk, honest beside another process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import DatabaseError

from coldchain.database import open_sqlite
from coldchain.errors import ConfigError, Unavailable
from coldchain.ledger import Appended, Ledger, Run
from coldchain.ledger.sql import SqlLedger
from coldchain.senml import Row
from tests.contracts.ledger_suite import *  # noqa: F403  (the suite's tests run here)
from tests.contracts.ledger_suite import MONTHS_MS, read_all, run_of
from tests.support import T0, SealingNode

RINGS = {"ring": 1 << 20, "small ring": 700, "disk": 1}


@pytest.fixture(params=list(RINGS))
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLedger]:
    made = SqlLedger(open_sqlite(tmp_path / "ledger.db", synchronous="OFF"), ring_bytes=RINGS[request.param])
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_every_month_has_a_table_of_its_own(path: Path) -> None:
    ledger, node = SqlLedger.open(path), SealingNode("gw-1")
    for at_ms in (*MONTHS_MS, T0):
        ledger.append([run_of(node)], at_ms)

    engine = open_sqlite(path)
    tables = [name for name in inspect(engine).get_table_names() if name.startswith("entries_")]
    with engine.connect() as connection:
        counts = [connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in sorted(tables)]

    assert sorted(tables) == ["entries_2023_11", "entries_2023_12", "entries_2024_01"]
    assert counts == [1, 1, 2], "a clock that steps back does not reopen an old month"
    engine.dispose()
    ledger.close()


@pytest.mark.parametrize("verb", ["UPDATE {} SET raw = x'00'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_alter_what_is_recorded(path: Path, verb: str) -> None:
    ledger = SqlLedger.open(path)
    ledger.append([run_of(SealingNode("gw-1"))], T0)
    before = read_all(ledger)

    engine = open_sqlite(path)
    with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
        connection.execute(text(verb.format("entries_2023_11")))

    assert read_all(SqlLedger.open(path)) == before
    engine.dispose()
    ledger.close()


def test_what_was_answered_is_there_after_a_restart(path: Path) -> None:
    ledger, node = SqlLedger.open(path), SealingNode("gw-1")
    ledger.change([b"change"], T0)
    ledger.append([run_of(node, 3)], T0)
    before = read_all(ledger)
    ledger.close()

    again = SqlLedger.open(path)

    assert read_all(again) == before
    assert again.head("gw-1", node.epoch) == node.head
    assert again.append([run_of(node)], T0) == [Appended(5, node.head)]
    again.close()


KILLED = """
import sys
from pathlib import Path
from coldchain.ledger.sql import SqlLedger
from tests.contracts.ledger_suite import run_of
from tests.support import T0, SealingNode
import os
ledger, node = SqlLedger.open(Path(sys.argv[1])), SealingNode("gw-1")
for _ in range(20):
    answer, = ledger.append([run_of(node, 2)], T0)
    print(answer.head.seq, flush=True)
os._exit(9)
"""


def test_what_was_answered_is_there_after_a_kill(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True, check=False)
    assert killed.returncode == 9
    last = int(killed.stdout.split()[-1])

    ledger = SqlLedger.open(path)

    assert last == 40
    assert ledger.end() == ledger.head("gw-1", b"epoch--1").seq == last
    ledger.close()


def test_the_ring_and_the_disk_give_the_same(path: Path) -> None:
    ledger, node = SqlLedger(open_sqlite(path), ring_bytes=2_000), SealingNode("gw-1")
    for _ in range(20):
        ledger.append([run_of(node, 2)], T0)

    disk = SqlLedger(open_sqlite(path), ring_bytes=1)
    served_from_ring = 0
    for after in range(-1, 42):
        for limit in (1, 3, 100):
            got, all_of_it = ledger.read(after, limit), disk.read(after, limit)
            assert got == all_of_it[: len(got)]
            assert bool(got) == bool(all_of_it)
            served_from_ring += len(got) < len(all_of_it) or got == all_of_it

    assert served_from_ring
    ledger.close()
    disk.close()


def test_what_another_process_appends_is_neither_hidden_nor_skipped(path: Path) -> None:
    mine, theirs = SqlLedger.open(path), SqlLedger.open(path)
    one, two = SealingNode("gw-1"), SealingNode("gw-2")
    seen: list[int] = []

    def follow() -> None:
        while more := mine.read(seen[-1] if seen else 0, 2):
            seen.extend(entry.position for entry in more)

    for turn in range(6):
        mine.append([run_of(one)], T0)
        if turn % 2:
            follow()
        theirs.append([run_of(two, turn % 3 + 1)], T0)
        theirs.change([b"change"], T0)
        if turn % 3:
            follow()
    follow()

    assert seen == list(range(1, mine.end() + 1))
    assert mine.end() == theirs.end()
    assert mine.wait(mine.end() - 1, 0.0)
    assert read_all(mine) == read_all(theirs)
    mine.close()
    theirs.close()


def test_a_chain_that_another_process_moved_is_a_conflict(path: Path) -> None:
    mine, theirs, node = SqlLedger.open(path), SqlLedger.open(path), SealingNode("gw-1")
    mine.append([run_of(node)], T0)
    old = node.head
    theirs.append([run_of(node)], T0)
    new = node.head

    answers = mine.append([run_of(node, after=old)], T0)

    assert answers == [new]
    assert mine.end() == 2
    mine.close()
    theirs.close()


def full_after(ledger: SqlLedger, pages: int) -> None:
    """Let the database grow by so many pages only, as on a disk that fills."""

    @event.listens_for(ledger._engine, "begin")
    def _limit(connection: Any) -> None:
        cursor = connection.connection.cursor()
        now = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {limit.setdefault('pages', now + pages)}")
        cursor.close()

    limit: dict[str, int] = {}


def test_a_full_disk_takes_nothing_and_answers_nothing(path: Path) -> None:
    ledger, node = SqlLedger.open(path), SealingNode("gw-1")
    ledger.append([run_of(node)], T0)
    full_after(ledger, 8)
    taken = [node.head]

    def fill() -> None:
        for _ in range(200):
            before = node.head
            ledger.append([Run("gw-1", node.epoch, before, [node.seal_pack(b"[" * 9_000)], node.public_key)], T0)
            taken.append(node.head)

    with pytest.raises(Unavailable, match="full"):
        fill()
    with pytest.raises(Unavailable, match="full"):
        ledger.change([b"x" * 90_000], T0)

    assert ledger.end() == len(taken)
    assert ledger.head("gw-1", node.epoch) == taken[-1]
    assert len(read_all(ledger)) == len(taken)
    ledger.close()
    again = SqlLedger.open(path)
    retried = SealingNode("gw-1")
    retried.head = taken[-1]
    assert again.append([run_of(retried)], T0) == [Appended(len(taken) + 1, retried.head)], "room again, the same chain"
    again.close()


def test_heads_seen_in_a_failed_commit_are_forgotten(path: Path) -> None:
    ledger, node, other = SqlLedger.open(path), SealingNode("gw-1"), SealingNode("gw-2")
    ledger.append([run_of(node)], T0)
    old = node.head
    failing = True

    @event.listens_for(ledger._engine, "commit")
    def _fail(connection: Any) -> None:
        if failing:
            connection.exec_driver_sql("SELECT * FROM nowhere")

    with pytest.raises(Unavailable):
        ledger.append([run_of(other)], T0)
    failing = False
    beside = SqlLedger.open(path)
    beside.append([run_of(node)], T0)

    answer = ledger.append([run_of(node, after=old)], T0)

    assert answer == [beside.head("gw-1", node.epoch)], "the other process's head, not the one remembered"
    ledger.close()
    beside.close()


def test_a_ledger_that_a_newer_program_wrote_is_refused(path: Path) -> None:
    SqlLedger.open(path).close()
    engine = open_sqlite(path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigError, match="newer program"):
        SqlLedger(engine)
    engine.dispose()


def test_two_processes_may_make_the_same_ledger(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from coldchain.ledger.sql import SqlLedger; "
        "SqlLedger.open(Path(sys.argv[1]))"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(path)], stderr=subprocess.PIPE) for _ in range(3)]

    errors = [process.communicate()[1] for process in started]

    assert [process.returncode for process in started] == [0, 0, 0], errors
    ledger: Ledger = SqlLedger.open(path)
    assert ledger.end() == 0


def test_a_run_of_readings_comes_back_byte_for_byte(ledger: SqlLedger) -> None:
    node = SealingNode("gw-1")
    node.append(ledger, [Row("urn:a:t", T0, 4.5, "Cel"), Row("urn:a:d", T0, True), Row("urn:a:w", T0, "short\x00")])

    (entry,) = ledger.read(0, 1)

    assert ledger.hash_at("gw-1", node.epoch, 1) == node.head.hash
    assert b"short" in entry.raw
