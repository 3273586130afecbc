"""Bad data in bulk: problems are values that are collected, so that row 17 does not hide row 18."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one record of one source.

    Examples
    --------
    >>> Problem("trades.csv", 17, "sells 30, holds 20", field="quantity").text()
    'trades.csv line 17: quantity: sells 30, holds 20'
    """

    source: str
    line: int
    message: str
    field: str = ""
    found: str = ""
    next_step: str = ""
    code: str = "invalid_input"
    record: dict[str, str] = dataclasses.field(default_factory=dict, compare=False)

    def text(self) -> str:
        """One line for people: place, field, message, next step."""
        place = f"{self.source} line {self.line}" if self.line else self.source
        middle = f"{self.field}: {self.message}" if self.field else self.message
        return f"{place}: {middle}" + (f" ({self.next_step})" if self.next_step else "")
