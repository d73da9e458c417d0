"""GS1 identifiers: check digits, EPC names, Digital Links, and what a phone scans from a carton.

All forms of one identifier are the same *elements*, application identifier (AI) → value::

    scan   ]C1010401234512345610LOT7 ─┐                                     ┌─▶ link  https://id.gs1.org/01/…/10/LOT7
    link   https://id.gs1.org/01/…    ├─▶ {"01": "04012345123456", "10": "LOT7"} ─┤
    name   urn:epc:class:lgtin:…      ─┘                                     └─▶ name  urn:epc:class:lgtin:…

A name needs to know how long the company prefix is; a link and a scan do not.
"""

from coldchain.gs1.digits import check_digit, gln13, gtin14, sscc18
from coldchain.gs1.elements import IDENTIFIERS, checked, day, possible
from coldchain.gs1.epc import elements_of_name, name_of
from coldchain.gs1.faults import Gs1Fault
from coldchain.gs1.links import RESOLVER, elements_of_link, link_of
from coldchain.gs1.scanning import Scan, scanned

__all__ = [
    "IDENTIFIERS",
    "RESOLVER",
    "Gs1Fault",
    "Scan",
    "check_digit",
    "checked",
    "day",
    "elements_of_link",
    "elements_of_name",
    "gln13",
    "gtin14",
    "link_of",
    "name_of",
    "possible",
    "scanned",
    "sscc18",
]
