"""What a mandate says about risk: the model, stand-ins for missing histories, limits and budgets that are watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from argosy.base.limits import number
from argosy.base.risk_limits import Proxy, RiskLimit, parse_proxy, parse_risk_limit
from argosy.record.mandate_policy import Section


@dataclass(frozen=True, slots=True)
class RiskRules:
    """[risk]: how risk is measured. ``horizon`` and ``window`` are days; ``group`` is an attribute such as sector."""

    model: str = "adaptive gjr-t"
    confidence: float = 0.99
    horizon: int = 1
    window: int = 1000
    proxies: tuple[Proxy, ...] = ()
    factors: tuple[str, ...] = ()
    group: str = "sector"
    close: bool = True


@dataclass(frozen=True, slots=True)
class MonitoringRules:
    """[monitoring]: limits on risk, the part of a limit from which to warn, days to cure what the market broke."""

    rules: tuple[RiskLimit, ...] = ()
    warn_at: float = 0.9
    cure_days: int = 10


def build_risk(sections: Mapping[str, Section]) -> RiskRules:
    """The rules of a checked section, defaults filled in."""
    held = sections["risk"]
    return RiskRules(
        str(held["model"]), number(str(held["confidence"])), int(str(held["horizon"])), int(str(held["window"])),
        tuple(map(parse_proxy, _texts(held["proxies"]))), _texts(held["factors"]), str(held["group"]),
        held["close"] is True,
    )  # fmt: skip


def build_monitoring(sections: Mapping[str, Section]) -> MonitoringRules:
    """The rules of a checked section, defaults filled in."""
    held = sections["monitoring"]
    return MonitoringRules(
        tuple(map(parse_risk_limit, _texts(held["rules"]))), number(str(held["warn_at"])), int(str(held["cure_days"]))
    )


def _texts(value: object) -> tuple[str, ...]:
    assert isinstance(value, list | tuple)
    return tuple(map(str, value))
