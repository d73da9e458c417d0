"""`/api/v1/corrections` and what goes with it: corrective action, leads, risk reports; what is said about them.

What is written goes into the ledger, whole or not at all; a core temperature above its limit holds the lots there in
the same transaction.
"""

from __future__ import annotations

import threading
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request

from alerts.corrective.asking import Asking, Known
from alerts.corrective.reader import Found, Wanted
from coldchain.clock import parse_rfc3339
from coldchain.corrective import LEAD, RISK, CoreTemperature, Corrective
from coldchain.corrective.fold import State
from coldchain.corrective.grading import Grade
from coldchain.custody.goods import LotHold
from coldchain.goods.asking import Asking as GoodsAsking
from coldchain.registry import Change
from coldchain.registry.intervals import FOREVER_MS
from dashboards import correction_models as models
from dashboards.api import Cursor, Limit
from dashboards.correction_shapes import matter, short, whole
from dashboards.measuring import holds, measured
from dashboards.measuring import whole as whole_reading
from dashboards.models import Page
from dashboards.problems import Problem
from dashboards.saying import Body, said_in
from dashboards.sources import Sources

STATES = (*State, "overdue", "to-check", "todo", "all")

From = Annotated[str | None, Query(alias="from", description="RFC 3339 with offset; default: from the beginning")]
To = Annotated[str | None, Query(description="RFC 3339 with offset, excluded; default: without end")]


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request: who says what, and why; each entry as in docs/contracts.md."""

    who: str
    why: str
    entries: list[Corrective]


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1")
    writing = threading.Lock()  # two who verify at once: one of them must see what the other said

    @api.get("/corrections")
    def corrections(
        state: Annotated[str, Query(description=", ".join(STATES))] = "todo",
        grade: Annotated[str, Query(description=", ".join(Grade))] = "",
        site: str = "",
        from_: From = None,
        to: To = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> models.CorrectionPage:
        """Corrective actions, the oldest first, with how many there are."""
        if state not in STATES or (grade and grade not in list(Grade)):
            known = f"state: {', '.join(STATES)}; grade: {', '.join(Grade)}"
            raise Problem(422, "the request does not fit", known)
        now_ms = sources.clock.now_ms()
        wanted = Wanted(state, grade, site, _moment(from_, 0), _moment(to, FOREVER_MS))
        rows = sources.corrective.corrections(wanted, now_ms, limit=limit + 1, after=_place(cursor))
        following = f"{rows[limit - 1]['begun_ms']}:{rows[limit - 1]['about']}" if len(rows) > limit else None
        counts = sources.corrective.counts(now_ms)
        return models.CorrectionPage(
            items=[short(row, now_ms) for row in rows[:limit]],
            counts=models.CorrectionCounts(**{name.replace("-", "_"): count for name, count in counts.items()}),
            next=following,
            demo=sources.demo,
        )

    @api.get("/corrections/{about}")
    def correction(about: str) -> models.Correction:
        """One corrective action: what was said last, what it lacks, and everything that was ever said."""
        found = _asking(sources).found(about)
        if found is None or found.row is None:
            raise Problem(404, "no such corrective action", f"there is no alarm, lead or risk {about!r:.80}")
        return whole(found, sources.clock.now_ms(), demo=sources.demo)

    @api.post("/corrections", status_code=201)
    def say(request: Request, body: Body) -> models.CorrectionPosted:
        """Write what somebody says: corrections, verifications, core temperatures, leads, risk reports."""
        saying = said_in(request, body, Saying)
        with writing:
            return write(sources, saying)

    @api.get("/leads")
    def leads(
        state: Annotated[str, Query(pattern="^(open|correcting|closed)?$")] = "",
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Page[models.Matter]:
        """Leads, the newest first."""
        return _matters(sources, "lead", state, limit, cursor)

    @api.get("/leads/{lead}")
    def lead(lead: str) -> models.Matter:
        """One lead with everything that was said."""
        return _matter(sources, LEAD + lead)

    @api.get("/risk-reports")
    def risk_reports(
        state: Annotated[str, Query(pattern="^(open|correcting|closed)?$")] = "",
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Page[models.Matter]:
        """Risk reports, the newest first."""
        return _matters(sources, "risk", state, limit, cursor)

    @api.get("/risk-reports/{report}")
    def risk_report(report: str) -> models.Matter:
        """One risk report with everything that was said."""
        return _matter(sources, RISK + report)

    return api


def write(sources: Sources, saying: Saying) -> models.CorrectionPosted:
    """Write what is said into the ledger in one transaction, with the holds that follow from readings.

    Raises:
        Problem: 422: an entry cannot be; all of them are named in zh and en, and nothing is written.
    """
    now_ms = sources.clock.now_ms()
    entries = [_completed(sources, put) for put in saying.entries]
    taken = _asking(sources).take(entries, saying.who, saying.why, now_ms)
    if taken.refused:
        said = [(one.number, one.refused) for one in taken.refused]
        detail = "; ".join(
            f"entries.{number}: {fault.reason}: {fault.said('zh')} ({fault.said('en')})" for number, fault in said
        )
        raise Problem(422, "these entries cannot be", detail)
    follow = _holds(sources, [put for put in taken.new if isinstance(put, CoreTemperature)], saying)
    changes = [Change(put, saying.who, saying.why).encode() for put in taken.new]
    changes += [Change(put, saying.who, _reason(put, taken.new)).encode() for put in follow]
    positions = iter(sources.ledger.change(changes, now_ms) if changes else ())
    numbers = range(len(entries))
    told = [taken.repeated[number] if number in taken.repeated else next(positions) for number in numbers]
    readings = [measured(put) for put in entries if isinstance(put, CoreTemperature)]
    return models.CorrectionPosted(positions=told, measured=readings)


def _completed(sources: Sources, put: Corrective) -> Corrective:
    """Return an entry with what the server knows better than the device: of a reading alarm, asset, limit and lots."""
    if not isinstance(put, CoreTemperature):
        return put
    if put.about and not put.asset:
        alarm = sources.corrective.alarm(put.about)
        put = msgspec.structs.replace(put, asset=alarm.asset if alarm else "")
    elif put.asset and not put.about:
        put = msgspec.structs.replace(put, about=sources.corrective.checked_at(put.asset))
    return whole_reading(sources.goods, sources.registry(), put)


def _holds(sources: Sources, readings: list[CoreTemperature], saying: Saying) -> list[LotHold]:
    registry = sources.registry()
    asked = [hold for put in readings for hold in holds(sources.goods, registry, put)]
    goods = GoodsAsking(sources.ledger, sources.goods)
    made, _ = goods.take(registry, asked, saying.who, saying.why)  # a hold that cannot be stands already
    return [put for put in made if isinstance(put, LotHold)]


def _reason(hold: LotHold, said: list[Corrective]) -> str:
    """Return why a lot is held: the reading, in words."""
    put = next(one for one in said if isinstance(one, CoreTemperature) and one.id == hold.id)
    return f"中心温度 {put.celsius:g} ℃,高于 {put.limit_celsius:g} ℃ (core temperature above its limit)"


def _asking(sources: Sources) -> Asking:
    registry, goods = sources.registry(), sources.goods
    known = Known(
        photo=sources.photos.has,
        site=lambda name: name in registry.sites,
        asset=lambda name: name in registry.assets,
        lot=lambda name: goods.lot(name) is not None,
        recall=lambda name: goods.recall(name).began is not None,
    )
    return Asking(sources.ledger, sources.corrective, known)


def _matters(sources: Sources, kind: str, state: str, limit: int, cursor: str | None) -> Page[models.Matter]:
    rows = sources.corrective.matters(kind, state=state, limit=limit + 1, before=_place(cursor))
    items = [_matter(sources, row["about"]) for row in rows[:limit]]
    following = f"{rows[limit - 1]['at_ms']}:{rows[limit - 1]['about']}" if len(rows) > limit else None
    return Page(items=items, next=following)


def _matter(sources: Sources, about: str) -> models.Matter:
    found: Found | None = _asking(sources).found(about)
    if found is None:
        raise Problem(404, "no such thing", f"there is no {about!r:.80}")
    return matter(found, sources.clock.now_ms(), demo=sources.demo)


def _moment(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        return parse_rfc3339(text)
    except ValueError as fault:
        raise Problem(422, "the request does not fit", f"from, to: {fault}") from fault


def _place(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    when, _, about = cursor.partition(":")
    if not when.isdecimal() or len(when) > 18 or not about:
        raise Problem(422, "the request does not fit", "cursor: pass the `next` of an answer unchanged")
    return int(when), about
