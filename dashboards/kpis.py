"""`/api/v1/kpis`: KPIs of some days by site, region, carrier or as a whole, with what each is made of."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from alerts.kpi.alarming import top_sources
from alerts.kpi.days import Days
from alerts.kpi.definitions import DEFINITIONS, By, Definition
from alerts.kpi.figures import Waits
from coldchain.clock import rfc3339
from coldchain.goods.recallwords import SIMULATED
from coldchain.people.calendar import HOME, local_at
from coldchain.registry import Registry
from coldchain.registry.reading_csv import protected
from coldchain.trips.milkings import Milkings
from dashboards import kpi_models as models
from dashboards.kpi_sums import Asked, Found, Group, kpis_of
from dashboards.problems import Problem
from dashboards.recalls import Csv
from dashboards.sources import Sources
from dashboards.trips import site_name

MOST_DAYS = 366

COLUMNS = {
    "zh": ("编号", "名称", "指标", "单位", "分子", "分母", "不计入", "比率", "中位数(秒)", "90 分位(秒)", "定义"),
    "en": (
        *("id", "name", "KPI", "unit", "numerator", "denominator", "left out", "rate", "p50 (s)", "p90 (s)"),
        "definition",
    ),
}  # fmt: skip

First = Annotated[
    str, Query(alias="from", description="first day, 2026-11-01; default: the first of the last one's month")
]
Last = Annotated[str, Query(alias="to", description="last day, included; default: today in China")]
ByWhat = Annotated[By, Query(description="site, region (the nearest), carrier or all")]
OfSite = Annotated[str, Query(description="only this site")]
OfRegion = Annotated[str, Query(description="only this region, and those in it")]


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1")

    @functools.cache
    def milkings() -> Milkings:
        return Milkings(sources.ledger)

    def found(first: str, last: str, by: By, site: str, region: str) -> tuple[Asked, Found]:
        asked = _asked(sources, first, last, by, site, region)
        return asked, kpis_of(sources, milkings(), asked)

    @api.get("/kpis")
    def kpis(
        first: First = "", last: Last = "", by: ByWhat = By.ALL, site: OfSite = "", region: OfRegion = ""
    ) -> models.Kpis:
        """KPIs of some days, each with numerator and denominator; days are those of each site's own time zone."""
        asked, these = found(first, last, by, site, region)
        registry = sources.registry()
        return models.Kpis(
            from_=asked.days.first.isoformat(),
            to=asked.days.last.isoformat(),
            by=by,
            as_of=rfc3339(sources.clock.now_ms()),
            definitions=[_definition(one) for one in DEFINITIONS if by in one.by],
            items=[_group(registry, by, name, group) for name, group in sorted(these.groups.items())],
            top_sources=_sources(registry, these),
            demo=sources.demo,
        )

    @api.get("/kpis.csv", response_class=Csv)
    def table(
        first: First = "",
        last: Last = "",
        by: ByWhat = By.ALL,
        site: OfSite = "",
        region: OfRegion = "",
        language: Annotated[Literal["zh", "en"], Query(description="zh or en")] = "zh",
    ) -> Response:
        """The same as a table, a row a KPI and group, each with its definition."""
        _, these = found(first, last, by, site, region)
        out = io.StringIO()
        writer = csv.writer(out)
        if sources.demo:
            writer.writerow([f"# {SIMULATED}"])
        writer.writerow(COLUMNS[language])
        for row in _rows(sources.registry(), by, these, language):
            writer.writerow([protected(cell) for cell in row])
        return Csv(out.getvalue().encode("utf-8-sig"))  # with the mark that Excel wants

    return api


def _asked(sources: Sources, first: str, last: str, by: By, site: str, region: str) -> Asked:
    registry = sources.registry()
    try:
        to = date.fromisoformat(last) if last else local_at(HOME, sources.clock.now_ms()).date()
        begin = date.fromisoformat(first) if first else to.replace(day=1)
    except ValueError as fault:
        raise Problem(422, "the request does not fit", f"{fault}: write a day as 2026-11-01") from fault
    if not 0 <= (to - begin).days < MOST_DAYS:
        raise Problem(422, "the request does not fit", f"{begin} to {to}: at least a day, {MOST_DAYS} at most")
    if site and site not in registry.sites:
        raise Problem(404, "no such site", f"there is no site {site!r:.80}; GET /api/v1/sites lists all")
    if region and region not in registry.regions:
        raise Problem(404, "no such region", f"there is no region {region!r:.80}")
    return Asked(Days(begin, to), by, site, region)


def _definition(one: Definition) -> models.KpiDefinition:
    return models.KpiDefinition(
        key=one.key, unit=one.unit, name_zh=one.name_zh, name_en=one.name_en, zh=one.zh, en=one.en
    )


def _group(registry: Registry, by: By, name: str, group: Group) -> models.KpiGroup:
    kpis = [_kpi(one.key, group) for one in DEFINITIONS if by in one.by]
    return models.KpiGroup(group=name, name=_name(registry, by, name), sites=group.sites, kpis=kpis)


def _kpi(key: str, group: Group) -> models.Kpi:
    waits = group.waits.get(key, Waits())
    share = waits.share if key in group.waits else group.shares[key]
    return models.Kpi(
        key=key,
        numerator=round(share.numerator, 3),
        denominator=round(share.denominator, 3),
        left_out=round(share.left_out, 3),
        rate=share.rate,
        p50_s=waits.percentile_s(50),
        p90_s=waits.percentile_s(90),
    )


def _name(registry: Registry, by: By, group: str) -> str:
    if by is By.SITE:
        return site_name(registry, group)
    known = (registry.regions if by is By.REGION else registry.carriers).get(group)
    return known.name if known else group


def _sources(registry: Registry, found: Found) -> list[models.AlarmSource]:
    alarms = sum(map(len, found.alarms))
    return [
        models.AlarmSource(
            site=one.site,
            site_name=site_name(registry, one.site),
            asset=one.asset,
            asset_name=registry.assets[one.asset].name if one.asset in registry.assets else one.asset,
            rule=one.rule,
            alarms=one.alarms,
            share=one.alarms / alarms,
        )
        for one in top_sources(found.alarms)
    ]


def _rows(registry: Registry, by: By, found: Found, language: str) -> Iterator[tuple[str, ...]]:
    known = {one.key: one for one in DEFINITIONS}
    for name, group in sorted(found.groups.items()):
        for kpi in _group(registry, by, name, group).kpis:
            one = known[kpi.key]
            said, text = (one.name_zh, one.zh) if language == "zh" else (one.name_en, one.en)
            numbers = (kpi.numerator, kpi.denominator, kpi.left_out, kpi.rate, kpi.p50_s, kpi.p90_s)
            yield name, _name(registry, by, name), said, one.unit, *map(_cell, numbers), text


def _cell(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}"
