"""What stands for "no measurement" becomes a fault, and nothing else does; what is missing is never zero."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from gateway.formats import FORMATS, Decoded, decode
from gateway.formats.sentinels import SENTINELS
from tests.gateway.formats.frames import EM320, LHT65, TZONE_LOGGER, chirp, relayed, uplink


def said(name: str, payload: bytes | str, sensor: str = "24e124136a000001") -> dict[str, float | bool | str]:
    """Return last part of the name → value; bytes may be given as hexadecimal."""
    decoded = decode(FORMATS[name], bytes.fromhex(payload) if isinstance(payload, str) else payload, sensor)
    return {item.name.rpartition(":")[2]: item.value for item in decoded.heard}


def reasons(name: str, payload: bytes, sensor: str = "24e124136a000001") -> list[str]:
    return [reason for reason, _ in decode(FORMATS[name], payload, sensor).rejected]


def avl(**elements: Any) -> bytes:
    return json.dumps({"state": {"reported": {"ts": 1698922776030, **elements}}}).encode()


@pytest.mark.parametrize(
    ("name", "payload", "what", "value"),
    [
        ("dragino-lht65n", "CBF60B0D0376017FFF7FFF", "temperature-ext", "no-probe"),
        ("dragino-lht65n", "CBF60B0D0376810ADD7FFF", "temperature-ext", "no-probe"),
        ("dragino-lht65n", "CBF60B0D0376817FFF7FFF", "temperature-ext", "no-probe"),
        ("dragino-lht65n", "CBF60B0D037681F54F7FFF", "temperature-ext", "no-probe"),
        ("dragino-lht65n", "0ADD089801468160065F97", "temperature-ext", 27.81),
        ("dragino-lht65n", "CBF60B0D03760121347FFF", "temperature-ext", "power-on"),
        ("dragino-lht65n", "CBF60B0D03760121357FFF", "temperature-ext", 85.01),
        ("dragino-lht65n", "CBF60B0D03760221347FFF", "temperature-ext", 85.0),
        ("dragino-lht65n", "CBF60B0D037601CE647FFF", "temperature-ext", "no-probe"),
        ("dragino-lht65n", "CBF67FFF0376010ADD7FFF", "temperature", "no-probe"),
        ("dragino-lht65n", "CBF680000376010ADD7FFF", "temperature", "no-value"),
        ("dragino-lht65n", "CBF6FFFF0376010ADD7FFF", "temperature", -0.01),
        ("milesight-em320-th", "0367FF7F", "temperature", "no-probe"),
        ("milesight-em320-th", "03670080", "temperature", "no-value"),
        ("milesight-em320-th", "0367FFFF", "temperature", -0.1),
        ("milesight-em320-th", "03675203", "temperature", 85.0),
        ("milesight-ts201", "03675203", "temperature", "power-on"),
        ("milesight-ts201", "B36701", "temperature", "out-of-range"),
        ("milesight-ts201", "20CEC79AFA6411BDFF", "temperature", "read-error"),
        ("milesight-ts201", "20CEC79AFA6421BDFF", "temperature", "out-of-range"),
        ("milesight-ts201-v2", "20CEC79AFA6402BDFF2E50", "humidity", "read-error"),
        ("milesight-ts201-v2", "20CEC79AFA6402BDFF2E01", "humidity", 23.0),
        ("milesight-ts301", "7367FFFF", "temperature-1", "read-error"),
        ("milesight-ts301", "0367FFFF", "temperature-1", -0.1),
        ("milesight-ts301", "040000", "door-2", False),
        ("ble-advertisement", "07FF9A080101FE0C", "temperature", -5.0),
        ("ble-advertisement", "07FF9A0801017FFF", "temperature", "no-probe"),
        ("teltonika", avl(**{"25": 2000}), "temperature-ble-1", 20.0),
        ("teltonika", avl(**{"25": 32767}), "temperature-ble-1", "no-probe"),
        ("teltonika", avl(**{"26": 32766}), "temperature-ble-2", "read-error"),
        ("teltonika", avl(**{"27": 32765}), "temperature-ble-3", "abnormal"),
        ("teltonika", avl(**{"28": -1850}), "temperature-ble-4", -18.5),
        ("teltonika", avl(**{"28": 65036}), "temperature-ble-4", -5.0),
        ("teltonika", avl(**{"10800": 0}), "temperature-eye-1", 0.0),
        ("teltonika", avl(**{"10808": 1}), "magnet-eye-1", True),
        ("teltonika", avl(**{"72": 3000}), "temperature-dallas-1", "read-error"),
        ("teltonika", avl(**{"72": 850}), "temperature-dallas-1", "power-on"),
        ("teltonika", avl(**{"73": 5000}), "temperature-dallas-2", "no-probe"),
        ("teltonika", avl(**{"75": 4294967096}), "temperature-dallas-4", -20.0),
        ("teltonika", avl(**{"75": None}), "temperature-dallas-4", "no-value"),
        ("teltonika-fmb640", avl(**{"25": 2000}), "temperature-ble-1", "read-error"),
        ("teltonika-fmb640", avl(**{"25": 3000}), "temperature-ble-1", "no-probe"),
        ("teltonika-fmb640", avl(**{"25": 4000}), "temperature-ble-1", "abnormal"),
        ("teltonika-fmb640", avl(**{"25": -185}), "temperature-ble-1", -18.5),
        ("teltonika", avl(latlng="53.9,27.4", sat=7), "lat", 53.9),
        ("teltonika", avl(latlng="53.9,27.4", sat=0), "lat", "no-fix"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":6553.5}}]}', "temperature", "no-probe"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":3276.7}}]}', "temperature", "no-probe"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":-127}}]}', "temperature", "no-probe"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":85.0}}]}', "temperature", 85.0),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"TempC_DS":85.0}}]}', "TempC_5fDS", "power-on"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":NaN}}]}', "temperature", "no-value"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":"NaN"}}]}', "temperature", "no-value"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":null}}]}', "temperature", "no-value"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":""}}]}', "temperature", "no-value"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":"4.5"}}]}', "temperature", 4.5),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":0}}]}', "temperature", 0.0),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temp_f":41}}]}', "temp_5ff", 5.0),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"door":"Open"}}]}', "door", True),
        ("efento", "0a06282c02424eed183c220f080110b8d0a7c2062a048080fc07", "temperature-1", "read-error"),
        ("efento", "0a06282c02424eed183c220a080510b8d0a7c2062a0101", "alarm-1", False),
        ("efento", "0a06282c02424eed183c220a080510b8d0a7c2062a0102", "alarm-1", True),
    ],
)  # fmt: skip
def test_a_value_is_a_measurement_or_a_fault(name: str, payload: bytes | str, what: str, value: object) -> None:
    if isinstance(payload, str) and name == "efento":
        payload = lengths_mended(payload)

    assert said(name, payload).get(what) == value


def lengths_mended(hexadecimal: str) -> str:
    """Return a hand-made Efento message with the length of its one channel as it is."""
    head, _, channel = hexadecimal.partition("22")
    return f"{head}22{(len(channel) - 2) // 2:02x}{channel[2:]}"


def test_each_row_of_the_table_means_one_word_and_names_its_source() -> None:
    assert all(row.word and row.source and row.lowest <= row.highest for row in SENTINELS.values())
    assert all(math.isfinite(row.lowest) for row in SENTINELS.values())


# -- missing is never zero --------------------------------------------------------------------------------------------


def test_a_missing_frame_counter_of_a_network_server_is_zero_and_a_missing_port_carries_no_reading() -> None:
    first = decode(FORMATS["chirpstack:milesight-em320-th"], chirp(bytes.fromhex(EM320), {}), "x")
    network = json.loads(uplink(bytes.fromhex(EM320), "em320-th"))
    del network["uplink_message"]["f_port"]

    assert first.counter == ("urn:dev:mac:0101010101010101", 0)
    assert reasons("things-stack", json.dumps(network).encode()) == ["unknown-port"]
    assert set(said("things-stack", json.dumps(network).encode())) == {"rssi", "snr"}


def test_a_value_that_a_codec_left_out_is_not_heard() -> None:
    payload = uplink(b"", decoded_payload={"humidity": 60})

    assert set(said("things-stack", payload)) == {"humidity", "rssi", "snr"}


def test_a_datalog_that_has_nothing_is_not_a_reading_of_zero() -> None:
    assert reasons("dragino-lht65n", bytes(11)) == ["no-reading"]
    assert said("dragino-lht65n", bytes(11)) == {}


def test_a_protobuf_sample_of_zero_is_the_start_point_and_no_sample_is_nothing() -> None:
    empty = bytes.fromhex("0a06282c02424eed1001183c2208080110b8d0a7c206")

    assert reasons("efento", empty) == ["no-reading"]


# -- which device -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("things-stack", uplink(bytes.fromhex(LHT65), "lht65n")),
        ("things-stack:dragino-lht65n", uplink(bytes.fromhex(LHT65))),
        ("things-stack:dragino-lht65n", uplink(bytes.fromhex(LHT65), "em320-th", decoded_payload={"temperature": 1})),
        ("chirpstack", chirp(bytes.fromhex(LHT65), {"model": "LHT65N"}, fPort=2)),
        ("chirpstack:dragino-lht65n", chirp(bytes.fromhex(LHT65), {}, fPort=2)),
    ],
)
def test_the_model_is_the_settings_else_what_the_server_knows(name: str, payload: bytes) -> None:
    assert said(name, payload)["temperature-ext"] == 27.81


def test_the_bytes_of_a_known_model_come_before_the_servers_codec() -> None:
    payload = uplink(bytes.fromhex(EM320), "em320-th", decoded_payload={"temperature": 99.0})

    assert said("things-stack", payload)["temperature"] == 30.8


def test_a_gateways_own_sensor_address_stands_in_where_the_frame_has_none() -> None:
    unknown = relayed("020106 1BFF9904058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF")

    decoded = decode(FORMATS["ruuvi-gateway"], unknown, "AA:BB:CC:DD:EE:FF")

    assert decoded.heard[0].name == "urn:dev:mac:aabbccddeeff:temperature"
    assert decoded.counter is None


# -- rejected, by name ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("ruuvi-gateway", b"\xff", "bad-json"),
        ("ruuvi-gateway", b"[1]", "bad-shape"),
        ("ruuvi-gateway", relayed("zz"), "bad-frame"),
        ("ruuvi-gateway", relayed("0201061BFF99040512FC"), "truncated"),
        ("ruuvi-gateway", relayed("020106"), "unknown-model"),
        ("milesight-em320-th", bytes.fromhex("0367"), "truncated"),
        ("milesight-em320-th", bytes.fromhex("AAAA00"), "unknown-field"),
        ("milesight-em320-th", bytes.fromhex("FF0BFF"), "no-reading"),
        ("milesight-em320-th", bytes(256), "payload-too-large"),
        ("milesight-ts201", bytes.fromhex("B36709"), "unknown-code"),
        ("milesight-em320-th", bytes.fromhex("20CE0000000010015D"), "bad-time"),
        ("dragino-lht65n", bytes(10), "truncated"),
        ("chirpstack:dragino-lht65n", chirp(bytes.fromhex(LHT65), {}, fPort=5), "unknown-port"),
        ("chirpstack", chirp(b"", {}, data="?"), "bad-frame"),
        ("chirpstack", b"{}", "bad-shape"),
        ("chirpstack", b'{"deviceInfo":{"deviceName":"x"}}', "no-identity"),
        (
            "chirpstack:milesight-em320-th",
            chirp(bytes.fromhex(EM320), {}).replace(b'"fPort": 1', b'"x": 1'),
            "unknown-port",
        ),
        ("tzone", b"TZ" + bytes(40), "bad-frame"),
        ("tzone", bytes.fromhex(TZONE_LOGGER.replace("0127", "0128")), "bad-checksum"),
        ("tzone", bytes.fromhex(TZONE_LOGGER)[:-1], "truncated"),
        ("efento", bytes.fromhex("0a06282c02424eed18ffffffff0f220c080110b8d0a7c2062a020000"), "bad-time"),
        ("efento", bytes.fromhex("0a06282c02424eed220c080110b8d0a7c2062a020000"), "bad-time"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":1%s}}]}' % (b"0" * 400), "not-a-number"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"%s":1}}]}' % (b"k" * 256), "bad-name"),
        ("efento", bytes.fromhex("0a06282c"), "bad-protobuf"),
        ("efento", bytes.fromhex("0b"), "bad-protobuf"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":1e999}}]}', "bad-json"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":Infinity}}]}', "not-finite"),
        ("thingsboard", b'{"a":[{"ts":1,"values":{"temperature":{}}}]}', "not-a-number"),
        ("thingsboard", b'{"a":1}', "bad-shape"),
        ("thingsboard", b" " * 70_000, "payload-too-large"),
        ("flespi", b"[{}]", "no-identity"),
        ("senml", b"{}", "bad-senml"),
    ],
)
def test_what_is_no_reading_says_why(name: str, payload: bytes, reason: str) -> None:
    assert reason in reasons(name, payload)


def test_a_name_of_half_a_character_is_a_name() -> None:
    payload = b'{"\\ud800":[{"ts":1,"values":{"temperature":NaN}}]}'

    decoded = decode(FORMATS["thingsboard"], payload, "x")

    assert [item.name for item in decoded.heard] == ["urn:dev:name:_ed_a0_80:temperature"]


def test_what_could_be_read_before_a_broken_field_is_kept() -> None:
    decoded: Decoded = decode(FORMATS["milesight-em320-th"], bytes.fromhex("03673401AAAA00"), "24e124136a000001")

    assert [item.value for item in decoded.heard] == [30.8]
    assert [reason for reason, _ in decoded.rejected] == ["unknown-field"]
