"""Any bytes from a terminal's line: never an exception, answers that are frames, books that balance, bounded memory."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.jt808 import MAX_FRAME, Kind, Message, Splitter, framed, packed, unframed, unpacked
from coldchain.senml import Row, encode
from gateway.formats import decode
from gateway.jt808.talk import Step
from tests.gateway.jt808.frames import EVERY
from tests.gateway.jt808.test_talk import NUMBER, Desk, authenticated

BODIES = st.binary(max_size=300)
KINDS = st.sampled_from([*Kind, 0x0900, 0x0801]) | st.integers(0, 0xFFFF)


def assert_sound(desk: Desk, steps: list[Step]) -> None:
    """Fail unless everything answered can be sent and everything kept can be kept."""
    for step in steps:
        for answer in step.answers:
            assert unpacked(unframed(framed(packed(answer))[1:-1])) == answer
        if step.keep is not None:
            assert step.keep.form is not None
            decoded = decode(step.keep.form, step.keep.payload, step.keep.sensor)
            assert decoded.heard or decoded.rejected
            for item in decoded.heard:
                assert isinstance(item.value, str) or math.isfinite(item.value)
                encode([Row(item.name, 1_700_000_000_000, item.value, item.unit)])
    assert desk.balance() == 0


@given(st.lists(st.binary(max_size=400), max_size=6))
@settings(max_examples=200, deadline=None)
def test_arbitrary_bytes(chunks: list[bytes]) -> None:
    desk, splitter = authenticated(Desk(NUMBER)), Splitter()

    steps = [desk.talk.take(frame) for chunk in chunks for frame in splitter.feed(chunk)]

    assert_sound(desk, steps)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_published_frames_with_bytes_changed_taken_and_put_in(data: st.DataObject) -> None:
    raw = bytearray(unframed(data.draw(st.sampled_from(EVERY))[1:-1]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    desk = Desk()

    inner = framed(bytes(raw))[1:-1]  # its checksum fits again, so that it goes deeper

    assert_sound(desk, [desk.talk.take(inner)])


@given(
    st.lists(
        st.tuples(KINDS, BODIES, st.none() | st.integers(0, 255), st.integers(1, 4), st.integers(1, 4)), max_size=12
    )
)
@settings(max_examples=300, deadline=None)
def test_right_headers_with_any_body(said: list[tuple[int, bytes, int | None, int, int]]) -> None:
    desk = authenticated(Desk(NUMBER))

    steps = [
        desk.talk.take(framed(packed(Message(kind, NUMBER, 7, raw, version, max(part, total), part)))[1:-1])
        for kind, raw, version, part, total in said
    ]

    assert_sound(desk, steps)


@given(st.lists(st.binary(max_size=4096).map(lambda raw: raw.replace(b"\x7e", b"\x7f")), max_size=8))
def test_a_stream_without_flags_holds_no_more_than_is_read_at_once(chunks: list[bytes]) -> None:
    splitter = Splitter()

    for chunk in chunks:
        if splitter.lost:
            break  # the listener ends the connection here
        splitter.feed(chunk)

    assert len(splitter._tail) <= MAX_FRAME + 4096
