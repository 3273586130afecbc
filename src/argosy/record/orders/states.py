"""The states of a proposal and of an order, and the steps that lead from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from argosy.base.errors import ArgosyError


class IllegalStep(ArgosyError):
    """A proposal or order is in a state that does not allow the step."""

    code = "illegal_step"


class ExpiredProposal(IllegalStep):
    """The proposal's time is over: prices, positions and reasons have to be looked at again."""

    code = "expired_proposal"


class ProposalState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SENT = "sent"
    EXECUTED = "executed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"

    @property
    def final(self) -> bool:
        """Whether nothing more can happen, save that a fill is taken back."""
        return self not in (ProposalState.PROPOSED, ProposalState.APPROVED, ProposalState.SENT)


class OrderState(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    SENT = "sent"
    PARTIALLY_FILLED = "partially filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # by the broker
    REPLACED = "replaced"

    @property
    def working(self) -> bool:
        """Whether the market may still fill it."""
        return self in (OrderState.SENT, OrderState.PARTIALLY_FILLED)


class StepKind(StrEnum):
    """What can happen to a proposal or to one of its orders."""

    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    SEND = "send"
    FILL = "fill"
    BUST = "bust"
    CANCEL_ORDER = "cancel order"
    REFUSE_ORDER = "refuse order"
    REPLACE_ORDER = "replace order"

    @property
    def of_order(self) -> bool:
        """Whether it happens to one order."""
        return self in _ORDER_STEPS


_ORDER_STEPS = frozenset({
    StepKind.FILL, StepKind.BUST, StepKind.CANCEL_ORDER, StepKind.REFUSE_ORDER, StepKind.REPLACE_ORDER,
})  # fmt: skip

_OPEN = frozenset({ProposalState.PROPOSED, ProposalState.APPROVED})

PROPOSAL_STEPS: Mapping[StepKind, frozenset[ProposalState]] = MappingProxyType({
    StepKind.APPROVE: frozenset({ProposalState.PROPOSED}),
    StepKind.REJECT: _OPEN,
    StepKind.CANCEL: _OPEN,
    StepKind.EXPIRE: _OPEN,
    StepKind.SUPERSEDE: _OPEN,
    StepKind.SEND: frozenset({ProposalState.APPROVED}),
})  # fmt: skip
"""States in which each step on a whole proposal is allowed."""

ORDER_STEPS: Mapping[StepKind, frozenset[OrderState]] = MappingProxyType({
    StepKind.FILL: frozenset({OrderState.SENT, OrderState.PARTIALLY_FILLED}),
    StepKind.BUST: frozenset(OrderState) - {OrderState.PENDING},
    StepKind.CANCEL_ORDER: frozenset({OrderState.SENT, OrderState.PARTIALLY_FILLED}),
    StepKind.REFUSE_ORDER: frozenset({OrderState.SENT, OrderState.PARTIALLY_FILLED}),
    StepKind.REPLACE_ORDER: frozenset({OrderState.SENT, OrderState.PARTIALLY_FILLED}),
})  # fmt: skip
"""States in which each step on an order is allowed."""


def allowed_steps(state: ProposalState) -> tuple[str, ...]:
    """Names of the steps a proposal in a state allows.

    Examples
    --------
    >>> allowed_steps(ProposalState.APPROVED)
    ('reject', 'cancel', 'expire', 'supersede', 'send')
    """
    return tuple(step.value for step, states in PROPOSAL_STEPS.items() if state in states)
