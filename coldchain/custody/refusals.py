"""Sentences for what cannot be, whatever it is said of: goods, papers, trips; each as (中文, English)."""

from __future__ import annotations

BAD_ID = ("编号应为 1 至 64 位字母、数字或 . _ : -", "an id is 1 to 64 of A-Z a-z 0-9 . _ : -")
BAD_TIME = ("时间或日期不成立", "a time or date that cannot be")
BAD_WORD = ("没有这个说法", "not one of the words")


def sentence(words: tuple[str, str], detail: str, language: str) -> str:
    """Return what cannot be and what was found, in ``zh`` or ``en``.

    >>> sentence(BAD_WORD, "'sealed'", "en")
    "not one of the words: 'sealed'"
    """
    return f"{words[0 if language == 'zh' else 1]}: {detail}"
