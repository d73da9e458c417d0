"""Papers that tests tell stories of: 1,000 kg of milk from a station to a plant, and a delivery of two lots."""

from __future__ import annotations

from collections.abc import Iterable

from coldchain.custody.papers import (
    ROLES,
    Celsius,
    Delivery,
    DeliveryLine,
    MilkNote,
    MilkTank,
    Paper,
    PaperEnd,
    Papering,
    PaperSignature,
    kind_of,
)
from coldchain.papers.content import signed_digest
from coldchain.papers.fold import PaperBook, PaperSaid, paper_book
from tests.support import HOUR_MS, T0

STROKE = "M 100 200 L 400 120 L 700 260"


def hour(number: float) -> int:
    """Return a moment so many hours after the story began."""
    return T0 + round(number * HOUR_MS)


LEFT = PaperEnd(hour(1), "typed", (Celsius(3.5, "tank"),))
CAME = PaperEnd(hour(3), "typed", (Celsius(4.0, "tank"),))

NOTE = MilkNote(
    "N-1", hour(1), "st", "plant", trip="t1", vehicle="v1", plate="沪A·12345", permit="准-7", driver="李四",
    escort="王五", tanks=(MilkTank("tank", 1000.0, ("F-1",), ("S-1", "S-2")),), departed=LEFT,
)  # fmt: skip
"""As the milk leaves."""

DELIVERY = Delivery(
    "D-1", hour(8), "s1", trip="t7", stop=1, vehicle="v1", plate="沪A·54321", driver="李四", order="O-9",
    arrived=PaperEnd(hour(8), "typed", (Celsius(4.5, "body"),)),
    lines=(
        DeliveryLine("pasteurized", "件", "L1", "B1", 40, 40, 40, 0, celsius=Celsius(5.2, thermometer="T-3")),
        DeliveryLine("pasteurized", "件", "L2", "B2", 20, 20, 15, 5, reason="胀包"),
    ),
    packing="intact", certificate="seen", decision="partly",
)  # fmt: skip


def signed(paper: Paper, role: str, at: float = 9, name: str = "") -> PaperSignature:
    """Return a role's signature of what is on a paper."""
    return PaperSignature(paper.id, role, name or role, signed_digest(paper, role), hour(at), STROKE)


def all_signed(paper: Paper, at: float = 9) -> list[PaperSignature]:
    """Return the signature of every role."""
    return [signed(paper, role, at) for role in ROLES[kind_of(paper)]]


def book(puts: Iterable[Papering]) -> PaperBook:
    """Fold what is said of a paper, in this order of the ledger; each was received an hour after the one before."""
    return paper_book(PaperSaid(number, hour(number), put, "clerk") for number, put in enumerate(puts, 1))
