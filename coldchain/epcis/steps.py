"""Goods on their way: loading, departing, arriving, unloading, receiving, storing, each as one event.

``receiving`` excludes ``arriving`` of the same things (Core Business Vocabulary), so a vehicle arrives and its goods
are received. The pick-up of milk at a farm or station is ``loading``. ``in_progress`` is left out, as the vocabulary
recommends: it says nothing.
"""

from __future__ import annotations

from coldchain.epcis.circumstances import circumstances, quantities, units
from coldchain.epcis.facts import Equipment, Goods, Occasion, Site
from coldchain.epcis.naming import Names
from coldchain.epcis.structs import Action, AggregationEvent, Destination, ObjectEvent, Source, TransactionEvent
from coldchain.epcis.writing import identified


def loading(names: Names, at: Occasion, vehicle: Equipment, goods: Goods) -> AggregationEvent:
    """Return that goods came into a vehicle."""
    return _aggregation(names, at, vehicle, goods, "ADD", "loading")


def unloading(names: Names, at: Occasion, vehicle: Equipment, goods: Goods) -> AggregationEvent:
    """Return that goods came out of a vehicle."""
    return _aggregation(names, at, vehicle, goods, "DELETE", "unloading")


def handing_over(names: Names, at: Occasion, goods: Goods) -> TransactionEvent:
    """Return that goods became part of the occasion's documents, such as a hand-over note.

    Raises:
        ValueError: an occasion without a document.
    """
    if not at.notes:
        raise ValueError("a hand-over needs its document: give the occasion a note")
    return identified(
        TransactionEvent(
            **circumstances(names, at, stays=False),
            action="ADD",
            epc_list=units(names, goods),
            quantity_list=quantities(names, goods.amounts),
        )
    )


def departing(
    names: Names, at: Occasion, vehicle: Equipment, goods: Goods, destination: Site | None = None
) -> ObjectEvent:
    """Return that a vehicle left a place with goods."""
    where = () if destination is None else (Destination(type="location", destination=names.site(destination)),)
    return identified(
        ObjectEvent(
            **circumstances(names, at, stays=False),
            action="OBSERVE",
            biz_step="departing",
            disposition="in_transit",
            epc_list=(names.equipment(vehicle), *units(names, goods)),
            quantity_list=quantities(names, goods.amounts),
            destination_list=where,
        )
    )


def arriving(names: Names, at: Occasion, vehicle: Equipment) -> ObjectEvent:
    """Return that a vehicle came to a place; of its goods `receiving` speaks."""
    return identified(
        ObjectEvent(
            **circumstances(names, at, stays=True),
            action="OBSERVE",
            biz_step="arriving",
            epc_list=(names.equipment(vehicle),),
        )
    )


def receiving(names: Names, at: Occasion, goods: Goods, origin: Site | None = None) -> ObjectEvent:
    """Return that a place took goods in."""
    whence = () if origin is None else (Source(type="location", source=names.site(origin)),)
    return identified(
        ObjectEvent(
            **circumstances(names, at, stays=True),
            action="OBSERVE",
            biz_step="receiving",
            epc_list=units(names, goods),
            quantity_list=quantities(names, goods.amounts),
            source_list=whence,
        )
    )


def storing(names: Names, at: Occasion, goods: Goods, disposition: str | None = None) -> ObjectEvent:
    """Return that goods were put into storage.

    Args:
        disposition: ``sellable_not_accessible`` in a warehouse, ``sellable_accessible`` in a shop; None: raw milk.
    """
    return identified(
        ObjectEvent(
            **circumstances(names, at, stays=True),
            action="OBSERVE",
            biz_step="storing",
            disposition=disposition,
            epc_list=units(names, goods),
            quantity_list=quantities(names, goods.amounts),
        )
    )


def _aggregation(
    names: Names, at: Occasion, vehicle: Equipment, goods: Goods, action: Action, step: str
) -> AggregationEvent:
    return identified(
        AggregationEvent(
            **circumstances(names, at, stays=True),
            action=action,
            biz_step=step,
            parent_id=names.equipment(vehicle),
            child_epcs=units(names, goods),
            child_quantity_list=quantities(names, goods.amounts),
        )
    )
