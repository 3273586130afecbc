"""One table for what an error means to the outside: its exit code and its HTTP status.

Every error Argosy raises on purpose has a stable ``code``. A code without a row of its own takes the row of the nearest
class above it, so that a room may name its own errors without coming here first.
"""

from __future__ import annotations

from dataclasses import dataclass

from argosy.base.errors import ArgosyError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the world is told: the command's exit code, the status of an HTTP answer, and what it means."""

    exit_code: int
    status: int
    meaning: str


EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "a defect in Argosy: an error nobody foresaw",
    2: "the request cannot be understood: a mistyped command, option, name or value",
    3: "data was refused: rows of an import, an oversell, an instrument the operation has no meaning for",
    4: "a price, rate or history is missing or too old, or a measure has no value on it",
    5: "the book does not agree with itself or with the head it was checked against",
    6: "the book cannot be opened: it is not there, is no book, or is of another version",
    7: "another process is writing to the book; try again",
    8: "the disk or the database refused; nothing was written",
    9: "an optional package is not installed; the message names it",
    10: "`argosy doctor` found something that must be mended",
    11: "there is no answer: what is asked for cannot be met, or was not found in the time allowed",
    130: "stopped by Ctrl-C; what was written before is whole",
}
"""Exit codes of the command line, with their meaning; kept forever."""


def _row(exit_code: int, status: int) -> Outcome:
    return Outcome(exit_code, status, EXIT_CODES[exit_code])


OUTCOMES: dict[str, Outcome] = {
    "error": _row(2, 400),
    "invalid_input": _row(2, 422),
    "unknown_name": _row(2, 404),
    "too_many_digits": _row(2, 422),
    "overflow": _row(2, 422),
    "mandate": _row(2, 422),
    "shape": _row(2, 422),
    "weight_sum": _row(2, 422),
    "look_ahead": _row(2, 422),
    "ambiguous_measure": _row(2, 422),
    "import_refused": _row(3, 422),
    "insufficient_position": _row(3, 409),
    "unsupported_instrument": _row(3, 422),
    "illegal_step": _row(3, 409),
    "expired_proposal": _row(3, 409),
    "gate_closed": _row(3, 409),
    "limits_broken": _row(3, 409),
    "undefined": _row(4, 409),
    "undefined_measure": _row(4, 409),
    "missing_data": _row(4, 409),
    "missing_price": _row(4, 409),
    "missing_rate": _row(4, 409),
    "stale_data": _row(4, 409),
    "insufficient_data": _row(4, 409),
    "non_stationary": _row(11, 409),
    "workers_lost": _row(11, 503),
    "conservation": _row(5, 500),
    "tampered": _row(5, 500),
    "book": _row(6, 503),
    "book_version": _row(6, 503),
    "book_busy": _row(7, 503),
    "storage": _row(8, 507),
    "missing_extra": _row(9, 501),
    "infeasible": _row(11, 409),
    "clashing_views": _row(11, 409),
    "unbounded": _row(11, 409),
    "not_converged": _row(11, 409),
    "time_limit": _row(11, 409),
    "no_excess_return": _row(11, 409),
    "limit": _row(2, 422),
    "not_psd": _row(2, 422),
    "figure": _row(1, 500),
}
"""Stable code of an error -> exit code and HTTP status."""

DEFECT = _row(1, 500)
INTERRUPTED = _row(130, 499)


def outcome(error: BaseException) -> Outcome:
    """What an error means to the outside.

    Examples
    --------
    >>> from argosy.base.errors import MissingPrice
    >>> outcome(MissingPrice("no price of ACME on or before 2022-01-03")).exit_code
    4
    >>> outcome(ZeroDivisionError()).exit_code
    1
    """
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if not isinstance(error, ArgosyError):
        return DEFECT
    codes = (error.code, *(kind.code for kind in type(error).__mro__ if issubclass(kind, ArgosyError)))
    return next((OUTCOMES[code] for code in codes if code in OUTCOMES), DEFECT)


def error_data(error: ArgosyError) -> dict[str, object]:
    """An error as plain values for JSON: code, message, place, field, found, expected, next step."""
    return {
        "code": error.code,
        "message": error.message,
        "place": error.place,
        "field": error.field,
        "found": None if error.found is None else str(error.found),
        "expected": error.expected,
        "next_step": error.next_step,
    }
