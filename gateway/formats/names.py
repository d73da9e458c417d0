"""SenML names of devices, made of what the device or its platform calls it.

=====================  =============================  ======================================
told                   name                           why
=====================  =============================  ======================================
12 or 16 hex digits    ``urn:dev:mac:0004a30b…``      RFC 9039; MAC or EUI-64, lower case
15 digits              ``urn:dev:imei:8660…``         an IMEI
anything else          ``urn:dev:name:Device_20A``    each other byte as ``_`` and its hex
=====================  =============================  ======================================

``imei`` and ``name`` are not registered with IANA as subtypes of ``urn:dev``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from coldchain.errors import RejectedReading

_HEX = re.compile(r"[0-9a-f]{12}(?:[0-9a-f]{4})?\Z")
_IMEI = re.compile(r"[0-9]{15}\Z")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")


def device_name(told: object) -> str:
    """Return a device's SenML name.

    Raises:
        RejectedReading: ``no-identity``, nothing was told.

    >>> device_name("CB:B8:33:4C:88:4F"), device_name("eui-0004A30B001C0530"), device_name("866050033819630")
    ('urn:dev:mac:cbb8334c884f', 'urn:dev:mac:0004a30b001c0530', 'urn:dev:imei:866050033819630')
    """
    if isinstance(told, bool) or not isinstance(told, str | int) or told == "":
        raise RejectedReading("no-identity", f"{str(told)[:32]!r} names no device")
    return _device_name(str(told)[:255])


@lru_cache(maxsize=1 << 12)
def _device_name(told: str) -> str:
    bare = told.lower().removeprefix("eui-").replace(":", "").replace("-", "")
    if _HEX.match(bare):
        return f"urn:dev:mac:{bare}"
    if _IMEI.match(told):
        return f"urn:dev:imei:{told}"
    return f"urn:dev:name:{name_part(told)}"


def name_part(text: str) -> str:
    """Return any text as part of a SenML name; different texts stay different.

    >>> name_part("Device A"), name_part("cold_room")
    ('Device_20A', 'cold_5froom')
    """
    if _PLAIN.issuperset(text):
        return text
    return "".join(
        each if each in _PLAIN else "".join(f"_{byte:02x}" for byte in each.encode("utf-8", "surrogatepass"))
        for each in text
    )
