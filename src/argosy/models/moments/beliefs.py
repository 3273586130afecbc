"""Beliefs by name: a sample of returns to annual means and covariance, as a mandate or a command asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.models.moments import means, shrinkage, spectrum
from argosy.models.moments.black_litterman import View, black_litterman, equilibrium_returns
from argosy.models.moments.covariance import Covariance, DenseCovariance, FactorCovariance, nearest_psd
from argosy.models.moments.missing import em_moments, pairwise_moments
from argosy.models.moments.sample import Sample

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimators:
    """Which estimates are wanted. ``half_life`` in periods and ``factors`` serve the models that ask for them.

    ``missing`` "pairwise" or "em" estimates from returns with gaps; ``nearest`` mends an indefinite covariance, which
    is reported. ``risk_aversion`` is the market's, for equilibrium returns and views.
    """

    mean: str = "historical"
    covariance: str = "ledoit wolf"
    half_life: float = 0.0
    factors: int = 0
    missing: str = "refuse"
    nearest: bool = False
    risk_aversion: float = 2.5


@dataclass(frozen=True, eq=False)
class Belief:
    """Annual means (N,) and covariance, scenarios (T, N) of one period (None with gaps), and what was done in words."""

    names: tuple[str, ...]
    mean: Float64
    covariance: Covariance
    scenarios: Float64 | None
    periods_per_year: float
    notes: tuple[str, ...]


def _needs(value: float, field: str, model: str) -> float:
    if not value > 0:
        raise MissingData(f"{model!r} needs {field}", field=field, next_step=f"give {field.replace('_', '-')}")
    return value


def _sharp(found: shrinkage.Shrunk) -> tuple[Covariance, str]:
    return found.covariance, f"shrunk by {found.intensity:.1%}"


def _denoised(returns: Float64) -> tuple[Covariance, str]:
    found = spectrum.denoised_covariance(returns)
    return found.covariance, f"{found.signals} eigenvalues above the noise"


_Risk = Callable[[Float64, Estimators], "tuple[Covariance | Float64, str]"]

RISK_MODELS: dict[str, _Risk] = {
    "sample": lambda r, _: (np.atleast_2d(np.cov(r, rowvar=False)), ""),
    "exponential": lambda r, how: (
        shrinkage.exponential_covariance(r, half_life=_needs(how.half_life, "half_life", "exponential")), ""),
    "ledoit wolf": lambda r, _: _sharp(shrinkage.ledoit_wolf(r)),
    "constant correlation": lambda r, _: _sharp(shrinkage.ledoit_wolf(r, target="constant correlation")),
    "single index": lambda r, _: _sharp(shrinkage.ledoit_wolf(r, target="single index")),
    "oracle approximating": lambda r, _: _sharp(shrinkage.oracle_approximating(r)),
    "nonlinear shrinkage": lambda r, _: (shrinkage.nonlinear_shrinkage(r), ""),
    "denoised": lambda r, _: _denoised(r),
    "gerber": lambda r, _: (spectrum.gerber_covariance(r), ""),
    "factors": lambda r, how: (
        spectrum.principal_covariance(r, factors=int(_needs(how.factors, "factors", "factors"))),
        f"{how.factors} principal components"),
}  # fmt: skip
"""Names of covariances and how each is made from complete returns."""

MEAN_MODELS: dict[str, Callable[[Float64, Estimators], Float64]] = {
    "historical": lambda r, _: means.historical_mean(r),
    "exponential": lambda r, how: means.exponential_mean(
        r, half_life=_needs(how.half_life, "half_life", "exponential")),
    "james stein": lambda r, _: means.james_stein_mean(r),
    "bayes stein": lambda r, _: means.bayes_stein_mean(r),
}  # fmt: skip
"""Names of expected returns made from returns alone; "equilibrium" needs market weights beside them."""

EQUILIBRIUM = "equilibrium"


def believe(
    sample: Sample,
    how: Estimators,
    *,
    market: Float64 | None = None,
    prior: Float64 | None = None,
    views: Sequence[View] = (),
    risk_free: float = 0.0,
) -> Belief:
    """Annual beliefs from a sample: covariance and means by name, blended with views where there are some.

    ``market`` (N,) are weights for equilibrium returns, to which the annual ``risk_free`` rate is added; ``prior`` (N,)
    gives those returns where they were found among more assets. Means and
    covariances of a period are multiplied by the periods of a year.

    Raises
    ------
    UnknownName, MissingData, InsufficientData, NotPSD
        A model that does not exist, what it needs is missing, or the matrix is no covariance and may not be mended.

    Examples
    --------
    >>> from argosy.base.panel import Panel
    >>> r = np.random.default_rng(1).normal(0.0, 0.01, (60, 3))
    >>> made = believe(Sample(Panel(np.arange(60), ("A", "B", "C"), r), 252.0), Estimators(covariance="sample"))
    >>> bool(np.allclose(made.covariance.dense(), 252.0 * np.cov(r, rowvar=False)))
    True
    """
    if how.covariance not in RISK_MODELS:
        raise unknown("risk model", how.covariance, RISK_MODELS)
    if how.mean not in (*MEAN_MODELS, EQUILIBRIUM):
        raise unknown("model of expected returns", how.mean, (*MEAN_MODELS, EQUILIBRIUM))
    notes = list(sample.notes)
    per_year = sample.periods_per_year
    if sample.complete:
        given, said = RISK_MODELS[how.covariance](sample.returns, how)
        label = f"covariance: {how.covariance}" + (f", {said}" if said else "")
        mean = None if how.mean == EQUILIBRIUM else MEAN_MODELS[how.mean](sample.returns, how)
    else:
        given, mean, label = _with_gaps(sample, how)
    notes.append(label)
    covariance = _annual(given, per_year, how, notes)
    if mean is None:
        annual = prior if prior is not None else _equilibrium(covariance, market, how, risk_free)
        word = "equilibrium of the market weights"
    else:
        annual, word = mean * per_year, how.mean
    notes.append(f"expected returns: {word}")
    if views:
        blended = black_litterman(
            covariance, names=sample.names, views=views, prior=annual, risk_aversion=how.risk_aversion,
            tau=1.0 / sample.returns.shape[0],
        )  # fmt: skip
        annual = blended.mean
        notes.append(f"{len(views)} view{'s' if len(views) > 1 else ''} blended in (Black and Litterman)")
    return Belief(sample.names, annual, covariance, sample.returns if sample.complete else None, per_year, tuple(notes))


def _with_gaps(sample: Sample, how: Estimators) -> tuple[Float64, Float64 | None, str]:
    if how.covariance != "sample" or how.mean not in ("historical", EQUILIBRIUM):
        raise InvalidInput(
            f"returns have gaps, and {how.missing!r} estimates know the risk model 'sample' with historical means only",
            field="risk_model", found=f"{how.covariance}, {how.mean}",
            next_step="choose them, or treat gaps by 'complete periods' or 'leave out assets'",
        )  # fmt: skip
    if how.missing == "pairwise":
        found, word = pairwise_moments(sample.returns), "pairwise"
    elif how.missing == "em":
        found, word = em_moments(sample.returns), "highest likelihood (EM)"
    else:
        raise MissingData("returns have gaps", field="prices", next_step="say how gaps are treated: missing=")
    mean = None if how.mean == EQUILIBRIUM else found.mean
    return found.covariance, mean, f"covariance: sample, {word}, at least {found.fewest} periods a pair"


def _annual(given: Covariance | Float64, per_year: float, how: Estimators, notes: list[str]) -> Covariance:
    if isinstance(given, FactorCovariance):
        return FactorCovariance(given.factors * np.sqrt(per_year), given.specific * per_year)
    matrix = per_year * (given.matrix if isinstance(given, DenseCovariance) else given)
    if not how.nearest:
        return DenseCovariance(matrix)
    mended = nearest_psd(matrix)
    if mended.smallest_before >= -1e-12 * float(np.abs(matrix).max()):
        return DenseCovariance(matrix)
    size = float(np.linalg.norm(matrix))
    notes.append(
        f"the covariance was indefinite (smallest eigenvalue {mended.smallest_before:.3g}); it was replaced by the "
        f"nearest one, {mended.distance / size:.2%} away"
    )
    return mended.covariance


def _equilibrium(covariance: Covariance, market: Float64 | None, how: Estimators, risk_free: float) -> Float64:
    if market is None:
        raise MissingData("equilibrium returns need market weights", field="market",
                          next_step="give a benchmark with weights")  # fmt: skip
    found: Float64 = equilibrium_returns(covariance, market, risk_aversion=how.risk_aversion) + risk_free
    return found
