"""`/api/v1/alarms/{alarm}/lots`: from an excursion to the goods: which, how many, where they are, who received them."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query

from coldchain.clock import parse_rfc3339, rfc3339
from coldchain.goods.reader import KnownLot
from coldchain.goods.recallwords import Language
from coldchain.goods.where import PRESUMED, Affected, Presence, affected
from coldchain.registry import Registry
from dashboards import lot_models as models
from dashboards.alarm_lots_table import table_of
from dashboards.api import Cursor, Limit
from dashboards.lot_standing import HELD, PARTLY, standings
from dashboards.lots import received, short
from dashboards.models import Page
from dashboards.problems import Problem
from dashboards.recalls import Csv, csv_file
from dashboards.sources import Sources


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/alarms/{alarm}/lots")
    def lots(alarm: str, limit: Limit = 1000, cursor: Cursor = None) -> models.AlarmLots:
        """The lots that lay in an alarm's asset while it lasted, presumed ones with the reason, and where they are."""
        found = _alarm(sources, alarm)
        goods = _goods(sources, found)
        return _listed(sources, found, goods, limit, cursor)

    @api.get("/alarms/{alarm}/lots.csv", response_class=Csv)
    def table(alarm: str, language: Annotated[Language, Query(description="zh or en")] = "zh") -> Csv:
        """A row a lot: how much, how certain, where now, who received it, with telephone."""
        found = _alarm(sources, alarm)
        goods = _goods(sources, found)
        lots = _listed(sources, found, goods, len(goods.there) + 1, None).items
        registry, now_ms = sources.registry(), sources.clock.now_ms()
        products = {one.product: registry.product_at(one.product, now_ms) for one in lots}
        text = table_of(lots, _sites(registry, goods), products, language, simulated=sources.demo)
        return csv_file(text, "lots-of-alarm")

    @api.get("/alarms/{alarm}/consignees")
    def consignees(alarm: str) -> Page[models.LotsReceived]:
        """Who received these lots, or what came out of them since: by site, with telephone and quantities."""
        return Page(items=_sites(sources.registry(), _goods(sources, _alarm(sources, alarm))))

    return api


def _alarm(sources: Sources, name: str) -> dict[str, Any]:
    found = sources.alarms.alarm(name)
    if found is None:
        raise Problem(404, "no such alarm", f"there is no alarm {name!r:.80}")
    return found


def _goods(sources: Sources, alarm: dict[str, Any]) -> Affected:
    """Return the goods of an alarm, from its onset until its end, or until now."""
    now_ms = sources.clock.now_ms()
    from_ms = parse_rfc3339(alarm["onset"])
    to_ms = now_ms if alarm["ended"] is None else parse_rfc3339(alarm["ended"])
    return affected(sources.goods, sources.registry(), alarm["asset"], from_ms, max(to_ms, from_ms + 1), now_ms)


def _listed(
    sources: Sources, alarm: dict[str, Any], goods: Affected, limit: int, cursor: str | None
) -> models.AlarmLots:
    there = {one.lot: one for one in reversed(goods.there)}  # where it is certain goes before where it is presumed
    names = sorted(name for name in there if cursor is None or name > cursor)
    shown = names[:limit]
    known = sources.goods.lots_named(shown)
    stand = standings(sources, shown)
    return models.AlarmLots(
        alarm=alarm["id"],
        state=alarm["state"],
        asset=alarm["asset"],
        from_=alarm["onset"],
        to=alarm["ended"],
        total=len(there),
        presumed_total=sum(one.presumed for one in there.values()),
        presumed_reason=PRESUMED[1],
        became=goods.became,
        check_until=_check_until(sources, alarm["id"]),
        items=[_lot(known[name], there[name], stand[name]) for name in shown],
        next=shown[-1] if len(names) > limit else None,
        demo=sources.demo,
    )


def _check_until(sources: Sources, alarm: str) -> str | None:
    """Return until when a core temperature is asked for; None: not (any more)."""
    found = sources.corrective.about(alarm)
    until_ms = None if found is None or found.row is None else found.row["check_until_ms"]
    return None if until_ms is None else rfc3339(until_ms)


def _lot(known: KnownLot, one: Presence, standing: dict[str, Any]) -> models.AlarmLot:
    return models.AlarmLot(
        **short(known),
        **standing,
        place=one.place,
        from_=rfc3339(one.from_ms),
        to=rfc3339(one.to_ms),
        there=one.quantity,
        presumed=one.presumed,
        held=standing["state"] in (HELD, PARTLY),
    )


def _sites(registry: Registry, goods: Affected) -> list[models.LotsReceived]:
    rows = [received(registry, one) for one in goods.received]
    return [_site(list(group)) for _, group in groupby(rows, key=lambda one: one.site)]


def _site(rows: list[models.LotReceived]) -> models.LotsReceived:
    first = rows[0]
    return models.LotsReceived(
        site=first.site,
        site_name=first.site_name,
        operator=first.operator,
        operator_name=first.operator_name,
        phone=first.phone,
        first_at=min(one.first_at for one in rows),
        last_at=max(one.last_at for one in rows),
        lots=rows,
    )
