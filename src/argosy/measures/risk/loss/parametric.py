"""Value at risk and expected shortfall of assumed distributions: normal, Student t, Cornish-Fisher."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.base.levels import confidence_level
from argosy.kernels import student
from argosy.kernels.distributions import normal_density, normal_quantile, unit_t_tail
from argosy.kernels.streams import NORMALS, stream
from argosy.measures.risk.inputs import positive
from argosy.measures.risk.loss.tail import Float64, TailLoss, series, varies
from argosy.models.moments.observations import floats

CLOSED = "closed form; shortfall is the mean beyond the quantile"


def normal_tail(*, confidence: float, volatility: float, mean: float = 0.0) -> TailLoss:
    """Normal risk from a given volatility and mean per period: ``-mean + z sigma`` and ``-mean + phi(z) / p sigma``.

    McNeil, Frey and Embrechts 2015, examples 2.11 and 2.14.

    Examples
    --------
    >>> found = normal_tail(confidence=0.99, volatility=0.01)
    >>> round(found.value_at_risk, 8), round(found.expected_shortfall, 8)
    (0.02326348, 0.02665214)
    """
    level = confidence_level(confidence)
    at, beyond = _normal(level)
    sigma = _volatility(volatility)
    _finite(mean)
    return TailLoss(at * sigma - mean, beyond * sigma - mean, None, None, level, "normal, given volatility", CLOSED, 0)


def student_t_tail(*, confidence: float, volatility: float, nu: float, mean: float = 0.0) -> TailLoss:
    """Student t risk from a given volatility: the t is scaled by ``sqrt((nu - 2) / nu)`` to keep it.

    McNeil, Frey and Embrechts 2015, examples 2.11 and 2.15. ``nu`` of 2 or less has no volatility and is refused.

    Examples
    --------
    >>> found = student_t_tail(confidence=0.99, volatility=0.01, nu=5.0)
    >>> round(found.value_at_risk, 8), round(found.expected_shortfall, 8)
    (0.02606464, 0.03448837)
    """
    level = confidence_level(confidence)
    if not 2.0 < float(floats(nu, "nu")) < math.inf:
        raise InvalidInput(
            f"nu is {nu}: a Student t with 2 degrees of freedom or fewer has no variance to scale", field="nu",
            found=nu, expected="above 2", next_step="give more degrees of freedom, or use extreme value theory",
        )  # fmt: skip
    at, beyond = unit_t_tail(1.0 - level, nu)
    sigma = _volatility(volatility)
    _finite(mean)
    return TailLoss(
        at * sigma - mean, beyond * sigma - mean, None, None, level, f"Student t ({nu:g}), given volatility", CLOSED, 0
    )


def normal(returns: npt.ArrayLike, *, confidence: float) -> TailLoss:
    """Normal risk with the sample's mean and deviation (n - 1); errors by the delta method.

    Examples
    --------
    >>> found = normal(np.tile([0.01, -0.01], 50), confidence=0.95)
    >>> round(found.value_at_risk, 6)
    0.016531
    """
    level = confidence_level(confidence)
    r = _varying(returns)
    n, mean, sigma = r.size, float(r.mean()), float(r.std(ddof=1))
    at, beyond = _normal(level)
    errors = [sigma * math.sqrt(1.0 / n + k * k / (2.0 * (n - 1.0))) for k in (at, beyond)]
    return TailLoss(
        at * sigma - mean, beyond * sigma - mean, errors[0], errors[1], level, "normal",
        f"{CLOSED}; deviation with n - 1", n,
    )  # fmt: skip


def student_t(returns: npt.ArrayLike, *, confidence: float, nu: float | None = None) -> TailLoss:
    """Student t risk with location, scale and (without ``nu``) degrees of freedom of greatest likelihood.

    Errors by the delta method on the inverse Hessian of the likelihood. 50 or more returns.
    """
    level = confidence_level(confidence)
    r = _varying(returns, least=50)
    unit = float(r.std())
    x = (r - r.mean()) / unit
    if nu is None:
        location, scale, found = student.fit(x)
    else:
        if not 2.0 < nu < math.inf:
            raise InvalidInput(f"nu is {nu}", field="nu", found=nu, expected="above 2")
        found = nu
        location, scale = student.location_scale(x, nu)
    warnings = [] if r.size >= 250 else [f"{r.size} returns: degrees of freedom are uncertain below about 250"]
    at_edge = nu is None and not 1.001 * student.LEAST_NU < found < 0.999 * student.MOST_NU
    if at_edge:
        warnings.append(f"degrees of freedom stand at the edge of the search ({found:.3g})")
    free = np.array([location, scale] if nu is not None or at_edge else [location, scale, found])

    def likelihood(p: Float64) -> float:
        return student.log_likelihood(x, float(p[0]), float(p[1]), float(p[2]) if p.size == 3 else found)

    def tail(p: Float64, which: int) -> float:
        shape = float(p[2]) if p.size == 3 else found
        quantiles = unit_t_tail(1.0 - level, shape)
        return quantiles[which] * float(p[1]) * math.sqrt(shape / (shape - 2.0)) - float(p[0])

    spread = np.linalg.inv(-_hessian(likelihood, free))
    errors = []
    for which in (0, 1):
        slope = _slope(lambda p, which=which: tail(p, which), free)  # type: ignore[misc]
        errors.append(unit * math.sqrt(max(float(slope @ spread @ slope), 0.0)))
    mean = float(r.mean())
    return TailLoss(
        unit * tail(free, 0) - mean, unit * tail(free, 1) - mean, errors[0], errors[1], level,
        f"Student t ({found:.4g} degrees of freedom)", f"{CLOSED}; fitted by maximum likelihood", r.size,
        tuple(warnings),
    )  # fmt: skip


def cornish_fisher(
    returns: npt.ArrayLike, *, confidence: float, seed: int | None = None, draws: int = 1_000
) -> TailLoss:
    """Normal quantiles bent by the sample's skewness and excess kurtosis, inside the domain where that is monotone.

    ``z + (z^2 - 1) s / 6 + (z^3 - 3 z) k / 24 - (2 z^3 - 5 z) s^2 / 36`` (Favre and Galeano 2002); its tail mean in
    closed form. s and k are parameters of the bend: the moments of the result differ from them (Maillard 2018).
    Standard errors by the delta method on the first four moments; by bootstrap where ``seed`` is given.

    Raises
    ------
    UndefinedMeasure
        Outside the domain, where higher quantiles would mean lower losses; the message names the fallback.

    Examples
    --------
    >>> r = np.random.default_rng(1).normal(0.0, 0.01, 2_000)
    >>> abs(cornish_fisher(r, confidence=0.99).value_at_risk / normal(r, confidence=0.99).value_at_risk - 1.0) < 0.1
    True
    """
    level = confidence_level(confidence)
    r = _varying(returns)
    at, beyond = _bent(r, 1.0 - level)
    first: float | None
    second: float | None
    first, second = _bent_errors(r, 1.0 - level)
    warnings: tuple[str, ...] = ()
    if seed is not None:
        generator = stream(seed, NORMALS, 0)
        drawn = []
        for _ in range(draws):
            sample = r[generator.integers(0, r.size, r.size)]
            if varies(sample) and _monotone(*_shape(sample)):
                drawn.append(_bent(sample, 1.0 - level))
        if len(drawn) < draws:
            warnings = (f"{draws - len(drawn)} of {draws} resampled series lie outside the domain and are left out",)
        first, second = None, None
        if 2 * len(drawn) >= draws:
            first, second = (float(value) for value in np.std(drawn, axis=0, ddof=1))
    return TailLoss(
        at, beyond, first, second, level, "Cornish-Fisher", f"{CLOSED}; moments of the sample as parameters", r.size,
        warnings, seed,
    )  # fmt: skip


def in_cornish_fisher_domain(skewness: float, excess_kurtosis: float) -> bool:
    """Whether the bent quantile rises with the normal one everywhere (Maillard 2018, eq. 5).

    Examples
    --------
    >>> in_cornish_fisher_domain(-0.5, 2.0), in_cornish_fisher_domain(-2.0, 1.0)
    (True, False)
    """
    return _monotone(skewness, excess_kurtosis)


def _monotone(s: float, k: float) -> bool:
    # The slope is a z^2 + s / 3 z + c, nowhere negative.
    a, c = k / 8.0 - s * s / 6.0, 1.0 - k / 8.0 + 5.0 * s * s / 36.0
    if a == 0.0:
        return s == 0.0 and c >= 0.0
    return a > 0.0 and s * s / 9.0 <= 4.0 * a * c


def _shape(r: Float64) -> tuple[float, float]:
    away = r - r.mean()
    variance = float((away**2).mean())
    return float((away**3).mean()) / variance**1.5, float((away**4).mean()) / variance**2 - 3.0


def _bent(r: Float64, mass: float) -> tuple[float, float]:
    s, k = _shape(r)
    if not _monotone(s, k):
        raise UndefinedMeasure(
            f"Cornish-Fisher does not hold at skewness {s:.3g} and excess kurtosis {k:.3g}: a higher confidence could "
            f"mean a lower loss",
            field="method", found="cornish-fisher", expected="a monotone expansion",
            next_step="fall back on student_t, or historical where the history is long enough",
        )  # fmt: skip
    sigma, center = float(r.std(ddof=1)), float(r.mean())
    at, mean = (c[0] + c[1] * s + c[2] * k + c[3] * s * s for c in _bends(mass))
    return -(center + sigma * at), -(center + sigma * mean)


def _bends(mass: float) -> tuple[tuple[float, float, float, float], tuple[float, float, float, float]]:
    """Coefficients of (1, s, k, s^2) in the bent quantile, and in the mean below it."""
    z = float(normal_quantile(mass))
    density = float(normal_density(z)) / mass
    # Means below z of the Hermite polynomials: minus the polynomial one lower times the density.
    return (
        (z, (z * z - 1.0) / 6.0, (z**3 - 3.0 * z) / 24.0, -(2.0 * z**3 - 5.0 * z) / 36.0),
        (-density, -density * z / 6.0, -density * (z * z - 1.0) / 24.0, density * (2.0 * z * z - 1.0) / 36.0),
    )


def _bent_errors(r: Float64, mass: float) -> tuple[float, float]:
    """Standard errors: the spread of each observation's influence on mean, deviation, skewness and kurtosis."""
    away = r - r.mean()
    second, third, fourth = (float((away**power).mean()) for power in (2, 3, 4))
    sigma = math.sqrt(second)
    s, k = third / sigma**3, fourth / second**2 - 3.0
    square = away**2 - second
    on_s = (away**3 - third - 3.0 * second * away) / sigma**3 - 1.5 * s * square / second
    on_k = (away**4 - fourth - 4.0 * third * away) / second**2 - 2.0 * (k + 3.0) * square / second
    errors = []
    for one, by_s, by_k, by_square in _bends(mass):
        bend = one + by_s * s + by_k * k + by_square * s * s
        influence = away + bend * square / (2.0 * sigma) + sigma * ((by_s + 2.0 * by_square * s) * on_s + by_k * on_k)
        errors.append(math.sqrt(float((influence**2).mean()) / r.size))
    return errors[0], errors[1]


def _normal(level: float) -> tuple[float, float]:
    z = float(normal_quantile(level))
    return z, float(normal_density(z)) / (1.0 - level)


def _varying(returns: npt.ArrayLike, *, least: int = 10) -> Float64:
    r = series(returns, least=least)
    if not varies(r):
        raise UndefinedMeasure("the returns do not vary, so no distribution can be fitted", field="returns",
                               next_step="check for stale prices")  # fmt: skip
    return r


def _volatility(value: float) -> float:
    return positive(value, "volatility", zero=True)


def _finite(mean: float) -> None:
    if not math.isfinite(mean):
        raise InvalidInput("the mean is not a finite number", field="mean", found=mean)


def _slope(f: Callable[[Float64], float], at: Float64) -> Float64:
    steps = 1e-5 * np.maximum(np.abs(at), 0.1)
    out = np.empty(at.size)
    for i, step in enumerate(steps):
        move = np.zeros(at.size)
        move[i] = step
        out[i] = (f(at + move) - f(at - move)) / (2.0 * step)
    return out


def _hessian(f: Callable[[Float64], float], at: Float64) -> Float64:
    steps = 1e-4 * np.maximum(np.abs(at), 0.1)
    out = np.empty((at.size, at.size))
    for i in range(at.size):
        for j in range(at.size):
            total = 0.0
            for a, b in ((1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0)):
                move = np.zeros(at.size)
                move[i] += a * steps[i]
                move[j] += b * steps[j]
                total += a * b * f(at + move)
            out[i, j] = total / (4.0 * steps[i] * steps[j])
    return 0.5 * (out + out.T)
