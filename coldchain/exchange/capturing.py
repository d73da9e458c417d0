"""A partner's document as entries of goods: what can be is said of lots that are known, the rest is told.

::

    document (checked) ─▶ each event ─┬▶ LotPlaced, LotGone, LotChange: of lots, places and vehicles that are known
                                      └▶ not understood, with the reason; the document itself is kept whole

An error declaration takes back what the event had said: the same entry with the quantity 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

from coldchain.custody.goods import Goods, LotChange, LotGone, LotPlaced, LotShare
from coldchain.epcis.naming import Names
from coldchain.epcis.values import moment
from coldchain.exchange.world import COUNTED, UOM
from coldchain.goods.places import ASSET, SITE
from coldchain.goods.reader import GoodsReader, KnownLot
from coldchain.gs1 import Gs1Fault, elements_of_link, elements_of_name, gtin14
from coldchain.registry import Registry

ARRIVES = ("receiving", "accepting", "storing", "stocking", "arriving")
ENDS = {"retail_selling": "sold", "destroying": "destroyed", "sampling": "sampled"}
"""Steps of the Core Business Vocabulary → what they say of a lot: it came to the place, or it is no more."""


class NotUnderstood(Exception):
    """Why an event says nothing that could be an entry; (中文, English)."""


@dataclass(slots=True)
class Captured:
    """What a document says.

    Attributes:
        puts: entries, in the order of the events.
        rest: (place in the event list, why): events that say nothing of lots here.
    """

    puts: list[Goods] = field(default_factory=list)
    rest: list[tuple[int, tuple[str, str]]] = field(default_factory=list)


def captured(document: Mapping[str, Any], names: Names, registry: Registry, goods: GoodsReader) -> Captured:
    """Return what a document says of goods.

    Args:
        document: as decoded from JSON, without a fault (`coldchain.epcis.check`).
    """
    found, reading = Captured(), _Reading(names, registry, goods)
    for number, event in enumerate(document["epcisBody"]["eventList"]):
        try:
            found.puts += list(reading.entries(event))
        except NotUnderstood as why:
            found.rest.append((number, (str(why.args[0]), str(why.args[1]))))
    return found


class _Reading:
    def __init__(self, names: Names, registry: Registry, goods: GoodsReader) -> None:
        self._names, self._registry, self._goods = names, registry, goods
        self._by_gln = {site.gln: site.id for site in registry.sites.values() if site.gln}

    def entries(self, event: Mapping[str, Any]) -> Iterator[Goods]:
        """Yield what an event says of lots.

        Raises:
            NotUnderstood: nothing, or of something that is not known here.
        """
        at_ms = moment(event["eventTime"])
        assert at_ms is not None  # it was checked
        match event["type"]:
            case "ObjectEvent":
                yield from self._object(event, at_ms)
            case "AggregationEvent":
                yield from self._aggregation(event, at_ms)
            case "TransformationEvent":
                yield self._transformation(event, at_ms)
            case kind:
                raise NotUnderstood(f"{kind} 不涉及批次的存放", f"{kind}: says nothing of where lots are")

    def _object(self, event: Mapping[str, Any], at_ms: int) -> Iterator[Goods]:
        step = event.get("bizStep", "")
        if step not in ARRIVES and step not in ENDS:
            raise NotUnderstood(f"步骤 {step or '(无)'} 不改变存放", f"step {step or '(none)'}: nothing moves by it")
        place = self._place(event)
        for lot, quantity in self._amounts(event, "quantityList"):
            if step in ENDS:
                yield LotGone(lot, at_ms, ENDS[step], quantity, place)
            else:
                yield LotPlaced(lot, place, at_ms, "api", quantity=quantity, paper=_paper(event))

    def _aggregation(self, event: Mapping[str, Any], at_ms: int) -> Iterator[Goods]:
        vehicle = SITE + self._vehicle(str(event.get("parentID", "")))
        if event["action"] == "OBSERVE":
            raise NotUnderstood("OBSERVE 不改变存放", "OBSERVE: nothing moves by it")
        place, taken_from = (vehicle, "") if event["action"] == "ADD" else (self._place(event), vehicle)
        for lot, quantity in self._amounts(event, "childQuantityList"):
            yield LotPlaced(lot, place, at_ms, "api", quantity=quantity, taken_from=taken_from, paper=_paper(event))

    def _transformation(self, event: Mapping[str, Any], at_ms: int) -> LotChange:
        place = self._place(event)
        used, made = (
            tuple(LotShare(lot, _counted(quantity), place) for lot, quantity in self._amounts(event, name))
            for name in ("inputQuantityList", "outputQuantityList")
        )
        name = event.get("eventID") or repr(sorted(event.items()))
        return LotChange(f"epcis-{sha256(str(name).encode()).hexdigest()[:32]}", "transformation", at_ms, used, made)

    # -- names ------------------------------------------------------------------------------------------------

    def _amounts(self, event: Mapping[str, Any], name: str) -> Iterator[tuple[str, float | None]]:
        """Yield (lot, quantity) of a list; 0 of each where the event is declared wrong."""
        if not event.get(name):
            raise NotUnderstood("没有批次数量", f"{name} is empty: only lots are kept here, no single items")
        for one in event[name]:
            known = self._lot(str(one["epcClass"]))
            quantity, uom = one.get("quantity"), one.get("uom", "")
            unit = known.lot.unit
            if quantity is not None and not (uom == UOM.get(unit, "") and (unit in UOM or unit in COUNTED)):
                raise NotUnderstood(
                    f"批次 {known.lot.id} 的单位是 {unit},不是 {uom or '件'}",
                    f"lot {known.lot.id} is counted in {unit}, not in {uom or 'pieces'}",
                )
            yield known.lot.id, 0.0 if "errorDeclaration" in event else None if quantity is None else float(quantity)

    def _lot(self, uri: str) -> KnownLot:
        own = self._own(uri, "lot")
        known = self._goods.lot(own) if own else None
        if known is None and not own:
            elements = _elements(uri)
            if "01" in elements and "10" in elements:
                found = self._goods.lots_printed(elements["10"])
                same = [one for one in found if one.lot.gtin and gtin14(one.lot.gtin) == elements["01"]]
                known = same[0] if len(same) == 1 else None
        if known is None:
            raise NotUnderstood(f"没有登记批次 {uri}", f"{uri} is no lot that is known here: register it first")
        return known

    def _place(self, event: Mapping[str, Any]) -> str:
        """Return where it happened: the business location goes before the read point."""
        said = (event.get("bizLocation") or event.get("readPoint") or {}).get("id", "")
        own, _, part = self._own(str(said), "site").partition("/")
        site = own or self._by_gln.get(_elements(str(said)).get("414", ""), "")
        if part in self._registry.assets:
            return ASSET + part
        if site not in self._registry.sites:
            raise NotUnderstood(f"没有登记地点 {said or '(无)'}", f"{said or '(none)'} is no place that is known here")
        return SITE + site

    def _vehicle(self, uri: str) -> str:
        vehicle = self._own(uri, "vehicle")
        if vehicle not in self._registry.sites:
            raise NotUnderstood(f"{uri} 不是已登记的车辆", f"{uri} is no vehicle that is known here")
        return vehicle

    def _own(self, uri: str, kind: str) -> str:
        head = f"{self._names.own}/{kind}/"
        return unquote(uri.removeprefix(head)) if uri.startswith(head) else ""


def _elements(uri: str) -> Mapping[str, str]:
    try:
        return elements_of_name(uri)[0] if uri.startswith("urn:epc:") else elements_of_link(uri)
    except Gs1Fault:
        return {}


def _counted(quantity: float | None) -> float:
    if quantity is None:
        raise NotUnderstood("加工须写明数量", "a transformation needs its quantities")
    return quantity


def _paper(event: Mapping[str, Any]) -> str:
    notes = [str(one["bizTransaction"]) for one in event.get("bizTransactionList", ()) if one.get("type") == "bol"]
    return notes[0].rsplit("/", 1)[-1] if notes else ""
