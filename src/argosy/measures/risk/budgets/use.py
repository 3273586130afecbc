"""Risk budgets and their use: by asset, group, factor or sleeve; headroom, warnings, soft and hard breaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from argosy.base.errors import InvalidInput, UndefinedMeasure, unknown
from argosy.base.table import Column, Table
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, named, positive

State = Literal["inside", "warning", "soft breach", "hard breach"]
Unit = Literal["share", "amount"]


@dataclass(frozen=True, slots=True)
class RiskBudget:
    """How much risk one asset, group, factor or sleeve may use.

    ``unit`` "share" is a fraction of the total risk, "amount" is in the unit of the contributions. ``warning`` is the
    share of the budget at which use is worth a word. Beyond ``limit`` a soft budget is a soft breach; beyond ``hard``,
    where given, a hard one; a budget that is not ``soft`` breaches hard at its limit.
    """

    name: str
    limit: float
    unit: Unit = "share"
    warning: float = 0.9
    soft: bool = False
    hard: float | None = None

    def __post_init__(self) -> None:
        positive(self.limit, f"the budget of {self.name}")
        if self.unit not in ("share", "amount"):
            raise refusal(f"the unit is {self.unit!r}", field="unit", found=self.unit, expected="'share' or 'amount'")
        if not 0.0 < self.warning <= 1.0:
            raise refusal(f"the warning level of {self.name} is {self.warning}", field="warning", found=self.warning,
                          expected="a fraction of the budget such as 0.9")  # fmt: skip
        if self.hard is not None and not self.soft:
            raise InvalidInput(f"the budget of {self.name} is hard already", field="hard",
                               next_step="say soft=True to have a hard limit beyond the soft one")  # fmt: skip
        if self.hard is not None and not self.hard >= self.limit:
            raise refusal(f"the hard limit of {self.name} is {self.hard}", field="hard", found=self.hard,
                          expected=f"at least the soft one, {self.limit}")  # fmt: skip


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Use of one budget: ``used`` and ``limit`` in its unit, ``use`` their ratio, ``headroom`` what is left."""

    name: str
    used: float
    limit: float
    use: float
    headroom: float
    unit: Unit
    state: State


@dataclass(frozen=True, eq=False)
class BudgetReport:
    """Use of every budget, the total risk, and what is not budgeted at all."""

    uses: tuple[BudgetUse, ...]
    total: float
    unbudgeted: tuple[str, ...]

    @property
    def breaches(self) -> tuple[BudgetUse, ...]:
        """Budgets that are used beyond their limit."""
        return tuple(one for one in self.uses if one.state in ("soft breach", "hard breach"))

    def table(self) -> Table:
        """One row per budget."""
        return Table(
            "risk budgets",
            (
                Column("name", "text", [one.name for one in self.uses]),
                *(Column(label, "ratio", [getattr(one, label) for one in self.uses], unit="x")
                  for label in ("used", "limit", "use", "headroom")),
                Column("unit", "text", [one.unit for one in self.uses]),
                Column("state", "text", [one.state for one in self.uses]),
            ),
            notes=(f"total risk {self.total:.6g}",)
            + ((f"no budget for {', '.join(self.unbudgeted)}",) if self.unbudgeted else ()),
        )  # fmt: skip


def budget_use(
    contributions: Any,
    budgets: Sequence[RiskBudget],
    *,
    names: Sequence[str],
    groups: Sequence[str] | None = None,
) -> BudgetReport:
    """Hold contributions to risk against budgets.

    Parameters
    ----------
    contributions : (N,) Euler contributions to volatility, tracking error, VaR or ES: they sum to the total risk. By
        asset, factor or sleeve, whatever was taken apart; a diversifier's is negative
    budgets : at most one for each name; a name without one is listed
    names : (N,) what each contribution belongs to
    groups : (N,) with it, contributions are summed by group and budgets are for groups

    Raises
    ------
    UndefinedMeasure
        Total risk of zero or less has no shares.

    Examples
    --------
    >>> found = budget_use([0.06, 0.03, 0.01], [RiskBudget("equity", 0.5), RiskBudget("credit", 0.32)],
    ...                    names=["equity", "credit", "gold"])
    >>> [(one.name, one.state, round(one.headroom, 3)) for one in found.uses], found.unbudgeted
    ([('equity', 'hard breach', -0.1), ('credit', 'warning', 0.02)], ('gold',))
    """
    labels = [str(name) for name in names]
    risk = array(contributions, (len(labels),), "contributions")
    if groups is None:
        owners = list(named(labels, len(labels)))
    else:
        if len(groups) != len(labels):
            raise refusal(f"{len(groups)} groups for {len(labels)} contributions", field="groups", expected="one each")
        owners = [str(group) for group in groups]
    used: dict[str, float] = {}
    for owner, part in zip(owners, risk.tolist(), strict=True):
        used[owner] = used.get(owner, 0.0) + part
    total = float(risk.sum())
    names_of = [budget.name for budget in budgets]
    if len(set(names_of)) != len(names_of):
        raise refusal(f"budgets are for {names_of}", field="budgets", expected="one budget for each name")
    if total <= 0.0 and any(budget.unit == "share" for budget in budgets):
        raise UndefinedMeasure(f"the total risk is {total:.6g}, so there are no shares of it", field="contributions",
                               next_step="budget amounts instead of shares")  # fmt: skip
    uses = []
    for budget in budgets:
        if budget.name not in used:
            raise unknown("budgeted name", budget.name, used, place="budgets")
        spent = used[budget.name] / (total if budget.unit == "share" else 1.0)
        uses.append(BudgetUse(budget.name, spent, budget.limit, spent / budget.limit, budget.limit - spent,
                              budget.unit, _state(spent, budget)))  # fmt: skip
    return BudgetReport(tuple(uses), total, tuple(owner for owner in used if owner not in names_of))


def _state(spent: float, budget: RiskBudget) -> State:
    # Use equal to the budget but for rounding is inside it.
    slack = 1e-12 * max(budget.limit, abs(spent))
    if spent > budget.limit + slack:
        beyond = budget.hard if budget.soft else budget.limit
        return "hard breach" if beyond is not None and spent > beyond + slack else "soft breach"
    return "warning" if spent >= budget.warning * budget.limit - slack else "inside"
