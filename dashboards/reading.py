"""How points are read: bindings, limits and holes laid over the series store."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from coldchain.latest import Latest
from coldchain.registry import Point, Registry
from coldchain.registry.calibration import EXACT
from coldchain.registry.intervals import FOREVER_MS, Held, laid_over
from coldchain.registry.spans import spans_of, stays_between
from coldchain.series.holes import HOLE_INTERVALS
from coldchain.series.port import Span, Window

MAX_BUCKETS = 2_000


def node_of(registry: Registry, point: str, now_ms: int) -> str | None:
    """Return the gateway that a point's probe comes through: one that was granted it, else that of its asset's site."""
    channel = registry.channel_at(point, now_ms)
    granted = next((node.id for node in registry.nodes.values() if channel and channel in node.grants), None)
    if granted is not None:
        return granted
    place = registry.points.get(point)
    site = registry.site_at(place.asset, now_ms) if place else ""
    return next((node.id for node in registry.nodes.values() if site and node.site == site), None)


def meaning_of(registry: Registry, row: Latest) -> float | None:
    """Return a latest value as calibrated; None for a fault, and without a reading."""
    if row.value is None or row.measured_at_ms is None or not registry.corrections:
        return row.value
    number = registry.channel_numbers.get(registry.channel_at(row.point, row.measured_at_ms), -1)
    return round(row.value + registry.corrections.offset_at(number, row.measured_at_ms), EXACT)


def marks_of(registry: Registry, point: str, from_ms: int, to_ms: int) -> list[tuple[int, str, str, str]]:
    """Return (when, kind, what was, what is) of everything in [from_ms, to_ms) that a history shows as a mark.

    Kinds: ``probe`` swapped, ``site`` moved, ``calibration`` (certificates), ``activity`` of the asset.
    """
    place = registry.points.get(point)
    asset = place.asset if place else ""
    bindings = [(binding.channel, binding.from_ms, binding.to_ms) for binding in registry.bindings_of(point)]
    found = [("probe", held) for held in _steps(laid_over("", bindings))]
    found += [("site", held) for held in _steps(registry.stays_of(asset))]
    marks = [(at_ms, kind, before, after) for kind, (at_ms, before, after) in found]
    before = "in-use"
    for state in registry.activities.get(asset, []):
        marks.append((state.from_ms, "activity", before, state.state))
        before = state.state
    for channel in {binding.channel for binding in registry.bindings_of(point)}:
        certificate = ""
        for calibration in registry.calibrations.get(channel, []):
            marks.append((calibration.effective_from_ms, "calibration", certificate, calibration.certificate))
            certificate = calibration.certificate
    return sorted(mark for mark in marks if from_ms <= mark[0] < to_ms)


def _steps(held: list[Held]) -> Iterator[tuple[int, str, str]]:
    for before, after in itertools.pairwise(held):
        yield after[1], before[0], after[0]


def spans_at(registry: Registry, point: str, site: str | None, from_ms: int, to_ms: int) -> list[Span]:
    """Return a point's spans; with a site only for the time in which the asset stood there."""
    spans = spans_of(registry, point)
    if site is None:
        return spans
    stays = stays_between(registry, point, site, from_ms, to_ms)
    cut = (
        Span(span.channel, max(span.from_ms, start), min(span.to_ms, end), span.offset_kelvin)
        for span in spans
        for start, end in stays
    )
    return [span for span in cut if span.from_ms < span.to_ms]


def bucket_ms_for(from_ms: int, to_ms: int, buckets: int) -> int:
    """Return the bucket width, whole seconds, that gives at most ``buckets`` buckets."""
    wanted = max(1, min(buckets, MAX_BUCKETS))
    return max(1, -(-(to_ms - from_ms) // (wanted * 1000))) * 1000


def faults_of(window: Window, to_ms: int, interval_s: int) -> Iterator[tuple[int, int, str]]:
    """Yield (from, to, word) of every stretch in which a probe said a fault word and no value.

    A stretch ends at the next reading that says something else; at its own last word where a hole follows.

    Args:
        window: everything in a period that ends at ``to_ms``.
    """
    longest = HOLE_INTERVALS * interval_s * 1000
    at_ms = window.measured_at_ms.tolist()
    since_ms = ends_ms = -1
    said = ""
    for row in sorted(window.words):
        word, here_ms = window.words[row], at_ms[row]
        if word != said or here_ms != ends_ms:
            if said:
                yield since_ms, ends_ms, said
            since_ms, said = here_ms, word
        next_ms = at_ms[row + 1] if row + 1 < len(at_ms) else to_ms
        ends_ms = next_ms if next_ms - here_ms <= longest else here_ms
    if said and since_ms >= 0:
        yield since_ms, ends_ms, said


def limits_of(
    registry: Registry, point: Point, from_ms: int, to_ms: int
) -> Iterator[tuple[int, float | None, float | None]]:
    """Yield (from, high, low) of each version of the limits in force in [from_ms, to_ms)."""
    versions = registry.rules.get(point.id, [])
    for place, rule in enumerate(versions):
        ends_ms = versions[place + 1].effective_from_ms if place + 1 < len(versions) else FOREVER_MS
        if ends_ms > from_ms and rule.effective_from_ms < to_ms:
            yield max(from_ms, rule.effective_from_ms), rule.high_celsius, rule.low_celsius
