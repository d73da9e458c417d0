"""SenML (RFC 8428): everything a sensor may say is read, and what is no reading is named, never dropped in silence."""

from __future__ import annotations

import json
import time
from typing import Any

import cbor2
import hypothesis.strategies as st
import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings

from coldchain.errors import RejectedReading
from coldchain.readings import Quality
from coldchain.senml import EARLIEST_WRITTEN_MS, UNTIMED, Pack, Row, decode, decode_singles, encode

NOW_MS = 1_700_000_000_000
SLOW_S = 0.25
"""Far above what any pack of 64 KiB takes here (2 ms), far below what a quadratic one would."""

LABELS = {"bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "bs": -6, "n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4}
LABELS |= {"s": 5, "t": 6, "ut": 7, "vd": 8}


def told(pack: Pack) -> list[tuple[str, int, object, str]]:
    """Return (name, ms, value or word, unit) a reading."""
    block = pack.readings
    return [
        (name, at_ms, word if word is not None else value, block.unit_of(row))
        for row, (name, at_ms, value, _, word) in enumerate(block.rows())
    ]


def reasons(pack: Pack) -> list[tuple[int, str]]:
    return [(place, reason) for place, reason, _ in pack.rejected]


def as_json(records: object) -> bytes:
    return json.dumps(records).encode()


def as_cbor(records: list[dict[str, Any]]) -> bytes:
    return cbor2.dumps([{LABELS.get(key, key): value for key, value in record.items()} for record in records])


def one(**record: Any) -> bytes:
    return as_json([{"n": "urn:a:t", **record}])


def refused(payload: bytes) -> str:
    with pytest.raises(RejectedReading) as caught:
        decode(payload, NOW_MS)
    return caught.value.reason


# -- the RFC's own examples -----------------------------------------------------------------------------------------

T8: list[dict[str, Any]] = [
    {"bn": "urn:dev:ow:10e2073a0108006:", "bt": 1.276020076001e9, "bu": "A", "bver": 5, "n": "voltage", "u": "V"}
    | {"v": 120.1},
    *({"n": "current", "t": t, "v": v} for t, v in ((-5, 1.2), (-4, 1.3), (-3, 1.4), (-2, 1.5), (-1, 1.6))),
    {"n": "current", "v": 1.7},
]  # fmt: skip
T9: list[dict[str, Any]] = [
    {"bn": "urn:dev:ow:10e2073a01080063", "bt": 1.320067464e9, "bu": "%RH", "v": 20},
    {"u": "lon", "v": 24.30621},
    {"u": "lat", "v": 60.07965},
    {"t": 60, "v": 20.3},
    {"u": "lon", "t": 60, "v": 24.30622},
    {"u": "lat", "t": 60, "v": 60.07965},
    {"t": 120, "v": 20.7},
    {"u": "lon", "t": 120, "v": 24.30623},
    {"u": "lat", "t": 120, "v": 60.07966},
    {"u": "%EL", "t": 150, "v": 98},
    {"t": 180, "v": 21.2},
]
T9B = [
    {"bn": "2001:db8::2/", "bt": 1.320078429e9, "n": "temperature", "u": "Cel", "v": 25.2},
    {"n": "humidity", "u": "%RH", "v": 30},
    {"bn": "2001:db8::1/", "n": "temperature", "u": "Cel", "v": 12.3},
    {"n": "humidity", "u": "%RH", "v": 67},
]


@pytest.mark.parametrize("write", [as_json, as_cbor])
def test_the_rfcs_multiple_data_points_resolve_to_absolute_times_and_units(write: Any) -> None:
    pack = decode(write(T8), NOW_MS)

    name = "urn:dev:ow:10e2073a0108006:"
    first_ms = 1_276_020_076_001
    currents = [(name + "current", first_ms - 5000 + 1000 * n, pytest.approx(1.2 + n / 10), "A") for n in range(6)]
    assert told(pack) == [(name + "voltage", first_ms, 120.1, "V"), *currents]
    assert (pack.records, pack.rejected) == (7, ())


@pytest.mark.parametrize("write", [as_json, as_cbor])
def test_the_rfcs_mixed_units_under_one_name_keep_their_units(write: Any) -> None:
    pack = decode(write(T9), NOW_MS)

    assert {row[0] for row in told(pack)} == {"urn:dev:ow:10e2073a01080063"}
    assert [(at_ms - 1_320_067_464_000, value, unit) for _, at_ms, value, unit in told(pack)] == [
        (record.get("t", 0) * 1000, record["v"], record.get("u", "%RH")) for record in T9
    ]


@pytest.mark.parametrize("write", [as_json, as_cbor])
def test_the_rfcs_collection_of_two_devices_keeps_its_base_time(write: Any) -> None:
    pack = decode(write(T9B), NOW_MS)

    assert told(pack) == [
        ("2001:db8::2/temperature", 1_320_078_429_000, 25.2, "Cel"),
        ("2001:db8::2/humidity", 1_320_078_429_000, 30, "%RH"),
        ("2001:db8::1/temperature", 1_320_078_429_000, 12.3, "Cel"),
        ("2001:db8::1/humidity", 1_320_078_429_000, 67, "%RH"),
    ]


@pytest.mark.parametrize("write", [as_json, as_cbor])
def test_a_record_without_a_time_was_measured_now(write: Any) -> None:
    pack = decode(write([{"n": "urn:dev:ow:10e2073a01080063", "u": "Cel", "v": 23.1}]), NOW_MS)

    assert told(pack) == [("urn:dev:ow:10e2073a01080063", NOW_MS, 23.1, "Cel")]
    assert pack.relative.tolist() == [True]


@pytest.mark.parametrize("write", [as_json, as_cbor])
def test_words_and_switches_are_readings_and_data_is_named_as_not_kept(write: Any) -> None:
    records = [
        {"bn": "urn:dev:ow:10e2073a01080063:", "n": "temp", "u": "Cel", "v": 23.1},
        {"n": "label", "vs": "Machine Room"},
        {"n": "open", "vb": False},
        {"n": "nfc-reader", "vd": "aGkgCg"},
    ]

    pack = decode(write(records), NOW_MS)

    assert [row[2] for row in told(pack)] == [23.1, "Machine Room", 0.0]
    assert pack.readings.quality.tolist() == [0, int(Quality.FAULT), int(Quality.BOOLEAN)]
    assert reasons(pack) == [(3, "data-value")]


def test_the_rfcs_cbor_bytes_are_read() -> None:
    payload = bytes.fromhex(
        "87a721781b75726e3a6465763a6f773a3130653230373361303130383030363a22fb41d303a15b00106223614120050067766f6c7461"
        "676501615602fb405e066666666666a3006763757272656e7406240"
        "2fb3ff3333333333333a3006763757272656e74062302fb3ff4cccccccccccda3006763757272656e74062202fb3ff6666666666666a3"
        "006763757272656e74062102f93e00a3006763757272656e74062002fb3ff999999999999aa3006763757272656e74060002fb3ffb33"
        "3333333333"
    )

    pack = decode(payload, NOW_MS)

    assert told(pack) == [
        (name, at_ms, value, unit) for (name, at_ms, value, unit) in told(decode(as_json(T8), NOW_MS))
    ]


# -- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "at_ms"),
    [
        (0, NOW_MS),
        (-5, NOW_MS - 5000),
        (7.5, NOW_MS + 7500),
        (2**28 - 1, NOW_MS + (2**28 - 1) * 1000),
        (2**28, 2**28 * 1000),
        (-(2**28), NOW_MS - 2**28 * 1000),
        (-4e8, NOW_MS - 400_000_000_000),
        (1_700_000_000.001, NOW_MS + 1),
    ],
)
def test_a_time_below_2_to_the_28_counts_from_now_and_any_other_from_1970(seconds: float, at_ms: int) -> None:
    pack = decode(one(t=seconds, v=1), NOW_MS)

    assert pack.readings.measured_at_ms.tolist() == [at_ms]
    assert pack.relative.tolist() == [seconds < 2**28]


def test_half_a_millisecond_goes_to_the_even_one() -> None:
    times = [2**28 + offset for offset in (0.0625, 0.1875, 0.3125, 0.4375)]  # exact in binary

    pack = decode(as_json([{"n": "a", "t": t, "v": 1} for t in times]), NOW_MS)

    assert [at_ms - 2**28 * 1000 for at_ms in pack.readings.measured_at_ms.tolist()] == [62, 188, 312, 438]


@pytest.mark.parametrize("seconds", [1e308, -1e308, 1e14, -1e14])
def test_what_is_no_time_is_a_bad_time_and_costs_its_neighbours_nothing(seconds: float) -> None:
    pack = decode(as_json([{"n": "a", "t": seconds, "v": 1}, {"n": "a", "vs": "short"}, {"n": "a", "v": 2}]), NOW_MS)

    assert reasons(pack) == [(0, "bad-time")]
    assert [row[2] for row in told(pack)] == ["short", 2.0]
    assert pack.relative.tolist() == [True, True]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_cbor_time_or_value_that_is_no_number_is_refused_by_name(value: float) -> None:
    pack = decode(cbor2.dumps([{0: "a", 6: value, 2: 1}, {0: "a", 2: value}, {-5: value, 0: "a", 2: 1}]), NOW_MS)

    assert reasons(pack) == [(0, "bad-time"), (1, "not-finite"), (2, "not-finite")]


def test_a_boot_that_never_knew_the_time_keeps_its_steady_seconds() -> None:
    pack = decode(
        as_json([{"n": f"urn:coldchain:gw{UNTIMED}b1:urn:a:t", "t": 12.5, "v": 1}, {"n": "a", "v": 1}]), NOW_MS
    )

    assert pack.readings.measured_at_ms.tolist() == [12_500, NOW_MS]
    assert pack.relative.tolist() == [False, True]


# -- base fields ----------------------------------------------------------------------------------------------------


def test_base_value_and_base_unit_hold_until_the_next_ones() -> None:
    records = [
        {"bn": "a:", "bv": 20, "bu": "Cel", "n": "t", "v": 0.5},
        {"n": "t", "v": -1},
        {"bv": 0, "bu": "%RH", "n": "h", "v": 60},
        {"n": "h", "u": "/", "v": 0.6},
    ]

    pack = decode(as_json(records), NOW_MS)

    assert [row[2:] for row in told(pack)] == [(20.5, "Cel"), (19.0, "Cel"), (60.0, "%RH"), (0.6, "/")]


def test_a_base_value_that_overflows_is_no_number() -> None:
    pack = decode(one(bv=1e308, v=1e308), NOW_MS)

    assert reasons(pack) == [(0, "not-finite")]


@pytest.mark.parametrize(("version", "accepted"), [(1, True), (5, True), (10, True), (11, False), (10**30, False)])
def test_a_higher_version_is_not_used(version: int, accepted: bool) -> None:
    payload = as_json([{"n": "a", "v": 1}, {"bver": version, "n": "a", "v": 2}])

    assert (refused(payload) if not accepted else len(decode(payload, NOW_MS).readings)) == (
        2 if accepted else "senml-version"
    )


@pytest.mark.parametrize(
    "payload",
    [
        b'[{"n":"a","v":1,"must_":1}]',
        b'[{"n":"a","v":1,"must\\u005f":1}]',
        b'[{"n":"a","v":1,"must\\u005F" : 1}]',
        b'[{"n":"a","v":1},{"_":null,"n":"a","v":1}]',
        cbor2.dumps([{0: "a", 2: 1, "must_": 1}]),
    ],
)
def test_a_label_that_must_be_understood_and_is_not_refuses_the_pack(payload: bytes) -> None:
    assert refused(payload) == "senml-label"


@pytest.mark.parametrize(
    "payload",
    [
        b'[{"n":"a","v":1,"unknown":{"deep":[1,2]},"_x":1}]',
        b'[{"n":"a","v":1,"note":"a word_\\":"}]',
        cbor2.dumps([{0: "a", 2: 1, "unknown": [1], 9: "of the future", -7: None, None: 1}]),
    ],
)
def test_other_unknown_labels_are_ignored(payload: bytes) -> None:
    pack = decode(payload, NOW_MS)

    assert [row[2] for row in told(pack)] == [1.0]


# -- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "no-value"),
        ({"s": 4.5}, "sum-only"),
        ({"vd": "aGkgCg"}, "data-value"),
        ({"v": 1, "vb": True}, "two-values"),
        ({"v": 1, "vs": "x"}, "two-values"),
        ({"vb": True, "vs": "x"}, "two-values"),
        ({"vs": "x", "vd": "aGk"}, "two-values"),
    ],
)
@pytest.mark.parametrize("write", [as_json, as_cbor])
def test_a_record_with_no_value_or_several_is_named_with_its_place(record: Any, reason: str, write: Any) -> None:
    pack = decode(write([{"n": "a", "v": 1}, {"n": "a", **record}, {"n": "a", "v": 2}]), NOW_MS)

    assert reasons(pack) == [(1, reason)]
    assert pack.readings.index.tolist() == [0, 2]
    assert pack.records == len(pack.readings) + len(pack.rejected)


def test_a_sum_beside_a_value_does_not_cost_the_value() -> None:
    pack = decode(as_json([{"n": "a", "v": 1, "s": 99, "bs": 1}]), NOW_MS)

    assert [row[2] for row in told(pack)] == [1.0]


@pytest.mark.parametrize("name", ["", " a", "a b", "-a", ":a", "ä", "a\u0000", "a\n", "a\u202e", "x" * 256, "a#"])
def test_a_name_with_other_characters_is_no_name(name: str) -> None:
    pack = decode(as_json([{"n": name, "v": 1}, {"n": "good", "v": 2}]), NOW_MS)

    assert reasons(pack) == [(0, "bad-name")]
    assert told(pack) == [("good", NOW_MS, 2.0, "")]


@pytest.mark.parametrize("name", ["a", "9", "urn:dev:mac:0024befffe804ff1:temperature", "a-b.c/d_e:f", "x" * 255])
def test_every_name_of_the_rfc_is_a_name(name: str) -> None:
    assert told(decode(as_json([{"n": name, "v": 1}]), NOW_MS))[0][0] == name


def test_a_bad_base_name_is_told_for_each_record_and_ends_with_the_next_base_name() -> None:
    records = [{"bn": " ", "n": "a", "v": 1}, {"n": "a", "v": 1}, {"bn": "ok:", "n": "a", "v": 1}]

    pack = decode(as_json(records), NOW_MS)

    assert reasons(pack) == [(0, "bad-name"), (1, "bad-name")]
    assert told(pack)[0][0] == "ok:a"


@pytest.mark.parametrize(("bits", "kept"), [(1, 1), (2, 2), (3, 3), (4, 0), (63, 3), (-1, 3), (10**40, 0)], ids=str)
def test_only_what_a_gateway_may_say_against_a_reading_is_believed(bits: int, kept: int) -> None:
    assert decode(one(v=1, q=bits), NOW_MS).readings.quality.tolist() == [kept]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b"\xf9\x44\x80", 4.5),
        (b"\xfa\x40\x90\x00\x00", 4.5),
        (b"\xc4\x82\x20\x18\x2d", 4.5),
        (b"\xc5\x82\x20\x09", 4.5),
        (b"\x24", -5.0),
        (b"\xc2\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00", 2.0**64),
    ],
    ids=["half float", "single", "decimal fraction", "big float", "negative", "big number"],
)
def test_every_cbor_number_is_a_value(written: bytes, value: float) -> None:
    assert [row[2] for row in told(decode(b"\x81\xa2\x00\x61a\x02" + written, NOW_MS))] == [value]


# -- what is no pack ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b" ",
        b"[]",
        b"[ ]",
        b"{}",
        b"null",
        b"true",
        b'"a"',
        b"[1]",
        b"[null]",
        b"[[]]",
        b"\xef\xbb\xbf[]",
        b'[{"n":"a","v":1}',
        b'[{"n":"a","v":1}] x',
        b'[{"n":"a","v":1}][]',
        b'[{"n":"a","v":1e309}]',
        b'[{"n":"a","v":NaN}]',
        b'[{"n":"a","v":Infinity}]',
        b'[{"n":"a","v":-Infinity}]',
        b'[{"n":"a","v":' + b"9" * 5000 + b"}]",
        b'[{"n":"a","v":"4.5"}]',
        b'[{"n":"a","v":true}]',
        b'[{"n":"a","vb":1}]',
        b'[{"n":"a","vs":1}]',
        b'[{"n":1,"v":1}]',
        b'[{"n":"a","t":"now","v":1}]',
        b'[{"n":"a","bver":1.5,"v":1}]',
        b'[{"n":"a\x00","v":1}]',
        b'[{"n":"\xff","v":1}]',
        b'[{"n":"\\ud800","v":1}]',
        b"[" * 60_000,
        b'[{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}]",
        b'[{"x_":' + b"[" * 30_000 + b"]" * 30_000 + b"}]",
        b'[{"x":"' + b"a" * 10_000_000,
    ],
    ids=lambda payload: repr(payload[:24]),
)
def test_what_is_not_senml_json_is_refused_whole(payload: bytes) -> None:
    assert refused(payload) == "bad-senml"


@pytest.mark.parametrize(
    "payload",
    [
        cbor2.dumps([]),
        cbor2.dumps([1]),
        cbor2.dumps({}),
        cbor2.dumps([{0: "a", 2: 1}]) + b"\x00",
        cbor2.dumps([{0: "a", 2: 1}])[:-1],
        b"\x81" * 60_000,
        b"\x9b\x7f" + b"\xff" * 7,
        b"\x81\xbb\x0f" + b"\xff" * 7,
        cbor2.dumps([{0: "a", 2: True}]),
        cbor2.dumps([{0: "a", 2: "4.5"}]),
        cbor2.dumps([{0: "a", 2: 10**400}]),
        b"\x81\xa2\x00\x61a\x02\x7a\xff\xff\xff\xff",
        b"\x81\xa2\x00\x61\xff\x02\x01",
        b"\x81\xd8\x1c\xa1\x00\xd8\x1d\x00",
        b"\x81\xa2\x00\x61a\x02\xd8\x1e\x82\x01\x00",
        b"\x81\xa2\x00\x61a\x02\xc4\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x81\xa2\x00\x61a\x02\xf7",
    ],
    ids=lambda payload: payload[:12].hex(),
)
def test_what_is_not_senml_cbor_is_refused_whole(payload: bytes) -> None:
    assert refused(payload) == "bad-senml"


@pytest.mark.parametrize("payload", [b'[{"n":"a","v":1,"v":2}]', b"\x81\xa3\x00\x61a\x02\x01\x02\x02"])
def test_of_a_label_that_stands_twice_the_last_one_holds_in_both_forms(payload: bytes) -> None:
    assert [row[2] for row in told(decode(payload, NOW_MS))] == [2.0]


# -- properties -----------------------------------------------------------------------------------------------------

names = st.sampled_from(["urn:a:t", "urn:a:h", "b/c_d", f"urn:coldchain:gw{UNTIMED}boot:urn:a:t"])
values = st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.text(max_size=8)
rows = st.builds(
    Row,
    names,
    st.integers(EARLIEST_WRITTEN_MS, 1 << 50),
    values,
    st.sampled_from(["", "Cel", "%RH"]),
    st.integers(0, 3),
    st.none() | st.integers(-(1 << 45), 1 << 45),
)


@given(st.lists(rows, min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_what_a_gateway_writes_is_read_back_exactly(written: list[Row]) -> None:
    pack = decode(encode(written), NOW_MS)

    grouped = [row for name in dict.fromkeys(row.name for row in written) for row in written if row.name == name]
    assert pack.rejected == ()
    assert not pack.relative.any()
    assert [
        (name, at_ms, word if word is not None else bool(value) if quality & Quality.BOOLEAN else value, quality & 3)
        for name, at_ms, value, quality, word in pack.readings.rows()
    ] == [(row.name, row.measured_at_ms, row.value, row.quality) for row in grouped]
    numbers = [place for place, row in enumerate(grouped) if not isinstance(row.value, bool | str)]
    assert [pack.readings.unit_of(place) for place in numbers] == [grouped[place].unit for place in numbers]


some_times = st.sampled_from([0, 0.5, -3, 1e3, 1.7e9, 1.7e9 + 0.25, 1e308, -1e308])
plain_records = st.lists(
    st.fixed_dictionaries(
        {"v": st.sampled_from([4, -0.0, 4.25, 1e308, -1e308])},
        optional={
            "t": some_times,
            "bn": st.sampled_from(["urn:a:t", "urn:a:h", f"urn:b{UNTIMED}c", "", "not a name"]),
            "bt": some_times,
            "bu": st.sampled_from(["", "Cel", "%RH"]),
        },
    ),
    min_size=1,
    max_size=12,
)


@given(plain_records, st.booleans())
@settings(max_examples=300, deadline=None)
@example([{"bn": "urn:a:t", "bt": 1.7e9, "bu": "Cel", "v": 4}, {"t": 1, "v": 5}, {"bn": "urn:a:h", "v": 6}], True)
@example([{"bn": "urn:a:t", "bt": 1.7e9, "v": 4}, {"bt": 1.8e9, "v": 5}], True)
@example([{"bn": "urn:a:t", "bu": "Cel", "v": 4}, {"bu": "%RH", "v": 5}, {"bn": "urn:a:t", "v": 5}], True)
def test_a_pack_read_by_columns_says_what_it_says_record_by_record(records: list[dict[str, Any]], named: bool) -> None:
    if named:
        records = [{**records[0], "bn": records[0].get("bn") or "urn:a:t"}, *records[1:]]

    by_columns = decode(as_json(records), NOW_MS)
    by_record = decode(as_json([{**records[0], "bver": 10}, *records[1:]]), NOW_MS)

    assert told(by_columns) == told(by_record)
    assert by_columns.rejected == by_record.rejected
    assert by_columns.relative.tolist() == by_record.relative.tolist()
    assert by_columns.readings.index.tolist() == by_record.readings.index.tolist()
    assert by_columns.readings.quality.tolist() == by_record.readings.quality.tolist()


@pytest.mark.parametrize("row", [Row("a", 5_000, 1.0), Row("a", NOW_MS, float("nan")), Row("a", NOW_MS, float("inf"))])
def test_what_would_be_read_back_as_something_else_is_not_written(row: Row) -> None:
    with pytest.raises(ValueError, match=r"relative|no place"):
        encode([row])


def astray(payload: bytes) -> bool:
    """Say whether this was neither a pack nor a refusal that the contract names."""
    started_s = time.process_time()
    try:
        pack = decode(payload, NOW_MS)
    except RejectedReading as fault:
        return fault.reason not in ("bad-senml", "senml-version", "senml-label")
    finally:
        assert time.process_time() - started_s < SLOW_S
    assert pack.records == len(pack.readings) + len(pack.rejected) > 0
    assert len(pack.relative) == len(pack.readings)
    return False


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda raw: b"[" + raw) | st.text().map(str.encode))
@settings(max_examples=200, deadline=None)
@example(b"\x81\xa2\x00\x61a\x02\xc5\x82\x1a\x00\x01\xff\xff\x01")
@example(b"\x81\xa2\x00\x61a\x02\xc5\x82\x3a\x00\x01\xff\xff\x01")
def test_any_bytes_become_a_pack_or_a_refusal(payload: bytes) -> None:
    assert not astray(payload)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers(-(1 << 80), 1 << 80)
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
records_like_senml = st.lists(
    st.dictionaries(st.sampled_from([*LABELS, "q", "x", "x_"]), anything, max_size=6), max_size=4
)


@given(records_like_senml, st.sampled_from([as_cbor, lambda records: json.dumps(records, default=repr).encode()]))
@settings(max_examples=200, deadline=None)
def test_any_records_become_a_pack_or_a_refusal(records: list[dict[str, Any]], write: Any) -> None:
    assert not astray(write(records))


@given(st.integers(0, 300), st.binary(min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_a_damaged_pack_becomes_a_pack_or_a_refusal(place: int, damage: bytes) -> None:
    for whole in (as_cbor(T8), as_json(T8)):
        cut = place % len(whole)
        assert not astray(whole[:cut] + damage + whole[cut + len(damage) :])


_TEXTS = st.text(alphabet='abc:_{}[]",.0123456789e-', max_size=6) | st.sampled_from(
    ["urn:a:", "t", "urn:coldchain:x:untimed:"]
)
_NUMBERS = st.floats(allow_nan=False) | st.integers(-(1 << 40), 1 << 40) | st.sampled_from([1.7e9, 0, -5, 1.5e-3])
_RECORDS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "bn": _TEXTS, "n": _TEXTS, "bt": _NUMBERS, "t": _NUMBERS, "bu": st.sampled_from(["Cel", "%RH"]),
            "u": st.sampled_from(["Cel", "V"]), "v": _NUMBERS, "vb": st.booleans(), "vs": _TEXTS, "bv": _NUMBERS,
        },
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


@given(_RECORDS)
def test_a_pack_read_record_by_record_says_the_same_as_by_columns(records: list[dict[str, object]]) -> None:
    payload = msgspec.json.encode(records)
    pack = decode(payload, 0)
    block = pack.readings

    singles, rejected = decode_singles(payload)

    assert tuple(rejected) == pack.rejected
    assert [(one.name, one.at_ms, one.relative, one.unit, one.quality, one.word) for one in singles] == [
        (
            block.names[int(block.channel[row])],
            int(block.measured_at_ms[row]),
            bool(pack.relative[row]),
            block.unit_of(row),
            int(block.quality[row]),
            block.words.get(row),
        )
        for row in range(len(block))
    ]
    assert np.array_equal([one.value for one in singles], block.value, equal_nan=True)
