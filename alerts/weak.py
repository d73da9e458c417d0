"""Coolers that are too weak for what they hold: when each was, from the normals and activities in the registry.

A pure function of the ledger's entries, so their order does not matter and a rebuild finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alerts.episodes import Episode, unmeasured
from alerts.records import END_WORDS, EndReason
from alerts.subjects import subject_of_asset
from alerts.telling import WEAK_CABINET
from coldchain.profiles import version_of
from coldchain.registry import Normal, Point, Registry

RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which an asset was too weak, by the normal that found it so.

    Attributes:
        from_ms, to_ms: measured time; None: still.
        reason: why it ended, a word of `alerts.records.END_WORDS`; empty while it lasts.
    """

    asset: str
    from_ms: int
    to_ms: int | None
    reason: str
    normal: Normal


def weak_ever(registry: Registry) -> set[str]:
    """Return the assets of which some normal ever said that they are too weak."""
    points = (point for point, normals in registry.normals.items() if any(normal.weak for normal in normals))
    return {registry.points[point].asset for point in points if point in registry.points}


def turns_of(registry: Registry, asset: str) -> list[int]:
    """Return the times at which what is said of an asset may change, rising, ms."""
    points = registry.points_of(asset)
    times = {normal.effective_from_ms for point in points for normal in registry.normals.get(point.id, ())}
    for activity in registry.activities.get(asset, ()):
        times |= {at_ms for at_ms in (activity.from_ms, activity.to_ms) if at_ms is not None}
    return sorted(times)


def spells_of(registry: Registry, asset: str, now_ms: int) -> list[Spell]:
    """Return when an asset was too weak up to now, in order: from a weak normal of one of its points until none is."""
    points = registry.points_of(asset)
    spells: list[Spell] = []
    since: tuple[int, Normal] | None = None
    for at_ms in turns_of(registry, asset):
        if at_ms > now_ms:
            break
        weak = next(_weak(registry, points, at_ms), None)
        retired = registry.activity_at(asset, at_ms) == RETIRED
        if since is None and weak is not None and not retired:
            since = at_ms, weak
        elif since is not None and (weak is None or retired):
            reason = EndReason.NOT_IN_USE if retired else _why_over(registry, since[1].point, at_ms)
            spells.append(Spell(asset, since[0], at_ms, END_WORDS[reason], since[1]))
            since = None
    return spells if since is None else [*spells, Spell(asset, since[0], None, "", since[1])]


def episode_of(spell: Spell) -> Episode:
    """Return a spell as an episode of the asset; it measures nothing by itself."""
    subject = subject_of_asset(spell.asset)
    return unmeasured(subject, WEAK_CABINET, spell.from_ms, spell.from_ms, spell.to_ms, spell.reason, "notice")


def evidence_of(registry: Registry, spell: Spell) -> dict[str, object]:
    """Return what a spell rests on: how many days, by which numbers of its kind, and what is usual there."""
    normal, asset = spell.normal, registry.assets.get(spell.asset)
    found: dict[str, object] = {
        "point": normal.point,
        "days_over": normal.days_over,
        "levels": normal.levels,
        "learnt_from_ms": normal.learnt_from_ms,
        "learnt_to_ms": normal.learnt_to_ms,
        "provisional": normal.provisional,
    }
    kind = registry.kind_rules_at(asset.kind, spell.from_ms) if asset else None
    if kind is not None:
        numbers = ("weak_of_days", "weak_days", "weak_minutes", "weak_over")
        found |= {name: number.value for name in numbers if (number := getattr(kind, name)) is not None}
        found["kind_version"] = version_of(kind)
    return found


def _weak(registry: Registry, points: Sequence[Point], at_ms: int) -> Iterator[Normal]:
    for point in points:
        normal = registry.normal_at(point.id, at_ms)
        if normal is not None and normal.weak:
            yield normal


def _why_over(registry: Registry, point: str, at_ms: int) -> EndReason:
    normal = registry.normal_at(point, at_ms)
    forgotten = normal is not None and not normal.levels
    return EndReason.BY_HAND if forgotten else EndReason.RETURNED
