"""What a file asks for, in an order in which each entry refers to what stands before it."""

from __future__ import annotations

from dataclasses import dataclass

from coldchain.registry.changes import (
    Activity,
    Asset,
    AssetKind,
    Assignment,
    Binding,
    Calibration,
    Carrier,
    Comparison,
    Fence,
    LimitRule,
    Node,
    Operator,
    Point,
    Probe,
    Put,
    Region,
    Site,
    SiteState,
    Tenure,
    Vehicle,
)
from coldchain.registry.fold import Registry

STRUCTS: dict[str, type[Put]] = {
    "operator": Operator,
    "region": Region,
    "site": Site,
    "carrier": Carrier,
    "vehicle": Vehicle,
    "tenure": Tenure,
    "site-state": SiteState,
    "fence": Fence,
    "asset-kind": AssetKind,
    "asset": Asset,
    "assignment": Assignment,
    "activity": Activity,
    "node": Node,
    "point": Point,
    "probe": Probe,
    "binding": Binding,
    "calibration": Calibration,
    "comparison": Comparison,
    "limit-rule": LimitRule,
}
"""Table of a file → the change entry that a row becomes, in the order of writing."""

SINGLE = {
    "operator": "operators",
    "region": "regions",
    "site": "sites",
    "carrier": "carriers",
    "vehicle": "vehicles",
    "asset-kind": "kinds",
    "asset": "assets",
    "node": "nodes",
    "point": "points",
    "probe": "probes",
}
"""Table → the registry's mapping of what there is one of."""

DATED = {
    "tenure": "tenures",
    "site-state": "site_states",
    "fence": "fences",
    "assignment": "assignments",
    "activity": "activities",
    "binding": "bindings",
    "calibration": "calibrations",
    "comparison": "comparisons",
    "limit-rule": "rules",
}
"""Table → the registry's mapping of what there are several of, one after another in time."""


@dataclass(frozen=True, slots=True)
class Want:
    """One entry that a file asks for.

    Attributes:
        dated: its time was said; otherwise the first one holds from the beginning and a later one from now on.
    """

    put: Put
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that a file asks for.

    Attributes:
        wants: in the order of writing.
        examples: rows of the template that were left out.
    """

    wants: tuple[Want, ...]
    examples: int = 0


def known_of(registry: Registry, kind: str, key: tuple[object, ...]) -> Put | None:
    """Return what the registry holds under a table's key, None when it holds nothing."""
    found: Put | None
    if kind in SINGLE:
        found = getattr(registry, SINGLE[kind]).get(key[0])
        return found
    for found in getattr(registry, DATED[kind]).get(key[0], []):
        if start_of(found) == key[1]:
            return found
    return None


def start_of(put: Put) -> int:
    """Return from when a dated entry holds, ms UTC."""
    if isinstance(put, Calibration | LimitRule | Fence):
        return put.effective_from_ms
    if isinstance(put, Comparison):
        return put.at_ms
    assert isinstance(put, Tenure | SiteState | Assignment | Activity | Binding)
    return put.from_ms


def table_of(put: Put) -> str:
    """Return the table that an entry belongs to."""
    return str(type(put).__struct_config__.tag)
