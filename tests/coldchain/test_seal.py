"""Sealed batches: what is signed is what is kept, and no bytes from outside do harm."""

from __future__ import annotations

import json
import zlib
from typing import Any

import cbor2
import hypothesis.strategies as st
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings

from coldchain.errors import RejectedReading
from coldchain.seal import (
    MAX_PACK_BYTES,
    MAX_UNPACKED_BYTES,
    ZERO_HASH,
    Ack,
    After,
    UnknownVersion,
    body_of,
    hash_of,
    open_envelope,
    seal,
    unpacked,
    verified,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
EPOCH = b"epoch--1"
PARTS: tuple[Any, ...] = (1, "gw-1", EPOCH, 1, ZERO_HASH, 1_700_000_000_000, None, b"[]")
GOOD_ACK: dict[str, Any] = {"epoch": EPOCH.hex(), "seq": 3, "hash": "ab" * 32, "at": 1_700_000_000_000}


def envelope_of(*parts: Any) -> bytes:
    return seal(cbor2.dumps(list(parts)), KEY)


def changed(place: int, value: Any) -> bytes:
    parts = list(PARTS)
    parts[place] = value
    return envelope_of(*parts)


def refused(raw: bytes) -> str:
    with pytest.raises(RejectedReading) as caught:
        open_envelope(raw)
    return caught.value.reason


def test_what_was_sealed_comes_out_as_it_went_in() -> None:
    after = After(b"epoch--0", 7, "fork")
    body = body_of("gw-1", EPOCH, 1, ZERO_HASH, 1_700_000_000_000, after, b"[pack]")

    sealed = open_envelope(seal(body, KEY))

    assert (sealed.node, sealed.epoch, sealed.seq, sealed.prev) == ("gw-1", EPOCH, 1, ZERO_HASH)
    assert (sealed.created_ms, sealed.after, sealed.pack) == (1_700_000_000_000, after, b"[pack]")
    assert sealed.body == body
    assert verified(sealed, PUBLIC)


def test_a_chain_is_linked_by_the_hash_of_the_body_as_it_was_sent() -> None:
    first = open_envelope(envelope_of(*PARTS))
    second = open_envelope(changed(4, first.hash))

    assert first.hash == hash_of(first.body)
    assert second.prev == first.hash
    assert hash_of(first.body + b"\x00") != first.hash


def test_the_same_readings_are_sealed_to_the_same_bytes() -> None:
    bodies = {body_of("gw-1", EPOCH, 1, ZERO_HASH, 5, None, b"[]") for _ in range(3)}

    assert len(bodies) == 1
    assert len({seal(body, KEY) for body in bodies}) == 1


def test_one_changed_bit_breaks_the_seal() -> None:
    raw = bytearray(envelope_of(*PARTS))
    raw[raw.index(b"[]")] ^= 1

    assert not verified(open_envelope(bytes(raw)), PUBLIC)


@pytest.mark.parametrize("key", [b"", b"short", b"k" * 32, b"k" * 33, bytes(32)])
def test_no_other_key_proves_a_seal(key: bytes) -> None:
    assert not verified(open_envelope(envelope_of(*PARTS)), key)


@pytest.mark.parametrize("signature", [b"", b"s" * 63, b"s" * 64, b"s" * 65])
def test_no_other_signature_proves_a_seal(signature: bytes) -> None:
    raw = cbor2.dumps([cbor2.dumps(list(PARTS)), signature])

    assert not verified(open_envelope(raw), PUBLIC)


@pytest.mark.parametrize("version", [0, 2, 255, -1, 1 << 70])
def test_a_version_from_the_future_is_told_apart_from_rubbish(version: int) -> None:
    with pytest.raises(UnknownVersion) as caught:
        open_envelope(envelope_of(version, "gw-1", EPOCH, 4, {"any": "thing"}))

    assert (caught.value.reason, caught.value.node, caught.value.epoch, caught.value.seq) == (
        "version",
        "gw-1",
        EPOCH,
        4,
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80",
        b"\xff",
        cbor2.dumps([b"only one"]),
        cbor2.dumps(["text", b"s"]),
        cbor2.dumps([b"\x80", b"s", b"t"]),
        cbor2.dumps({0: b"a", 1: b"b"}),
        cbor2.dumps([b"", b""]),
        cbor2.dumps([b"\x01", b""]),
        envelope_of(*PARTS) + b"\x00",
        seal(cbor2.dumps(list(PARTS)) + b"\x00", KEY),
        envelope_of(*PARTS)[:-1],
        envelope_of(*PARTS[:7]),
        envelope_of(*PARTS, 9),
        b"\x81" * 60_000,
        b"\x9b\x7f" + b"\xff" * 7,
    ],
    ids=lambda raw: raw[:8].hex() + f"-{len(raw)}",
)
def test_another_shape_is_no_envelope(raw: bytes) -> None:
    assert refused(raw) == "bad-envelope"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, "1"), (0, 1.0), (0, True), (0, None),
        (1, ""), (1, "gw/+"), (1, "#"), (1, b"gw-1"), (1, "x" * 65), (1, "-gw"), (1, "gw\x00"), (1, "gw\n"),
        (2, b"short"), (2, b"nine-byte"), (2, "epoch--1"),
        (3, 0), (3, -1), (3, True), (3, 1 << 62), (3, 1.0), (3, None),
        (4, b"short"), (4, None), (4, "0" * 32),
        (5, 1.5), (5, 1 << 53), (5, -(1 << 53)), (5, None), (5, True),
        (6, []), (6, [b"epoch--0", 1]), (6, [b"short", 1, "fork"]), (6, [b"epoch--0", 1.0, "fork"]),
        (6, [b"epoch--0", 1, b"fork"]), (6, [b"epoch--0", True, "fork"]), (6, "fork"),
        (7, "[]"), (7, None), (7, []),
    ],
)  # fmt: skip
def test_a_part_of_another_kind_is_no_envelope(place: int, value: Any) -> None:
    assert refused(changed(place, value)) == "bad-envelope"


def test_an_epoch_names_the_one_before_it_at_its_first_batch_only() -> None:
    parts = list(PARTS)
    parts[3], parts[6] = 2, [b"epoch--0", 1, "fork"]

    assert refused(envelope_of(*parts)) == "bad-envelope"


@given(st.binary(max_size=120))
@settings(max_examples=200, deadline=None)
@example(cbor2.dumps([b"\x81\xd8\x1c\x81\xd8\x1d\x00", b""]))
def test_any_bytes_are_an_envelope_or_are_refused(raw: bytes) -> None:
    for attempt in (raw, cbor2.dumps([raw, b""]), cbor2.dumps([b"\x88\x01\x64gw-1" + raw, b""])):
        with pytest.raises(RejectedReading):
            open_envelope(attempt)


@given(st.integers(0, 130), st.binary(min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_a_damaged_envelope_is_refused_or_breaks_its_seal(place: int, damage: bytes) -> None:
    whole = envelope_of(*PARTS)
    place %= len(whole)
    raw = whole[:place] + damage + whole[place + len(damage) :]

    try:
        proven = verified(open_envelope(raw), PUBLIC)
    except RejectedReading:
        proven = False

    assert proven == (raw == whole)


# -- packs ----------------------------------------------------------------------------------------------------------


def why_not(pack: bytes) -> str:
    with pytest.raises(RejectedReading) as caught:
        unpacked(pack)
    return caught.value.reason


@pytest.mark.parametrize("plain", [b"", b"[]", b"[" + b" " * 1000, b"\x80"])
def test_a_pack_is_the_same_compressed_or_not(plain: bytes) -> None:
    assert unpacked(plain) == unpacked(zlib.compress(plain)) == plain


def test_a_pack_may_fill_its_limits_and_no_byte_more() -> None:
    assert len(unpacked(zlib.compress(bytes(MAX_UNPACKED_BYTES)))) == MAX_UNPACKED_BYTES
    assert len(unpacked(b"[" * MAX_PACK_BYTES)) == MAX_PACK_BYTES
    assert why_not(zlib.compress(bytes(MAX_UNPACKED_BYTES + 1))) == "pack-too-large"
    assert why_not(b"[" * (MAX_PACK_BYTES + 1)) == "pack-too-large"


def test_a_bomb_is_never_unpacked() -> None:
    bomb = zlib.compress(bytes(60 << 20), 9)
    assert len(bomb) < MAX_PACK_BYTES

    assert why_not(bomb) == "pack-too-large"


@pytest.mark.parametrize(
    "pack",
    [
        b"\x78",
        b"\x78\x9c",
        b"\x78\x9crubbish",
        zlib.compress(b"[]")[:-1],
        zlib.compress(b"[]")[:-1] + b"\x00",
        zlib.compress(b"[]") + b"more",
        zlib.compress(b"[1]") + zlib.compress(b"[2]"),
    ],
)
def test_a_damaged_pack_is_told_as_such_and_not_read_in_part(pack: bytes) -> None:
    assert why_not(pack) == "bad-pack"


@given(st.binary(max_size=100))
@settings(max_examples=100, deadline=None)
def test_any_pack_is_unpacked_or_refused(pack: bytes) -> None:
    for attempt in (pack, b"\x78" + pack, b"\x78\x9c" + pack):
        try:
            size = len(unpacked(attempt))
        except RejectedReading:
            continue
        assert size <= MAX_UNPACKED_BYTES


# -- acknowledgements -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refuse", [None, "seal", "fork", "behind", "version"])
def test_an_acknowledgement_comes_through_its_json(refuse: str | None) -> None:
    ack = Ack(EPOCH.hex(), 3, "ab" * 32, 1_700_000_000_000, refuse)

    assert Ack.decode(ack.encode()) == ack
    assert (b"refuse" in ack.encode()) == (refuse is not None)


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": "ab"}, {"epoch": "z" * 16}, {"epoch": 5}, {"hash": "ab"}, {"hash": "z" * 64}, {"hash": None},
        {"seq": -1}, {"seq": 1 << 62}, {"seq": "3"}, {"seq": 3.5}, {"seq": True},
        {"at": -1}, {"at": 1 << 53}, {"at": 10**400}, {"at": None}, {"at": "now"}, {"refuse": 5},
    ],
)  # fmt: skip
def test_an_acknowledgement_out_of_range_is_refused(change: dict[str, Any]) -> None:
    assert Ack.decode(json.dumps(GOOD_ACK).encode()).seq == 3
    with pytest.raises(RejectedReading, match="bad-ack"):
        Ack.decode(json.dumps({**GOOD_ACK, **change}).encode())


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"null", b"\xff", b"{" * 50_000, b'{"a":' * 50_000])
def test_what_is_no_acknowledgement_is_refused(payload: bytes) -> None:
    with pytest.raises(RejectedReading, match="bad-ack"):
        Ack.decode(payload)
