"""What a mandate says about trading: targets, when and how far to rebalance, how to trade, who has to agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from argosy.base.limits import number
from argosy.record.mandate_policy import Section, optional_number


@dataclass(frozen=True, slots=True)
class TargetRules:
    """[targets]: what the portfolio should hold.

    ``source`` "optimizer" asks the [objective]; "weights" takes ``weights``, pairs of a name (or ``attribute=value``)
    and a weight; "model" follows the holdings of another portfolio of the book, named by ``follow``.
    """

    source: str = "optimizer"
    weights: tuple[tuple[str, float], ...] = ()
    follow: str = ""


@dataclass(frozen=True, slots=True)
class RebalancingRules:
    """[rebalancing]: what makes the portfolio trade, and how far. None: that trigger is left out."""

    drift: bool = True
    bands: str = "tolerance"
    absolute: float = 0.05
    relative: float = 0.25
    floor: float = 0.0025
    inner: float = 0.5
    how_far: str = "inner"
    tracking_error: float | None = None
    every_months: int = 0
    cash: float | None = None
    signal: float | None = None
    clear_at: float = 0.8
    rest_days: int = 0
    risk_aversion: float = 5.0
    only_if_it_pays: bool = True
    propose_at_close: bool = False
    corporate_actions: bool = False


@dataclass(frozen=True, slots=True)
class TradingRules:
    """[trading]: how orders are made. Weights are fractions of the value."""

    cash_buffer: float = 0.0
    minimum_trade: float = 0.0
    whole_units: bool = True
    no_buy: tuple[str, ...] = ()
    no_sell: tuple[str, ...] = ()
    participation: float = 0.1
    days: int = 1


@dataclass(frozen=True, slots=True)
class SellingRules:
    """[tax], the part that speaks of orders: which lots a sale names, whose purchases can spoil a loss."""

    regime: str = "NONE"
    lots: str = "MINTAX"
    household: str = ""
    gain_budget: float | None = None
    harvest_from: float | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """[approvals]: how many people have to agree, for how long a proposal stands, how far prices may move meanwhile."""

    required: int = 1
    expiry_hours: int = 24
    price_move: float = 0.02


@dataclass(frozen=True, slots=True)
class TradingPolicy:
    """All of it."""

    targets: TargetRules = TargetRules()
    rebalancing: RebalancingRules = RebalancingRules()
    trading: TradingRules = TradingRules()
    selling: SellingRules = SellingRules()
    approvals: ApprovalRules = ApprovalRules()


def build_trading(sections: Mapping[str, Section]) -> TradingPolicy:
    """The rules of checked sections, defaults filled in."""
    targets, bands, trading = sections["targets"], sections["rebalancing"], sections["trading"]
    tax, approvals = sections["tax"], sections["approvals"]
    return TradingPolicy(
        TargetRules(
            str(targets["source"]), tuple(map(target_weight, _texts(targets["weights"]))), str(targets["follow"])
        ),
        RebalancingRules(
            bands["drift"] is True, str(bands["bands"]), _fraction(bands["absolute"]), _fraction(bands["relative"]),
            _fraction(bands["floor"]), _fraction(bands["inner"]), str(bands["how_far"]),
            optional_number(bands["tracking_error"]), _whole(bands["every_months"]), optional_number(bands["cash"]),
            optional_number(bands["signal"]), _fraction(bands["clear_at"]), _whole(bands["rest_days"]),
            _fraction(bands["risk_aversion"]), bands["only_if_it_pays"] is True,
            bands["propose_at_close"] is True, bands["corporate_actions"] is True,
        ),
        TradingRules(
            _fraction(trading["cash_buffer"]), _fraction(trading["minimum_trade"]), trading["whole_units"] is True,
            _texts(trading["no_buy"]), _texts(trading["no_sell"]), _fraction(trading["participation"]),
            _whole(trading["days"]),
        ),
        SellingRules(
            str(tax["regime"]), str(tax["lots"]), str(tax["household"]), optional_number(tax["gain_budget"]),
            optional_number(tax["harvest_from"]),
        ),
        ApprovalRules(
            _whole(approvals["required"]), _whole(approvals["expiry_hours"]), _fraction(approvals["price_move"])
        ),
    )  # fmt: skip


def target_weight(line: str) -> tuple[str, float]:
    """A target as ``NAME 5%`` or ``attribute=value 20%``.

    Examples
    --------
    >>> target_weight("sector=Energy 12.5%"), target_weight("CASH 0.02")
    (('sector=Energy', 0.125), ('CASH', 0.02))
    """
    name, _, weight = line.strip().rpartition(" ")
    return name.strip(), number(weight)


def _fraction(value: object) -> float:
    return number(str(value))


def _whole(value: object) -> int:
    return int(str(value))


def _texts(value: object) -> tuple[str, ...]:
    assert isinstance(value, list | tuple)
    return tuple(map(str, value))
