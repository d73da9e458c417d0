"""GS1 Digital Links: a key and what follows it as the path of a web address, dates as its query.

Source: GS1 Digital Link standard, URI syntax. Everything but letters, digits and ``-._~`` is percent-encoded.
Compressed links are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

from coldchain.gs1.digits import GTIN_LENGTHS
from coldchain.gs1.elements import IDENTIFIERS, KEYS, checked
from coldchain.gs1.faults import Gs1Fault

RESOLVER = "https://id.gs1.org"
"""GS1's own resolver: the base of canonical links."""


def link_of(elements: Mapping[str, str], base: str = RESOLVER) -> str:
    """Return the link of a key, with what says which one of it in the path and all else in the query.

    Args:
        elements: AI → value, with exactly one key (00, 01, 414, 8003 or 8004).
        base: where links begin, without a slash at its end.

    Raises:
        Gs1Fault: a value that cannot be one, no key or several, or a lot, serial or extension without its key.

    >>> link_of({"17": "260131", "21": "1", "01": "04012345123456", "10": "A/7"})
    'https://id.gs1.org/01/04012345123456/10/A%2F7/21/1?17=260131'
    """
    said = {ai: checked(ai, value) for ai, value in elements.items()}
    keys = [ai for ai in said if ai in KEYS]
    if not keys:
        raise Gs1Fault("key-none", "link", wanted=_listed(KEYS))
    if len(keys) > 1:
        raise Gs1Fault("key-many", "link", found=_listed(keys))
    key, behind = keys[0], KEYS[keys[0]]
    for other, qualifiers in KEYS.items():
        for ai in qualifiers:
            if ai in said and other != key:
                raise Gs1Fault("key-missing", "link", ai=ai, key=other)
    path = [key, said[key], *(part for ai in behind if ai in said for part in (ai, said[ai]))]
    query = "&".join(f"{ai}={quote(said[ai], safe='')}" for ai in sorted(said) if ai != key and ai not in behind)
    return f"{base}/{'/'.join(quote(part, safe='') for part in path)}" + (f"?{query}" if query else "")


def elements_of_link(link: str) -> dict[str, str]:
    """Return what a link says: its key, what follows it, and the known identifiers of its query.

    A base may have a path of its own, so the key is the first part of the path behind which everything fits.

    Raises:
        Gs1Fault: no key in the path, a value that cannot be one, or a wrong order.

    >>> elements_of_link("https://example.com/p/01/4012345123456/10/A%2F7?17=260131&linkType=all")
    {'01': '04012345123456', '10': 'A/7', '17': '260131'}
    """
    parts = urlsplit(link)
    path = [unquote(part) for part in parts.path.strip("/").split("/")]
    faults: list[Gs1Fault] = []
    for place, ai in enumerate(path):
        if ai in KEYS and (len(path) - place) % 2 == 0:
            try:
                found = _path(path[place:], link)
                break
            except Gs1Fault as fault:
                faults.append(fault)
    else:
        raise faults[0] if faults else Gs1Fault("link-key", link)
    for pair in filter(None, parts.query.replace(";", "&").split("&")):
        ai, _, value = pair.partition("=")
        if ai in IDENTIFIERS:
            value = checked(ai, unquote(value), f"{link} ({ai})")
            if found.setdefault(ai, value) != value:
                raise Gs1Fault("twice", f"{link} ({ai})")
    return found


def _path(parts: list[str], link: str) -> dict[str, str]:
    order = [parts[0], *KEYS[parts[0]]]
    found: dict[str, str] = {}
    for ai, value in zip(parts[::2], parts[1::2], strict=True):
        if ai not in order:
            raise Gs1Fault("order", f"{link} ({ai})", wanted=_listed(KEYS[parts[0]]))
        order = order[order.index(ai) + 1 :]
        if ai == "01" and len(value) in GTIN_LENGTHS:
            value = value.zfill(14)
        found[ai] = checked(ai, value, f"{link} ({ai})")
    return found


def _listed(ais: Iterable[str]) -> str:
    return " ".join(f"({ai})" for ai in ais) or "-"
