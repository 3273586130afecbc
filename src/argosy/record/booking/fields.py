"""One row of a file as fields: text read as amounts, quantities, dates and names, each problem kept with its place."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from argosy.base.dates import from_date
from argosy.base.errors import ArgosyError
from argosy.base.money import Quote
from argosy.base.problems import Problem
from argosy.kernels.decimals import explain_code
from argosy.kernels.reference.decimals import EMPTY, OK, TOO_MANY_DIGITS, date_cells, quote_cells, scaled_cells
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference

FIRST_DAY = from_date(datetime.date(1800, 1, 1))
LAST_DAY = from_date(datetime.date(2200, 1, 1))
LONGEST_TEXT = 4096


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes dates and numbers, and how amounts it leaves out are worked out.

    ``gross_rounding``: a gross amount worked out from quantity and price is rounded half to even to the currency's
    minor unit ("minor"), to the book's scale ("scale"), or must fit without rounding ("exact").
    ``price_check``: refuse a trade whose gross is far from quantity times price ("on", "off").
    """

    date: str = "%Y-%m-%d"
    decimal: str = "."
    thousands: str = ""
    gross_rounding: str = "minor"
    price_check: str = "on"


@dataclass(frozen=True, slots=True)
class Place:
    """What a row is read against."""

    source: str  # file name, for problems
    reference: Reference
    style: Style = Style()


class Fields:
    """The cells of one row. Reading methods give None for an empty cell and for one they refused."""

    def __init__(self, cells: Mapping[str, str], line: int, place: Place) -> None:
        self.cells = cells
        self.line = line
        self.place = place
        self.problems: list[Problem] = []

    def text(self, name: str) -> str:
        """The cell without surrounding blanks."""
        return self.cells.get(name, "").strip()

    def refuse(self, name: str, message: str, next_step: str = "", code: str = "invalid_input") -> None:
        """Keep a problem of this row."""
        shown = {key: value[:120] for key, value in self.cells.items() if value}
        self.problems.append(Problem(
            self.place.source, self.line, message, field=name, found=self.text(name)[:120], next_step=next_step,
            code=code, record=shown,
        ))  # fmt: skip

    def refuse_error(self, name: str, error: ArgosyError) -> None:
        """Keep an error as a problem of this row."""
        self.refuse(name, error.message, error.next_step, error.code)

    def _code(self, name: str, code: int, scale: int, hint: str = "") -> None:
        message, next_step, kind = explain_code(code, self.text(name), scale)
        self.refuse(name, message, hint or next_step, kind)

    def scaled(self, name: str, scale: int, hint: str = "") -> int | None:
        """A plain decimal at a scale; digits beyond it are refused, never rounded."""
        style = self.place.style
        values, codes = scaled_cells([self.text(name)], [scale], decimal=style.decimal, thousands=style.thousands)
        if codes[0] == OK:
            return values[0]
        if codes[0] == TOO_MANY_DIGITS:
            digits = len(self.text(name).partition(style.decimal)[2].rstrip("0"))
            step = hint or (f"choose scale {digits}, or round it yourself" if digits <= 18 else "round it yourself")
            found = f"{digits} decimal{'' if digits == 1 else 's'}"
            self.refuse(name, f"{self.text(name)[:40]} has {found}, the scale holds {scale}", step, "too_many_digits")
        elif codes[0] != EMPTY:
            self._code(name, codes[0], scale, hint)
        return None

    def amount(self, name: str, currency: str) -> int | None:
        """Money at the scale of its currency."""
        return self.scaled(name, self.place.reference.money_scale(currency))

    def quantity(self, name: str, instrument: Instrument) -> int | None:
        """A quantity at the instrument's scale."""
        digits = len(self.text(name).partition(self.place.style.decimal)[2].rstrip("0"))
        hint = ""
        if digits > instrument.quantity_scale:
            hint = (
                f"give {instrument.code} quantity_scale {digits} before its first event, or round it yourself"
                if digits <= 18 else "no quantity_scale holds it: 18 decimals are the most, so round it yourself"
            )  # fmt: skip
        return self.scaled(name, instrument.quantity_scale, hint)

    def quote(self, name: str) -> Quote | None:
        """A price as received."""
        style = self.place.style
        mantissas, exponents, codes = quote_cells([self.text(name)], decimal=style.decimal, thousands=style.thousands)
        if codes[0] == OK:
            return Quote(mantissas[0], exponents[0])
        if codes[0] != EMPTY:
            self._code(name, codes[0], 0)
        return None

    def integer(self, name: str) -> int | None:
        """A whole number."""
        return self.scaled(name, 0)

    def date(self, name: str) -> int | None:
        """A date as epoch day, within 1800 and 2200."""
        text, pattern = self.text(name), self.place.style.date
        if not text:
            return None
        if pattern == "%Y-%m-%d":
            days, codes = date_cells([text])
            day = days[0] if codes[0] == OK else None
        else:
            try:
                day = from_date(datetime.datetime.strptime(text, pattern).date())  # noqa: DTZ007 - a date has no zone
            except ValueError:
                day = None
        if day is None:
            shape = "year-month-day, as in 2022-12-30" if pattern == "%Y-%m-%d" else f"as the profile says: {pattern}"
            self.refuse(name, f"{text[:40]!r} is not a date", f"write a day that exists, {shape}")
            return None
        if not FIRST_DAY <= day < LAST_DAY:
            self.refuse(name, f"{text} is not between 1800 and 2200", "check the year")
            return None
        return day

    def free_text(self, name: str) -> str:
        """Text that is kept as written: printable, at most 4,096 characters."""
        text = self.text(name)
        if len(text) > LONGEST_TEXT:
            self.refuse(name, f"{len(text)} characters are more than {LONGEST_TEXT}", "shorten it", "too_long")
            return ""
        if not text.isprintable():
            self.refuse(name, "holds control characters", "remove them")
            return ""
        return text
