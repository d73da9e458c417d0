"""Which time a reading gets, and what waits until the time is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coldchain.errors import ConfigError
from coldchain.senml import Row
from gateway.formats import Formats
from gateway.intake import SETTLE_ROWS, Moment, SiteIntake
from gateway.sqlite_spool import SqliteSpool
from gateway.timebase import RTC_TRUST_MS, Timebase
from tests.gateway.formats.frames import EM320, PUBLISHED, RAWV2, relayed, uplink
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
    assert intake.rejected == {"bad-senml": 1, "bad-name": 1}
    assert intake.counters.balance("messages", "decoded", "duplicates", "rejected_messages") == 0


def test_units_under_one_name_stay_with_their_numbers(spool: SqliteSpool) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True))

    heard(intake, Moment(T0, 0), b'[{"n":"a","u":"lon","v":24.3},{"n":"a","u":"lat","v":60.1}]')

    assert [row.unit for row in kept(spool)] == ["lon", "lat"]


# -- other formats --------------------------------------------------------------------------------------------------

RUUVI = {"ruuvi-*": "ruuvi-gateway"}


def sample(sequence: int, at_ms: int | None = T0, rssi: int = -60, celsius: int = 0x12FC) -> bytes:
    """Return a RuuviTag's sample as a Ruuvi Gateway relays it; without a time it has a count of its own."""
    data = RAWV2.replace("12FC", f"{celsius:04X}").replace("00CD", f"{sequence:04X}")
    when = {"cnt": "1", "ts": None} if at_ms is None else {"ts": str(at_ms // 1000)}
    return relayed(f"0201061BFF9904{data}", rssi=rssi, **when)


def test_each_sensor_speaks_the_format_of_the_first_pattern_that_matches_else_senml(spool: SqliteSpool) -> None:
    formats = Formats({"ruuvi-9": "senml", "ruuvi-*": "ruuvi-gateway", "*-[ab]": "milesight-em320-th"})
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True), formats)

    for sensor, payload in [
        ("ruuvi-1", sample(1)),
        ("ruuvi-9", pack()),
        ("cold-a", bytes.fromhex(EM320)),
        ("cold-c", pack()),
    ]:
        assert intake.decode(payload, Moment(T0, 0), history=False, sensor=sensor), sensor

    assert intake.counters["rejected_messages"] == 0


def test_formats_that_are_none_are_told_all_at_once_with_those_that_are() -> None:
    with pytest.raises(ConfigError) as fault:
        Formats({"a-*": "ruuvi", "b-*": "senml", "c-*": "chirpstack:unknown"})

    assert len(fault.value.faults) == 2
    assert "'a-*' = 'ruuvi'" in fault.value.faults[0]
    assert "ruuvi-gateway" in fault.value.faults[0]


def test_a_sample_that_two_receivers_heard_is_kept_once(spool: SqliteSpool) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True), Formats(RUUVI))
    now = Moment(T0, 0)

    first = intake.decode(sample(205), now, history=False, sensor="ruuvi-1")
    again = intake.decode(sample(205, T0 + 2_000, rssi=-80), now, history=False, sensor="ruuvi-2")
    intake.keep(first + again, now)
    intake.kept()
    later = intake.decode(sample(205, rssi=-70), now, history=False, sensor="ruuvi-1")

    assert first
    assert again == later == []
    assert intake.counters["duplicates"] == 2
    assert intake.counters.balance("messages", "decoded", "duplicates", "rejected_messages") == 0


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (sample(206, T0), "the next sample"),
        (sample(205, T0, celsius=0x12FD), "another frame under one count: the counter was wrong or began again"),
        (sample(205, T0 + 11_000), "the same count and the same temperature later: the device restarted"),
        (sample(205, T0 - 11_000), "or earlier"),
    ],
)
def test_what_a_device_says_anew_is_never_a_duplicate(spool: SqliteSpool, second: bytes, why: str) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True), Formats(RUUVI))

    intake.decode(sample(205), Moment(T0, 0), history=False, sensor="ruuvi-1")
    intake.kept()

    assert intake.decode(second, Moment(T0, 0), history=False, sensor="ruuvi-1"), why


def test_a_device_that_restarts_at_zero_with_the_value_that_it_had_is_heard(spool: SqliteSpool) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True), Formats({"*": "things-stack"}))

    for second in range(0, 60, 15):
        at = datetime.fromtimestamp(T0 // 1000 + second, UTC).isoformat()
        payload = uplink(bytes.fromhex(EM320), "em320-th", f_cnt=0, received_at=at)
        assert intake.decode(payload, Moment(T0 + second * 1000, second * 1000), history=False, sensor="ns")
        intake.kept()


def test_without_a_time_of_its_own_a_sample_is_the_same_only_when_it_comes_soon(spool: SqliteSpool) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True), Formats(RUUVI))
    payload = sample(205, at_ms=None)

    said = [
        bool(intake.decode(payload, Moment(T0, steady_ms), history=False, sensor="ruuvi-1"))
        for steady_ms in (0, 10_000, 10_001, 30_000)
    ]

    assert said == [True, False, True, True]


def test_what_did_not_get_into_the_spool_is_no_duplicate_when_it_comes_again(spool: SqliteSpool) -> None:
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True), Formats(RUUVI))
    intake.decode(sample(205), Moment(T0, 0), history=False, sensor="ruuvi-1")

    intake.lost()  # the connection ended while the spool was full

    assert intake.decode(sample(205), Moment(T0, 0), history=False, sensor="ruuvi-1")


def test_the_books_balance_whatever_the_formats_make_of_their_messages(spool: SqliteSpool) -> None:
    names = {f"s{place}": frame.format for place, frame in enumerate(PUBLISHED)}
    intake = SiteIntake("gw-1", spool, Timebase("boot", trusted=True), Formats(names))
    now = Moment(T0, 0)
    readings = 0

    for _ in range(2):
        for place, frame in enumerate(PUBLISHED):
            for payload in (frame.payload, frame.payload[:-1], b""):
                items = intake.decode(payload, now, history=False, sensor=f"s{place}")
                readings += len(items)
                intake.keep(items, now)
                intake.kept()

    counters = intake.counters
    assert counters["messages"] == 6 * len(PUBLISHED)
    assert min(counters["decoded"], counters["duplicates"], counters["rejected_messages"]) > 0
    assert counters.balance("messages", "decoded", "duplicates", "rejected_messages") == 0
    assert counters["taken"] == readings
    assert sum(intake.rejected.values()) >= counters["rejected_messages"] + counters["rejected_records"]
    assert set(intake.samples) == set(intake.rejected)


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
