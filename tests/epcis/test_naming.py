"""How things are named: by a GS1 key where somebody gave one, else by a URI that stays the same for ever."""

from __future__ import annotations

import pytest

from coldchain.epcis.facts import Equipment, Lot, Note, Site, Unit
from coldchain.epcis.naming import Names
from coldchain.gs1 import Gs1Fault

NAMES = Names("https://dairy.example.org/trace", "https://id.dairy.example.org")


@pytest.mark.parametrize(
    ("site", "name"),
    [
        (Site("店 1"), "https://dairy.example.org/trace/site/%E5%BA%97%201"),
        (Site("shop-1", part="dock/2"), "https://dairy.example.org/trace/site/shop-1/dock%2F2"),
        (Site("shop-1", gln="4012345000054"), "https://id.dairy.example.org/414/4012345000054"),
        (Site("shop-1", gln="4012345000054", part="2"), "https://id.dairy.example.org/414/4012345000054/254/2"),
    ],
)
def test_a_place_is_its_gln_and_else_an_address_of_the_operators_own(site: Site, name: str) -> None:
    assert NAMES.site(site) == name


@pytest.mark.parametrize(
    ("lot", "name"),
    [
        (Lot("l-1"), "https://dairy.example.org/trace/lot/l-1"),
        (Lot("l-1", number="A/7"), "https://dairy.example.org/trace/lot/l-1"),
        (Lot("l-1", gtin="4012345123456"), "https://dairy.example.org/trace/lot/l-1"),
        (Lot("l-1", gtin="4012345123456", number="A/7"), "https://id.dairy.example.org/01/04012345123456/10/A%2F7"),
        (Lot("l-1", gtin="96385074", number="A"), "https://id.dairy.example.org/01/00000096385074/10/A"),
    ],
)
def test_a_product_is_no_lot_so_only_both_together_name_one(lot: Lot, name: str) -> None:
    assert NAMES.lot(lot) == name


def test_units_equipment_and_documents() -> None:
    assert NAMES.unit(Unit("p-3")) == "https://dairy.example.org/trace/unit/p-3"
    assert NAMES.unit(Unit("p-3", "106141412345678908")) == "https://id.dairy.example.org/00/106141412345678908"
    assert NAMES.equipment(Equipment("vehicle", "t/7")) == "https://dairy.example.org/trace/vehicle/t%2F7"
    assert NAMES.equipment(Equipment("vehicle", "t/7", "40000/1")) == "https://id.dairy.example.org/8004/40000%2F1"
    assert NAMES.note(Note("bol", "JJD 1")) == "https://dairy.example.org/trace/bol/JJD%201"
    assert NAMES.note(Note("po", "urn:epcglobal:cbv:bt:4012345000054:1")) == "urn:epcglobal:cbv:bt:4012345000054:1"


def test_a_wrong_key_names_nothing() -> None:
    with pytest.raises(Gs1Fault, match="GTIN of lot l-1"):
        NAMES.lot(Lot("l-1", gtin="4012345123457", number="A"))
    with pytest.raises(Gs1Fault, match="its check digit is 8"):
        NAMES.unit(Unit("p-3", "106141412345678900"))
