"""Change entries: everything in the ledger that is not a batch of readings.

A change says what is put, who did it, why, and from when it holds. Registry tables are folds of these entries and
nothing else, so a rebuild from the ledger gives the same registry with the same channel numbers.
"""

from __future__ import annotations

import msgspec

from coldchain.errors import RejectedReading


class Operator(msgspec.Struct, frozen=True, tag="operator", tag_field="put"):
    """A company that answers for sites."""

    id: str
    name: str


class Site(msgspec.Struct, frozen=True, tag="site", tag_field="put"):
    """A shop, warehouse, plant, station, or a vehicle (a site that moves).

    Attributes:
        kind: ``shop``, ``warehouse``, ``plant``, ``station`` or ``vehicle``.
        timezone: IANA name; what a day means there.
    """

    id: str
    name: str
    kind: str
    operator: str
    address: str = ""
    timezone: str = "Asia/Shanghai"


ASSET_KINDS = (
    "glass-door-cooler",
    "open-multideck",
    "island",
    "walk-in-room",
    "freezer-room",
    "reefer",
    "tanker",
    "station-tank",
    "plant-silo",
    "box",
)
"""The standard names: what an imported asset may be, what the page has words for and the simulator bodies."""


class Asset(msgspec.Struct, frozen=True, tag="asset", tag_field="put"):
    """Something that holds goods: a cooler, a room, a reefer body, a tank.

    Attributes:
        kind: one of `ASSET_KINDS`; any other word is kept and shown as it came.
    """

    id: str
    name: str
    kind: str
    site: str


class Node(msgspec.Struct, frozen=True, tag="node", tag_field="put"):
    """A gateway: what seals.

    Attributes:
        keys: Ed25519 public keys, 64 hex digits each; several while one is being rotated.
        revoked: keys that no longer open a new epoch.
        evidence: ``sealed-on-site``, ``authenticated-direct`` or ``third-party``.
        grants: channels outside its own site that it may write.
    """

    id: str
    site: str
    keys: tuple[str, ...]
    revoked: tuple[str, ...] = ()
    evidence: str = "sealed-on-site"
    grants: tuple[str, ...] = ()
    replaces: str = ""


class Point(msgspec.Struct, frozen=True, tag="point", tag_field="put"):
    """A measuring point: a place in an asset, whatever probe is there.

    Attributes:
        position: ``return-air``, ``supply-air``, ``product``, ``top-front``, ``door``, ``unit``, ``milk`` …
        quantity: ``temperature``, ``humidity``, ``door``, ``battery``, ``latitude``, ``longitude`` …
        interval_s: expected seconds between two readings; two of them without data are a hole.
    """

    id: str
    asset: str
    position: str
    quantity: str
    interval_s: int
    unit: str = "Cel"


class Probe(msgspec.Struct, frozen=True, tag="probe", tag_field="put"):
    """Hardware that says something under a SenML name. Its channel number is given at its first entry."""

    channel: str
    model: str = ""


class Binding(msgspec.Struct, frozen=True, tag="binding", tag_field="put"):
    """The probe was at the point from (included) to (excluded), in measured time.

    A later binding of the same channel with the same ``from_ms`` replaces the earlier one (that is how an
    interval is ended).
    """

    channel: str
    point: str
    from_ms: int
    to_ms: int | None = None


class LimitRule(msgspec.Struct, frozen=True, tag="limit-rule", tag_field="put"):
    """High and low limit of a point, effective from a measured time on, until the next one.

    Boundary: ``≥ high`` enters, ``≤ high - deadband`` leaves; mirrored for low (docs/contracts.md, judging).
    """

    point: str
    effective_from_ms: int
    high_celsius: float | None = None
    low_celsius: float | None = None
    on_delay_s: int = 1800
    deadband_kelvin: float = 0.5
    return_delay_s: int = 300
    severity: str = "warning"


Put = Operator | Site | Asset | Node | Point | Probe | Binding | LimitRule


class Change(msgspec.Struct, frozen=True):
    """One change entry: what, by whom, why."""

    change: Put
    who: str
    why: str

    def encode(self) -> bytes:
        """Return the bytes that the ledger keeps (keys in a fixed order)."""
        return msgspec.json.encode(self, order="deterministic")


_decode = msgspec.json.Decoder(Change).decode


def decode_change(raw: bytes) -> Change:
    """Read a change entry.

    Raises:
        RejectedReading: ``unknown-change``: written by a newer program, or damaged.
    """
    try:
        return _decode(raw)
    except msgspec.DecodeError as fault:
        raise RejectedReading("unknown-change", str(fault)) from fault
