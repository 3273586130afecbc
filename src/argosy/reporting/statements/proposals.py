"""Proposals, their orders and what happened to them, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.columns import Column
from argosy.base.money import Quote, parse_scaled, to_decimal
from argosy.base.table import Table
from argosy.record.orders.fold import OrderLife, ProposalLife
from argosy.record.reference_fold import Reference

CENTS = 2
"""Decimals of expected costs and taxes: they are estimates, in the portfolio's currency."""


def proposals_table(
    lives: Sequence[ProposalLife], reference: Reference, *, now: int, notes: Sequence[str] = (), name: str = "Proposals"
) -> Table:
    """One line per proposal: state, reason, who, how many orders."""
    return Table(
        name,
        (
            Column("proposal", "integer", [life.terms.id for life in lives]),
            Column("portfolio", "text", [_portfolio(life, reference) for life in lives]),
            Column("as_of", "date", [life.terms.as_of for life in lives]),
            Column("state", "text", [life.state_at(now).value for life in lives]),
            Column("trigger", "text", [life.terms.trigger for life in lives]),
            Column("orders", "integer", [len(life.orders) for life in lives]),
            Column("made_by", "text", [life.terms.made_by for life in lives]),
            Column("approved_by", "text", [", ".join(life.approved_by) for life in lives]),
            Column("reason", "text", [life.terms.reason for life in lives]),
        ),
        notes=tuple(notes),
    )


def proposal_table(life: ProposalLife, reference: Reference, *, now: int) -> Table:
    """What a proposal was judged by: one line per fact, with limits before and after."""
    terms = life.terms
    rows = [
        ("portfolio", _portfolio(life, reference)), ("state", life.state_at(now).value), ("trigger", terms.trigger),
        ("reason", terms.reason), ("made by", terms.made_by),
        ("approvals", f"{len(life.approved_by)} of {terms.approvals}"),
        *((label.replace("_", " "), value) for label, value in terms.evidence.items()),
        *(("limit", verdict) for verdict in terms.limits),
    ]  # fmt: skip
    if terms.fingerprint:
        rows.append(("fingerprint", terms.fingerprint))
    return Table.of(f"Proposal {terms.id}", item=[label for label, _ in rows], value=[value for _, value in rows])


def orders_table(life: ProposalLife, reference: Reference, *, name: str = "Orders") -> Table:
    """One line per order: what was asked, what was filled, what it was expected to cost."""
    return order_rows([(life, order) for order in life.orders], reference, name=name)


def order_rows(rows: Sequence[tuple[ProposalLife, OrderLife]], reference: Reference, *, name: str = "Orders") -> Table:
    """Orders of one or more proposals; ``order`` is the name under which a broker reports fills."""
    instruments = [reference.instruments[order.terms.instrument] for _, order in rows]
    scales = [one.quantity_scale for one in instruments]
    terms = [order.terms for _, order in rows]
    return Table(
        name,
        (
            Column("order", "text", [f"{life.terms.id}-{order.number}" for life, order in rows]),
            Column("portfolio", "text", [_portfolio(life, reference) for life, _ in rows]),
            Column("account", "text", [reference.accounts[one.account].code for one in terms]),
            Column("sleeve", "text", [reference.sleeves[one.sleeve].code if one.sleeve else "" for one in terms]),
            Column("instrument", "text", [one.code for one in instruments]),
            Column("side", "text", [one.side for one in terms]),
            Column("quantity", "quantity", [one.quantity for one in terms], scale=scales),
            Column("currency", "text", [one.currency for one in instruments]),
            Column("price", "quote", _prices([one.price for one in terms])),
            Column("state", "text", [order.state.value for _, order in rows]),
            Column("filled", "quantity", [order.filled for _, order in rows], scale=scales),
            Column("leaves", "quantity", [order.leaves for _, order in rows], scale=scales),
            Column("expected_cost", "amount", [parse_scaled(one.cost, CENTS) for one in terms], scale=CENTS),
            Column("expected_tax", "amount", [parse_scaled(one.tax, CENTS) for one in terms], scale=CENTS),
            Column("lots", "text", [_lots(order, reference) for _, order in rows]),
            Column("reason", "text", [one.reason for one in terms]),
        ),
    )


def steps_table(life: ProposalLife, reference: Reference, *, name: str = "Steps") -> Table:
    """Everything that happened to a proposal, in order."""
    scales = [_scale(life, step.order, reference) for step in life.steps]
    return Table(
        name,
        (
            Column("seq", "integer", [step.seq for step in life.steps]),
            Column("step", "text", [step.kind.value for step in life.steps]),
            Column("by", "text", [step.by for step in life.steps]),
            Column("order", "integer", [step.order for step in life.steps]),
            Column("quantity", "quantity", [step.quantity for step in life.steps], scale=scales),
            Column("price", "quote", _prices([step.price for step in life.steps])),
            Column("reference", "text", [step.reference for step in life.steps]),
            Column("note", "text", [step.note for step in life.steps]),
        ),
        notes=tuple(f"{step.kind} by {step.by} does not count: what it stood on was voided" for step in life.ignored),
    )


def _prices(quotes: Sequence[Quote]) -> tuple[list[int], list[int]]:
    return [one.mantissa for one in quotes], [one.exponent for one in quotes]


def _portfolio(life: ProposalLife, reference: Reference) -> str:
    return reference.portfolios[life.terms.portfolio].code


def _scale(life: ProposalLife, number: int, reference: Reference) -> int:
    return reference.instruments[life.order(number).terms.instrument].quantity_scale if number else 0


def _lots(order: OrderLife, reference: Reference) -> str:
    scale = reference.instruments[order.terms.instrument].quantity_scale
    return ";".join(f"#{seq}:{plain_quantity(quantity, scale)}" for seq, quantity in order.terms.lots)


def plain_quantity(quantity: int, scale: int) -> str:
    """A quantity as a file writes it.

    Examples
    --------
    >>> plain_quantity(12_50000000, 8), plain_quantity(300, 0)
    ('12.5', '300')
    """
    text = f"{to_decimal(quantity, scale):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
