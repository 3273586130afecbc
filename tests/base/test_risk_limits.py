"""Limits on risk and proxies as text: what can be written, what is refused and with which words."""

import pytest

from argosy.base.errors import ArgosyError
from argosy.base.risk_limits import Proxy, RiskLimit, parse_proxy, parse_risk_limit


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("value at risk <= 2%", RiskLimit("value at risk", "", 0.02)),
        ("VaR <= 0.02", RiskLimit("value at risk", "", 0.02)),
        ("expected shortfall <= 300bp soft", RiskLimit("expected shortfall", "", 0.03, True)),
        ("risk of sleeve=INCOME <= 30%", RiskLimit("risk", "sleeve=INCOME", 0.3)),
        ("days to liquidate <= 10", RiskLimit("days to liquidate", "", 10.0)),
        ("stress of covid <= 20%", RiskLimit("stress", "covid", 0.2)),
    ],
)
def test_a_limit_is_read_and_written_the_same(text: str, limit: RiskLimit) -> None:
    assert parse_risk_limit(text) == limit
    assert parse_risk_limit(limit.text()) == limit


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("value at risk", "not a limit on risk"),
        ("valu at risk <= 2%", "value at risk"),
        ("risk <= 20%", "does not say of what"),
        ("volatility of ACME <= 20%", "takes no 'of'"),
        ("volatility <= 0", "no bound"),
        ("volatility <= much", "no bound"),
    ],
)
def test_what_is_no_limit_is_refused(text: str, words: str) -> None:
    with pytest.raises(ArgosyError, match=words):
        parse_risk_limit(text)


def test_proxies() -> None:
    assert parse_proxy("NEWCO as SPY 120%") == Proxy("NEWCO", "SPY", 1.2)
    for wrong in ("NEWCO SPY", "NEWCO as NEWCO", "NEWCO as SPY much", "NEWCO as SPY inf", "A as B 1 2"):
        with pytest.raises(ArgosyError):
            parse_proxy(wrong)
