"""Gates of a strategy's career: whether its record is long and good enough, given how many were tried to find it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, InvalidInput
from argosy.construction.rebalance.checks import finite
from argosy.measures.performance.confidence import deflated_sharpe, least_track_record, probabilistic_sharpe


class GateClosed(ArgosyError):
    """The evidence does not reach the gate; a second person may override it with a reason."""

    code = "gate_closed"


@dataclass(frozen=True, slots=True)
class GateRules:
    """What a promotion asks for: probabilities that skill is real, and periods of record at least."""

    probabilistic: float = 0.95
    deflated: float = 0.95
    least_periods: int = 24

    def __post_init__(self) -> None:
        for name in ("probabilistic", "deflated"):
            value = getattr(self, name)
            if not 0.0 <= value < 1.0:
                raise InvalidInput(f"{name} is {value}", field=name, found=value, expected="a probability such as 0.95")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a record says of skill, per period: ``trials`` is how many different backtests the system counted.

    ``track_record`` is the number of periods at which the Sharpe ratio would be above zero with the gate's probability
    (infinite where it is not above zero). ``missing`` names what the gate asks for and the record does not give.
    """

    periods: int
    sharpe: float
    skewness: float
    kurtosis: float
    trials: int
    probabilistic: float
    deflated: float
    track_record: float
    missing: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the gate is open."""
        return not self.missing

    def texts(self) -> dict[str, str]:
        """The figures as decimal texts, for the record."""
        return {
            "periods": str(self.periods), "sharpe_per_period": f"{self.sharpe:.10f}", "trials": str(self.trials),
            "probabilistic_sharpe": f"{self.probabilistic:.10f}", "deflated_sharpe": f"{self.deflated:.10f}",
            "skewness": f"{self.skewness:.10f}", "kurtosis": f"{self.kurtosis:.10f}",
            "least_track_record": "none" if math.isinf(self.track_record) else f"{self.track_record:.2f}",
        }  # fmt: skip


def evidence(
    returns: npt.ArrayLike, *, trial_sharpes: Sequence[float] = (), rules: GateRules | None = None
) -> Evidence:
    """Judge a record of excess returns (T, per period) against a gate.

    ``trial_sharpes`` are the per-period Sharpe ratios of every different backtest that was run to find the strategy;
    with two or more of them the Sharpe ratio is deflated for the best of as many tries (Bailey & Lopez de Prado 2014),
    else the deflated one equals the probabilistic one. Moments are those of the sample, kurtosis not in excess.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(2)
    >>> found = evidence(rng.normal(0.01, 0.03, 60))
    >>> found.passed, found.periods, found.trials
    (True, 60, 1)
    """
    gate = rules or GateRules()
    record = finite("returns", returns)
    if record.size < 4:
        raise InvalidInput(f"a record of {record.size} returns says nothing", field="returns", found=record.size,
                           expected="4 at least")  # fmt: skip
    deviation = record - record.mean()
    sigma = float(record.std(ddof=1))
    if sigma <= 1e-15 * max(1.0, float(np.abs(record).max())):
        raise InvalidInput("the returns are constant: they have no Sharpe ratio", field="returns", found=sigma)
    population = float(np.sqrt(np.mean(deviation**2)))
    sharpe = float(record.mean()) / sigma
    skewness, kurtosis = (float(np.mean(deviation**power)) / population**power for power in (3, 4))
    shape = {"skewness": skewness, "kurtosis": kurtosis}
    likely = probabilistic_sharpe(sharpe, record.size, **shape)
    tried = finite("trial_sharpes", trial_sharpes) if len(trial_sharpes) else np.array([sharpe])
    spread = float(tried.var(ddof=1)) if tried.size > 1 else 0.0
    deflated = (
        deflated_sharpe(sharpe, record.size, trials=tried.size, variance=spread, **shape) if spread > 0.0 else likely
    )
    needed = least_track_record(sharpe, confidence=gate.probabilistic, **shape) if sharpe > 0.0 else math.inf
    missing = [
        said for bad, said in (
            (record.size < gate.least_periods, f"{record.size} periods of {gate.least_periods} asked for"),
            (likely < gate.probabilistic, f"probabilistic Sharpe ratio {likely:.3f}, {gate.probabilistic:g} asked for"),
            (deflated < gate.deflated, f"deflated Sharpe ratio {deflated:.3f} after {tried.size} trials, "
                                       f"{gate.deflated:g} asked for"),
        ) if bad
    ]  # fmt: skip
    return Evidence(record.size, sharpe, skewness, kurtosis, tried.size, likely, deflated, needed, tuple(missing))
