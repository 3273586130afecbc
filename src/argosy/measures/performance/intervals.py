"""How sure the measures of a series are, as a table: by Lo's errors of the Sharpe ratio, or by resampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from argosy.base.errors import InvalidInput, UndefinedMeasure, unknown
from argosy.base.table import Column, Table
from argosy.kernels.streams import RESAMPLES, stream
from argosy.measures.performance.catalogue import find_measure
from argosy.measures.performance.confidence import Interval, bootstrap_intervals, sharpe_interval
from argosy.measures.performance.conventions import GIPS, Convention

Intervals = Literal["lo", "bootstrap"]
USUAL = ("annual_return", "volatility", "sharpe_ratio", "sortino_ratio", "max_drawdown")
"""Measured where none is named; beside a benchmark also those below."""
USUAL_RELATIVE = ("tracking_error", "information_ratio", "beta")
SHARPE = "sharpe_ratio"


@dataclass(frozen=True)
class MeasureIntervals:
    """Intervals by measure, and for the others why there is none."""

    found: dict[str, Interval]
    reasons: dict[str, str]
    confidence: float

    def table(self, name: str = "intervals") -> Table:
        """Measure, estimate, bounds, standard error, method and reason."""
        names = [*self.found, *self.reasons]
        some = [self.found.get(one) for one in names]
        blank = [one is None for one in some]

        def number(label: str) -> Column:
            return Column(
                label, "ratio", [0.0 if one is None else getattr(one, label) for one in some], unit="x", missing=blank
            )

        return Table(
            name,
            (
                Column("measure", "text", [find_measure(one).title for one in names]), number("estimate"),
                number("low"), number("high"), number("error"),
                Column("method", "text", ["" if one is None else one.method for one in some]),
                Column("reason", "text", [self.reasons.get(one, "") for one in names]),
            ),
            notes=(f"{self.confidence:.0%} intervals",),
        )  # fmt: skip


def usual(names: Sequence[str], *, relative: bool) -> tuple[str, ...]:
    """The measures named, or where none is those that are usually wanted.

    Examples
    --------
    >>> usual((), relative=False)[-1], usual(["beta"], relative=True)
    ('max_drawdown', ('beta',))
    """
    return tuple(names) or ((*USUAL, *USUAL_RELATIVE) if relative else USUAL)


def measure_intervals(
    returns: Any,
    names: Sequence[str] = (),
    *,
    method: Intervals,
    periods_per_year: float,
    seed: int | None = None,
    draws: int = 2_000,
    mean_block: float | None = None,
    benchmark: Any = None,
    risk_free: Any = 0.0,
    target: Any = 0.0,
    confidence: float = 0.95,
    convention: Convention = GIPS,
) -> MeasureIntervals:
    """Confidence intervals of measures of a series (T,); one that does not exist says why.

    ``lo``: the Sharpe ratio only (Lo 2002, autocorrelated errors). ``bootstrap``: any measure, percentiles of the
    stationary bootstrap; ``seed`` is needed, and every measure sees the same resampled series.

    Examples
    --------
    >>> import numpy as np
    >>> series = np.random.default_rng(7).normal(0.01, 0.03, 60)
    >>> made = measure_intervals(series, ["volatility"], method="bootstrap", periods_per_year=12, seed=1, draws=200)
    >>> made.found["volatility"].low < made.found["volatility"].estimate < made.found["volatility"].high
    True
    """
    if method not in get_args(Intervals):
        raise unknown("kind of interval", method, get_args(Intervals))
    found: dict[str, Interval] = {}
    reasons: dict[str, str] = {}
    if method == "lo":
        for name in tuple(names) or (SHARPE,):
            find_measure(name)
            if name != SHARPE:
                reasons[name] = "Lo's interval is of the Sharpe ratio; ask for the bootstrap"
                continue
            try:
                found[name] = sharpe_interval(
                    returns, periods_per_year=periods_per_year, risk_free=risk_free, confidence=confidence
                )
            except UndefinedMeasure as error:
                reasons[name] = error.message
        return MeasureIntervals(found, reasons, confidence)
    if seed is None:
        raise InvalidInput("resampling needs a seed", field="seed", next_step="give a whole number, as in seed=1")
    for name in usual(names, relative=benchmark is not None):
        try:
            found |= bootstrap_intervals(
                [name], returns, stream(seed, RESAMPLES, 0), periods_per_year=periods_per_year, draws=draws,
                mean_block=mean_block, benchmark=benchmark, risk_free=risk_free, target=target, confidence=confidence,
                convention=convention,
            )  # fmt: skip
        except UndefinedMeasure as error:
            reasons[name] = error.message
    return MeasureIntervals(found, reasons, confidence)
