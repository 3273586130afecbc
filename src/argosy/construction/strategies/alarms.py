"""Alarms for lost skill: a sequential test that says how often it cries wolf and how soon it hears one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.checks import Float64, finite, number

NODES = 48
"""Points of the quadrature: the kernel is smooth, and from 40 on more points change nothing in the first ten digits."""


@dataclass(frozen=True, eq=False)
class SkillAlarm:
    """A one-sided CUSUM over standardized active returns (T): its path (T), the first alarm, and its error rates.

    ``first`` is the position of the first alarm, or None. ``false_alarm_periods`` is the mean number of periods to a
    false alarm while skill is as expected (in-control average run length); ``delay_periods`` the mean number until an
    alarm once skill is gone.
    """

    path: Float64
    first: int | None
    threshold: float
    reference: float
    false_alarm_periods: float
    delay_periods: float


def skill_alarm(
    active_returns: npt.ArrayLike, *, expected: float, tracking_error: float, threshold: float | None = None,
    false_alarm_periods: float = 120.0, bad: float = 0.0,
) -> SkillAlarm:  # fmt: skip
    """Watch active returns (T, per period) for the loss of the skill that was expected.

    Returns are standardized as ``z = (r - expected) / tracking_error``; ``S_t = max(0, S_{t-1} - z_t - k)`` with the
    reference value ``k`` half way (in standard deviations) to ``bad``, the return at which the skill counts as gone;
    the alarm is ``S >= threshold``. Without a threshold it is the one whose mean time to a false alarm is
    ``false_alarm_periods``.

    Sources: Page (1954), Biometrika 41; Philips, Yashchin & Stein (2003), "Using statistical process control to monitor
    active managers", Journal of Portfolio Management 30(1).

    Examples
    --------
    >>> import numpy as np
    >>> skilled = np.full(24, 0.004)
    >>> lost = np.concatenate([skilled, np.full(60, -0.012)])
    >>> found = skill_alarm(lost, expected=0.004, tracking_error=0.015, false_alarm_periods=60)
    >>> found.first is not None and found.first > 24, round(found.false_alarm_periods)
    (True, 60)
    """
    returns = finite("active_returns", active_returns)
    spread = number("tracking_error", tracking_error, above=True)
    if not bad < expected:
        raise InvalidInput(
            f"the return of lost skill is {bad}, the expected one {expected}", field="bad", found=bad,
            expected=f"below {expected}", next_step="expect more than what counts as no skill",
        )  # fmt: skip
    shift = (expected - bad) / spread
    k = shift / 2.0
    height = (
        threshold
        if threshold is not None
        else alarm_threshold(k, number("false_alarm_periods", false_alarm_periods, least=1.0, above=True))
    )
    number("threshold", height, above=True)
    path = np.zeros(returns.size)
    level, first = 0.0, None
    for at, z in enumerate(((returns - expected) / spread).tolist()):
        level = max(0.0, level - z - k)
        path[at] = level
        if first is None and level >= height:
            first = at
    return SkillAlarm(path, first, height, k, run_length(k, height), run_length(k, height, shift=shift))


def run_length(reference: float, threshold: float, *, shift: float = 0.0) -> float:
    """Mean number of periods until a CUSUM of standard normal values, moved by ``shift``, first reaches its threshold.

    The integral equation of Page (1954) for the run length from a start at zero, by Gauss-Legendre quadrature:
    ``L(u) = 1 + L(0) Phi(k - d - u) + int_0^h L(x) phi(x - u + k - d) dx``.

    Examples
    --------
    >>> round(run_length(0.5, 4.0), 0), round(run_length(0.5, 4.0, shift=1.0), 2)
    (335.0, 8.38)
    """
    k, h = number("reference", reference), number("threshold", threshold, above=True)
    points, weights = np.polynomial.legendre.leggauss(NODES)
    x, w = (points + 1.0) * h / 2.0, weights * h / 2.0
    start = np.concatenate([[0.0], x])
    apart = k - shift
    density = np.exp(-0.5 * (x[None, :] - start[:, None] + apart) ** 2) / math.sqrt(2.0 * math.pi)
    stay = np.array([0.5 * math.erfc(-(apart - u) / math.sqrt(2.0)) for u in start])
    system = np.eye(start.size)
    system[:, 0] -= stay
    system[:, 1:] -= density * w[None, :]
    return float(np.linalg.solve(system, np.ones(start.size))[0])


def alarm_threshold(reference: float, false_alarm_periods: float) -> float:
    """The threshold at which false alarms come once in so many periods on average, by bisection.

    Examples
    --------
    >>> round(alarm_threshold(0.5, 335.37), 3)
    4.0
    """
    wanted = number("false_alarm_periods", false_alarm_periods, least=1.0, above=True)
    low, high = 1e-6, 1.0
    while run_length(reference, high) < wanted:
        low, high = high, 2.0 * high
        if high > 64.0:
            raise InvalidInput(
                f"no threshold makes false alarms as rare as once in {wanted:g} periods", field="false_alarm_periods",
                found=wanted, next_step="allow more false alarms",
            )  # fmt: skip
    if run_length(reference, low) > wanted:
        raise InvalidInput(
            f"false alarms cannot come as often as once in {wanted:g} periods", field="false_alarm_periods",
            found=wanted, next_step="ask for a longer mean time between false alarms",
        )  # fmt: skip
    while high - low > 1e-9 * high:
        middle = (low + high) / 2.0
        if run_length(reference, middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def shared_false_alarms(false_alarm_periods: float, strategies: int) -> float:
    """The mean time between false alarms each of several strategies needs so that all together keep the given one.

    Alarms of strategies watched side by side add up: with S of them each may cry wolf once in S times the wanted time.

    Examples
    --------
    >>> shared_false_alarms(60.0, 5)
    300.0
    """
    if strategies < 1:
        raise InvalidInput(
            f"there are {strategies} strategies", field="strategies", found=strategies, expected="1 or more"
        )
    return number("false_alarm_periods", false_alarm_periods, least=1.0, above=True) * strategies
