"""`/api/v1/papers` and what goes with it: hand-over notes and deliveries, drafts, signatures, pictures, prints.

What is written goes into the ledger, whole or not at all; what was said before, word for word, is answered as before.
A delivery that becomes complete puts its goods into the shop in the same transaction.
"""

from __future__ import annotations

import threading
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from coldchain.clock import parse_rfc3339
from coldchain.custody.goods import LotPlaced
from coldchain.custody.papers import PHOTO_TYPES, Delivery, MilkNote, Paper, Papering, kind_of, paper_of
from coldchain.errors import Unavailable
from coldchain.goods.asking import Asking as GoodsAsking
from coldchain.goods.places import ASSET
from coldchain.papers.asking import Asking
from coldchain.papers.beside import beside
from coldchain.papers.drafts import drafts
from coldchain.papers.fold import PaperBook, State
from coldchain.papers.placing import placements
from coldchain.papers.printing import Sheet, pdf_of
from coldchain.papers.probes import boxes_of
from coldchain.papers.reader import Wanted
from coldchain.papers.sheet import COPIES, Printing, sheet_of
from coldchain.papers.verdicts import PHOTO_BYTES
from coldchain.registry import Change, Registry
from coldchain.registry.intervals import FOREVER_MS
from dashboards import paper_models as models
from dashboards.api import Cursor, Limit
from dashboards.models import Page
from dashboards.paper_shapes import paper_data, paper_in_full, paper_short
from dashboards.problems import Problem
from dashboards.refusing import Refused, number_in, refused_page
from dashboards.saying import Body, from_here, said_in
from dashboards.sources import Sources

From = Annotated[str | None, Query(alias="from", description="RFC 3339 with offset; default: from the beginning")]
To = Annotated[str | None, Query(description="RFC 3339 with offset, excluded; default: without end")]


Copy = Annotated[str, Query(description="station or plant; supplier or shop; default: the receiving side's")]

PDF = "application/pdf"

PICTURES: dict[str, dict[str, str]] = {kind: {} for kind in PHOTO_TYPES}
"""What a picture is answered as, for the document of the API."""


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request: who says what of papers, and why; each entry as in docs/contracts.md."""

    who: str
    why: str
    entries: list[Papering]


async def _picture(request: Request) -> bytes:
    """Return a picture's bytes, and stop reading as soon as there are too many."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > PHOTO_BYTES:
            raise Problem(413, "too large", f"a picture has at most {PHOTO_BYTES} bytes: scale it down")
    return bytes(content)


def router(sources: Sources) -> APIRouter:
    """Return the addresses of papers over some sources."""
    api = APIRouter(prefix="/api/v1")
    writing = threading.Lock()  # two sides that sign at once: one of them must see the other's signature

    @api.get("/papers")
    def papers(
        site: Annotated[str, Query(description="only what this site sent or received")] = "",
        trip: Annotated[str, Query(description="only of this trip")] = "",
        vehicle: Annotated[str, Query(description="only of this vehicle")] = "",
        kind: Annotated[str, Query(description="milk-note or delivery")] = "",
        from_: From = None,
        to: To = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Page[models.PaperShort]:
        """Papers, the newest first."""
        from_ms, to_ms = _moment(from_, 0), _moment(to, FOREVER_MS)
        wanted = Wanted(site=site, trip=trip, vehicle=vehicle, kind=kind, from_ms=from_ms, to_ms=to_ms)
        found = sources.papers.papers(wanted, limit=limit + 1, before=_before(cursor))
        items = [paper_short(sources, sources.papers.paper(name)) for _, name in found[:limit]]
        following = f"{found[limit - 1][0]}:{found[limit - 1][1]}" if len(found) > limit else None
        return Page(items=items, next=following)

    @api.get("/papers/refused")
    def refused(limit: Limit = 100, cursor: Cursor = None) -> Page[Refused]:
        """Entries that cannot be, such as a change of what was complete: kept with their reason."""
        after = 0 if cursor is None else number_in(cursor)
        return refused_page(sources.papers.refused(limit=limit + 1, after=after), limit)

    @api.get("/papers/{paper}")
    def paper(paper: str) -> models.Paper:
        """One paper: content, signatures, and what the data says beside it."""
        return paper_in_full(sources, Asking(sources.ledger, sources.papers), paper)

    @api.post("/papers", status_code=201)
    def say(request: Request, body: Body) -> models.PaperPosted:
        """Write drafts, updates, signatures: all of it, or nothing and the reason for each entry that cannot be."""
        saying = said_in(request, body, Saying)
        with writing:
            return write(sources, saying)

    @api.get("/papers/{paper}/pdf", response_class=Response, responses={200: {"content": {PDF: {}}}})
    def pdf(paper: str, copy: Copy = "", lang: Annotated[str, Query(pattern="^(zh|en)$")] = "zh") -> Response:
        """One copy of a paper as PDF; of a complete paper the same bytes as long as the data says the same."""
        book = Asking(sources.ledger, sources.papers).book(paper)
        if book.paper is None:
            raise Problem(404, "no such paper", f"there is no paper {paper!r:.80}; GET /api/v1/papers lists all")
        try:
            content = pdf_of(_sheet(sources, book, book.paper, copy, lang))
        except Unavailable as fault:
            raise Problem(503, "not drawn", str(fault)) from fault
        return Response(
            content,
            media_type=PDF,
            headers={"Content-Disposition": f'inline; filename="{paper}.pdf"'},
        )

    @api.get("/trips/{trip}/drafts")
    def draft(trip: str) -> models.PaperDrafts:
        """The papers that a trip needs, as far as its plan, positions, probes and goods know them."""
        book = sources.papers.trip(trip)
        if book.plan is None:
            raise Problem(404, "no such trip", f"there is no plan of a trip {trip!r:.80}")
        data = paper_data(sources)
        there = _there(sources, trip)
        return models.PaperDrafts(
            trip=trip,
            items=[
                models.PaperDraft(
                    stop=one.stop,
                    content=msgspec.to_builtins(one.paper),
                    existing=[paper.id for paper in there if _same_stop(paper, one.paper)],
                )
                for one in drafts(data, book, sources.clock.now_ms())
            ],
            demo=sources.demo,
        )

    @api.post("/photos", status_code=201)
    def keep(request: Request, content: Annotated[bytes, Depends(_picture)]) -> models.PaperPhoto:
        """Keep a picture (the body, JPEG, PNG or WebP) under its SHA-256; the same bytes again are the same picture."""
        from_here(request)
        try:
            kept = sources.photos.keep(content)
        except ValueError as fault:
            raise Problem(422, "no such picture", str(fault)) from fault
        return models.PaperPhoto(sha256=kept.sha256, size=kept.size, type=kept.type)

    @api.get("/photos/{sha256}", response_class=Response, responses={200: {"content": PICTURES}})
    def photo(sha256: str) -> Response:
        """A picture's bytes."""
        content, kind = sources.photos.read(sha256)
        if content is None or kind is None:
            raise Problem(404, "no such picture", f"{sha256!r:.80}: nobody sent it, or it was lost")
        return Response(content, media_type=kind)

    return api


def write(sources: Sources, saying: Saying) -> models.PaperPosted:
    """Write what is said into the ledger in one transaction, with the places of goods that follow from it.

    Raises:
        Problem: 422: an entry cannot be; all of them are named, and nothing is written.
    """
    now_ms = sources.clock.now_ms()
    asking = Asking(sources.ledger, sources.papers)
    taken = asking.take(saying.entries, saying.who, saying.why, now_ms)
    if taken.refused:
        detail = "; ".join(f"entries.{one.number}: {one.refused.reason}: {one.refused.said()}" for one in taken.refused)
        raise Problem(422, "these entries cannot be", detail)
    if taken.new:
        placed = [put for name in taken.completed for put in _placed(sources, asking, name)]
        changes = [Change(put, saying.who, saying.why).encode() for put in (*taken.new, *placed)]
        positions = iter(sources.ledger.change(changes, now_ms))
    else:
        positions = iter(())
    numbers = range(len(saying.entries))
    told = [taken.repeated[number] if number in taken.repeated else next(positions) for number in numbers]
    names = dict.fromkeys(paper_of(put) for put in saying.entries)
    return models.PaperPosted(positions=told, papers=[paper_in_full(sources, asking, name) for name in names])


def _placed(sources: Sources, asking: Asking, name: str) -> list[LotPlaced]:
    """Return where a complete delivery puts its goods, and which tank or box of the truck they came from.

    A lot that nobody knows yet is placed as well: it counts as soon as it is known.
    """
    book = asking.book(name)
    vehicle = book.paper.vehicle if book.paper else ""
    goods = GoodsAsking(sources.ledger, sources.goods)
    registry = sources.registry()
    return [_taken_from(goods, registry, vehicle, put) for put in placements(book, asking.book)]


def _taken_from(goods: GoodsAsking, registry: Registry, vehicle: str, put: LotPlaced) -> LotPlaced:
    boxes = {ASSET + asset for asset in boxes_of(registry, vehicle, put.from_ms)}
    stays = goods.book(put.lot).stays
    there = {stay.place for stay in stays if stay.place in boxes and stay.from_ms <= put.from_ms <= stay.to_ms}
    return msgspec.structs.replace(put, taken_from=there.pop()) if len(there) == 1 else put


def _sheet(sources: Sources, book: PaperBook, paper: Paper, copy: str, language: str) -> Sheet:
    """Return the sheet of a paper as the data stands now.

    Raises:
        Problem: 422: it has no such copy.
    """
    copies = COPIES[kind_of(paper)]
    if copy and copy not in copies:
        raise Problem(422, "the request does not fit", f"copy: {' or '.join(copies)}")
    registry = sources.registry()
    told = beside(paper_data(sources), sources.papers.trip(paper.trip), paper)
    return sheet_of(book, Printing(registry, sources.photos, told, language, copy or copies[-1], sources.demo))


def _there(sources: Sources, trip: str) -> list[Paper]:
    """Return the papers of a trip that are meant."""
    found = sources.papers.papers(Wanted(trip=trip), limit=1000)
    books = [sources.papers.paper(name) for _, name in found]
    return [book.paper for book in books if book.paper is not None and book.state is not State.VOIDED]


def _same_stop(paper: Paper, draft: Paper) -> bool:
    match paper, draft:
        case MilkNote(), MilkNote():
            return paper.station == draft.station
        case Delivery(), Delivery():
            return paper.site == draft.site and paper.stop in (None, draft.stop)
        case _:
            return False


def _moment(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        return parse_rfc3339(text)
    except ValueError as fault:
        raise Problem(422, "the request does not fit", f"from, to: {fault}") from fault


def _before(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    when, _, name = cursor.partition(":")
    return number_in(when), name
