"""One paper: who signed what, from when nothing of it changes, and what cannot be."""

from __future__ import annotations

import math

import msgspec
import pytest

from coldchain.custody.papers import (
    Celsius,
    Delivery,
    DeliveryLine,
    MilkTank,
    PaperEnd,
    Papering,
    PaperVoid,
    Photo,
)
from coldchain.papers.fold import State
from coldchain.papers.verdicts import LONGEST_STROKE, PHOTO_BYTES, refusal
from tests.papers.stories import CAME, DELIVERY, NOTE, STROKE, all_signed, book, hour, signed

RECEIVED = msgspec.structs.replace(NOTE, arrived=CAME)


def reasons(*puts: Papering) -> dict[int, str]:
    return {position: str(fault.reason) for position, fault in book(puts).refused.items()}


def test_a_note_is_complete_with_its_fourth_signature_and_not_before() -> None:
    leaving: list[Papering] = [NOTE, *all_signed(NOTE, 1)[:3]]
    arriving: list[Papering] = [RECEIVED, signed(RECEIVED, "receiver", 3)]

    assert [book(leaving[:end]).missing() for end in (1, 2, 4)] == [
        ["handler", "escort", "driver", "receiver"],
        ["escort", "driver", "receiver"],
        ["receiver"],
    ]
    whole = book([*leaving, *arriving])
    assert (book(leaving).state, whole.state) == (State.DRAFT, State.COMPLETE)
    assert whole.closed is not None
    assert whole.closed.position == 6


def test_the_arrival_voids_no_signature_of_the_departure_and_another_quantity_does() -> None:
    more = msgspec.structs.replace(RECEIVED, tanks=(MilkTank("tank", 1001.0, ("F-1",), ("S-1", "S-2")),))
    three: list[Papering] = [NOTE, *all_signed(NOTE, 1)[:3]]

    assert book([*three, RECEIVED]).missing() == ["receiver"]
    changed = book([*three, more])
    assert changed.missing() == ["handler", "escort", "driver", "receiver"]
    assert [changed.counts(said) for said in changed.signatures] == [False, False, False]
    assert book([*three, more, *all_signed(more, 4)]).state is State.COMPLETE


@pytest.mark.parametrize(
    "late",
    [
        msgspec.structs.replace(DELIVERY, remark="changed afterwards"),
        signed(DELIVERY, "driver", 11, "somebody else"),
        PaperVoid("D-1", hour(11)),
    ],
)
def test_nothing_changes_a_complete_paper(late: Papering) -> None:
    before: list[Papering] = [DELIVERY, *all_signed(DELIVERY)]

    found = book([*before, late])

    assert {position: (str(one.reason), one.detail) for position, one in found.refused.items()} == {
        4: ("closed", "D-1")
    }
    assert (found.paper, found.signatures) == (DELIVERY, book(before).signatures)


def test_control_the_same_entry_before_the_last_signature_counts() -> None:
    changed = msgspec.structs.replace(DELIVERY, remark="changed before")

    found = book([DELIVERY, signed(DELIVERY, "driver"), changed])

    assert (found.refused, found.paper) == ({}, changed)


def test_what_comes_again_has_been_said_once_even_of_a_complete_paper() -> None:
    story: list[Papering] = [DELIVERY, *all_signed(DELIVERY)]

    found = book([*story, *story])

    assert (found.refused, len(found.versions), len(found.signatures)) == ({}, 1, 2)


def test_a_signature_that_comes_before_its_paper_counts_as_soon_as_that_is_there() -> None:
    driver, receiver = all_signed(DELIVERY)

    found = book([driver, receiver, DELIVERY])

    assert found.state is State.COMPLETE
    assert found.closed is not None
    assert found.closed.put == receiver


def test_a_signature_to_something_incomplete_does_not_count() -> None:
    undecided = msgspec.structs.replace(DELIVERY, decision="")

    assert book([undecided, *all_signed(undecided)]).missing() == ["driver", "receiver"]


def test_who_signs_again_replaces_only_himself() -> None:
    first, again = signed(DELIVERY, "driver", 9, "Li"), signed(DELIVERY, "driver", 10, "Wang")

    found = book([DELIVERY, first, again])

    assert [said.put for said in found.counting().values()] == [again]
    assert found.missing() == ["receiver"]


def test_a_voided_draft_takes_nothing_more_and_one_id_is_one_kind() -> None:
    assert reasons(DELIVERY, PaperVoid("D-1", hour(9)), signed(DELIVERY, "driver")) == {3: "voided"}
    assert reasons(NOTE, msgspec.structs.replace(DELIVERY, id="N-1")) == {2: "other-kind"}


def lines(*found: DeliveryLine, decision: str = "") -> Delivery:
    return msgspec.structs.replace(DELIVERY, lines=found, decision=decision)


def of(accepted: float, refused: float, reason: str = "cold") -> DeliveryLine:
    return DeliveryLine("p", "件", delivered=10, accepted=accepted, refused=refused, reason=reason)


PHOTO = Photo("a" * 64, 1000, "image/jpeg")


@pytest.mark.parametrize(
    ("put", "reason"),
    [
        (msgspec.structs.replace(NOTE, id="a b"), "bad-id"),
        (msgspec.structs.replace(NOTE, station=""), "bad-id"),
        (msgspec.structs.replace(NOTE, plant=""), None),
        (msgspec.structs.replace(NOTE, at_ms=0), "bad-time"),
        (msgspec.structs.replace(NOTE, arrived=msgspec.structs.replace(CAME, at_ms=hour(0))), "bad-time"),
        (msgspec.structs.replace(NOTE, tanks=(MilkTank("t", 0.0),)), "bad-quantity"),
        (msgspec.structs.replace(NOTE, tanks=(MilkTank("t", 1.2345),)), "bad-quantity"),
        (msgspec.structs.replace(NOTE, tanks=(MilkTank("t", 1.0), MilkTank("t", 2.0))), "bad-word"),
        (msgspec.structs.replace(NOTE, departed=PaperEnd(hour(1), "guessed")), "bad-word"),
        (msgspec.structs.replace(NOTE, departed=PaperEnd(hour(1), "typed", (Celsius(400.0),))), "bad-temperature"),
        (msgspec.structs.replace(NOTE, departed=PaperEnd(hour(1), "typed", (Celsius(math.nan),))), "bad-temperature"),
        (lines(of(10, 0), decision="accepted"), None),
        (lines(of(9, 0)), "out-of-balance"),
        (lines(of(9, 1), decision="accepted"), "out-of-balance"),
        (lines(of(9, 1), decision="partly"), None),
        (lines(of(0, 10), decision="refused"), None),
        (lines(of(0, 10), of(10, 0), decision="refused"), "out-of-balance"),
        (lines(of(9, 1, reason="")), "no-reason"),
        (msgspec.structs.replace(DELIVERY, packing="wet"), "bad-word"),
        (msgspec.structs.replace(DELIVERY, photos=(PHOTO,)), None),
        (msgspec.structs.replace(DELIVERY, photos=(Photo("a" * 64, PHOTO_BYTES + 1, "image/jpeg"),)), "bad-photo"),
        (msgspec.structs.replace(DELIVERY, photos=(Photo("a" * 64, 1, "image/svg+xml"),)), "bad-photo"),
        (msgspec.structs.replace(signed(NOTE, "driver"), role="boss"), "bad-word"),
        (msgspec.structs.replace(signed(NOTE, "driver"), name=" "), "no-name"),
        (msgspec.structs.replace(signed(NOTE, "driver"), content="abc"), "other-content"),
        (msgspec.structs.replace(signed(NOTE, "driver"), stroke='M 1 1"/><script>'), "bad-stroke"),
        (msgspec.structs.replace(signed(NOTE, "driver"), stroke=STROKE + " L 1 1" * LONGEST_STROKE), "bad-stroke"),
        (signed(NOTE, "driver"), None),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_reason(put: Papering, reason: str | None) -> None:
    found = refusal(put)

    assert (None if found is None else str(found.reason)) == reason
    if found is not None:
        assert found.said("zh") != found.said("en")
