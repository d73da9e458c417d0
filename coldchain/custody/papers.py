"""Papers: the hand-over note of raw milk (生鲜乳交接单), the hand-over of a delivery (收货验收), and who signed them.

The device that draws a paper up makes its id, so that it works without a line; what comes days late is normal. Times
are measured times, ms UTC; temperatures °C. Numbers have at most three decimals, so that every language writes the
same ones (`coldchain.papers.content`).

The fields of a hand-over note are those of State Council Order 536 art. 25 (station, quantity, hand-over time, four
signatures, two copies, two years) and of a provincial form (Liaoning: departure and arrival with the milk's
temperature). Each province sets its own form.
"""

from __future__ import annotations

import msgspec

ROLES = {"milk-note": ("handler", "escort", "driver", "receiver"), "delivery": ("driver", "receiver")}
"""Kind of paper → who signs it: 经手人, 押运员, 司机, 收奶员 (Order 536 art. 25); 送货人, 收货人."""

KNOWN_BY = ("positions", "said", "typed")
"""How a time is known: from the truck's own positions; said of the trip; typed into the paper."""

DELIVERY_DECISIONS = ("accepted", "partly", "refused")
"""接收, 部分拒收, 拒收."""

PACKINGS = ("intact", "damaged")
CERTIFICATES = ("seen", "missing")
"""外包装, 合格证明; empty: nobody looked."""

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")


class Photo(msgspec.Struct, frozen=True):
    """A picture; its bytes are kept beside the ledger (`coldchain.papers.photos`).

    Attributes:
        sha256: of its bytes, 64 hexadecimal digits. ``size``: bytes. ``type``: one of `PHOTO_TYPES`.
    """

    sha256: str
    size: int
    type: str


class Celsius(msgspec.Struct, frozen=True):
    """A temperature, and who said it.

    Attributes:
        of: the tank or box that it was taken of; empty where that is plain.
        point, measured_ms: the measuring point whose probe said it, and when; empty: a person read it off.
        thermometer: number of the hand thermometer.
    """

    celsius: float
    of: str = ""
    point: str = ""
    measured_ms: int | None = None
    thermometer: str = ""


class PaperEnd(msgspec.Struct, frozen=True):
    """One end of a way: when, how that is known, and how warm it was.

    Attributes:
        known_by: one of `KNOWN_BY`.
    """

    at_ms: int
    known_by: str
    temperatures: tuple[Celsius, ...] = ()
    remark: str = ""


class MilkTank(msgspec.Struct, frozen=True):
    """One tank's milk.

    Attributes:
        tank: id of an asset, or its name. ``quantity``: in `MilkNote.unit`, more than 0.
        seals: 铅封号. ``samples``: numbers of the samples that were kept (留样).
    """

    tank: str
    quantity: float
    seals: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()


class MilkNote(msgspec.Struct, frozen=True, tag="milk-note", tag_field="put"):
    """生鲜乳交接单; another entry with the same id says all of it anew until the last signature.

    Attributes:
        at_ms: when this version was written; no part of what is signed.
        station, plant: sites. ``vehicle``: a site of kind ``vehicle``; ``permit``: 准运证明 number.
        unit: of the quantities.
        arrived: None until the plant receives it.
        from_data: names of fields that were taken over from the plan or the registry as they were.
        replaces: id of an older, complete note that was wrong.
    """

    id: str
    at_ms: int
    station: str
    plant: str = ""
    trip: str = ""
    vehicle: str = ""
    plate: str = ""
    permit: str = ""
    driver: str = ""
    escort: str = ""
    unit: str = "kg"
    tanks: tuple[MilkTank, ...] = ()
    departed: PaperEnd | None = None
    arrived: PaperEnd | None = None
    from_data: tuple[str, ...] = ()
    replaces: str = ""


class DeliveryLine(msgspec.Struct, frozen=True):
    """Goods of one lot on a delivery; quantities in ``unit``.

    Attributes:
        lot: id of a `Lot`; empty where only its printed ``number`` is known.
        product: id of its profile, or its name.
        accepted, refused: None: not decided yet.
        reason: why some of it was refused.
        celsius: by hand thermometer.
    """

    product: str
    unit: str
    lot: str = ""
    number: str = ""
    ordered: float | None = None
    delivered: float | None = None
    accepted: float | None = None
    refused: float | None = None
    reason: str = ""
    celsius: Celsius | None = None
    photos: tuple[Photo, ...] = ()


class Delivery(msgspec.Struct, frozen=True, tag="delivery", tag_field="put"):
    """收货验收 of one stop; another entry with the same id says all of it anew until the last signature.

    Attributes:
        at_ms: when this version was written; no part of what is signed.
        site: the shop or warehouse that receives. ``vehicle``: a site of kind ``vehicle``.
        stop: place in `Trip.stops`. ``order``: number of the order.
        arrived: with the box's temperature.
        packing, certificate: one of `PACKINGS`, `CERTIFICATES`, or empty.
        decision: one of `DELIVERY_DECISIONS`; empty: not decided yet.
        from_data: names of fields that were taken over from the plan or the registry as they were.
        replaces: id of an older, complete one that was wrong.
    """

    id: str
    at_ms: int
    site: str
    trip: str = ""
    stop: int | None = None
    vehicle: str = ""
    plate: str = ""
    driver: str = ""
    order: str = ""
    arrived: PaperEnd | None = None
    lines: tuple[DeliveryLine, ...] = ()
    packing: str = ""
    certificate: str = ""
    decision: str = ""
    reason: str = ""
    photos: tuple[Photo, ...] = ()
    remark: str = ""
    from_data: tuple[str, ...] = ()
    replaces: str = ""


class PaperSignature(msgspec.Struct, frozen=True, tag="paper-signature", tag_field="put"):
    """Somebody signed a paper on glass; it counts for exactly the content that was signed.

    Attributes:
        role: one of the kind's `ROLES`.
        content: SHA-256 of what this role signs (`coldchain.papers.content.signed_digest`).
        stroke: the drawn name as SVG path of ``M x y`` and ``L x y``, x 0 … 1000, y 0 … 400.
        user: id of who was logged in; empty where nobody logs in. ``device``: what it was signed on.
    """

    paper: str
    role: str
    name: str
    content: str
    at_ms: int
    stroke: str
    phone: str = ""
    user: str = ""
    device: str = ""


class PaperVoid(msgspec.Struct, frozen=True, tag="paper-void", tag_field="put"):
    """A paper that was never completed is no longer meant; why stands in the change."""

    paper: str
    at_ms: int


PAPERS = (MilkNote, Delivery, PaperSignature, PaperVoid)
"""Every kind of change entry of a paper."""

Paper = MilkNote | Delivery

Papering = MilkNote | Delivery | PaperSignature | PaperVoid


def paper_of(put: Papering) -> str:
    """Return the paper that an entry speaks of."""
    return put.id if isinstance(put, MilkNote | Delivery) else put.paper


def kind_of(paper: Paper) -> str:
    """Return a paper's kind as entries name it.

    >>> kind_of(MilkNote("N-1", 0, "station-1"))
    'milk-note'
    """
    return str(paper.__struct_config__.tag)
