"""Limits on risk and stand-ins for missing histories, each as one line of text.

    value at risk <= 2%             volatility <= 15%            risk of sector=Energy <= 25%
    expected shortfall <= 3%        tracking error <= 4%         risk of sleeve=INCOME <= 30% soft
    stress of covid <= 20%          days to liquidate <= 10      risk of ACME <= 10%

``risk of`` is a share of the portfolio's expected shortfall. A proxy is ``NEWCO as SPY 1.2``: the returns of NEWCO are
taken to be 1.2 times those of SPY.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from argosy.base.errors import InvalidInput, unknown
from argosy.base.limits import number

RISK_MEASURES: dict[str, bool] = {
    "value at risk": False, "expected shortfall": False, "volatility": False, "tracking error": False, "risk": True,
    "stress": True, "days to liquidate": False,
}  # fmt: skip
"""What can be limited -> whether it takes a scope."""
_LINE = re.compile(r"(?P<what>.+?)\s*<=\s*(?P<most>\S+?)\s*(?P<soft>\bsoft)?\s*")
PLAIN = "days to liquidate"
"""The measure that is a number of days, not a fraction."""


@dataclass(frozen=True, slots=True)
class RiskLimit:
    """At most ``most`` of a measure; ``soft`` ones are reported and break nothing.

    Examples
    --------
    >>> parse_risk_limit("risk of sector=Energy <= 25%")
    RiskLimit(measure='risk', scope='sector=Energy', most=0.25, soft=False)
    """

    measure: str
    scope: str
    most: float
    soft: bool = False

    @property
    def subject(self) -> str:
        """What is limited, in words."""
        return f"{self.measure} of {self.scope}" if self.scope else self.measure

    def text(self) -> str:
        """The line it was read from.

        Examples
        --------
        >>> RiskLimit("value at risk", "", 0.02).text()
        'value at risk <= 2%'
        """
        shown = f"{self.most:g}" if self.measure == PLAIN else f"{100.0 * self.most:.10g}%"
        return f"{self.subject} <= {shown}" + (" soft" if self.soft else "")


def parse_risk_limit(text: str) -> RiskLimit:
    """Read one limit on risk.

    Raises
    ------
    InvalidInput, UnknownName
        No such line, no such measure, a bound that is not above zero.
    """
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(f"{text!r} is not a limit on risk", field="rules", found=text,
                           expected="such as 'value at risk <= 2%' or 'risk of sector=Energy <= 25%'")  # fmt: skip
    measure, _, scope = (piece.strip() for piece in found["what"].partition(" of "))
    measure = {"var": "value at risk", "es": "expected shortfall", "shortfall": "expected shortfall"}.get(
        measure.lower(), measure.lower()
    )
    if measure not in RISK_MEASURES:
        raise unknown("measure of risk", measure, RISK_MEASURES)
    if RISK_MEASURES[measure] != bool(scope):
        wanted = f"'{measure} of NAME <= 25%'" if RISK_MEASURES[measure] else f"'{measure} <= 2%'"
        raise InvalidInput(f"{text!r} does not say of what" if not scope else f"{measure} takes no 'of'", field="rules",
                           found=text, expected=wanted)  # fmt: skip
    try:
        most = number(found["most"])
    except ValueError:
        most = 0.0
    if not 0.0 < most < float("inf"):
        raise InvalidInput(f"{found['most']!r} is no bound", field="rules", found=text, expected="above 0, as 2%")
    return RiskLimit(measure, scope, most, found["soft"] is not None)


@dataclass(frozen=True, slots=True)
class Proxy:
    """``name`` is taken to return ``beta`` times what ``stand_in`` does."""

    name: str
    stand_in: str
    beta: float


def parse_proxy(text: str) -> Proxy:
    """Read ``NEWCO as SPY 1.2``; without a number it is 1.

    Examples
    --------
    >>> parse_proxy("NEWCO as SPY 1.2"), parse_proxy("FUND as SPY").beta
    (Proxy(name='NEWCO', stand_in='SPY', beta=1.2), 1.0)
    """
    words = text.split()
    if len(words) not in (3, 4) or words[1].lower() != "as" or words[0] == words[2]:
        raise InvalidInput(f"{text!r} is no proxy", field="proxies", found=text, expected="such as 'NEWCO as SPY 1.2'")
    try:
        beta = number(words[3]) if len(words) > 3 else 1.0
    except ValueError:
        beta = float("nan")
    if not abs(beta) < 100.0:
        raise InvalidInput(f"{words[3]!r} is no multiple of {words[2]}", field="proxies", found=text,
                           expected="a number such as 1.2")  # fmt: skip
    return Proxy(words[0], words[2], beta)
