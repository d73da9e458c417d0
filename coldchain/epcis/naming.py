"""How things are named to others: by their GS1 key as a Digital Link, else by a URI under the operator's own address.

Own URIs are ``{own}/{kind}/{id}``: ``site``, ``lot``, ``unit``, ``vehicle``, ``asset``, ``probe``, ``rule``,
``fault``, ``run`` and the types of documents. An id stays what it is for ever, so an own URI does; a key that is given
later names the same thing anew, and only events from then on carry it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from coldchain.epcis.facts import Equipment, Lot, Note, Site, Unit
from coldchain.gs1 import RESOLVER, gtin14, link_of, possible


@dataclass(frozen=True, slots=True)
class Names:
    """The two bases of names.

    Attributes:
        own: an address of the operator, without a slash at its end: ``https://example.org``.
        resolver: base of Digital Links.

    A wrong key is a `coldchain.gs1.Gs1Fault` in every method.

    >>> names = Names("https://example.org")
    >>> names.site(Site("shop-1")), names.site(Site("shop-1", gln="4012345000054"))
    ('https://example.org/site/shop-1', 'https://id.gs1.org/414/4012345000054')
    """

    own: str
    resolver: str = RESOLVER

    def thing(self, kind: str, id: str) -> str:
        """Return the own URI of something."""
        return f"{self.own}/{kind}/{quote(id, safe='')}"

    def site(self, site: Site) -> str:
        """Return the name of a place."""
        if not site.gln:
            return self.thing("site", site.id) + (f"/{quote(site.part, safe='')}" if site.part else "")
        return self._link({"414": site.gln, "254": site.part})

    def lot(self, lot: Lot) -> str:
        """Return the name of a lot: an own URI where it has no batch number that GS1 can write.

        A GTIN alone names the product; batch numbers with Chinese signs, or of more than 20, are common.
        """
        if not (lot.gtin and lot.number and possible("10", lot.number)):
            return self.thing("lot", lot.id)
        return self._link({"01": gtin14(lot.gtin, f"GTIN of lot {lot.id}"), "10": lot.number})

    def unit(self, unit: Unit) -> str:
        """Return the name of a logistic unit."""
        return self._link({"00": unit.sscc}) if unit.sscc else self.thing("unit", unit.id)

    def equipment(self, equipment: Equipment) -> str:
        """Return the name of a vehicle, a cooler or a probe."""
        return self._link({"8004": equipment.giai}) if equipment.giai else self.thing(equipment.kind, equipment.id)

    def note(self, note: Note) -> str:
        """Return the name of a document; an id that is a URI stays."""
        return (
            note.id
            if note.id.startswith(("https://", "http://", "urn:"))
            else self.thing(note.type or "paper", note.id)
        )

    def _link(self, elements: dict[str, str]) -> str:
        return link_of({ai: value for ai, value in elements.items() if value}, self.resolver)
