"""How a portfolio wants its lots kept: method, scope, fees, overselling; each a named convention, never an accident."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from argosy.base.errors import InvalidInput, nearest


class Method(IntEnum):
    """Which lots a sale relieves."""

    FIFO = 0  # oldest acquisition date first
    LIFO = 1  # newest acquisition date first
    HIFO = 2  # highest unit cost first (of short lots: lowest unit proceeds first), so the smallest gain comes first
    AVERAGE = 3  # one pooled cost; dates are relieved first in, first out
    SPECIFIC = 4  # the lots the sale names


class Scope(IntEnum):
    """Whose lots are one pool."""

    ACCOUNT = 0  # (portfolio, account, instrument)
    PORTFOLIO = 1  # (portfolio, instrument), accounts pooled
    SLEEVE = 2  # (portfolio, account, sleeve, instrument)


FEES = ("in_cost", "expensed")
OVERSELL = ("error", "short")


def _choice(field: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        close = nearest(value, valid, 1)
        raise InvalidInput(
            f"lot policy: {field} {value!r} is not known",
            field=field,
            found=value,
            expected=" or ".join(valid),
            next_step=f"did you mean {close[0]!r}?" if close else f"choose {' or '.join(valid)}",
        )


@dataclass(frozen=True, slots=True)
class LedgerPolicy:
    """The lot conventions of one portfolio, as its mandate names them.

    ``fees``: "in_cost" puts fees and taxes of a trade into cost and takes them off proceeds; "expensed" keeps both
    apart. ``oversell``: "error" refuses a sale of more than is held; "short" turns the rest into a short position.

    Examples
    --------
    >>> LedgerPolicy(method="HIFO").method_code
    <Method.HIFO: 2>
    >>> LedgerPolicy(scope="acount")
    Traceback (most recent call last):
    ...
    argosy.base.errors.InvalidInput: lot policy: scope 'acount' is not known. Next: did you mean 'account'?
    """

    method: str = "FIFO"
    scope: str = "account"
    fees: str = "in_cost"
    oversell: str = "error"

    def __post_init__(self) -> None:
        _choice("method", self.method, tuple(Method.__members__))
        _choice("scope", self.scope, tuple(name.lower() for name in Scope.__members__))
        _choice("fees", self.fees, FEES)
        _choice("oversell", self.oversell, OVERSELL)

    @property
    def method_code(self) -> Method:
        """The method as a number for kernels."""
        return Method[self.method]

    @property
    def scope_code(self) -> Scope:
        """The scope as a number for kernels."""
        return Scope[self.scope.upper()]


DEFAULT_POLICY = LedgerPolicy()
"""First in first out, per account, fees in cost, overselling refused."""
