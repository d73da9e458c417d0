"""Any bytes give a reading, a fault or a rejection with its reason: never an exception, and in little time."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.senml import Row, encode, valid_name
from gateway.formats import FORMATS, Decoded, Heard, decode
from gateway.formats.names import device_name, name_part
from gateway.formats.times import ms_of
from gateway.formats.tzone import crc16
from tests.gateway.formats.frames import PUBLISHED, Frame

NAMES = sorted(FORMATS)
KEYS = [
    "data", "rssi", "ts", "state", "reported", "latlng", "sat", "25", "72", "10800", "10808", "end_device_ids",
    "dev_eui", "uplink_message", "received_at", "f_port", "f_cnt", "frm_payload", "decoded_payload", "rx_metadata",
    "version_ids", "model_id", "deviceInfo", "devEui", "tags", "model", "time", "fCnt", "fPort", "object", "rxInfo",
    "snr", "values", "temperature", "humidity", "door", "ident", "timestamp", "position.latitude",
    "position.longitude", "n", "v", "t",
]  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["em320-th", "2022-07-18T09:34:15Z", "0201061BFF9904", "AXVc", "NaN", "1e400"]),
    st.sampled_from([0, 1, 2, -1, 1 << 63]),
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), inner),
    max_leaves=24,
)


def assert_sound(decoded: Decoded) -> None:
    """Fail unless everything heard can be kept, sealed and told apart."""
    assert decoded.heard or decoded.rejected
    assert all(reason and detail for reason, detail in decoded.rejected)
    for item in decoded.heard:
        assert valid_name(item.name)
        assert isinstance(item.value, bool | str) or math.isfinite(item.value)
        assert type(item.own_ms) is int
        assert msgspec.json.decode(msgspec.json.encode(item), type=Heard) == item
        encode([Row(item.name, 1_700_000_000_000, item.value, item.unit)])


@pytest.mark.parametrize("name", NAMES)
@given(payload=st.binary(max_size=200), sensor=st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_arbitrary_bytes(name: str, payload: bytes, sensor: str) -> None:
    assert_sound(decode(FORMATS[name], payload, sensor))


@pytest.mark.parametrize("frame", PUBLISHED, ids=lambda frame: frame.format)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_published_frames_with_bytes_changed_taken_and_put_in(frame: Frame, data: st.DataObject) -> None:
    raw = bytearray(frame.payload)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    if frame.format == "tzone" and len(raw) > 8:  # a frame whose length and checksum fit goes deeper
        raw[2:4] = (len(raw) - 6).to_bytes(2, "big")
        raw[-4:-2] = crc16(bytes(raw[4:-4])).to_bytes(2, "big")
        raw[-2:] = b"\r\n"

    assert_sound(decode(FORMATS[frame.format], bytes(raw), frame.sensor))


@pytest.mark.parametrize("name", [name for name in NAMES if FORMATS[name].limit == 1 << 16])
@given(value=JSON)
@settings(max_examples=60, deadline=None)
def test_json_of_the_right_words_and_any_shape(name: str, value: Any) -> None:
    assert_sound(decode(FORMATS[name], json.dumps(value).encode("utf-8", "replace"), "s-1"))


@pytest.mark.parametrize("frame", [frame for frame in PUBLISHED if frame.payload[:1] in b"{["], ids=lambda f: f.format)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_published_json_with_any_value_in_any_place(frame: Frame, data: st.DataObject) -> None:
    def changed(value: Any) -> Any:
        if isinstance(value, dict) and value and data.draw(st.booleans()):
            key = data.draw(st.sampled_from(sorted(value)))
            return {**value, key: changed(value[key])}
        if isinstance(value, list) and value and data.draw(st.booleans()):
            return [changed(value[0]), *value[1:]]
        return data.draw(JSON)

    payload = json.dumps(changed(json.loads(frame.payload))).encode("utf-8", "replace")

    assert_sound(decode(FORMATS[frame.format], payload, frame.sensor))


@given(st.one_of(SCALARS, st.text(), st.integers(min_value=-(10**400), max_value=10**400)))
@settings(deadline=None)
def test_any_time_is_milliseconds_above_zero_or_none(value: object) -> None:
    ms = ms_of(value)

    assert ms is None or 0 < ms < 1 << 53


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_different_names_stay_different_and_all_are_valid(one: str, other: str) -> None:
    assert valid_name(device_name(one))
    assert (name_part(one) == name_part(other)) is (one == other)


# -- time -------------------------------------------------------------------------------------------------------------

MESSAGE_S = 0.001
LONGEST_S = 0.1
"""Measured: 18 to 28 ms for 4,500 values in 64 KiB, 8 ms for 4,000 samples in 4 KiB."""


@pytest.mark.parametrize("frame", PUBLISHED, ids=lambda frame: frame.format)
def test_a_published_message_takes_less_than_a_millisecond(frame: Frame) -> None:
    rounds = 50
    decode(FORMATS[frame.format], frame.payload, frame.sensor)

    started = time.process_time()
    for _ in range(rounds):
        decode(FORMATS[frame.format], frame.payload, frame.sensor)

    assert (time.process_time() - started) / rounds < MESSAGE_S


def longest(name: str) -> bytes:
    """Return a message with as many readings as its format's limit allows."""
    if name == "efento":  # one channel of temperatures, one byte each
        samples = bytes(4000)
        channel = bytes.fromhex("080110b8d0a7c2062a") + varint(len(samples)) + samples
        return bytes.fromhex("0a06282c02424eed183c22") + varint(len(channel)) + channel
    if name == "flespi":
        at_s = range(1_700_000_000, 1_700_001_000)
        return json.dumps([{"ident": "6", "timestamp": at, "temperature#1": 4.5} for at in at_s]).encode()
    uplink = {"f_port": 1, "decoded_payload": {f"k{n}": n for n in range(4500)}}
    return json.dumps({"end_device_ids": {"device_id": "x"}, "uplink_message": uplink}).encode()


def varint(number: int) -> bytes:
    return bytes([number & 0x7F | 0x80, number >> 7])


@pytest.mark.parametrize(("name", "readings"), [("efento", 4000), ("flespi", 1000), ("things-stack", 4500)])
def test_the_longest_message_takes_a_bounded_time(name: str, readings: int) -> None:
    payload = longest(name)

    started = time.process_time()
    decoded = decode(FORMATS[name], payload, "s-1")

    assert time.process_time() - started < LONGEST_S
    assert len(decoded.heard) == readings
