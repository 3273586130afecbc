"""Many accounts under one risk model: each solved and proven by itself, each failure its own outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import ArgosyError, InvalidInput
from argosy.base.limits import Limit, Limits, parse_limits
from argosy.base.table import Table
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.model import Model
from argosy.construction.optimize.problem import Weights
from argosy.construction.optimize.result import Optimized
from argosy.kernels.separable import SMALL, load
from argosy.models.costs.trading import Costs
from argosy.models.moments.covariance import Covariance, as_covariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Account:
    """What is an account's own: weights held, limits beside the shared ones, the part to stay in cash.

    ``benchmark`` and ``costs`` replace the shared ones where given.
    """

    name: str
    holdings: Weights
    limits: Limits = ()
    cash: float = 0.0
    benchmark: Weights | None = None
    costs: Costs | None = None


@dataclass(frozen=True, eq=False)
class Answered:
    """One account's outcome: a result, or the error that says why there is none."""

    account: str
    result: Optimized | None
    error: ArgosyError | None


@dataclass(frozen=True, eq=False)
class Batch:
    """Outcomes in the order of the accounts."""

    outcomes: tuple[Answered, ...]

    @property
    def failed(self) -> tuple[Answered, ...]:
        """Accounts without a result."""
        return tuple(item for item in self.outcomes if item.result is None)

    def table(self) -> Table:
        """One row per account; what failed says why in the notes."""
        done = [item.result for item in self.outcomes]

        def column(name: str, unit: str) -> Column:
            values = np.array([0.0 if result is None else getattr(result, name) for result in done], dtype=np.float64)
            missing = np.array([result is None for result in done]) | np.isnan(values)
            return Column(name, "ratio", np.where(missing, 0.0, values), unit=unit, missing=missing)

        return Table(
            "accounts",
            (
                Column("account", "text", [item.account for item in self.outcomes]),
                Column("status", "text", ["failed" if result is None else result.status for result in done]),
                column("expected_return", "%"), column("volatility", "%"), column("turnover", "%"), column("cost", "%"),
            ),
            notes=tuple(f"{item.account}: {item.error}" for item in self.failed),
        )  # fmt: skip


def optimize_many(
    accounts: Iterable[Account],
    model: str | Model = "utility",
    *,
    expected_returns: Weights | None = None,
    covariance: Covariance | npt.ArrayLike | None = None,
    returns: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    limits: Limits = (),
    long_only: bool = True,
    benchmark: Weights | None = None,
    attributes: Mapping[str, Sequence[object]] | None = None,
    costs: npt.ArrayLike | float | Costs = 0.0,
    risk_free: float = 0.0,
    risk_aversion: float | None = None,
    target: float | None = None,
    level: float = 0.95,
    time_limit: float = 0.0,
) -> Batch:
    """Answer what each of many accounts should hold under one risk model.

    Everything but the accounts is shared and means what it means to :func:`argosy.optimize`. Each answer is the one
    that call gives, bit for bit where the same engine solves it (compiled kernels are loaded first when the accounts
    are worth it); the order of accounts does not matter. An account without an answer keeps its error and stops no
    other.

    Raises
    ------
    InvalidInput
        The shared inputs fit nobody, or two accounts have one name.

    Examples
    --------
    >>> done = optimize_many(
    ...     [Account("one", [0.5, 0.5]), Account("two", [1.0, 0.0], ["turnover <= 10%"], cash=0.05),
    ...      Account("three", [1.0, 0.0], ["weight of each <= 40%"])],
    ...     "minimum variance", covariance=[[0.04, 0.0], [0.0, 0.01]])
    >>> [(item.account, None if item.result is None else item.result.weights.round(3).tolist())
    ...  for item in done.outcomes]
    [('one', [0.2, 0.8]), ('two', [0.925, 0.025]), ('three', None)]
    >>> done.failed[0].error.code
    'infeasible'
    """
    listed = tuple(accounts)
    seen: set[str] = set()
    for account in listed:
        if account.name in seen:
            raise InvalidInput(f"the account {account.name!r} stands twice in the batch", field="accounts")
        seen.add(account.name)
    shared = parse_limits(limits)
    belief = None if covariance is None else as_covariance(covariance)
    if belief is not None and len(listed) * belief.size > 4 * SMALL:
        load()
    found = []
    for account in listed:
        result, error = None, None
        try:
            own = parse_limits(account.limits)
            if not 0.0 <= account.cash < 1.0:
                raise InvalidInput(f"cash of {account.cash!r}", field="cash", expected="a part of the account below 1")
            if account.cash > 0.0:
                own = (*own, Limit("cash", "", account.cash, account.cash, source=account.name))
            result = optimize(
                model, expected_returns=expected_returns, covariance=belief, returns=returns, names=names,
                limits=(*shared, *own), long_only=long_only, holdings=account.holdings,
                benchmark=account.benchmark if account.benchmark is not None else benchmark, attributes=attributes,
                costs=account.costs if account.costs is not None else costs, risk_free=risk_free,
                risk_aversion=risk_aversion, target=target, level=level, time_limit=time_limit,
            )  # fmt: skip
        except ArgosyError as problem:
            error = problem
        found.append(Answered(account.name, result, error))
    return Batch(tuple(found))
