"""What a mandate says about what to hold: objective, universe, limits, costs, beliefs; and wishes laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from argosy.base.limits import Limit, number, parse_limits

Section = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ObjectiveRules:
    """[objective]: what the best portfolio is. ``target`` and rates are per year; ``confidence`` is of tail risk."""

    model: str = "minimum variance"
    target: float | None = None
    risk_aversion: float | None = None
    confidence: float = 0.95
    risk_free: float = 0.0


@dataclass(frozen=True, slots=True)
class UniverseRules:
    """[universe]: what may be held."""

    members: str = "held"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitRules:
    """[limits]: what has to be kept."""

    long_only: bool = True
    rules: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class CostRules:
    """[costs]: what trading costs, and in how many years a trade is to pay for itself.

    ``trading``, ``half_spread``, ``purchase_tax`` and ``exchange`` (orders in another currency) are parts of what is
    traded; ``impact`` is in daily volatilities
    for a day's volume; ``fixed`` is money per order.
    """

    trading: float = 0.0
    horizon_years: float = 1.0
    half_spread: float = 0.0
    impact: float = 0.0
    fixed: float = 0.0
    purchase_tax: float = 0.0
    exchange: float = 0.0


@dataclass(frozen=True, slots=True)
class BeliefRules:
    """[risk_model]: how risks and expected returns are estimated. 0 is: all, not used, or found from the data."""

    covariance: str = "ledoit wolf"
    mean: str = "historical"
    frequency: str = "daily"
    lookback: int = 0
    half_life: int = 0
    factors: int = 0
    missing: str = "refuse"
    nearest: bool = False
    periods_per_year: float | None = None


@dataclass(frozen=True, slots=True)
class InvestmentPolicy:
    """All of it."""

    objective: ObjectiveRules = field(default_factory=ObjectiveRules)
    universe: UniverseRules = field(default_factory=UniverseRules)
    limits: LimitRules = field(default_factory=LimitRules)
    costs: CostRules = field(default_factory=CostRules)
    beliefs: BeliefRules = field(default_factory=BeliefRules)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody asks for beside a mandate; None leaves the mandate's word, limits are added to the mandate's."""

    model: str | None = None
    target: float | None = None
    risk_aversion: float | None = None
    confidence: float | None = None
    risk_free: float | None = None
    members: str | None = None
    limits: tuple[Limit, ...] = ()
    long_only: bool | None = None
    trading_cost: float | None = None
    covariance: str | None = None
    mean: str | None = None
    frequency: str | None = None
    lookback: int | None = None
    half_life: int | None = None
    factors: int | None = None
    missing: str | None = None
    nearest: bool | None = None
    periods_per_year: float | None = None

    def over(self, policy: InvestmentPolicy) -> InvestmentPolicy:
        """The policy as it is when these wishes count.

        Examples
        --------
        >>> Wishes(model="utility", risk_aversion=4.0).over(InvestmentPolicy()).objective.model
        'utility'
        """
        objective, beliefs = policy.objective, policy.beliefs
        for name in ("model", "target", "risk_aversion", "confidence", "risk_free"):
            asked = getattr(self, name)
            if asked is not None:
                objective = replace(objective, **{name: asked})
        for name in ("covariance", "mean", "frequency", "lookback", "half_life", "factors", "missing", "nearest",
                     "periods_per_year"):  # fmt: skip
            asked = getattr(self, name)
            if asked is not None:
                beliefs = replace(beliefs, **{name: asked})
        limits = LimitRules(
            policy.limits.long_only if self.long_only is None else self.long_only,
            (*policy.limits.rules, *self.limits),
        )
        universe = policy.universe if self.members is None else replace(policy.universe, members=self.members)
        costs = policy.costs if self.trading_cost is None else replace(policy.costs, trading=self.trading_cost)
        return InvestmentPolicy(objective, universe, limits, costs, beliefs)


def build_policy(sections: Mapping[str, Section]) -> InvestmentPolicy:
    """The policy of checked sections, defaults filled in."""
    objective, universe, limits = sections["objective"], sections["universe"], sections["limits"]
    costs, beliefs = sections["costs"], sections["risk_model"]
    return InvestmentPolicy(
        ObjectiveRules(
            str(objective["model"]), optional_number(objective["target"]), optional_number(objective["risk_aversion"]),
            number(str(objective["confidence"])), number(str(objective["risk_free"])),
        ),
        UniverseRules(
            str(universe["members"]), _texts(universe["include"]), _texts(universe["exclude"]),
            _texts(universe["types"]),
        ),
        LimitRules(limits["long_only"] is True, parse_limits(_texts(limits["rules"]))),
        CostRules(*(
            number(str(costs[name]))
            for name in ("trading", "horizon_years", "half_spread", "impact", "fixed", "purchase_tax", "exchange")
        )),
        BeliefRules(
            str(beliefs["covariance"]), str(beliefs["mean"]), str(beliefs["frequency"]), int(str(beliefs["lookback"])),
            int(str(beliefs["half_life"])), int(str(beliefs["factors"])), str(beliefs["missing"]),
            beliefs["nearest"] is True, optional_number(beliefs["periods_per_year"]),
        ),
    )  # fmt: skip


def optional_number(value: object) -> float | None:
    """A number as 0.05, "5%" or "50bp"; empty is None."""
    return None if value == "" else number(str(value))


def _texts(value: object) -> tuple[str, ...]:
    assert isinstance(value, list | tuple)
    return tuple(map(str, value))
