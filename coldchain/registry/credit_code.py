"""统一社会信用代码: whether its eighteenth character fits the others, so that a mistyped code is found on the day."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a code; I, O, S, V and Z are none (GB 32100-2015, table of code characters)."""

LENGTH = 18


def check_character(first: str) -> str:
    """Return the last character of a code.

    Args:
        first: its first 17 characters, each of `ALPHABET`.

    Source:
        GB 32100-2015, check character: 31 - Σ C_i · 3^(i-1) mod 31; 31 stands as 0.

    >>> check_character("91350100M000100Y4")
    '3'
    """
    total = sum(ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(first))
    return ALPHABET[-total % 31]


def fits(code: str) -> bool:
    """Say whether a code has 18 of the characters and the right last one.

    >>> fits("91350100M000100Y43"), fits("91350100M000100Y4Z")
    (True, False)
    """
    known = len(code) == LENGTH and all(sign in ALPHABET for sign in code)
    return known and check_character(code[:-1]) == code[-1]
