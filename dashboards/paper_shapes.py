"""Papers as the API says them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from coldchain.clock import rfc3339
from coldchain.custody.papers import ROLES, Delivery, Paper, Photo, kind_of
from coldchain.papers.asking import Asking
from coldchain.papers.beside import Beside, beside
from coldchain.papers.content import digest, lacking, signed_digest
from coldchain.papers.drafts import Data
from coldchain.papers.fold import PaperBook, PaperSaid, signature_of
from coldchain.papers.placing import placements
from coldchain.papers.stops import Seen, StopSeen
from coldchain.papers.store import row_of
from dashboards import paper_models as models
from dashboards.problems import Problem
from dashboards.sources import Sources


def paper_data(sources: Sources) -> Data:
    """Return where drafts come from, and what stands beside papers."""
    return Data(sources.series, sources.registry(), sources.goods, lambda trip: _stops(sources, trip))


def _stops(sources: Sources, name: str) -> list[StopSeen]:
    known = sources.trips.trip(name)
    stops = [] if known is None or known.view is None else known.view.stops
    return [StopSeen(_seen(stop.arrived_ms, stop.arrived_by), _seen(stop.left_ms, stop.left_by)) for stop in stops]


def _seen(at_ms: int | None, by: str) -> Seen | None:
    return None if at_ms is None else (at_ms, by if by == "positions" else "said")


def paper_short(sources: Sources, book: PaperBook) -> models.PaperShort:
    """Return the shape of a paper in a list."""
    return models.PaperShort(**_short(sources, book))


def paper_in_full(sources: Sources, asking: Asking, name: str) -> models.Paper:
    """Return everything that is known of a paper.

    Raises:
        Problem: 404: it is not known.
    """
    book = asking.book(name)
    paper = book.paper
    if paper is None:
        raise Problem(404, "no such paper", f"there is no paper {name!r:.80}; GET /api/v1/papers lists all")
    roles = ROLES[kind_of(paper)]
    data = paper_data(sources)
    return models.Paper(
        **_short(sources, book),
        content=msgspec.to_builtins(paper),
        hash=digest(paper),
        to_sign={role: signed_digest(paper, role) for role in roles},
        lacking={role: lacking(paper, role) for role in roles},
        versions=len(book.versions),
        signatures=[_signature(book, said) for said in book.signatures],
        beside=[_beside(one) for one in beside(data, sources.papers.trip(paper.trip), paper)],
        photos_missing=sorted({one.sha256 for one in photos_of(paper) if not sources.photos.has(one.sha256)}),
        placed=[
            models.PaperPlaced(lot=put.lot, place=put.place, from_=rfc3339(put.from_ms), quantity=put.quantity)
            for put in placements(book, asking.book)
        ],
        voided=_voided(book),
        who=book.versions[-1].who,
        why=book.versions[-1].why,
        demo=sources.demo,
    )


def photos_of(paper: Paper) -> Iterator[Photo]:
    """Yield the pictures that a paper names."""
    if isinstance(paper, Delivery):
        yield from paper.photos
        for line in paper.lines:
            yield from line.photos


def _short(sources: Sources, book: PaperBook) -> dict[str, Any]:
    row = row_of(book)
    names = ("id", "kind", "state", "sender", "receiver", "trip", "vehicle", "replaces")
    return {
        **{name: row[name] for name in names},
        "when": rfc3339(int(str(row["when_ms"]))),
        "missing": book.missing(),
        "replaced_by": sources.papers.replaced_by(str(row["id"])),
    }


def _voided(book: PaperBook) -> models.PaperVoided | None:
    said = book.voided
    return None if said is None else models.PaperVoided(at=rfc3339(said.put.at_ms), who=said.who, why=said.why)


def _signature(book: PaperBook, said: PaperSaid) -> models.PaperSigned:
    put = signature_of(said)
    return models.PaperSigned(
        role=put.role,
        name=put.name,
        phone=put.phone,
        user=put.user,
        device=put.device,
        signed_at=rfc3339(put.at_ms),
        received_at=rfc3339(said.received_ms),
        stroke=put.stroke,
        hash=put.content,
        counts=book.counts(said),
    )


def _beside(one: Beside) -> models.PaperBeside:
    return models.PaperBeside(
        field=one.field,
        source=one.source,
        differs=one.differs,
        at=None if one.at_ms is None else rfc3339(one.at_ms),
        celsius=one.celsius,
        text=one.text,
        measured_at=None if one.measured_ms is None else rfc3339(one.measured_ms),
    )
