"""Where the tracking error of a book came from, effect by effect, and whether each was paid for its risk.

Ex post: the effects of every period are series; their covariance with the active return shares the tracking error out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.measures.attribution.book_answer import BookAttribution
from argosy.measures.attribution.book_effects import EFFECTS
from argosy.measures.attribution.risk import ActiveRisk, FamaSplit, active_risk, fama
from argosy.measures.performance.frequency import PERIODS_PER_YEAR

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BookRisk:
    """Tracking error by (segment, effect); ``risk`` holds the figures (E,), annualized, ``split`` Fama's decomposition.

    ``split`` is None and ``beta`` 0 where the benchmark never varies: there is no market risk then.
    ``beta``, ``volatility`` and ``benchmark_volatility`` are of the same periods (annualized but for beta).
    """

    found: BookAttribution
    segments: tuple[str, ...]
    effects: tuple[str, ...]
    risk: ActiveRisk
    beta: float
    volatility: float
    benchmark_volatility: float
    split: FamaSplit | None
    periods_per_year: float

    @property
    def residual(self) -> float:
        """What the contributions leave of the tracking error: rounding of float64 only."""
        return self.risk.tracking_error - float(self.risk.contribution.sum())


def yearly(found: BookAttribution, days_per_year: float) -> float:
    """Periods of a year, by the length of the periods; daily ones are ``days_per_year``."""
    length = float(np.median(found.periods.days - found.periods.before))
    for name, longest in (("weekly", 9.0), ("monthly", 45.0), ("quarterly", 135.0), ("yearly", 400.0)):
        if length <= 4.0:
            return days_per_year
        if length <= longest:
            return PERIODS_PER_YEAR[name]  # type: ignore[index]
    raise InvalidInput(f"periods of {length:.0f} days are longer than a year", field="frequency",
                       next_step="ask for shorter ones")  # fmt: skip


def attribute_risk(found: BookAttribution, *, days_per_year: float = 252.0, risk_free: float = 0.0) -> BookRisk:
    """Share the tracking error of an attribution out over its effects; ``risk_free`` is per period.

    Effects that are nothing in every period are left out. Raises :class:`UndefinedEffect` with one period, or where the
    active return never varies.

    Identity: contributions sum to the tracking error within 1e-12, component ratios by share to the information ratio.
    """
    if found.choices.geometric:
        raise InvalidInput("tracking error is of arithmetic effects", field="geometric", next_step="leave it out")
    names = found.effects.names
    columns = [
        (segment, effect, found.effects.effects[effect][:, place])
        for effect in EFFECTS for place, segment in enumerate(names)
        if found.effects.effects[effect][:, place].any()
    ]  # fmt: skip
    if not columns:
        raise InvalidInput("the book never differed from its benchmark", field="benchmark",
                           next_step="name another benchmark or period")  # fmt: skip
    year = yearly(found, days_per_year)
    risk = active_risk(np.stack([series for _, _, series in columns], axis=1), periods_per_year=year)
    mine, theirs = found.effects.portfolio, found.effects.benchmark
    own, market = (float(one.std(ddof=1)) for one in (mine, theirs))
    both = float((mine - mine.mean()) @ (theirs - theirs.mean())) / (len(mine) - 1)
    beta = both / market**2 if market > 0.0 else 0.0
    split = None if market == 0.0 else fama(
        r_port=float(mine.mean()) * year, r_bench=float(theirs.mean()) * year, risk_free=risk_free * year, beta=beta,
        volatility_port=own, volatility_bench=market,
    )  # fmt: skip
    return BookRisk(
        found, tuple(one for one, _, _ in columns), tuple(two for _, two, _ in columns), risk, beta,
        own * float(np.sqrt(year)), market * float(np.sqrt(year)), split, year,
    )  # fmt: skip
