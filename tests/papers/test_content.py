"""What is signed of a paper: the bytes that are hashed, and who signs which part."""

from __future__ import annotations

import hashlib

import msgspec

from coldchain.custody.papers import MilkNote, MilkTank
from coldchain.papers.content import canonical, digest, lacking, signed_digest
from tests.papers.stories import CAME, DELIVERY, NOTE, hour

SHORT = MilkNote("N-9", 1_700_000_000_000, "st-1", plate="沪A", tanks=(MilkTank("t", 1000.0), MilkTank("u", 12.5)))
SHORT_BYTES = (
    '{"id":"N-9","plate":"沪A","put":"milk-note","station":"st-1",'
    '"tanks":[{"quantity":1000,"tank":"t"},{"quantity":12.5,"tank":"u"}],"unit":"kg"}'
).encode()


def test_the_hash_is_that_of_the_canonical_bytes() -> None:
    assert digest(SHORT) == hashlib.sha256(SHORT_BYTES).hexdigest()


def test_what_is_empty_is_no_part_of_it_so_that_a_later_program_hashes_old_papers_the_same() -> None:
    spelled = msgspec.to_builtins(SHORT) | {"a_field_of_tomorrow": "", "another": None, "list": [], "at_ms": None}

    assert canonical(spelled) == SHORT_BYTES


def test_nothing_and_zero_and_no_are_not_the_same() -> None:
    assert canonical({"a": 0, "b": False, "c": 0.0, "d": None}) == b'{"a":0,"b":false,"c":0}'


def test_when_a_version_was_written_is_not_signed() -> None:
    assert digest(msgspec.structs.replace(NOTE, at_ms=hour(99))) == digest(NOTE)


def test_station_escort_and_driver_sign_what_they_know_when_the_milk_leaves_and_the_receiver_all_of_it() -> None:
    came = msgspec.structs.replace(NOTE, arrived=CAME)

    for role in ("handler", "escort", "driver"):
        assert signed_digest(came, role) == signed_digest(NOTE, role) == digest(NOTE)
    assert signed_digest(came, "receiver") == digest(came) != digest(NOTE)


def test_both_sides_sign_all_of_a_delivery() -> None:
    assert signed_digest(DELIVERY, "driver") == signed_digest(DELIVERY, "receiver") == digest(DELIVERY)


def test_the_receiver_cannot_sign_before_the_milk_came_and_nobody_a_delivery_without_a_decision() -> None:
    assert lacking(NOTE, "handler") == []
    assert lacking(NOTE, "receiver") == ["arrived"]
    assert lacking(msgspec.structs.replace(NOTE, tanks=(), departed=None), "driver") == ["tanks", "departed"]
    assert lacking(msgspec.structs.replace(DELIVERY, decision=""), "driver") == ["decision"]
    uncounted = (msgspec.structs.replace(DELIVERY.lines[0], accepted=None), DELIVERY.lines[1])
    assert lacking(msgspec.structs.replace(DELIVERY, lines=uncounted), "receiver") == ["lines"]
