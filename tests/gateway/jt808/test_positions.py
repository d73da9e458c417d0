"""What positions say: published frames against what their publishers read, and hand-made ones for every rule."""

from __future__ import annotations

import pytest

from coldchain.clock import parse_rfc3339
from coldchain.errors import ConfigError
from coldchain.geo import SYSTEMS, distance_m
from coldchain.jt808 import Kind, Message, Splitter, bcd_of_time, unframed, unpacked
from coldchain.settings import Jt808Item, Jt808Profile, Jt808Settings, Jt808Terminal
from gateway.formats import Decoded
from gateway.jt808.positions import positions_in
from gateway.jt808.profiles import DEFAULT, Profile, profiles_of
from tests.gateway.jt808.frames import (
    BATCH,
    BATCH_SAYS,
    EIGHT_PROBES,
    FOUR_PROBES,
    HUMIDITIES,
    NO_FIX,
    NO_FIX_2019,
    ONE_PROBE,
    POSITION_2019,
    SINGAPORE_2019,
)

AT_MS = parse_rfc3339("2026-11-20T08:30:00+08:00")
SHANGHAI = (31.1774276, 121.5272106)
"""A place and, below, what a GCJ-02 map shows for it: coordinates that the open converters share as a test."""
SHANGHAI_GCJ = (31.17530398364597, 121.531541859215)


def profile(**more: object) -> Profile:
    return profiles_of(Jt808Settings(profiles={"p": Jt808Profile.model_validate(more)}))["p"]


def of_frame(frame: bytes, chosen: Profile | None = None) -> Decoded:
    (inner,) = Splitter().feed(frame)
    return positions_in(unpacked(unframed(inner)), chosen or profile())


def body(
    latitude: float = 31.25,
    longitude: float = 121.5,
    status: int = 3,
    kmh: float = 0.0,
    time: bytes = b"",
    items: str = "",
) -> bytes:
    """Write a position by the standard's table of the basic part."""
    words = b"".join(round(abs(degrees) * 1e6).to_bytes(4, "big") for degrees in (latitude, longitude))
    flags = status | (4 if latitude < 0 else 0) | (8 if longitude < 0 else 0)
    head = bytes(4) + flags.to_bytes(4, "big") + words + bytes(2) + round(kmh * 10).to_bytes(2, "big") + bytes(2)
    return head + (time or bcd_of_time(AT_MS)) + bytes.fromhex(items)


def said(raw: bytes, kind: Kind = Kind.POSITION, chosen: Profile | None = None) -> Decoded:
    return positions_in(Message(kind, "13900000001", 7, raw), chosen or profile())


def values(decoded: Decoded) -> dict[str, object]:
    return {item.name.rpartition(":")[2]: item.value for item in decoded.heard}


def reasons(decoded: Decoded) -> list[str]:
    return [reason for reason, _ in decoded.rejected]


# -- published frames -------------------------------------------------------------------------------------------------


def test_a_recorded_frame_with_one_probe() -> None:
    decoded = of_frame(ONE_PROBE)

    assert {item.name.rpartition(":")[0] for item in decoded.heard} == {"urn:dev:name:jt808-19172511329"}
    assert {item.own_ms for item in decoded.heard} == {parse_rfc3339("2024-05-13T11:20:18+08:00")}
    assert values(decoded) == {
        "lat": 22.601586, "lon": 113.86072, "speed": 0.0, "mileage": 0.0, "temperature-1": 29.1,
    }  # fmt: skip
    assert reasons(decoded) == ["unknown-field", "unknown-field"]
    assert "0x57 of 8 bytes" in decoded.rejected[0][1]
    assert "0x82 of 2 bytes" in decoded.rejected[1][1]


def test_a_published_frame_of_which_two_probes_are_not_fitted_says_no_127_degrees() -> None:
    assert values(of_frame(FOUR_PROBES)) == {
        "lat": 30.776348, "lon": 111.371673, "speed": 0.0, "mileage": 6_029_600.0,
        "temperature-1": 30.8, "temperature-2": 28.2,
    }  # fmt: skip


def test_a_published_frame_with_eight_humidities() -> None:
    found = values(of_frame(HUMIDITIES))

    assert [found[f"humidity-{place}"] for place in range(1, 9)] == [64.5, 61.1, 62.4, 66.4, 66.6, 63.5, 64.6, 64.1]
    assert [found[f"temperature-{place}"] for place in (1, 2, 8)] == [25.6, 25.7, 26.0]


@pytest.mark.parametrize(
    ("frame", "number", "place", "time", "mileage_m"),
    [
        (POSITION_2019, "860615754295917", (22.589078, 113.837718), "2021-09-17T17:25:59+08:00", 100.0),
        (SINGAPORE_2019, "653695850003", (1.33405, 103.88569), "2024-07-02T11:42:52+08:00", 45_200.0),
        (NO_FIX_2019, "13419905507", ("no-fix", "no-fix"), "2022-07-20T10:39:57+08:00", 364_600.0),
    ],
)
def test_published_frames_with_the_header_of_2019(
    frame: bytes, number: str, place: tuple[object, object], time: str, mileage_m: float
) -> None:
    decoded = of_frame(frame)

    assert {item.name.rpartition(":")[0] for item in decoded.heard} == {f"urn:dev:name:jt808-{number}"}
    assert {item.own_ms for item in decoded.heard} == {parse_rfc3339(time)}
    found = values(decoded)
    assert (found["lat"], found["lon"], found["mileage"]) == (*place, mileage_m)


def test_a_recorded_frame_with_eight_places_for_probes_of_which_one_is_fitted() -> None:
    decoded = of_frame(EIGHT_PROBES)

    assert values(decoded) == {
        "lat": -23.462563, "lon": -46.555896, "speed": 0.0, "mileage": 52_700.0, "temperature-1": -2.3,
    }  # fmt: skip
    assert [detail[:9] for _, detail in decoded.rejected] == ["item 0xf3", "item 0x61", "item 0x56", "item 0x5d"]


def test_a_recorded_frame_without_a_fix_has_no_place() -> None:
    decoded = of_frame(NO_FIX)

    assert values(decoded) == {"lat": "no-fix", "lon": "no-fix"}


def test_a_recorded_batch_of_kept_positions() -> None:
    decoded = of_frame(BATCH)

    heard = {(item.name.rpartition(":")[2], item.own_ms): item for item in decoded.heard}
    assert len(heard) == len(BATCH_SAYS) * 4
    for latitude, longitude, speed, mileage, time in BATCH_SAYS:
        found = {what: heard[what, parse_rfc3339(time)] for what in ("lat", "lon", "speed", "mileage")}
        assert (found["lat"].value, found["lon"].value) == (latitude, longitude)
        assert found["speed"].value == pytest.approx(speed / 10 / 3.6, abs=5e-4)
        assert found["mileage"].value == mileage * 100
        assert all(item.history for item in found.values())
    assert decoded.rejected == ()


# -- places -----------------------------------------------------------------------------------------------------------


def test_coordinates_of_a_chinese_map_are_converted_once() -> None:
    decoded = values(said(body(*SHANGHAI_GCJ), chosen=profile(coordinates="GCJ-02")))

    there = float(str(decoded["lat"])), float(str(decoded["lon"]))
    assert float(distance_m(*there, *SHANGHAI)) < 0.2  # a terminal says six decimals: 11 cm
    assert float(distance_m(*SHANGHAI_GCJ, *SHANGHAI)) > 400


def test_coordinates_of_a_receiver_stay_as_they_are() -> None:
    assert values(said(body(31.177428, 121.527211))) | {"speed": 0} == {"lat": 31.177428, "lon": 121.527211, "speed": 0}


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (body(status=1), "no-fix"),
        (body(0.0, 0.0), "no-fix"),
        (body(91.0, 121.5), "out-of-range"),
        (body(31.0, 181.0), "out-of-range"),
    ],
)
def test_what_is_no_place_is_a_fault_and_has_no_speed(raw: bytes, fault: str) -> None:
    assert values(said(raw)) == {"lat": fault, "lon": fault}


def test_the_settings_know_the_systems_that_can_be_converted() -> None:
    assert {system: profile(coordinates=system).coordinates for system in SYSTEMS} == {each: each for each in SYSTEMS}


def test_speed_is_in_metres_a_second() -> None:
    assert values(said(body(kmh=90.0)))["speed"] == 25.0


# -- times ------------------------------------------------------------------------------------------------------------


def test_a_single_position_is_of_now_and_a_batch_was_kept() -> None:
    one = said(body())
    batch = said(bytes([0, 1, 1, 0, 28]) + body(), Kind.POSITIONS)

    assert {(item.own_ms, item.history, item.relative) for item in one.heard} == {(AT_MS, False, False)}
    assert {(item.own_ms, item.history, item.relative) for item in batch.heard} == {(AT_MS, True, False)}


def test_a_profile_says_that_single_positions_come_late_too() -> None:
    assert all(item.history for item in said(body(), chosen=profile(history=True)).heard)


def test_a_single_position_without_a_time_counts_from_its_arrival() -> None:
    assert all(
        item.relative and not item.history for item in said(body(time=bytes(6)), chosen=profile(history=True)).heard
    )


def test_a_kept_position_without_a_time_is_no_reading_and_the_others_are() -> None:
    two = bytes([0, 2, 1, 0, 28]) + body(time=bytes(6)) + bytes([0, 28]) + body()

    decoded = said(two, Kind.POSITIONS)

    assert reasons(decoded) == ["bad-time"]
    assert {item.own_ms for item in decoded.heard} == {AT_MS}


# -- items ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("0104000000ff", {"mileage": 25_500.0}),
        ("06020004", {"temperature": 4.0}),
        ("06028012", {"temperature": -18.0}),
        ("5102002a", {"temperature-1": 4.2}),
        ("510480b70000", {"temperature-1": -18.3, "temperature-2": 0.0}),
        ("5104ffff002a", {"temperature-1": "no-probe", "temperature-2": 4.2}),
        ("5104002affff", {"temperature-1": 4.2}),  # nobody said that two are fitted
        ("580201c2", {"humidity-1": 45.0}),
        ("30011431010803020000250400000000", {}),
    ],
)
def test_the_built_in_items(items: str, expected: dict[str, object]) -> None:
    decoded = values(said(body(items=items)))

    assert {what: value for what, value in decoded.items() if what not in ("lat", "lon", "speed")} == expected


def test_a_fitted_probe_that_is_not_there_is_a_fault() -> None:
    two = Jt808Item(
        quantity="temperature", unit="Cel", coding="sign-magnitude", scale=0.1, sensors=2, missing=(0xFFFF,)
    )

    decoded = values(said(body(items="5106002affffffff"), chosen=profile(items={"0x51": two})))

    assert {what: value for what, value in decoded.items() if what.startswith("temp")} == {
        "temperature-1": 4.2, "temperature-2": "no-probe",
    }  # fmt: skip


def test_a_table_of_the_settings_reads_what_the_program_does_not_know() -> None:
    table = {
        "0xf8": {"quantity": "temperature-tag", "unit": "Cel", "scale": 0.1, "offset": -50.0},
        "0x2b": {"quantity": "temperature", "unit": "Cel", "coding": "signed", "scale": 0.01, "sensors": 2},
    }

    decoded = said(body(items="f802021c2b04ff9c01a4"), chosen=profile(items=table))

    assert values(decoded) | {"lat": 0, "lon": 0, "speed": 0} == {
        "lat": 0, "lon": 0, "speed": 0, "temperature-tag": 4.0, "temperature-1": -1.0, "temperature-2": 4.2,
    }  # fmt: skip
    assert {item.name.rpartition(":")[2]: item.unit for item in decoded.heard}["temperature-2"] == "Cel"


@pytest.mark.parametrize("items", ["0102ffff", "060100", "51030000aa", "e60102", "5100"])
def test_an_item_that_does_not_fit_its_table_is_counted_and_the_position_stays(items: str) -> None:
    decoded = said(body(items=items))

    assert reasons(decoded) == ["unknown-field"]
    assert set(values(decoded)) == {"lat", "lon", "speed"}


@pytest.mark.parametrize("items", ["5104002a", "01", "3001"])
def test_items_that_end_too_soon_are_counted_and_the_position_stays(items: str) -> None:
    decoded = said(body(items=items))

    assert reasons(decoded) == ["truncated"]
    assert set(values(decoded)) == {"lat", "lon", "speed"}


@pytest.mark.parametrize(
    ("raw", "places", "rejected"),
    [
        (bytes([0, 2, 1, 0, 28]) + body(), 1, 1),  # two announced
        (bytes([0, 1, 1, 0, 28]) + body()[:-1], 0, 1),
        (bytes([0, 2, 1, 0, 28]) + body() + bytes([0, 5]) + b"short", 1, 1),
        (b"", 0, 1),
    ],
)
def test_a_batch_that_does_not_add_up_keeps_what_is_whole(raw: bytes, places: int, rejected: int) -> None:
    decoded = said(raw, Kind.POSITIONS)

    assert [item.name.rpartition(":")[2] for item in decoded.heard].count("lat") == places
    assert reasons(decoded) == ["truncated"] * rejected


def test_a_position_that_is_too_short_is_rejected() -> None:
    decoded = said(body()[:27])

    assert (decoded.heard, reasons(decoded)) == ((), ["truncated"])


def test_a_message_is_known_by_its_serial_and_its_bytes() -> None:
    decoded = said(body())

    assert (decoded.counter, decoded.frame) == (("urn:dev:name:jt808-13900000001", 7), body())


# -- profiles ---------------------------------------------------------------------------------------------------------


def test_all_faults_of_the_settings_are_told_at_once() -> None:
    item = Jt808Item(quantity="temperature")
    settings = Jt808Settings(
        profiles={"p": Jt808Profile(items={"0x100": item, "x": item, "0": item})},
        terminals={"013900000001": Jt808Terminal(), "1": Jt808Terminal(profile="q")},
    )

    with pytest.raises(ConfigError) as told:
        profiles_of(settings)

    assert [fault.split(":")[0] for fault in told.value.faults] == [
        *["gateway.jt808.profiles.p.items"] * 3, *["gateway.jt808.terminals"] * 2,
    ]  # fmt: skip
    assert "known are default, p" in told.value.faults[4]


def test_the_default_profile_can_be_said_otherwise() -> None:
    assert profiles_of(Jt808Settings())[DEFAULT].coordinates == "WGS-84"
    assert (
        profiles_of(Jt808Settings(profiles={DEFAULT: Jt808Profile(coordinates="BD-09")}))[DEFAULT].coordinates
        == "BD-09"
    )
