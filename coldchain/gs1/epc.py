"""EPC names (``urn:epc:…``) from elements and back; a name separates the company prefix from what the company numbered.

Source of the forms: GS1 EPC Tag Data Standard, EPC URI; class names (lgtin): GS1 Core Business Vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from coldchain.gs1.digits import GLN_LENGTH, SSCC_LENGTH, check_digit
from coldchain.gs1.elements import checked
from coldchain.gs1.faults import Gs1Fault

PREFIX_DIGITS = range(6, 13)
"""Digits that a GS1 company prefix may have."""

ESCAPED = frozenset('"%&/<>?')
"""Signs that a name writes as % and two hexadecimal digits (Tag Data Standard, table A-1)."""

NO_EXTENSION = "0"
"""What a name of a location has in place of an extension."""

FORMS = {
    "sgtin": "urn:epc:id:sgtin:{prefix}.{indicator and item}.{serial}, 13 digits in all before the serial",
    "lgtin": "urn:epc:class:lgtin:{prefix}.{indicator and item}.{lot}, 13 digits in all before the lot",
    "sscc": "urn:epc:id:sscc:{prefix}.{extension digit and serial}, 17 digits in all",
    "sgln": "urn:epc:id:sgln:{prefix}.{location}.{extension, 0 for none}, 12 digits in all before the extension",
    "giai": "urn:epc:id:giai:{prefix}.{asset}",
}

_NAME = re.compile(r"urn:epc:(id:sgtin|class:lgtin|id:sscc|id:sgln|id:giai):(\d{6,12})\.(.+)\Z", re.ASCII)


def name_of(elements: Mapping[str, str], prefix_digits: int) -> str:
    """Return the EPC name of what elements say.

    Args:
        elements: AI → value; an SSCC, a GTIN with a serial (else with a lot), a GLN or a GIAI. Others are left out.
        prefix_digits: length of the company prefix in it, 6 to 12.

    Raises:
        Gs1Fault: a value that cannot be one, a length that cannot be one, or elements that no name is made of.

    >>> name_of({"01": "04012345123456", "10": "2019/10"}, 7)
    'urn:epc:class:lgtin:4012345.012345.2019%2F10'
    >>> name_of({"414": "4012345000054"}, 7)
    'urn:epc:id:sgln:4012345.00005.0'
    """
    if prefix_digits not in PREFIX_DIGITS:
        raise Gs1Fault("prefix", "EPC", found=prefix_digits)
    said = {ai: checked(ai, value) for ai, value in elements.items()}
    if "00" in said:
        return f"urn:epc:id:sscc:{_split(said['00'][1:-1], said['00'][0], prefix_digits)}"
    if "01" in said and ("21" in said or "10" in said):
        item = _split(said["01"][1:-1], said["01"][0], prefix_digits)
        if "21" in said:
            return f"urn:epc:id:sgtin:{item}.{_escaped(said['21'])}"
        return f"urn:epc:class:lgtin:{item}.{_escaped(said['10'])}"
    if "414" in said:
        if said.get("254") == NO_EXTENSION:
            raise Gs1Fault("extension-zero", "(254)")
        return (
            f"urn:epc:id:sgln:{_split(said['414'][:-1], '', prefix_digits)}.{_escaped(said.get('254', NO_EXTENSION))}"
        )
    if "8004" in said and said["8004"][:prefix_digits].isdigit() and len(said["8004"]) > prefix_digits:
        return f"urn:epc:id:giai:{said['8004'][:prefix_digits]}.{_escaped(said['8004'][prefix_digits:])}"
    raise Gs1Fault("name-none", "EPC", found=" ".join(f"({ai})" for ai in elements) or "()")


def elements_of_name(name: str) -> tuple[dict[str, str], int]:
    """Return what an EPC name says, as elements with their check digits, and how long its company prefix is.

    Raises:
        Gs1Fault: none of the names in `FORMS`, a wrong number of digits, or a value that cannot be one.

    >>> elements_of_name("urn:epc:id:sgtin:4012345.011111.9876")
    ({'01': '04012345111118', '21': '9876'}, 7)
    """
    found = _NAME.match(name)
    if found is None:
        raise Gs1Fault("name-form", name, wanted=" | ".join(FORMS.values()))
    scheme, prefix, rest = found[1].partition(":")[2], found[2], found[3]
    if scheme == "giai":
        return {"8004": checked("8004", prefix + _unescaped(rest, name, scheme), name)}, len(prefix)
    numbered, dot, extra = rest.partition(".")
    if not re.fullmatch(r"\d*", numbered, re.ASCII) or bool(dot) == (scheme == "sscc"):
        raise Gs1Fault("name-form", name, wanted=FORMS[scheme])
    digits = {"sscc": SSCC_LENGTH, "sgln": GLN_LENGTH}.get(scheme, 14) - 1
    if len(prefix) + len(numbered) != digits:
        raise Gs1Fault("name-form", name, wanted=FORMS[scheme])
    key = prefix + numbered if scheme == "sgln" else numbered[0] + prefix + numbered[1:]
    key += check_digit(key)
    if scheme == "sscc":
        return {"00": key}, len(prefix)
    extra = _unescaped(extra, name, scheme)
    if scheme == "sgln":
        place = {} if extra == NO_EXTENSION else {"254": checked("254", extra, name)}
        return {"414": key, **place}, len(prefix)
    which = "21" if scheme == "sgtin" else "10"
    return {"01": key, which: checked(which, extra, name)}, len(prefix)


def _split(digits: str, front: str, prefix_digits: int) -> str:
    return f"{digits[:prefix_digits]}.{front}{digits[prefix_digits:]}"


def _escaped(text: str) -> str:
    return "".join(f"%{ord(sign):02X}" if sign in ESCAPED else sign for sign in text)


def _unescaped(text: str, name: str, scheme: str) -> str:
    plain = unquote(text)
    if _escaped(plain) != re.sub("%[0-9a-f]{2}", lambda code: code[0].upper(), text, flags=re.IGNORECASE):
        raise Gs1Fault("name-form", name, wanted=FORMS[scheme])
    return plain
