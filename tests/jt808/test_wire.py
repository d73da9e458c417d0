"""Frames, headers and times of JT/T 808, against the standard's own example, published frames and hand-made bytes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.clock import parse_rfc3339
from coldchain.errors import RejectedReading
from coldchain.jt808 import (
    MAX_BODY,
    MAX_FRAME,
    Kind,
    Message,
    Splitter,
    bcd_of_time,
    framed,
    packed,
    parts_of,
    time_of_bcd,
    unframed,
    unpacked,
)
from tests.gateway.jt808.frames import ALTERED, AUTHENTICATE, BATCH, EVERY, REGISTER_2013, REGISTER_2019


@pytest.mark.parametrize("frame", EVERY, ids=lambda frame: frame[1:14].hex())
def test_a_published_frame_is_read_and_written_again_to_the_byte(frame: bytes) -> None:
    (inner,) = Splitter().feed(frame)

    message = unpacked(unframed(inner))

    assert framed(packed(message)) == frame


def test_the_header_of_both_versions_names_the_same_terminal() -> None:
    old, new = (unpacked(unframed(frame[1:-1])) for frame in (REGISTER_2013, REGISTER_2019))

    assert (old.kind, old.number, old.serial, old.version) == (0x0100, "123456789", 10, None)
    assert (new.kind, new.number, new.serial, new.version) == (0x0100, "123456789", 10, 1)


def test_escapes_are_the_standards() -> None:
    """JT/T 808-2013, 4.4.2: 30 7E 08 7D 55 goes out as 30 7D 02 08 7D 01 55."""
    frame = framed(bytes.fromhex("307e087d55"))

    assert frame[1:8].hex() == "307d02087d0155"
    assert unframed(frame[1:-1]).hex() == "307e087d55"


def test_an_escaped_escape_followed_by_two_is_no_flag() -> None:
    raw = bytes.fromhex("7d027d017e")

    assert unframed(framed(raw)[1:-1]) == raw


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (b"\x00", "bad-frame"),
        (b"\x30\x7d\x03\x4e", "bad-frame"),
        (b"\x30\x7d", "bad-frame"),
        (bytes(MAX_FRAME + 1), "bad-frame"),
        (AUTHENTICATE[1:-2] + b"\xbf", "bad-checksum"),
        (ALTERED[1:-1], "bad-checksum"),
    ],
)
def test_what_is_no_frame_says_why(inner: bytes, reason: str) -> None:
    with pytest.raises(RejectedReading) as refused:
        unframed(inner)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "truncated"),
        (bytes.fromhex("000200010123456789000001"), "truncated"),  # one byte announced, none there
        (bytes.fromhex("00020000012345678900000100"), "truncated"),  # none announced, one there
        (bytes.fromhex("02002000012345678900000100020003"), "bad-frame"),  # part 3 of 2
        (bytes.fromhex("02002000012345678900000100020000"), "bad-frame"),  # part 0
    ],
)
def test_a_header_that_does_not_fit_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(RejectedReading) as refused:
        unpacked(raw)

    assert refused.value.reason == reason


def test_encryption_is_seen() -> None:
    assert unpacked(bytes.fromhex("020004010123456789000001aa")).encrypted


@given(cuts=st.lists(st.integers(0, len(AUTHENTICATE + BATCH)), max_size=8))
def test_a_stream_may_be_cut_anywhere(cuts: list[int]) -> None:
    stream, splitter = AUTHENTICATE + BATCH[1:], Splitter()  # they share the flag between them
    places = [0, *sorted(cuts), len(stream)]

    frames = [frame for start, end in itertools.pairwise(places) for frame in splitter.feed(stream[start:end])]

    assert frames == [AUTHENTICATE[1:-1], BATCH[1:-1]]
    assert not splitter.lost


def test_a_stream_without_flags_is_another_protocol() -> None:
    splitter = Splitter()

    assert splitter.feed(b"GET / HTTP/1.1\r\n" * 131) == []
    assert splitter.lost


@given(
    st.builds(
        Message,
        kind=st.integers(0, 0xFFFF),
        number=st.from_regex(r"[1-9a-f][0-9a-f]{0,11}", fullmatch=True),
        serial=st.integers(0, 0xFFFF),
        body=st.binary(max_size=3 * MAX_BODY + 5),
        version=st.none() | st.integers(0, 255),
    )
)
def test_a_message_in_parts_is_the_same_when_put_together(message: Message) -> None:
    read = [unpacked(unframed(framed(packed(part))[1:-1])) for part in parts_of(message)]

    assert b"".join(part.body for part in read) == message.body
    assert {(part.kind, part.number, part.version) for part in read} == {
        (message.kind, message.number, message.version)
    }
    assert [part.serial for part in read] == [(message.serial + place) % 65536 for place in range(len(read))]
    assert [(part.part, part.total) for part in read] == [(place + 1, len(read)) for place in range(len(read))]
    assert all(len(framed(packed(part))) <= MAX_FRAME + 2 for part in parts_of(message))


def test_times_are_of_china() -> None:
    assert time_of_bcd(bytes.fromhex("240513112018")) == parse_rfc3339("2024-05-13T03:20:18Z")
    assert bcd_of_time(parse_rfc3339("2023-12-31T16:00:00Z")).hex() == "240101000000"


@pytest.mark.parametrize("digits", ["000000000000", "240230120000", "24011a120000", "240101250000", "2401011200"])
def test_what_is_no_time_is_none(digits: str) -> None:
    assert time_of_bcd(bytes.fromhex(digits)) is None


@given(st.integers(946_656_000, 4_102_415_999))
def test_every_second_of_this_century_comes_back(second: int) -> None:
    """From 2000-01-01 to 2099-12-31 in UTC+8."""
    assert time_of_bcd(bcd_of_time(second * 1000)) == second * 1000


def test_ids_are_the_standards() -> None:
    assert {kind.name: kind.value for kind in Kind} == {
        "TERMINAL_REPLY": 0x0001, "HEARTBEAT": 0x0002, "LOG_OUT": 0x0003, "REGISTER": 0x0100, "AUTHENTICATE": 0x0102,
        "POSITION": 0x0200, "POSITIONS": 0x0704, "REPLY": 0x8001, "SEND_PARTS_AGAIN": 0x8003, "REGISTERED": 0x8100,
    }  # fmt: skip
