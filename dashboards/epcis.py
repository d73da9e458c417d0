"""`/api/v1/epcis`: what happened to goods as EPCIS 2.0 documents, out and in."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Query, Request, Response

from coldchain.clock import parse_rfc3339
from coldchain.custody.captures import EpcisCapture
from coldchain.epcis import check, written
from coldchain.exchange.capturing import captured
from coldchain.exchange.selecting import Wanted, chosen
from coldchain.goods.asking import Asking
from coldchain.registry import Change
from coldchain.registry.intervals import FOREVER_MS
from dashboards import epcis_models as models
from dashboards.epcis_world import world_of
from dashboards.lots import doubt
from dashboards.problems import Problem
from dashboards.saying import MOST_BYTES, MOST_ENTRIES, Body, from_here
from dashboards.sources import Epcis, Sources

MOST_EVENTS = 5_000
"""Events of one document."""

LONGEST_MS = 31 * 86_400_000
"""Time of one question about a site: each half hour of each cooler is an event."""


class LinkedData(Response):
    """A document of EPCIS."""

    media_type = "application/ld+json"


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/epcis", response_class=LinkedData)
    def epcis(
        lot: Annotated[str, Query(description="events of this lot, of its trips, and excursions that it was in")] = "",
        trip: Annotated[str, Query(description="events of this trip and of its goods on it")] = "",
        site: Annotated[str, Query(description="what happened here, and how warm it was; needs from and to")] = "",
        from_: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
        to: Annotated[str | None, Query(description="RFC 3339, excluded")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = 1000,
        cursor: Annotated[str | None, Query(description="of the Link of the page before")] = None,
    ) -> Response:
        """An EPCIS 2.0 document; its Link names the next page. What was sent and is wrong stands in it, declared."""
        wanted = _wanted(lot, trip, site, from_, to)
        after = None if cursor is None else _after(cursor)
        document, last = _document(sources, _epcis(sources), wanted, limit, after)
        same = {"lot": lot, "trip": trip, "site": site, "from": from_, "to": to, "limit": limit}
        return LinkedData(document, headers=None if last is None else _link("/api/v1/epcis", same, last))

    @api.get("/epcis/corrections", response_class=LinkedData)
    def corrections(
        from_: Annotated[str, Query(alias="from", description="RFC 3339: what was declared wrong since")],
        limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = 1000,
        cursor: Annotated[str | None, Query(description="of the Link of the page before")] = None,
    ) -> Response:
        """Every event that was sent to anybody and was found wrong since, declared, with what is right."""
        after = None if cursor is None else _after(cursor)
        document, last = _corrections(sources, _epcis(sources), from_, limit, after)
        same = {"from": from_, "limit": limit}
        return LinkedData(document, headers=None if last is None else _link("/api/v1/epcis/corrections", same, last))

    @api.post("/epcis/capture", status_code=201)
    def capture(
        request: Request,
        body: Body,
        who: Annotated[str, Query(description="who sends it", min_length=1)],
        why: Annotated[str, Query(description="kept with every entry", min_length=1)] = "EPCIS capture",
    ) -> models.Captured:
        """A partner's document: kept, with entries of what can be, the rest told; a faulty one is refused whole."""
        from_here(request)
        return _captured(sources, _epcis(sources), body, who, why)

    return api


def _epcis(sources: Sources) -> Epcis:
    if sources.epcis is None:
        raise Problem(409, "no address", "epcis.own is not set: name an address of your own in the settings")
    return sources.epcis


# -- out ------------------------------------------------------------------------------------------------------


def _wanted(lot: str, trip: str, site: str, from_: str | None, to: str | None) -> Wanted:
    asked = [(kind, name) for kind, name in (("lot", lot), ("trip", trip), ("site", site)) if name]
    if len(asked) != 1:
        raise Problem(422, "the request does not fit", "lot, trip, site: one of them")
    try:
        from_ms = -FOREVER_MS if from_ is None else parse_rfc3339(from_)
        to_ms = FOREVER_MS if to is None else parse_rfc3339(to)
    except ValueError as fault:
        raise Problem(422, "the request does not fit", f"from, to: {fault}") from fault
    if site and not 0 < to_ms - from_ms <= LONGEST_MS:
        raise Problem(422, "the request does not fit", "a site needs from and to, at most 31 days apart")
    return Wanted(*asked[0], from_ms, to_ms)


def _document(
    sources: Sources, epcis: Epcis, wanted: Wanted, limit: int, after: tuple[str, str] | None
) -> tuple[bytes, tuple[str, str] | None]:
    if not sources.ready():
        raise Problem(
            503, "catching up", "what is not read again yet would seem to be wrong: ask again when /readyz says so"
        )
    known = {
        "lot": lambda: sources.goods.lot(wanted.name) is not None,
        "trip": lambda: wanted.name in sources.goods.trips([wanted.name]),
        "site": lambda: wanted.name in sources.registry().sites,
    }
    if not known[wanted.kind]():
        raise Problem(404, f"no such {wanted.kind}", f"there is no {wanted.kind} {wanted.name!r:.80}")

    world = world_of(sources, epcis)
    events, last = epcis.sent.send(
        lambda told: chosen(world, wanted, told), wanted, world.now_ms, limit=limit, after=after
    )
    return written(events, world.now_ms), last


def _link(path: str, query: Mapping[str, object], last: tuple[object, str]) -> dict[str, str]:
    cursor = base64.urlsafe_b64encode(json.dumps(last).encode()).decode()
    text = urlencode({name: value for name, value in query.items() if value} | {"cursor": cursor})
    return {"Link": f'<{path}?{text}>; rel="next"'}


def _after(cursor: str) -> tuple[str, str]:
    try:
        at, name = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, TypeError, binascii.Error) as fault:
        raise Problem(422, "the request does not fit", "cursor: pass that of the Link unchanged") from fault
    return str(at), str(name)


def _corrections(
    sources: Sources, epcis: Epcis, from_: str, limit: int, after: tuple[str, str] | None
) -> tuple[bytes, tuple[int, str] | None]:
    try:
        from_ms = parse_rfc3339(from_)
        behind = None if after is None else (int(after[0]), after[1])
    except ValueError as fault:
        raise Problem(422, "the request does not fit", f"from, cursor: {fault}") from fault
    events, last = epcis.sent.corrections(from_ms, limit=limit, after=behind)
    return written(events, sources.clock.now_ms()), last


# -- in -------------------------------------------------------------------------------------------------------


def _captured(sources: Sources, epcis: Epcis, body: bytes, who: str, why: str) -> models.Captured:
    if len(body) > MOST_BYTES:
        raise Problem(413, "too large", f"at most {MOST_BYTES} bytes a document")
    try:
        text = body.decode()
        document = msgspec.json.decode(body)
    except (UnicodeDecodeError, msgspec.DecodeError) as fault:
        raise Problem(422, "no EPCIS document", str(fault)) from fault
    faults = check(document)
    if faults:
        raise Problem(422, "no EPCIS document", "; ".join(fault.said() for fault in faults))
    registry = sources.registry()
    found = captured(document, epcis.names, registry, sources.goods)
    if len(found.puts) > MOST_ENTRIES:
        raise Problem(413, "too large", f"{len(found.puts)} entries: at most {MOST_ENTRIES} a document")
    asking = Asking(sources.ledger, sources.goods)
    made, refused = asking.take(registry, found.puts, who, why)
    if refused:
        detail = "; ".join(f"{one.refused.reason}: {one.refused.said()}" for one in refused)
        raise Problem(422, "what it says cannot be", detail)
    kept = EpcisCapture(sha256(body).hexdigest(), text, len(made), len(found.rest))
    changes = [Change(put, who, why).encode() for put in (kept, *made)]
    positions = sources.ledger.change(changes, sources.clock.now_ms())
    return models.Captured(
        document=kept.id,
        positions=positions,
        rest=[
            models.NotCaptured(event=number, why_zh=why_zh, why_en=why_en) for number, (why_zh, why_en) in found.rest
        ],
        doubts=[doubt(name, told) for name, told in asking.doubts()],
    )
