"""Proposals, orders and steps as values, and as the payloads of facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from argosy.base.errors import InvalidInput
from argosy.base.money import Quote
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.orders.states import StepKind
from argosy.record.payload import Payload, integer, quote, strings, text, texts

SIDES = ("buy", "sell")
NO_QUOTE = Quote(0, 0)


@dataclass(frozen=True, slots=True)
class Order:
    """One order: ``quantity`` is a positive integer at the instrument's scale, ``price`` what it was judged at.

    ``lots`` names the lots a sale relieves as (seq, quantity). ``cost`` and ``tax`` are what they were expected to be,
    decimal texts in the portfolio's base currency.
    """

    account: int
    sleeve: int
    instrument: int
    side: str
    quantity: int
    price: Quote
    price_date: int
    lots: tuple[tuple[int, int], ...] = ()
    cost: str = "0"
    tax: str = "0"
    reason: str = ""

    def payload(self) -> dict[str, object]:
        """As it is stored."""
        return {
            "account": self.account, "sleeve": self.sleeve, "instrument": self.instrument, "side": self.side,
            "quantity": self.quantity, "price": [self.price.mantissa, self.price.exponent],
            "price_date": self.price_date, "lots": [list(lot) for lot in self.lots], "cost": self.cost,
            "tax": self.tax, "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the system would trade for a portfolio and why, as it was made.

    ``expires`` is an instant in microseconds (0 = never). ``approvals`` is how many people have to agree; with two,
    none of them may be the one who made it. ``evidence`` holds what it was judged by as decimal texts: drift, cost,
    tax, benefit, tracking error and the like before and after. ``limits`` are the verdicts on it, in words.
    """

    id: int
    portfolio: int
    as_of: int
    made_by: str
    expires: int
    approvals: int
    trigger: str
    reason: str
    orders: tuple[Order, ...]
    evidence: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    fingerprint: str = ""
    seq: int = 0
    reasons: tuple[tuple[str, str], ...] = ()
    """Triggers behind it as (kind, subject): while it is open, or rejected, they raise no other proposal."""
    targets: tuple[tuple[str, str], ...] = ()
    """Weights it was made for, by name as decimal texts: a later signal is measured from them."""

    def draft(self) -> FactDraft:
        """The fact that stores it."""
        return FactDraft(FactKind.PROPOSAL, self.id, self.as_of, {
            "portfolio": self.portfolio, "made_by": self.made_by, "expires": self.expires,
            "approvals": self.approvals, "trigger": self.trigger, "reason": self.reason,
            "orders": [order.payload() for order in self.orders], "evidence": dict(self.evidence),
            "limits": list(self.limits), "fingerprint": self.fingerprint,
            "reasons": [list(reason) for reason in self.reasons], "targets": dict(self.targets),
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a proposal, or to order number ``order`` of it (counted from 1).

    A fill has ``quantity``, ``price`` and the broker's ``reference``; a bust names the reference of the fill it takes
    back; a replacement has the new ``quantity`` still to be filled.
    """

    kind: StepKind
    by: str
    note: str = ""
    order: int = 0
    quantity: int = 0
    price: Quote = NO_QUOTE
    reference: str = ""
    cost: str = "0"
    """What a fill cost beyond its price: commission, taxes, in the instrument's currency."""
    seq: int = 0

    def draft(self, proposal: int, day: int) -> FactDraft:
        """The fact that stores it."""
        return FactDraft(FactKind.DECISION, proposal, day, {
            "step": self.kind.value, "by": self.by, "note": self.note, "order": self.order,
            "quantity": self.quantity, "price": [self.price.mantissa, self.price.exponent],
            "reference": self.reference, "cost": self.cost,
        })  # fmt: skip


def checked_order(order: Order) -> Order:
    """The order, or what is wrong with it."""
    if order.side not in SIDES:
        raise InvalidInput(f"{order.side!r} is not a side", field="side", found=order.side, expected="buy or sell")
    if order.quantity <= 0:
        raise InvalidInput("an order needs a quantity above zero", field="quantity", found=order.quantity)
    named = sum(quantity for _, quantity in order.lots)
    if order.lots and (order.side != "sell" or named != order.quantity):
        raise InvalidInput(
            "the lots named by an order have to sum to what it sells", field="lots", found=named,
            expected=str(order.quantity),
        )  # fmt: skip
    return order


def read_proposal(fact: Fact) -> Proposal:
    """A proposal from its fact."""
    held = fact.payload
    return Proposal(
        fact.subject, integer(held, "portfolio"), fact.effective, text(held, "made_by"), integer(held, "expires"),
        integer(held, "approvals"), text(held, "trigger"), text(held, "reason"),
        tuple(_read_order(order) for order in _objects(held, "orders")), strings(held, "evidence"),
        texts(held, "limits"), text(held, "fingerprint"), fact.seq, _reasons(held),
        tuple(strings(held, "targets").items()),
    )  # fmt: skip


def _reasons(held: Payload) -> tuple[tuple[str, str], ...]:
    listed = held.get("reasons") or ()
    assert isinstance(listed, Sequence)
    return tuple((str(one[0]), str(one[1])) for one in listed)


def read_step(fact: Fact) -> Step:
    """A step from its fact."""
    held = fact.payload
    return Step(
        StepKind(text(held, "step")), text(held, "by"), text(held, "note"), integer(held, "order"),
        integer(held, "quantity"), quote(held, "price", NO_QUOTE), text(held, "reference"), text(held, "cost", "0"),
        fact.seq,
    )  # fmt: skip


def _read_order(held: Payload) -> Order:
    lots = held.get("lots") or ()
    assert isinstance(lots, Sequence)
    return Order(
        integer(held, "account"), integer(held, "sleeve"), integer(held, "instrument"), text(held, "side"),
        integer(held, "quantity"), quote(held, "price", NO_QUOTE), integer(held, "price_date"),
        tuple((int(lot[0]), int(lot[1])) for lot in lots), text(held, "cost", "0"), text(held, "tax", "0"),
        text(held, "reason"),
    )  # fmt: skip


def _objects(held: Payload, name: str) -> Sequence[Payload]:
    listed = held.get(name) or ()
    assert isinstance(listed, Sequence)
    return [one for one in listed if isinstance(one, Mapping)]
