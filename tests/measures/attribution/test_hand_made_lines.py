"""Lines made by hand: what is not explained is said, what differs from nothing is refused."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData
from argosy.measures.attribution.bench_segments import BenchmarkSteps, segments_over
from argosy.measures.attribution.book_answer import Choices, attribute
from argosy.measures.attribution.book_lines import CASH, HELD, BookLines, Line, close_with_rounding
from argosy.measures.attribution.book_risk import attribute_risk
from argosy.measures.attribution.labels import Labels
from argosy.measures.attribution.line_moves import Moves
from argosy.measures.performance.returns import simple_return

DAYS = np.arange(18627, 18627 + 10 * 7, 7, dtype=np.int64)  # ten Thursdays from 2020-12-31 on, a week apart
RATES = np.array([0.01, -0.02, 0.03, 0.0, 0.01, -0.01, 0.02, 0.005, -0.004])
LABELS = Labels("sector", {1: "Tech"})


def made(*, beside: float = 0.0, unexplained: float = 0.0) -> BookLines:
    """One share that moves by RATES, and a part in cash; profit is more than the lines say by ``unexplained``."""
    worth = 1000.0 * np.cumprod(np.concatenate([[1.0], 1.0 + RATES]))
    start = np.zeros((len(RATES), 3))
    start[:, 0], start[:, 1] = worth[:-1], beside
    parts = np.zeros((5, len(RATES), 3))
    parts[0, :, 0] = worth[:-1] * RATES
    profit = parts.sum(axis=2).sum(axis=0)
    profit[4] += unexplained
    lines = [Line(HELD, 1, "ACME", "EUR"), Line(CASH, 2, "cash", "EUR")]
    return close_with_rounding(
        subject="P", currency="EUR", minor_unit=0.01, lines=lines,
        days=DAYS[1:], before=DAYS[:-1], start=start, parts=parts, base=worth[:-1] + beside, profit=profit,
        flow=np.zeros(len(RATES)), moves=Moves.of_rows([]), timing="end",
    )  # fmt: skip


def bench(rates: np.ndarray = RATES) -> BenchmarkSteps:  # type: ignore[type-arg]
    whole = np.ones((len(RATES), 1))
    return BenchmarkSteps("ONE", ("Tech",), DAYS[:-1], DAYS[1:], whole, rates[:, None], rates)


def test_what_no_event_explains_is_named() -> None:
    told = made(unexplained=12.5)
    assert told.notes == ("12.50 EUR of 2021-02-04 are not explained by prices, events or rounding",)
    assert told.contributions[4].sum() == pytest.approx(RATES[4] + 12.5 / told.base[4], abs=1e-15)
    assert made(unexplained=0.01).notes == ()  # rounding


def test_a_book_that_is_its_benchmark_has_no_tracking_error() -> None:
    same = attribute(made(), bench(), LABELS, after=int(DAYS[0]), last=int(DAYS[-1]))
    with pytest.raises(InvalidInput, match="never differed from its benchmark"):
        attribute_risk(same)
    ratio = attribute(
        made(beside=100.0), bench(), LABELS, after=int(DAYS[0]), last=int(DAYS[-1]), choices=Choices(geometric=True)
    )
    with pytest.raises(InvalidInput, match="arithmetic effects"):
        attribute_risk(ratio)


def test_weeks_are_annualized_as_weeks() -> None:
    found = attribute(made(beside=100.0), bench(), LABELS, after=int(DAYS[0]), last=int(DAYS[-1]))
    active = np.array([simple_return(w + 100.0, w * (1 + r) + 100.0).number() - r for w, r in zip(
        1000.0 * np.cumprod(np.concatenate([[1.0], 1.0 + RATES[:-1]])), RATES, strict=True)])  # fmt: skip
    risk = attribute_risk(found).risk
    assert risk.tracking_error == pytest.approx(float(np.std(active, ddof=1)) * 52**0.5, rel=1e-12)


def test_periods_that_are_no_steps_of_the_benchmark_are_refused() -> None:
    with pytest.raises(MissingData, match="ONE has no return from 2021-01-01 to 2021-01-07"):
        segments_over(bench(), DAYS[:1] + 1, DAYS[1:2], LABELS.item)
