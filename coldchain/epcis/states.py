"""What may be done with goods: inspected, held, recalled; how they end: sold, destroyed; and what they were made of."""

from __future__ import annotations

from coldchain.epcis.circumstances import circumstances, quantities, units
from coldchain.epcis.facts import Amount, Equipment, Goods, Occasion
from coldchain.epcis.naming import Names
from coldchain.epcis.structs import (
    Action,
    AssociationEvent,
    ObjectEvent,
    PersistentDisposition,
    TransformationEvent,
)
from coldchain.epcis.writing import identified

RECALLED = PersistentDisposition(set=("recalled",))
NO_LONGER_RECALLED = PersistentDisposition(unset=("recalled",))


def inspecting(names: Names, at: Occasion, goods: Goods, *, conformant: bool) -> ObjectEvent:
    """Return that goods were looked at, and whether they passed; the test is one of the occasion's documents."""
    return _seen(names, at, goods, "inspecting", "conformant" if conformant else "non_conformant")


def holding(names: Names, at: Occasion, goods: Goods) -> ObjectEvent:
    """Return that goods are set apart until somebody decides; an inspection that they pass ends it."""
    return _seen(names, at, goods, "holding", "non_sellable_other")


def recalling(names: Names, at: Occasion, goods: Goods) -> ObjectEvent:
    """Return that goods are recalled, wherever they are and whatever else is said of them, until `recall_lifted`."""
    return _seen(names, at, goods, "holding", "recalled", RECALLED)


def recall_lifted(names: Names, at: Occasion, goods: Goods) -> ObjectEvent:
    """Return that goods are no longer recalled; whether they may be sold an inspection says."""
    return _seen(names, at, goods, "holding", "non_sellable_other", NO_LONGER_RECALLED)


def selling(names: Names, at: Occasion, goods: Goods) -> ObjectEvent:
    """Return that consumers bought goods."""
    return _seen(names, at, goods, "retail_selling", "retail_sold", stays=False)


def destroying(names: Names, at: Occasion, goods: Goods) -> ObjectEvent:
    """Return that goods were destroyed."""
    return _seen(names, at, goods, "destroying", "destroyed", action="DELETE", stays=False)


def sampling(names: Names, at: Occasion, goods: Goods) -> ObjectEvent:
    """Return that goods were taken away as samples."""
    return _seen(names, at, goods, "sampling", "non_sellable_other", stays=False)


def missing(names: Names, at: Occasion, goods: Goods) -> ObjectEvent:
    """Return that nobody knows what became of goods; GS1 has no step for that."""
    return _seen(names, at, goods, "other", "unknown", stays=False)


def transforming(
    names: Names, at: Occasion, used: tuple[Amount, ...], made: tuple[Amount, ...], run: str = ""
) -> TransformationEvent:
    """Return that lots were used up and others made of them.

    Args:
        run: id of the production run, when it takes more than one event to say.

    Raises:
        ValueError: nothing used or nothing made, and no run that other events complete.
    """
    if not (used and made) and not (run and (used or made)):
        raise ValueError("a transformation needs what was used and what was made, or a run that joins its parts")
    return identified(
        TransformationEvent(
            **circumstances(names, at, stays=True),
            biz_step="creating_class_instance",
            input_quantity_list=quantities(names, used),
            output_quantity_list=quantities(names, made),
            transformation_id=names.thing("run", run) if run else None,
        )
    )


def installing(names: Names, at: Occasion, probe: Equipment, carrier: Equipment) -> AssociationEvent:
    """Return that a probe measures a vehicle, a cooler or a tank from now on."""
    return _associated(names, at, probe, carrier, "ADD", "installing")


def removing(names: Names, at: Occasion, probe: Equipment, carrier: Equipment) -> AssociationEvent:
    """Return that a probe measures it no longer."""
    return _associated(names, at, probe, carrier, "DELETE", "removing")


def _seen(
    names: Names,
    at: Occasion,
    goods: Goods,
    step: str,
    disposition: str,
    persistent: PersistentDisposition | None = None,
    *,
    action: Action = "OBSERVE",
    stays: bool = True,
) -> ObjectEvent:
    return identified(
        ObjectEvent(
            **circumstances(names, at, stays=stays),
            action=action,
            biz_step=step,
            disposition=disposition,
            persistent_disposition=persistent,
            epc_list=units(names, goods),
            quantity_list=quantities(names, goods.amounts),
        )
    )


def _associated(
    names: Names, at: Occasion, probe: Equipment, carrier: Equipment, action: Action, step: str
) -> AssociationEvent:
    return identified(
        AssociationEvent(
            **circumstances(names, at, stays=False),
            action=action,
            biz_step=step,
            parent_id=names.equipment(carrier),
            child_epcs=(names.equipment(probe),),
        )
    )
