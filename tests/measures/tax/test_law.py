"""A mandate's taxes: its regime, its own rates, and the line between short and long, each from the law or by hand."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.dates import parse_date
from argosy.measures.tax.regimes import law_of, regime
from argosy.record.mandate import parse_mandate

BOUGHT, ANNIVERSARY, AFTER = (parse_date(day) for day in ("2023-03-01", "2024-03-01", "2024-03-02"))


@pytest.mark.parametrize(
    ("text", "short", "long", "line"),
    [
        ("", 0.0, 0.0, "held more than 365 days"),
        ('regime = "US"', 0.408, 0.238, "held more than a year"),
        ('regime = "US"\nshort_rate = "37%"', 0.37, 0.238, "held more than a year"),
        ('regime = "US"\nlong_rate = 0', 0.408, 0.0, "held more than a year"),
        ('regime = "DE"\nlong_after_days = 3650\nlong_rate = "0"', 0.26375, 0.0, "held more than 3650 days"),
        ('short_rate = "40%"\nlong_rate = 0.15', 0.4, 0.15, "held more than 365 days"),
        ('regime = "UK"', 0.24, 0.24, "however long held"),
    ],
)
def test_what_the_mandate_leaves_out_is_the_regime_s(text: str, short: float, long: float, line: str) -> None:
    law = law_of(parse_mandate(f"[tax]\n{text}\n"))
    assert (law.short, law.long, law.line) == (short, long, line)
    assert law.taxes == bool(short or long)


def test_the_line_by_years_is_not_the_line_by_days() -> None:
    """2023-03-01 to 2024-03-01 is 366 days: an anniversary, so short under IRC 1222, long by a count of 365 days."""
    plain, federal = law_of(parse_mandate("[tax]\nshort_rate = 0.4\n")), regime("US")
    bought, sold = np.array([BOUGHT, BOUGHT, AFTER]), np.array([ANNIVERSARY, AFTER, AFTER])
    assert federal.are_long(bought, sold).tolist() == [False, True, False]
    assert plain.are_long(bought, sold).tolist() == [True, True, False]
    for law in (plain, federal):
        single = [law.is_long(int(a), int(b)) for a, b in zip(bought, sold, strict=True)]
        assert law.are_long(bought, sold).tolist() == single
