"""When a point should have spoken: a probe was bound, the asset stood there in service, and the site was open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from alerts.kpi.days import midnight_ms
from coldchain.people.calendar import zone_named
from coldchain.registry import IN_USE, WITH_GOODS, Point, Registry
from coldchain.registry.intervals import FOREVER_MS, Piece, between, common, joined, laid_over
from coldchain.registry.spans import stays_between
from coldchain.series.port import Span


def closed_at(registry: Registry, site: str) -> list[Piece]:
    """Return when a site was closed (停业), in order and apart."""
    states = registry.site_states.get(site, [])
    held = laid_over("open", [(state.state, state.from_ms, None) for state in states])
    return [(from_ms, to_ms) for state, from_ms, to_ms in held if state == "closed"]


def bound_at(registry: Registry, point: Point, site: str, spans: Sequence[Span], span: Piece) -> list[Piece]:
    """Return when within a span a point had a probe and its asset stood at a site, in order and apart.

    Args:
        spans: `coldchain.registry.spans.spans_of` of the point.
    """
    had = list(joined((one.from_ms, one.to_ms) for one in spans))
    return list(common(had, stays_between(registry, point.id, site, *span)))


def expected_at(registry: Registry, point: Point, closed: Sequence[Piece], bound: Sequence[Piece]) -> list[Piece]:
    """Return when of the time in which a point was bound it should have spoken: there were, or could be, goods.

    Args:
        closed: `closed_at` of the site. ``bound``: `bound_at` there.
    """
    if not bound:
        return []
    span = bound[0][0], bound[-1][1]
    idle = list(joined([*closed, *_without_goods(registry, point.asset)]))
    return list(common(bound, list(between(list(common(idle, [span])), *span))))


def _without_goods(registry: Registry, asset: str) -> list[Piece]:
    """Return when an asset was stored, retired, cleaned …, and the time before it was put into service."""
    said = ((one.state, one.from_ms, one.to_ms) for one in registry.activities.get(asset, []))
    idle = [(from_ms, to_ms) for state, from_ms, to_ms in laid_over(IN_USE, said) if state not in WITH_GOODS]
    known = registry.assets.get(asset)
    if known is None or not known.in_service:
        return idle
    site = registry.sites.get(known.site)
    zone = zone_named(site.timezone if site else "")
    try:
        return [(-FOREVER_MS, midnight_ms(date.fromisoformat(known.in_service), zone)), *idle]
    except ValueError:  # what other programs write need not be a day
        return idle
