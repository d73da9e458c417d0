"""`/api/v1`: sites, assets, points, readings, rollups, alarms, quarantine, health.

Lists are paged by cursor, times are RFC 3339 with offset, errors are problem documents. Endpoints are plain functions:
they read files and run in the server's thread pool, never in its loop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query

from alerts.doing import doing
from coldchain import __version__
from coldchain.batches import decode_batch
from coldchain.clock import parse_rfc3339, rfc3339
from coldchain.ledger.port import Ledger
from coldchain.readings import Quality, quality_words
from coldchain.registry import Registry
from coldchain.registry.intervals import FOREVER_MS
from coldchain.series.holes import holes_of
from coldchain.series.port import Quarantined, Window
from dashboards import models
from dashboards.inbox import MOST, inbox
from dashboards.problems import Problem
from dashboards.reading import bucket_ms_for, faults_of, limits_of, marks_of, node_of, spans_at
from dashboards.sources import Sources

MAX_LIMIT = 5_000
DAY_MS = 86_400_000

_NUMBER = re.compile(r"-?[0-9]{1,18}\Z")

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="most items in the answer")]
Cursor = Annotated[str | None, Query(description="`next` of the answer before")]
From = Annotated[str | None, Query(alias="from", description="RFC 3339 with offset; default: 24 h before `to`")]
At = Annotated[str | None, Query(description="only while the asset stood at this site")]
To = Annotated[str | None, Query(description="RFC 3339 with offset, excluded; default: now")]


def router(sources: Sources) -> APIRouter:
    """Return the API over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/health")
    def health() -> models.Health:
        """How the server is, how far each projection is, and the books of each stage."""
        projections = sources.projections()
        behind = not sources.ready()
        failed = any(projection.failed for projection in projections)
        return models.Health(
            status="degraded" if failed else "catching-up" if behind else "ok",
            demo=sources.demo,
            version=__version__,
            server_time=rfc3339(sources.clock.now_ms()),
            position=sources.ledger.end(),
            projections=[
                models.Projection(name=p.name, position=p.position, lag=p.lag, waiting=p.waiting, failed=p.failed)
                for p in projections
            ],
            counters={stage: dict(counts) for stage, counts in sources.counters().items()},
            quarantine=sources.series.quarantine_counts(),
        )

    @api.get("/sites")
    def sites(limit: Limit = 1000, cursor: Cursor = None) -> models.Page[models.Site]:
        """Every site: shops, warehouses, plants, stations and vehicles."""
        registry = sources.registry()
        return _page(registry.sites.values(), lambda site: site.id, lambda s: _site(registry, s), limit, cursor)

    @api.get("/assets")
    def assets(limit: Limit = 1000, cursor: Cursor = None) -> models.Page[models.Asset]:
        """Every asset that holds goods."""
        registry, now_ms = sources.registry(), sources.clock.now_ms()
        return _page(registry.assets.values(), lambda a: a.id, lambda a: _asset(registry, a, now_ms), limit, cursor)

    @api.get("/assets/{asset}/activities")
    def activities(asset: str, from_: From = None, to: To = None) -> models.Page[models.Doing]:
        """What an asset was doing, as a person or a trip says it, else as found from its unit, doors and speed."""
        registry = sources.registry()
        if asset not in registry.assets:
            raise Problem(404, "no such asset", f"there is no asset {asset!r:.80}; GET /api/v1/assets lists all")
        from_ms, to_ms = _period(from_, to, sources.clock.now_ms())
        return models.Page(
            items=[
                models.Doing(from_=rfc3339(one.from_ms), to=rfc3339(one.to_ms), activity=one.state, said=said)
                for one, said in doing(sources.series, registry, asset, from_ms, to_ms)
            ]
        )

    @api.get("/sites/{site}/assets")
    def stays(site: str, from_: From = None, to: To = None) -> models.Page[models.Stay]:
        """Which assets stood at a site in a period, and when: what moved away later is still here."""
        registry = sources.registry()
        from_ms, to_ms = _period(from_, to, sources.clock.now_ms())
        return models.Page(
            items=[_stay(*stay) for stay in registry.stays_at(site) if stay[1] < to_ms and from_ms < stay[2]]
        )

    @api.get("/points")
    def points(limit: Limit = 1000, cursor: Cursor = None) -> models.Page[models.Point]:
        """Every measuring point with its limits in force now."""
        registry, now_ms = sources.registry(), sources.clock.now_ms()
        return _page(registry.points.values(), lambda p: p.id, lambda p: _point(registry, p, now_ms), limit, cursor)

    @api.get("/points/{point}/readings")
    def readings(
        point: str, from_: From = None, to: To = None, site: At = None, limit: Limit = 1000, cursor: Cursor = None
    ) -> models.Page[models.Reading]:
        """A point's readings in measured order, one an identity, as calibrated and as the probe said them."""
        registry = sources.registry()
        _known(registry, point)
        from_ms, to_ms = _period(from_, to, sources.clock.now_ms())
        if cursor is not None:
            from_ms = _number(cursor)
        window = sources.series.window(spans_at(registry, point, site, from_ms, to_ms), from_ms, to_ms, limit=limit + 1)
        value = registry.corrections.applied(window.channel, window.measured_at_ms, window.value)
        shown = min(limit, len(window))
        following = str(int(window.measured_at_ms[limit])) if len(window) > limit else None
        return models.Page(items=[_reading(window, row, float(value[row])) for row in range(shown)], next=following)

    @api.get("/points/{point}/rollups")
    def rollups(
        point: str,
        from_: From = None,
        to: To = None,
        site: At = None,
        buckets: Annotated[int, Query(ge=1, le=2000, description="at most this many")] = 600,
    ) -> models.Rollups:
        """A point's history as buckets that never lose a peak, with its holes, faults and the limits of the time."""
        registry, now_ms = sources.registry(), sources.clock.now_ms()
        known = _known(registry, point)
        from_ms, to_ms = _period(from_, to, now_ms)
        bucket_ms = bucket_ms_for(from_ms, to_ms, buckets)
        spans = spans_at(registry, point, site, from_ms, to_ms)
        rollup = sources.series.rollup(spans, from_ms, to_ms, bucket_ms)
        window = sources.series.window(spans, from_ms, to_ms)
        holes = holes_of(window.measured_at_ms, from_ms, min(to_ms, now_ms), known.interval_s)
        faults = faults_of(window, min(to_ms, now_ms), known.interval_s)
        return models.Rollups(
            point=point,
            from_=rfc3339(from_ms),
            to=rfc3339(to_ms),
            bucket_s=bucket_ms // 1000,
            items=[
                models.Bucket(start=rfc3339(start), count=count, min=low, max=high, mean=mean)
                for start, count, low, high, mean in zip(
                    rollup.start_ms.tolist(),
                    rollup.count.tolist(),
                    rollup.minimum.tolist(),
                    rollup.maximum.tolist(),
                    rollup.mean.tolist(),
                    strict=True,
                )
            ],
            holes=[models.Hole(from_=rfc3339(start), to=rfc3339(end)) for start, end in holes],
            faults=[models.Fault(from_=rfc3339(start), to=rfc3339(end), word=word) for start, end, word in faults],
            limits=[
                models.Limits(from_=rfc3339(start), high_celsius=high, low_celsius=low)
                for start, high, low in limits_of(registry, known, from_ms, to_ms)
            ],
            marks=[
                models.Mark(at=rfc3339(at_ms), kind=kind, before=before, after=after)
                for at_ms, kind, before, after in marks_of(registry, point, from_ms, to_ms)
            ],
        )

    @api.get("/gateways")
    def gateways(limit: Limit = 1000, cursor: Cursor = None) -> models.Page[models.Gateway]:
        """What each gateway last said of itself: online, how far behind, how full."""
        return _page(sources.statuses().items(), lambda item: item[0], _gateway, limit, cursor)

    @api.get("/quarantine")
    def quarantine(
        limit: Limit = 1000, cursor: Cursor = None, reason: str | None = None
    ) -> models.Page[models.Quarantined]:
        """Records that are kept and are no readings (yet), in ledger order."""
        after = 0 if cursor is None else _number(cursor)
        found = sources.series.quarantine(after=after, limit=limit, reason=reason)
        times = measured_at_of(sources.ledger, found)
        items = [
            models.Quarantined(
                position=q.position,
                index=q.index,
                node=q.node,
                channel=q.name,
                measured_at=times.get((q.position, q.index)),
                reason=q.reason,
                detail=q.detail,
            )
            for q in found
        ]
        return models.Page(items=items, next=str(found[-1].position) if len(found) >= limit else None)

    @api.get("/inbox")
    def unclaimed(limit: Annotated[int, Query(ge=1, le=MOST)] = MOST) -> models.Page[models.Unclaimed]:
        """Sensors that report and that nobody has claimed: kept, with their last value, gateway and signal."""
        return models.Page(items=inbox(sources.series, sources.ledger, limit))

    @api.get("/alarms")
    def alarms(
        state: Annotated[str, Query(pattern="^(open|all)$", description="open or all")] = "open",
        asset: Annotated[str | None, Query(description="only those of this asset")] = None,
        limit: Limit = 1000,
        cursor: Cursor = None,
    ) -> models.Page[models.Alarm]:
        """Alarms, newest first; each excursion has exactly one that is not retracted."""
        try:
            page = sources.alarms.alarms(open_only=state == "open", asset=asset, limit=limit, after=cursor)
        except ValueError as fault:
            raise Problem(422, "the request does not fit", f"cursor: {fault}") from fault
        items = [models.Alarm.model_validate(item) for item in page.items]
        return models.Page(items=items, next=page.next)

    @api.get("/alarms/{alarm}")
    def alarm(alarm: str) -> models.AlarmWithHistory:
        """One alarm with every transition."""
        found = sources.alarms.alarm(alarm)
        if found is None:
            raise Problem(404, "no such alarm", f"there is no alarm {alarm!r:.80}")
        return models.AlarmWithHistory.model_validate(found)

    return api


def _page(
    known: Iterable[Any], key: Callable[[Any], str], shape: Callable[[Any], T], limit: int, cursor: str | None
) -> models.Page[T]:
    rows: Sequence[Any] = sorted((row for row in known if cursor is None or key(row) > cursor), key=key)
    following = key(rows[limit - 1]) if len(rows) > limit else None
    return models.Page(items=[shape(row) for row in rows[:limit]], next=following)


def _site(registry: Registry, site: Any) -> models.Site:
    operator, region = registry.operators.get(site.operator), registry.regions.get(site.region)
    return models.Site(
        id=site.id,
        name=site.name,
        kind=site.kind,
        operator=site.operator,
        operator_name=operator.name if operator else site.operator,
        address=site.address,
        region=site.region,
        region_name=region.name if region else site.region,
        opening_hours=site.opening_hours,
        timezone=site.timezone,
    )


def _asset(registry: Registry, asset: Any, now_ms: int) -> models.Asset:
    return models.Asset(
        id=asset.id,
        name=asset.name,
        kind=asset.kind,
        site=registry.site_at(asset.id, now_ms),
        activity=registry.activity_at(asset.id, now_ms),
        points=[point.id for point in registry.points_of(asset.id)],
    )


def _stay(asset: str, from_ms: int, to_ms: int) -> models.Stay:
    return models.Stay(
        asset=asset,
        from_=None if from_ms == -FOREVER_MS else rfc3339(from_ms),
        to=None if to_ms == FOREVER_MS else rfc3339(to_ms),
    )


def _point(registry: Registry, point: Any, now_ms: int) -> models.Point:
    rule = registry.rule_at(point.id, now_ms)
    node = node_of(registry, point.id, now_ms)
    return models.Point(
        id=point.id,
        asset=point.asset,
        position=point.position,
        quantity=point.quantity,
        unit=point.unit,
        interval_s=point.interval_s,
        node=node,
        evidence=registry.nodes[node].evidence if node else None,
        channels=[binding.channel for binding in registry.bindings_of(point.id)],
        rule=None
        if rule is None
        else models.Rule(
            high_celsius=rule.high_celsius,
            low_celsius=rule.low_celsius,
            on_delay_s=rule.on_delay_s,
            deadband_kelvin=rule.deadband_kelvin,
            return_delay_s=rule.return_delay_s,
        ),
    )


def _gateway(item: tuple[str, Mapping[str, Any]]) -> models.Gateway:
    node, status = item
    return models.Gateway(
        node=node,
        online=bool(status.get("online")),
        session=status.get("session"),
        version=status.get("version"),
        behind_batches=status.get("behind_batches") or 0,
        behind_readings=status.get("behind_readings") or 0,
        oldest_ms=status.get("oldest_ms"),
        spool_used=status.get("spool_used"),
        spool_limit=status.get("spool_limit"),
        spool_warning=bool(status.get("spool_warning")),
        refused=status.get("refused") or 0,
        clock_trusted=status.get("clock_trusted"),
        hears_site=bool(status.get("hears_site")),
        heard_at_ms=status["heard_at_ms"],
    )


def _reading(window: Window, row: int, meaning: float) -> models.Reading:
    quality, word = int(window.quality[row]), window.words.get(row)
    number = float(window.value[row])
    value = None if word is not None else bool(number) if quality & Quality.BOOLEAN else meaning
    return models.Reading(
        measured_at=rfc3339(int(window.measured_at_ms[row])),
        value=value,
        said=None if word is not None else number,
        fault=word,
        quality=quality_words(quality),
        position=int(window.position[row]),
        values=window.others.get(row, [] if word is not None else [number]),
    )


def measured_at_of(ledger: Ledger, records: Iterable[Quarantined]) -> dict[tuple[int, int], str]:
    """Return (position, index) → measured time of quarantined records that have one, read again from the ledger."""
    times: dict[tuple[int, int], str] = {}
    for position in sorted({record.position for record in records}):
        for entry in ledger.read(position - 1, 1):
            block = decode_batch(entry).readings
            for index, at_ms in zip(block.index.tolist(), block.measured_at_ms.tolist(), strict=True):
                times[position, index] = rfc3339(at_ms)
    return times


def _known(registry: Registry, point: str) -> Any:
    found = registry.points.get(point)
    if found is None:
        raise Problem(404, "no such point", f"there is no point {point!r:.80}; GET /api/v1/points lists all")
    return found


def _number(cursor: str) -> int:
    if not _NUMBER.match(cursor):
        raise Problem(422, "the request does not fit", "cursor: pass the `next` of an answer unchanged")
    return int(cursor)


def moment_of(text: str) -> int:
    """Return the ms of a ``from`` or ``to``.

    Raises:
        Problem: 422: it is no moment.
    """
    try:
        return parse_rfc3339(text)
    except ValueError as fault:
        detail = f"from, to: {fault}; write 2026-11-23T08:00:00+08:00 (as %2B in a URL)"
        raise Problem(422, "the request does not fit", detail) from fault


def _period(from_: str | None, to: str | None, now_ms: int) -> tuple[int, int]:
    to_ms = now_ms + 1 if to is None else moment_of(to)
    from_ms = to_ms - DAY_MS if from_ is None else moment_of(from_)
    if from_ms >= to_ms:
        raise Problem(422, "the request does not fit", "from must be before to")
    return from_ms, to_ms
