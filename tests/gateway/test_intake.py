"""Which time a reading gets, and what waits until the time is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldchain.senml import Row
from gateway.intake import SETTLE_ROWS, Moment, SiteIntake
from gateway.sqlite_spool import SqliteSpool
from gateway.timebase import RTC_TRUST_MS, Timebase
from tests.support import DAY_MS, HOUR_MS, T0

NAME = "urn:a:t"


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SqliteSpool]:
    made = SqliteSpool(tmp_path / "spool.db", "gw-1", b"epoch--1", synchronous="OFF")
    yield made
    made.close()


def pack(**record: object) -> bytes:
    return json.dumps([{"n": NAME, "u": "Cel", "v": 4.5, **record}]).encode()


def kept(spool: SqliteSpool) -> list[Row]:
    return [taken.row for taken in spool.unsealed(10_000)]


def heard(intake: SiteIntake, now: Moment, payload: bytes, *, history: bool = False) -> None:
    intake.keep(intake.decode(payload, now, history=history), now)


# -- the clock ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ntp", "confirmed_ms", "trusted"),
    [
        (True, None, True),
        (False, None, False),
        (False, T0 - RTC_TRUST_MS, True),
        (False, T0 - RTC_TRUST_MS - 1, False),
        (False, T0, True),
        (False, T0 + 1, False),
    ],
)
def test_a_clock_is_trusted_by_ntp_or_thirty_days_after_it_was_confirmed(
    ntp: bool, confirmed_ms: int | None, trusted: bool
) -> None:
    timebase = Timebase("boot")

    timebase.start(T0, ntp=ntp, confirmed_ms=confirmed_ms)

    assert timebase.trusted is trusted


@pytest.mark.parametrize(
    ("server_ms", "round_trip_ms", "said", "now_ms"),
    [
        (T0 + 2_000, 100, 0, T0),
        (T0 - 2_000, 2_000, 0, T0),
        (T0 + 2_001, 100, 2_001, T0 + 2_001),
        (T0 - HOUR_MS, 100, -HOUR_MS, T0 - HOUR_MS),
        (T0 - HOUR_MS, 2_001, None, T0),
    ],
)
def test_the_servers_time_confirms_corrects_or_says_too_little(
    server_ms: int, round_trip_ms: float, said: int | None, now_ms: int
) -> None:
    timebase = Timebase("boot")

    assert timebase.hear(server_ms, T0, round_trip_ms) == said
    assert timebase.now_ms(T0) == now_ms
    assert timebase.trusted is (said is not None)


# -- with a clock that is trusted -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "history", "row"),
    [
        ({}, False, Row(NAME, T0, 4.5, "Cel")),
        ({"t": -5}, False, Row(NAME, T0 - 5_000, 4.5, "Cel")),
        ({"t": T0 / 1000 - 120}, False, Row(NAME, T0 - 120_000, 4.5, "Cel")),
        ({"t": T0 / 1000 - 121}, False, Row(NAME, T0, 4.5, "Cel", 2, T0 - 121_000)),
        ({"t": T0 / 1000 + 121}, False, Row(NAME, T0, 4.5, "Cel", 2, T0 + 121_000)),
        ({"t": -3600}, False, Row(NAME, T0, 4.5, "Cel", 2, T0 - HOUR_MS)),
        ({"t": T0 / 1000 - 86400}, True, Row(NAME, T0 - DAY_MS, 4.5, "Cel")),
        ({"t": -3600}, True, Row(NAME, T0 - HOUR_MS, 4.5, "Cel")),
        ({"t": -T0 / 1000}, True, Row(NAME, T0, 4.5, "Cel", 2, 0)),
        ({"v": None, "vb": True}, False, Row(NAME, T0, True)),
        ({"v": None, "vs": "w" * 99}, False, Row(NAME, T0, "w" * 64)),
        ({"u": "x" * 99}, False, Row(NAME, T0, 4.5, "x" * 32)),
    ],
)
def test_a_sensors_own_time_counts_within_two_minutes_or_as_history(
    spool: SqliteSpool, record: dict[str, object], history: bool, row: Row
) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True))

    heard(intake, Moment(T0, 0), pack(**record), history=history)

    assert kept(spool) == [row]
    assert intake.counters.as_dict() | {"messages": 1, "taken": 1} == intake.counters.as_dict()


def test_what_is_no_reading_is_counted_sampled_and_never_stops_the_rest(spool: SqliteSpool) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True))

    heard(intake, Moment(T0, 0), b"rubbish")
    heard(intake, Moment(T0, 0), json.dumps([{"n": "bad name", "v": 1}, {"n": NAME, "v": 4.5}]).encode())

    assert len(kept(spool)) == 1
    assert intake.counters["rejected_messages"] == intake.counters["rejected_records"] == 1
    assert set(intake.samples) == {"bad-senml", "bad-name"}


def test_units_under_one_name_stay_with_their_numbers(spool: SqliteSpool) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True))

    heard(intake, Moment(T0, 0), b'[{"n":"a","u":"lon","v":24.3},{"n":"a","u":"lat","v":60.1}]')

    assert [row.unit for row in kept(spool)] == ["lon", "lat"]


# -- without --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "history", "row"),
    [
        ({}, False, Row(NAME, T0 - 60_000, 4.5, "Cel", 1)),
        ({"t": -5}, False, Row(NAME, T0 - 65_000, 4.5, "Cel", 1)),
        ({"t": -3600}, True, Row(NAME, T0 - 60_000 - HOUR_MS, 4.5, "Cel", 1)),
        ({"t": T0 / 1000 - 90}, False, Row(NAME, T0 - 90_000, 4.5, "Cel", 1)),
        ({"t": T0 / 1000 - 86400}, True, Row(NAME, T0 - DAY_MS, 4.5, "Cel", 0)),
        ({"t": T0 / 1000 - 86400}, False, Row(NAME, T0 - 60_000, 4.5, "Cel", 3, T0 - DAY_MS)),
    ],
)
def test_what_was_held_gets_its_time_when_the_clock_is_trusted_and_says_estimated(
    spool: SqliteSpool, record: dict[str, object], history: bool, row: Row
) -> None:
    wrong_wall_ms = T0 - 400 * DAY_MS
    timebase = Timebase("boot")
    intake = SiteIntake("gw-1", spool, timebase)
    heard(intake, Moment(wrong_wall_ms, 5_000), pack(**record), history=history)
    assert kept(spool) == []
    assert intake.settle(Moment(wrong_wall_ms, 6_000)) == 0, "not yet"

    timebase.hear(T0, wrong_wall_ms + 60_000, 50)
    assert intake.settle(Moment(wrong_wall_ms + 60_000, 65_000)) == 1

    assert kept(spool) == [row]
    assert spool.held(9) == []


def test_a_boot_that_never_knew_the_time_is_sealed_as_untimed_with_its_steady_time(spool: SqliteSpool) -> None:
    heard(SiteIntake("gw-1", spool, Timebase("boot-1")), Moment(0, 5_000), pack(t=-2))

    assert SiteIntake("gw-1", spool, Timebase("boot-2")).settle(Moment(0, 1)) == 1

    assert kept(spool) == [Row(f"urn:coldchain:gw-1:untimed:boot-1:{NAME}", 3_000, 4.5, "Cel")]


class CountingSpool(SqliteSpool):
    """A spool that remembers how many held readings were ever in memory at once."""

    most = 0

    def held(self, limit: int) -> list[tuple[int, str, int, bytes]]:
        found = super().held(limit)
        self.most = max(self.most, len(found))
        return found


@pytest.mark.parametrize("boot", ["boot-1", "boot-2"], ids=["its own boot", "the next boot"])
def test_days_of_held_readings_are_settled_piece_by_piece_and_in_order(tmp_path: Path, boot: str) -> None:
    spool = CountingSpool(tmp_path / "spool.db", "gw-1", b"epoch--1", synchronous="OFF")
    number = 3 * SETTLE_ROWS + 7
    writer = SiteIntake("gw-1", spool, Timebase("boot-1"))
    for place in range(number):
        now = Moment(0, place * 1000)
        spool._db.execute("BEGIN") if place == 0 else None
        item = writer.decode(pack(v=place), now, history=False)[0]
        spool._db.execute(
            "INSERT INTO held (boot, steady_ms, row) VALUES (?, ?, ?)",
            (
                "boot-1",
                now.steady_ms,
                json.dumps([item.name, item.own_ms, item.value, item.unit, False, True]).encode(),
            ),
        )
    spool._db.execute("COMMIT")

    settled = SiteIntake("gw-1", spool, Timebase(boot, trusted=True)).settle(Moment(T0, number * 1000))

    assert settled == number
    assert spool.most == SETTLE_ROWS
    assert [row.value for row in kept(spool)] == list(range(number))
    assert spool.held(1) == []
    spool.close()
