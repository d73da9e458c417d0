"""Versions of profiles by time: the built-in one, then each from its effective time until the next."""

from __future__ import annotations

from coldchain.profiles import KindRules, Product, TripRules, builtin
from coldchain.registry.changes import Profile

Versions = dict[str, list[Profile]]
"""Id → its changes, rising by effective time."""


def lay_profile(versions: Versions, put: Profile) -> None:
    """Take a version; the same effective time replaces."""
    known = {one.effective_from_ms: one for one in versions.get(put.id, [])}
    known[put.effective_from_ms] = put
    versions[put.id] = [known[from_ms] for from_ms in sorted(known)]


def product_at(versions: Versions, product: str, at_ms: int) -> Product | None:
    """Return the product profile in force at a measured time; None where there is none."""
    held = _at(versions, product, at_ms)
    return held if isinstance(held, Product) else builtin().products.get(product)


def kind_rules_at(versions: Versions, kind: str, at_ms: int) -> KindRules | None:
    """Return the rules in force for a kind of asset at a measured time; None where there are none."""
    held = _at(versions, kind, at_ms)
    return held if isinstance(held, KindRules) else builtin().kinds.get(kind)


def trip_rules_at(versions: Versions, kind: str, at_ms: int) -> TripRules:
    """Return the rules in force for a kind of trip at a measured time.

    Args:
        kind: one of `coldchain.custody.TRIP_KINDS`.
    """
    held = _at(versions, kind, at_ms)
    return held if isinstance(held, TripRules) else builtin().trips[kind]


def _at(versions: Versions, id_: str, at_ms: int) -> object:
    in_force = None
    for version in versions.get(id_, []):
        if version.effective_from_ms <= at_ms:
            in_force = version.content
    return in_force
