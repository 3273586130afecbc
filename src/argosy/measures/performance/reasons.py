"""Why a measure has no value: one code per cause, with the sentence a portfolio manager reads.

Functions of one series raise :class:`UndefinedMeasure`; functions of many answer with a code beside each value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from argosy.base.errors import UndefinedMeasure

__all__ = ["AmbiguousMeasure", "Measured", "Reason", "UndefinedMeasure", "undefined"]

Float64 = npt.NDArray[np.float64]
Reasons = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


class Reason(IntEnum):
    """Why there is no value; ``DEFINED`` is 0."""

    DEFINED = 0
    TOO_SHORT = 1
    NO_DISPERSION = 2
    NO_DOWNSIDE = 3
    NO_DRAWDOWN = 4
    NO_LOSS = 5
    BELOW_TOTAL_LOSS = 6
    TOTAL_LOSS = 7
    UNDER_A_YEAR = 8
    CONSTANT_BENCHMARK = 9
    NO_ACTIVE_RISK = 10
    NO_BETA = 11
    NO_RISING_MARKET = 12
    NO_FALLING_MARKET = 13
    FLAT_BENCHMARK = 14
    ZERO_QUANTILE = 15
    OVERFLOW = 16
    NO_BENCHMARK = 17
    ONE_SIGN = 18
    SAME_DAY = 19
    ALL_ZERO = 20
    NO_ROOT = 21
    SEVERAL_ROOTS = 22
    NO_CAPITAL = 23

    @property
    def sentence(self) -> str:
        """The cause in words."""
        return _SENTENCES[self][0]

    @property
    def next_step(self) -> str:
        """What to do about it."""
        return _SENTENCES[self][1]


_SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.DEFINED: ("", ""),
    Reason.TOO_SHORT: ("there are too few returns", "give a longer history"),
    Reason.NO_DISPERSION: ("the returns do not vary", "check for stale prices; a ratio to risk needs risk"),
    Reason.NO_DOWNSIDE: ("no return is below the target", "raise the target or give a longer history"),
    Reason.NO_DRAWDOWN: ("wealth never fell below its peak", "give a longer history"),
    Reason.NO_LOSS: ("there is no loss to compare the gains with", "give a longer history"),
    Reason.BELOW_TOTAL_LOSS: (
        "a return is below -100%, so wealth cannot be compounded",
        "give simple returns as fractions; convert prices or log returns first",
    ),
    Reason.TOTAL_LOSS: ("the wealth was lost entirely", "end the period before the loss"),
    Reason.UNDER_A_YEAR: (
        "the history is shorter than a year and is not annualized",
        "use the cumulative return, or a convention that annualizes short histories",
    ),
    Reason.CONSTANT_BENCHMARK: ("the benchmark does not vary", "check the benchmark's returns"),
    Reason.NO_ACTIVE_RISK: ("portfolio and benchmark differ by a constant", "check that they are two series"),
    Reason.NO_BETA: ("beta is zero", "use the Sharpe ratio"),
    Reason.NO_RISING_MARKET: ("the benchmark never rose enough", "give a longer history"),
    Reason.NO_FALLING_MARKET: ("the benchmark never fell enough", "give a longer history"),
    Reason.FLAT_BENCHMARK: ("the benchmark's return over those periods is zero", "give a longer history"),
    Reason.ZERO_QUANTILE: ("the lower quantile is zero", "give a longer history or another confidence"),
    Reason.OVERFLOW: (
        "the compounded return is too large to state",
        "give simple returns as fractions; convert prices with simple_returns",
    ),
    Reason.NO_BENCHMARK: ("the measure compares with a benchmark and none was given", "give a benchmark"),
    Reason.ONE_SIGN: (
        "all flows have one sign, so no rate makes them worth zero",
        "add the value at the end as a flow",
    ),
    Reason.SAME_DAY: ("all flows fall on one day, so no time passes", "add the value at the end as a flow"),
    Reason.ALL_ZERO: ("every flow is zero, so every rate fits", "give the flows and the value at the end"),
    Reason.NO_ROOT: ("no rate makes these flows worth zero", "use a time-weighted return or Modified Dietz"),
    Reason.SEVERAL_ROOTS: (
        "several rates make these flows worth zero",
        "choose by hand, or use a time-weighted return",
    ),
    Reason.NO_CAPITAL: ("the capital the return is measured on is zero or less", "split the period at the flow"),
}


class AmbiguousMeasure(UndefinedMeasure):
    """Several values fit equally; ``candidates`` holds all of them, ascending."""

    code = "ambiguous_measure"

    def __init__(self, message: str, candidates: tuple[float, ...], *, field: str = "", next_step: str = "") -> None:
        super().__init__(message, field=field, found=candidates, next_step=next_step)
        self.candidates = candidates


def undefined(measure: str, reason: Reason, *, detail: str = "") -> UndefinedMeasure:
    """The error of a measure that has no value.

    Examples
    --------
    >>> str(undefined("Sharpe ratio", Reason.UNDER_A_YEAR))[:60]
    'Sharpe ratio is undefined: the history is shorter than a yea'
    """
    text = reason.sentence + (f" ({detail})" if detail else "")
    return UndefinedMeasure(
        f"{measure} is undefined: {text}", field=measure, found=reason.name, next_step=reason.next_step
    )


@dataclass(frozen=True, eq=False)
class Measured:
    """One measure of many series: ``values`` (S,), NaN exactly where ``reasons`` (S,) is not ``DEFINED``."""

    values: Float64
    reasons: Reasons

    @classmethod
    def of(cls, values: Float64, *causes: tuple[Flags, Reason]) -> Measured:
        """Values, without those for which a cause holds; the first cause that holds is the reason.

        Examples
        --------
        >>> found = Measured.of(np.array([1.0, np.inf]), (np.array([False, True]), Reason.NO_LOSS))
        >>> found.values.tolist(), [Reason(code).name for code in found.reasons]
        ([1.0, nan], ['DEFINED', 'NO_LOSS'])
        """
        reasons = np.zeros(values.shape, dtype=np.uint8)
        for holds, reason in reversed(causes):
            reasons[holds] = reason
        # What no cause explains is arithmetic beyond the range of numbers.
        reasons[~np.isfinite(values) & (reasons == 0)] = Reason.OVERFLOW
        return cls(np.where(reasons == 0, values, np.nan), reasons)

    def value(self, measure: str, place: int = 0) -> float:
        """The value of one series, or :class:`UndefinedMeasure`."""
        reason = Reason(int(self.reasons[place]))
        if reason:
            raise undefined(measure, reason)
        return float(self.values[place])
