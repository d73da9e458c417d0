"""What a file asks for, in an order in which each entry refers to what stands before it."""

from __future__ import annotations

from dataclasses import dataclass

from coldchain.people import Duty, Holiday, Person, Shift
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
from coldchain.registry.tables import BY_NAME

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
    "person": Person,
    "duty": Duty,
    "shift": Shift,
    "holiday": Holiday,
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
    "person": "people",
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
    "duty": "duties",
    "shift": "shifts",
    "holiday": "holidays",
}
"""Table → the registry's mapping of what there are several of under the first part of its key."""


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
        if key_of(found) == key:
            return found
    return None


def key_of(put: Put) -> tuple[object, ...]:
    """Return what an entry is known by in its table."""
    return tuple(getattr(put, name) for name in BY_NAME[table_of(put)].key)


def table_of(put: Put) -> str:
    """Return the table that an entry belongs to."""
    return str(type(put).__struct_config__.tag)
