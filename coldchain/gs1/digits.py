"""Keys whose last digit checks the others: GTIN, GLN, SSCC, and the first half of a GRAI (a GIAI has none)."""

from __future__ import annotations

from coldchain.gs1.faults import Gs1Fault

GTIN_LENGTHS = (8, 12, 13, 14)
GLN_LENGTH = 13
SSCC_LENGTH = 18


def check_digit(digits: str) -> str:
    """Return the digit that follows others.

    Args:
        digits: all but the last digit of a key, decimal digits only.

    Source:
        GS1 General Specifications, check digit calculation: weights 3, 1, 3 … from the right, up to the next ten.

    >>> check_digit("0950600013435"), check_digit("950600013430"), check_digit("10614141234567890")
    ('2', '7', '8')
    """
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin14(text: str, place: str = "GTIN") -> str:
    """Return a GTIN of 8, 12, 13 or 14 digits as 14, filled with zeros in front.

    Raises:
        Gs1Fault: not so many digits, or the last does not check the others.

    >>> gtin14("4012345123456")
    '04012345123456'
    """
    return _checked(text, GTIN_LENGTHS, place).zfill(14)


def gln13(text: str, place: str = "GLN") -> str:
    """Return a global location number.

    Raises:
        Gs1Fault: not 13 digits, or the last does not check the others.

    >>> gln13("9506000134307")
    '9506000134307'
    """
    return _checked(text, (GLN_LENGTH,), place)


def sscc18(text: str, place: str = "SSCC") -> str:
    """Return the number of a pallet or another logistic unit.

    Raises:
        Gs1Fault: not 18 digits, or the last does not check the others.

    >>> sscc18("106141412345678908")
    '106141412345678908'
    """
    return _checked(text, (SSCC_LENGTH,), place)


def _checked(text: str, lengths: tuple[int, ...], place: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) in lengths):
        raise Gs1Fault("digits", place, found=text, wanted=" / ".join(map(str, lengths)))
    wanted = check_digit(text[:-1])
    if text[-1] != wanted:
        raise Gs1Fault("check-digit", place, found=text, last=text[-1], wanted=wanted)
    return text
