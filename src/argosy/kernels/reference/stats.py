"""Plain twin of :mod:`argosy.kernels.stats`: the sums that every performance measure is made of, one series at a time.

The definitions live here; the compiled kernel has to agree with them. ``COLUMNS`` names the result's columns.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

# Which sums are wanted; MOMENTS is always done.
MOMENTS, TARGET, PATH, EPISODES, GROWTH, TAIL, RELATIVE, SIDES, SERIAL = (1 << k for k in range(9))
EVERYTHING = (1 << 9) - 1
# What the compiled kernel may count on: every series spans all periods; one risk-free rate throughout.
WHOLE, STEADY = 1 << 9, 1 << 10

COLUMNS = (
    # MOMENTS: of the returns x
    "count", "mean", "m2", "m3", "m4", "smallest", "largest", "gains", "losses", "gain_count", "loss_count", "growth",
    "log_growth",
    # of the excess over the risk-free rate
    "excess_mean", "excess_m2", "risk_free_growth",
    # TARGET: around the minimum acceptable return
    "below1", "below2", "below3", "above1", "below_count", "over_target",
    # PATH: of the drawdowns from a starting wealth of 1
    "max_drawdown", "drawdown_sum", "drawdown_square_sum",
    # EPISODES: of whole drawdowns and of runs of losses
    "episode_count", "episode_square_sum", "run_square_sum", "longest_drawdown",
    # GROWTH: fit of log wealth on time
    "growth_r2",
    # TAIL: quantiles and tails, as returns
    "quantile_low", "quantile_high", "order_low", "tail_integral", "tail_below",
    # RELATIVE: beside the benchmark b
    "benchmark_mean", "benchmark_m2", "benchmark_scale", "benchmark_log_growth", "covariance", "active_mean",
    "active_m2", "up_count", "up_log", "up_sum", "benchmark_up_log", "benchmark_up_sum", "down_count", "down_log",
    "down_sum", "benchmark_down_log", "benchmark_down_sum", "excess_covariance", "benchmark_excess_mean",
    "benchmark_excess_m2",
    # SIDES: of excess returns, within rising and falling markets
    "up_excess_count", "up_covariance", "up_m2", "down_excess_count", "down_covariance", "down_m2",
    # SERIAL
    "autocovariance",
)  # fmt: skip
"""Names of the columns of the result, in order."""

PLACE = {name: place for place, name in enumerate(COLUMNS)}
WIDTH = len(COLUMNS)

# Products beyond these are redone as sums of logarithms, so that long histories neither overflow nor vanish.
LEAST_PRODUCT, LARGEST_PRODUCT = 1e-250, 1e250


def tail_places(count: int, share: float) -> tuple[float, int, float, int]:
    """Where the lower tail lies in the sorted returns.

    Gives the place of the type-7 quantile, the index of the order statistic, the exact number of observations in the
    tail, and how many of them are whole.
    """
    mass = count * share
    if abs(mass - round(mass)) < 1e-9:
        mass = float(round(mass))
    return (count - 1) * share, max(math.ceil(mass) - 1, 0), mass, math.floor(mass)


def log_of_product(values: Float64) -> float:
    """Sum of log(1 + x): minus infinity after a total loss, NaN where a return is below -1."""
    if not values.size:
        return 0.0
    with np.errstate(all="ignore"):
        return float(np.log1p(values).sum())


def _growth(values: Float64) -> tuple[float, float]:
    with np.errstate(all="ignore"):
        product = float(np.prod(1.0 + values))
    if values.size and float(values.min()) < -1.0:
        return product, math.nan
    if product == 0.0 and values.size and float(values.min()) == -1.0:
        return 0.0, -math.inf
    if LEAST_PRODUCT < product < LARGEST_PRODUCT:
        return product, math.log(product)
    total = log_of_product(values)
    return (math.exp(total) if total < 709.0 else math.inf), total


def _episodes(values: Float64) -> tuple[int, float, float, int]:
    """Number and squared depths of drawdowns, squared depths of runs of losses, longest time under water."""
    wealth = peak = run = 1.0
    depth = squares = runs = 0.0
    count = under = longest = 0
    for value in values.tolist():
        wealth *= 1.0 + value
        if wealth >= peak:
            if depth > 0.0:
                count += 1
                squares += depth * depth
            peak, depth, under = wealth, 0.0, 0
        else:
            under += 1
            longest = max(longest, under)
            depth = max(depth, 1.0 - wealth / peak)
        if value < 0.0:
            run *= 1.0 + value
        elif run != 1.0:
            runs += (1.0 - run) * (1.0 - run)
            run = 1.0
    if depth > 0.0:
        count += 1
        squares += depth * depth
    runs += (1.0 - run) * (1.0 - run)
    return count, squares, runs, longest


def _growth_fit(values: Float64) -> float:
    count = values.size
    if count < 2 or float(values.min()) <= -1.0:
        return math.nan
    level = np.cumsum(np.log1p(values))
    time = np.arange(count) - (count - 1) / 2.0
    spread = level - level.mean()
    total = float(spread @ spread)
    if total <= 1e-24 * count * max(1.0, float(np.abs(level).max()) ** 2):
        return math.nan
    slope = float(spread @ time)
    return slope * slope / (float(time @ time) * total)


def _tail(values: Float64, share: float) -> tuple[float, float, float, float, float]:
    ordered = np.sort(values)
    count = ordered.size
    place, order, mass, whole = tail_places(count, share)

    def quantile(where: float) -> float:
        k = int(where)
        after = ordered[min(k + 1, count - 1)]
        return float(ordered[k] + (where - k) * (after - ordered[k]))

    low = quantile(place)
    integral = float(ordered[:whole].sum())
    if whole < count:
        integral += (mass - whole) * float(ordered[whole])
    below = ordered[ordered <= low]
    return low, quantile((count - 1) * (1.0 - share)), float(ordered[order]), integral / mass, float(below.mean())


def _side(out: dict[str, float], name: str, mask: npt.NDArray[np.bool_], x: Float64, b: Float64) -> None:
    out[f"{name}_count"] = float(mask.sum())
    out[f"{name}_log"] = _growth(x[mask])[1]
    out[f"{name}_sum"] = float(x[mask].sum())
    out[f"benchmark_{name}_log"] = _growth(b[mask])[1]
    out[f"benchmark_{name}_sum"] = float(b[mask].sum())


def _relative(out: dict[str, float], x: Float64, b: Float64, rate: Float64, *, sides: bool) -> None:
    dx, db = x - x.mean(), b - b.mean()
    out["benchmark_mean"] = float(b.mean())
    out["benchmark_m2"] = float(db @ db)
    out["benchmark_scale"] = float(np.abs(b).max())
    out["benchmark_log_growth"] = _growth(b)[1]
    out["covariance"] = float(dx @ db)
    out["active_mean"] = float(x.mean() - b.mean())
    out["active_m2"] = float(((dx - db) ** 2).sum())
    up, down = b > 0.0, b < 0.0
    _side(out, "up", up, x, b)
    _side(out, "down", down, x, b)
    dr = rate - rate.mean()
    out["excess_covariance"] = float((dx - dr) @ (db - dr))
    out["benchmark_excess_mean"] = float(b.mean() - rate.mean())
    out["benchmark_excess_m2"] = float(((db - dr) ** 2).sum())
    if sides:
        excess, market = x - rate, b - rate
        for name, mask in (("up", market > 0.0), ("down", market < 0.0)):
            xs, bs = excess[mask], market[mask]
            out[f"{name}_excess_count"] = float(mask.sum())
            if bs.size:
                xs, bs = xs - xs.mean(), bs - bs.mean()
            out[f"{name}_covariance"] = float(xs @ bs)
            out[f"{name}_m2"] = float(bs @ bs)


def series_sums(
    x: Float64, b: Float64 | None, rate: Float64, target: Float64, groups: int, share: float
) -> dict[str, float]:
    """All wanted sums of one series of returns ``x`` (T,), by name.

    ``b`` benchmark (T,) or None, ``rate`` risk-free and ``target`` minimum acceptable return per period (T,), ``share``
    of the observations in the lower tail.
    """
    out: dict[str, float] = {"count": float(x.size), "mean": float(x.mean())}
    d = x - x.mean()
    square = d * d
    out |= {"m2": float(square.sum()), "m3": float((square * d).sum()), "m4": float((square * square).sum())}
    out |= {"smallest": float(x.min()), "largest": float(x.max())}
    out |= {"gains": float(x[x > 0.0].sum()), "losses": float(-x[x < 0.0].sum())}
    out |= {"gain_count": float((x > 0.0).sum()), "loss_count": float((x < 0.0).sum())}
    out["growth"], out["log_growth"] = _growth(x)
    out["excess_mean"] = float(x.mean() - rate.mean())
    out["excess_m2"] = float(((d - (rate - rate.mean())) ** 2).sum())
    out["risk_free_growth"] = log_of_product(rate)
    if groups & TARGET:
        under = np.maximum(target - x, 0.0)
        out |= {f"below{power}": float((under**power).sum()) for power in (1, 2, 3)}
        out["above1"] = float(np.maximum(x - target, 0.0).sum())
        out["below_count"] = float((x < target).sum())
        out["over_target"] = float((x - target).mean())
    if groups & PATH:
        with np.errstate(all="ignore"):
            wealth = np.cumprod(1.0 + x)
            drawdown = 1.0 - wealth / np.maximum(np.maximum.accumulate(wealth), 1.0)
        out["max_drawdown"] = max(float(drawdown.max()), 0.0)
        out["drawdown_sum"] = float(drawdown.sum())
        out["drawdown_square_sum"] = float((drawdown * drawdown).sum())
    if groups & EPISODES:
        count, squares, runs, longest = _episodes(x)
        out |= {"episode_count": float(count), "episode_square_sum": squares}
        out |= {"run_square_sum": runs, "longest_drawdown": float(longest)}
    if groups & GROWTH:
        out["growth_r2"] = _growth_fit(x)
    if groups & TAIL:
        names = ("quantile_low", "quantile_high", "order_low", "tail_integral", "tail_below")
        out |= dict(zip(names, _tail(x, share), strict=True))
    if b is not None and groups & (RELATIVE | SIDES):
        _relative(out, x, b, rate, sides=bool(groups & SIDES))
    if groups & SERIAL:
        out["autocovariance"] = float(d[1:] @ d[:-1])
    return out


def block_sums(
    returns: Float64, benchmark: Float64 | None, rate: Float64, target: Float64, spans: Int64, groups: int, share: float
) -> Float64:
    """Sums of each series of a block; what :func:`argosy.kernels.stats.sums` does, in plain Python.

    ``returns`` (S, T); ``benchmark``, ``rate``, ``target`` (1, T) or (S, T); ``spans`` (S, 2) first and last-plus-one
    place of each series. Gives (S, WIDTH), NaN where a sum was not wanted.
    """
    out = np.full((returns.shape[0], WIDTH), np.nan)

    def row(block: Float64, s: int) -> Float64:
        return block[s if block.shape[0] > 1 else 0, spans[s, 0] : spans[s, 1]]

    for s in range(returns.shape[0]):
        x = returns[s, spans[s, 0] : spans[s, 1]]
        b = None if benchmark is None else row(benchmark, s)
        with np.errstate(all="ignore"):
            if not math.isfinite(float(x.sum())):
                out[s, 0] = -1.0
                continue
            found = series_sums(x, b, row(rate, s), row(target, s), groups, share)
        for name, value in found.items():
            out[s, PLACE[name]] = value
    return out
