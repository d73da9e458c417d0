"""A name that is not known: which known one was meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from coldchain.registry.cells import Both

MOST = 20
"""Names for which a similar one is looked for; comparing with 6,000 names takes 10 ms each."""


class Hints:
    """Says `did_you_mean` for the first unknown names of a file or request, and nothing for the rest."""

    def __init__(self) -> None:
        self._left = MOST

    def __call__(self, name: str, ids: Collection[str]) -> Both:
        """See `did_you_mean`."""
        if not self._left:
            return "", ""
        self._left -= 1
        return did_you_mean(name, ids)


def did_you_mean(name: str, ids: Collection[str]) -> Both:
    """Return what to say behind an unknown name: the known one that looks most like it; empty where none does.

    >>> did_you_mean("shop-12", ["shop-1", "tank"])[1]
    "; did you mean 'shop-1'?"
    """
    near = next((one for one in sorted(ids) if one.lstrip("0") == name.lstrip("0")), "")
    near = near or next(iter(difflib.get_close_matches(name, ids, 1)), "")
    if not near:
        return "", ""
    zh, en = f";是否为 {near}?", f"; did you mean {near!r}?"
    if near != name and near.lstrip("0") == name.lstrip("0"):
        zh += "(Excel 去掉了前面的 0?请把该列设为“文本”格式)"
        en += " (Excel drops leading zeros: format the column as text)"
    return zh, en
