"""Annual rates from the return of a period, and back; a period under a year is not annualized unless asked."""

from __future__ import annotations

import math

from argosy.base.errors import InvalidInput
from argosy.measures.performance.reasons import Reason, undefined

DAYS_PER_YEAR = 365.0


def annualize(total: float, years: float, *, under_a_year: bool = False) -> float:
    """Give the annual rate that compounds to ``total`` over ``years``: ``(1 + R)^(1 / years) - 1``.

    Raises :class:`UndefinedMeasure` for a period under a year (GIPS 2020 does not let it be annualized), unless
    ``under_a_year`` asks for it, and where ``total`` is below -1.

    Examples
    --------
    >>> round(annualize(0.21, 2.0), 12)
    0.1
    """
    if not math.isfinite(total) or not math.isfinite(years) or years <= 0.0:
        raise InvalidInput("the period has no length or the return is not a number", field="years", found=years)
    if total < -1.0:
        raise undefined("annual return", Reason.BELOW_TOTAL_LOSS)
    if years < 1.0 and not under_a_year:
        raise undefined("annual return", Reason.UNDER_A_YEAR, detail=f"{years:.4f} years")
    if total == -1.0:
        return -1.0
    power = math.log1p(total) / years
    if power > 709.0:
        raise undefined("annual return", Reason.OVERFLOW)
    return math.expm1(power)


def annualize_days(total: float, days: int, *, year: float = DAYS_PER_YEAR, under_a_year: bool = False) -> float:
    """Give the annual rate of a return earned over calendar days (actual/365 fixed unless ``year`` says otherwise).

    Examples
    --------
    >>> round(annualize_days(-0.0285041841, 365), 10)
    -0.0285041841
    """
    return annualize(total, days / year, under_a_year=under_a_year)


def annualize_periods(total: float, periods: int, *, periods_per_year: float, under_a_year: bool = False) -> float:
    """Give the annual rate of a return earned over ``periods`` periods.

    Examples
    --------
    >>> round(annualize_periods(0.21, 24, periods_per_year=12), 12)
    0.1
    """
    return annualize(total, periods / periods_per_year, under_a_year=under_a_year)


def period_rate(annual: float, *, periods_per_year: float) -> float:
    """Give the return per period that compounds to an annual rate.

    Examples
    --------
    >>> round(period_rate(0.21, periods_per_year=2), 12)
    0.1
    """
    if not annual > -1.0:
        raise InvalidInput(f"an annual rate of {annual} loses everything", field="annual", found=annual)
    return math.expm1(math.log1p(annual) / periods_per_year)
