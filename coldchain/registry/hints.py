"""A name that is not known: which known one was meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from coldchain.registry.cells import Both


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
