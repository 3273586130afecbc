"""The errors a caller can meet, each with a stable code.

A message says what, where, what was found, what was expected, and the next step.
Only errors shared by several rooms live here; a room's own errors live beside their use.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ArgosyError(Exception):
    """Base of every error Argosy raises on purpose.

    Examples
    --------
    >>> str(ArgosyError("quantity is missing", field="quantity", next_step="give a number"))
    'quantity is missing. Next: give a number'
    """

    code = "error"

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        found: object = None,
        expected: str = "",
        place: str = "",
        next_step: str = "",
    ) -> None:
        self.message = message
        self.field = field
        self.found = found
        self.expected = expected
        self.place = place
        self.next_step = next_step
        text = f"{place}: {message}" if place else message
        if next_step:
            text = f"{text.rstrip('.')}. Next: {next_step}"
        super().__init__(text)


class InvalidInput(ArgosyError):
    """A value is outside what the field allows."""

    code = "invalid_input"


class UnknownName(ArgosyError):
    """A portfolio, account, instrument, column or command that does not exist."""

    code = "unknown_name"


class DigitsError(InvalidInput):
    """A number has more digits than its scale holds."""

    code = "too_many_digits"


class OverflowDigits(InvalidInput):
    """A number does not fit the 64 bits it is stored in."""

    code = "overflow"


class MissingData(ArgosyError):
    """A price, rate or history is missing for a range; never filled silently."""

    code = "missing_data"


class MissingPrice(MissingData):
    """No price on or before the date (or none fresh enough)."""

    code = "missing_price"


class MissingRate(MissingData):
    """No exchange rate path on or before the date."""

    code = "missing_rate"


class StaleData(MissingData):
    """The last known value is older than the staleness policy allows."""

    code = "stale_data"


class InsufficientPosition(ArgosyError):
    """More is sold, covered or moved than is held."""

    code = "insufficient_position"


class ConservationError(ArgosyError):
    """An invariant of the book does not hold; nothing may be shown."""

    code = "conservation"


class BookError(ArgosyError):
    """The book cannot be opened, read or written."""

    code = "book"


class BookVersionError(BookError):
    """The book was written by an older or newer version; nothing was touched."""

    code = "book_version"


class BookBusy(BookError):
    """Another process holds the writer lock."""

    code = "book_busy"


class TamperedBook(BookError):
    """The hash chain does not match the rows."""

    code = "tampered"


class StorageFailure(BookError):
    """The disk or database refused: full, read-only, I/O error. Nothing was written."""

    code = "storage"


class ImportRefused(ArgosyError):
    """Rows were refused, so nothing was written."""

    code = "import_refused"


class UndefinedMeasure(ArgosyError):
    """A measure has no value on these data, such as a return on a base of zero."""

    code = "undefined_measure"


class NotConverged(ArgosyError):
    """A fit or search ended without an answer that could be trusted; the message says how far it came."""

    code = "not_converged"


class UnsupportedInstrument(ArgosyError):
    """The operation has no meaning for this kind of instrument."""

    code = "unsupported_instrument"


class MissingExtra(ArgosyError):
    """An optional package is not installed; the message names the extra."""

    code = "missing_extra"


def nearest(name: str, valid: Iterable[str], count: int = 3) -> list[str]:
    """Answer a mistyped name with the closest valid ones.

    Examples
    --------
    >>> nearest("portfolo", ["portfolio", "positions", "value"])
    ['portfolio']
    >>> nearest("ERU", ["YER", "EUR", "RUB"], count=1)
    ['EUR']
    """
    choices = sorted(set(valid))
    lowered = {choice.lower(): choice for choice in choices}
    # Letters in the wrong order are the commonest slip, and the matcher below sees it late.
    letters = sorted(name.lower())
    swapped = [item for item in lowered if sorted(item) == letters]
    found = difflib.get_close_matches(name.lower(), list(lowered), n=count, cutoff=0.55)
    return [lowered[item] for item in dict.fromkeys([*swapped, *found])][:count]


def unknown(what: str, name: str, valid: Iterable[str], *, place: str = "") -> UnknownName:
    """Build the error for a name that does not exist, with the nearest valid names.

    Examples
    --------
    >>> str(unknown("portfolio", "GROWHT", ["GROWTH", "INCOME"]))
    "unknown portfolio 'GROWHT'. Next: did you mean 'GROWTH'?"
    """
    choices = sorted(set(valid))
    close = nearest(name, choices)
    if close:
        step = "did you mean " + " or ".join(repr(item) for item in close) + "?"
    elif choices:
        shown = ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "")
        step = f"choose one of: {shown}"
    else:
        step = f"there is no {what} yet; create one first"
    return UnknownName(f"unknown {what} {name!r}", field=what, found=name, place=place, next_step=step)
