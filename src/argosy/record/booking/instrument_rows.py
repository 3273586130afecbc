"""One row of an instruments file as the payload of an INSTRUMENT fact, or everything wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.base.currencies import QUOTE_UNITS
from argosy.base.errors import ArgosyError, nearest, unknown
from argosy.base.ids import SCHEMES, check_identifier
from argosy.base.money import Quote
from argosy.base.problems import Problem
from argosy.record.booking.fields import Fields, Place
from argosy.record.reference import INSTRUMENT_TYPES

IDENTIFIERS = ("isin", "cusip", "sedol", "figi", "ticker")
INSTRUMENT_FIELDS: tuple[str, ...] = (
    "code", "name", "type", "currency", "quote_unit", "quantity_scale", "multiplier", *IDENTIFIERS, "inverse",
    "margined", "coupon", "frequency", "day_count", "issue_date", "first_coupon", "maturity",
)  # fmt: skip
"""Neutral columns of an instruments file; any other column becomes an attribute."""

DAY_COUNTS = ("30/360", "30E/360", "ACT/ACT ICMA", "ACT/365F", "ACT/360")
FREQUENCIES = {
    "0": 0, "1": 1, "2": 2, "4": 4, "12": 12, "zero": 0, "annual": 1, "semiannual": 2, "quarterly": 4, "monthly": 12,
}  # fmt: skip
PERCENT = ("percent", "pct", "%")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
_BOND = ("coupon", "frequency", "day_count", "issue_date", "first_coupon", "maturity")


def instrument_payload(
    cells: Mapping[str, str], line: int, place: Place, earlier: Mapping[str, object] | None = None
) -> tuple[dict[str, object] | None, list[Problem]]:
    """Read one row. ``earlier`` are the terms the book has: what the file has no column for stays as it is.

    Examples
    --------
    >>> from argosy.record.reference_fold import Reference
    >>> place = Place("i.csv", Reference.from_facts([]))
    >>> payload, _ = instrument_payload({"code": "SHEL", "type": "equity", "quote_unit": "GBp"}, 2, place)
    >>> payload["currency"], payload["factor"]
    ('GBP', [1, -2])
    """
    row = Fields(cells, line, place)
    known = earlier or {}
    code = row.text("code")
    if not code or len(code) > 64 or not code.isprintable() or code != " ".join(code.split()):
        row.refuse("code", f"{code[:40]!r} cannot be a code", "use 1 to 64 printable characters")
    kind = row.text("type") if "type" in cells else str(known.get("type", "other"))
    kind = "_".join((kind or "other").lower().replace("-", " ").split())
    if kind not in INSTRUMENT_TYPES:
        row.refuse_error("type", unknown("type", row.text("type")[:40], INSTRUMENT_TYPES))
    currency, unit, factor = _quoting(row, known, kind)
    scale = row.integer("quantity_scale") if row.text("quantity_scale") else known.get("quantity_scale", 8)
    if not isinstance(scale, int) or not 0 <= scale <= 18:
        row.refuse("quantity_scale", "is not from 0 to 18", "8 decimals of a unit are the default")
    payload: dict[str, object] = {
        "code": code,
        "name": (row.free_text("name") if "name" in cells else str(known.get("name", ""))) or code,
        "type": kind,
        "currency": currency,
        "quantity_scale": scale,
        "quote_unit": unit,
        "factor": factor,
        "inverse": _flag(row, "inverse", known),
        "margined": _flag(row, "margined", known),
        "bond": _bond(row, known) if kind == "bond" else None,
        "identifiers": _identifiers(row, known),
        "attributes": _attributes(row, known),
    }
    return (None if row.problems else payload), row.problems


def _quoting(row: Fields, known: Mapping[str, object], kind: str) -> tuple[str, str, list[int]]:
    """Currency, quote unit and the factor from quantity times price to money in the currency."""
    given = any(name in row.cells for name in ("currency", "quote_unit", "multiplier"))
    held = known.get("factor")
    if not given and known and isinstance(held, list | tuple):
        return str(known["currency"]), str(known["quote_unit"]), [int(part) for part in held]
    currency = row.text("currency") or ("" if "currency" in row.cells else str(known.get("currency", "")))
    unit = row.text("quote_unit")
    if currency in QUOTE_UNITS:  # some sources write the quote unit where the currency belongs
        unit, currency = unit or currency, QUOTE_UNITS[currency][0]
    power = 0
    if unit in QUOTE_UNITS:
        money, power = QUOTE_UNITS[unit]
        if currency not in ("", money):
            row.refuse("quote_unit", f"{unit} is a part of {money}, the currency is {currency}",
                       "make quote unit and currency agree", "contradiction")  # fmt: skip
        currency = currency or money
    elif unit.lower() in PERCENT or (not unit and kind == "bond"):
        unit, power = "percent", -2
    elif unit and unit != currency:
        close = nearest(unit, [*QUOTE_UNITS, "percent", currency or "USD"], 1)
        row.refuse("quote_unit", f"{unit[:20]!r} is not the currency, a part of it (GBp, ZAc, ILA) or percent",
                   f"did you mean {close[0]!r}?" if close else "leave it empty for prices in the currency")  # fmt: skip
    if not currency:
        row.refuse("currency", "nothing there", "give the currency in which it trades")
    else:
        try:
            row.place.reference.currency(currency)
        except ArgosyError as error:
            row.refuse_error("currency", error)
    multiplier = row.quote("multiplier") or Quote(1, 0)
    if multiplier.mantissa <= 0:
        row.refuse("multiplier", "must be more than 0", "leave it empty for 1")
    mantissa, exponent = multiplier.mantissa, multiplier.exponent + power
    while mantissa and mantissa % 10 == 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    return currency, unit or currency, [mantissa, exponent]


def _flag(row: Fields, name: str, known: Mapping[str, object]) -> bool:
    if name not in row.cells:
        return bool(known.get(name, False))
    text = row.text(name).lower()
    if text not in _YES:
        row.refuse(name, f"{text[:20]!r} is neither yes nor no", "write yes or no")
    return _YES.get(text, False)


def _bond(row: Fields, known: Mapping[str, object]) -> object:
    if not any(name in row.cells for name in _BOND):
        return known.get("bond")
    if not any(row.text(name) for name in _BOND):
        return None
    coupon = row.quote("coupon") or Quote(0, 0)
    if not 0 <= coupon.decimal() <= 1:
        row.refuse("coupon", f"{row.text('coupon')} is not a yearly rate as a fraction", "write 0.0425 for 4.25%")
    frequency = FREQUENCIES.get(row.text("frequency").lower() or "0")
    if frequency is None:
        row.refuse("frequency", "is not a number of coupons a year", "write 1, 2, 4, 12, or 0 for none")
    day_count = row.text("day_count") or "30/360"
    if day_count not in DAY_COUNTS:
        row.refuse_error("day_count", unknown("day count", day_count[:30], DAY_COUNTS))
    issue, first, maturity = row.date("issue_date"), row.date("first_coupon"), row.date("maturity")
    if maturity is None and not row.text("maturity"):
        row.refuse("maturity", "nothing there", "give the day the bond is repaid")
    days = [day for day in (issue, first, maturity) if day is not None]
    if days != sorted(days):
        row.refuse("maturity", "issue, first coupon and maturity are not in order", "check the dates", "contradiction")
    if frequency and coupon.mantissa and first is None and issue is None:
        row.refuse("first_coupon", "accrued interest needs the issue date or the first coupon", "give one of them")
    return {
        "coupon": [coupon.mantissa, coupon.exponent], "frequency": frequency or 0, "day_count": day_count,
        "issue": issue or 0, "first_coupon": first or 0, "maturity": maturity or 0,
    }  # fmt: skip


def _identifiers(row: Fields, known: Mapping[str, object]) -> dict[str, str]:
    held = known.get("identifiers")
    found = {str(k): str(v) for k, v in held.items() if k not in row.cells} if isinstance(held, Mapping) else {}
    for scheme in IDENTIFIERS:
        text = row.text(scheme)
        if text:
            try:
                found[scheme] = check_identifier(scheme, text)
            except ArgosyError as error:
                row.refuse_error(scheme, error)
    return found


def _attributes(row: Fields, known: Mapping[str, object]) -> dict[str, str]:
    held = known.get("attributes")
    found = {str(k): str(v) for k, v in held.items() if k not in row.cells} if isinstance(held, Mapping) else {}
    for name in row.cells:
        if name not in INSTRUMENT_FIELDS and row.text(name):
            found[name[:64]] = row.free_text(name)
    lei = row.text("lei")
    if lei:
        try:
            found["lei"] = SCHEMES["lei"](lei)
        except ArgosyError as error:
            row.refuse_error("lei", error)
    return found
