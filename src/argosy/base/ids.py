"""Identifiers of instruments and legal entities, with their check digits.

Each ``check_*`` returns the identifier in its canonical form (upper case, no spaces) or raises
:class:`~argosy.base.errors.InvalidInput` whose message gives the digit that was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from argosy.base.errors import InvalidInput, unknown

_FIGI_REFUSED_PREFIXES = frozenset({"BS", "BM", "GG", "GB", "GH", "KY", "VG"})


def _value(character: str) -> int:
    """0-9 for digits, 10-35 for letters: the values all five standards share."""
    return int(character, 36)


def _shape(scheme: str, text: str, pattern: str, expected: str) -> str:
    cleaned = re.sub(r"\s", "", text).upper()
    if not cleaned.isascii() or not re.fullmatch(pattern, cleaned):
        raise InvalidInput(
            f"{text!r} is not shaped like a {scheme.upper()}", field=scheme, found=text, expected=expected,
            next_step=f"write {expected}",
        )  # fmt: skip
    return cleaned


def _refuse_digit(scheme: str, text: str, expected: str) -> InvalidInput:
    name, count = scheme.upper(), len(expected)
    return InvalidInput(
        f"{name} {text} ends in check digit{'s' if count > 1 else ''} {text[-count:]}, expected {expected}",
        field=scheme, found=text, expected=expected,
        next_step=f"{text[:-count]}{expected} is valid, if nothing else was mistyped",
    )  # fmt: skip


def isin_digit(first_eleven: str) -> str:
    """The check digit of an ISIN: letters become two digits, then Luhn's sum (ISO 6166).

    Examples
    --------
    >>> isin_digit("US037833100")
    '5'
    """
    digits = "".join(str(_value(character)) for character in first_eleven)
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return str(-total % 10)


def check_isin(text: str) -> str:
    """An International Securities Identification Number (ISO 6166), 12 characters.

    Examples
    --------
    >>> check_isin("us0378331005")
    'US0378331005'
    >>> check_isin("US0378331006")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    argosy.base.errors.InvalidInput: ISIN US0378331006 ends in check digit 6, expected 5. Next: ...
    """
    isin = _shape("isin", text, r"[A-Z]{2}[A-Z0-9]{9}[0-9]", "2 letters, 9 letters or digits, 1 check digit")
    expected = isin_digit(isin[:11])
    if isin[11] != expected:
        raise _refuse_digit("isin", isin, expected)
    return isin


def cusip_digit(first_eight: str) -> str:
    """The check digit of a CUSIP: each second value doubled, digits of the results added.

    Examples
    --------
    >>> cusip_digit("03783310")
    '0'
    """
    special = {"*": 36, "@": 37, "#": 38}
    total = 0
    for position, character in enumerate(first_eight):
        value = special[character] if character in special else _value(character)
        value *= 2 if position % 2 else 1
        total += value // 10 + value % 10
    return str(-total % 10)


def check_cusip(text: str) -> str:
    """A CUSIP (United States and Canada), 9 characters.

    Examples
    --------
    >>> check_cusip("037833100")
    '037833100'
    """
    cusip = _shape("cusip", text, r"[A-Z0-9*@#]{8}[0-9]", "8 letters, digits or * @ #, then 1 check digit")
    expected = cusip_digit(cusip[:8])
    if cusip[8] != expected:
        raise _refuse_digit("cusip", cusip, expected)
    return cusip


def sedol_digit(first_six: str) -> str:
    """The check digit of a SEDOL: weights 1, 3, 1, 7, 3, 9.

    Examples
    --------
    >>> sedol_digit("B0YBKJ")
    '7'
    """
    total = sum(_value(character) * weight for character, weight in zip(first_six, (1, 3, 1, 7, 3, 9), strict=True))
    return str(-total % 10)


def check_sedol(text: str) -> str:
    """A SEDOL (London), 7 characters without vowels.

    Examples
    --------
    >>> check_sedol("B0YBKJ7")
    'B0YBKJ7'
    """
    sedol = _shape("sedol", text, r"[B-DF-HJ-NP-TV-Z0-9]{6}[0-9]", "6 digits or consonants, then 1 check digit")
    expected = sedol_digit(sedol[:6])
    if sedol[6] != expected:
        raise _refuse_digit("sedol", sedol, expected)
    return sedol


def figi_digit(first_eleven: str) -> str:
    """The check digit of a FIGI: each second value doubled, digits of the results added (Luhn over base 36).

    Examples
    --------
    >>> figi_digit("BBG000BLNQ1")
    '6'
    """
    total = 0
    for position, character in enumerate(first_eleven):
        value = _value(character) * (2 if position % 2 else 1)
        total += sum(int(digit) for digit in str(value))
    return str(-total % 10)


def check_figi(text: str) -> str:
    """A Financial Instrument Global Identifier, 12 characters without vowels, third character G.

    Examples
    --------
    >>> check_figi("BBG000BLNQ16")
    'BBG000BLNQ16'
    """
    figi = _shape(
        "figi", text, r"[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]",
        "2 consonants, G, 8 consonants or digits, 1 check digit",
    )  # fmt: skip
    if figi[:2] in _FIGI_REFUSED_PREFIXES:
        raise InvalidInput(
            f"FIGI {figi} starts with {figi[:2]}, which is kept free so that it cannot be taken for an ISIN",
            field="figi", found=text, expected="any other two consonants, such as BB", next_step="check the identifier",
        )  # fmt: skip
    expected = figi_digit(figi[:11])
    if figi[11] != expected:
        raise _refuse_digit("figi", figi, expected)
    return figi


def lei_digits(first_eighteen: str) -> str:
    """The two check digits of an LEI: 98 minus the number modulo 97 (ISO 7064, mod 97-10), always 02 to 98.

    Examples
    --------
    >>> lei_digits("5493001KJTIIGC8Y1R")
    '12'
    """
    number = int("".join(str(_value(character)) for character in first_eighteen) + "00")
    return f"{98 - number % 97:02d}"


def check_lei(text: str) -> str:
    """A Legal Entity Identifier (ISO 17442), 20 characters; check digits 00, 01 and 99 do not exist.

    The remainder alone is not enough: 99 leaves the same remainder as 02, 00 as 97 and 01 as 98.

    Examples
    --------
    >>> check_lei("5493001KJTIIGC8Y1R12")
    '5493001KJTIIGC8Y1R12'
    """
    lei = _shape("lei", text, r"[A-Z0-9]{18}[0-9]{2}", "18 letters or digits, then 2 check digits")
    expected = lei_digits(lei[:18])
    if lei[18:] != expected:
        raise _refuse_digit("lei", lei, expected)
    return lei


def _plain(scheme: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        cleaned = text.strip()
        if not cleaned or len(cleaned) > 64 or any(ord(character) < 32 for character in cleaned):
            raise InvalidInput(
                f"{text[:40]!r} is not a {scheme}",
                field=scheme,
                found=text[:80],
                expected="1 to 64 printable characters",
            )
        return cleaned

    return check


SCHEMES: Mapping[str, Callable[[str], str]] = MappingProxyType({
    "isin": check_isin,
    "cusip": check_cusip,
    "sedol": check_sedol,
    "figi": check_figi,
    "lei": check_lei,
    "ticker": _plain("ticker"),
})  # fmt: skip
"""Identifier schemes and their checks. Those of parties and instruments live in one name space."""


def check_identifier(scheme: str, value: str) -> str:
    """The canonical form of an identifier of a named scheme.

    Examples
    --------
    >>> check_identifier("sedol", "b0ybkj7")
    'B0YBKJ7'
    >>> check_identifier("issin", "US0378331005")
    Traceback (most recent call last):
    ...
    argosy.base.errors.UnknownName: unknown identifier scheme 'issin'. Next: did you mean 'isin'?
    """
    if scheme not in SCHEMES:
        raise unknown("identifier scheme", scheme, SCHEMES)
    return SCHEMES[scheme](value)
