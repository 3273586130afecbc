"""The check before an approval and before a sending: prices still good, limits kept, holdings still there."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.errors import ArgosyError, StaleData
from argosy.compliance.judge import MANDATE_RULES, Case, Rule, Verdict, judge
from argosy.construction.rebalance.of_book import BookLines, book_lines, moved_prices, weights_around
from argosy.construction.rebalance.proposing import universe_of
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.measures.valuation.value import value
from argosy.models.moments.covariance import Covariance
from argosy.record.mandate import Mandate
from argosy.record.orders.fold import ProposalLife
from argosy.record.reference_fold import Reference
from argosy.workflows.look import Look
from argosy.workflows.proposals import PreTrade
from argosy.workflows.propose import covariance_of


class LimitsBroken(ArgosyError):
    """Trading would break limits, or limits cannot be judged."""

    code = "limits_broken"


def pre_trade(seen: Look, *, rules: Sequence[Rule] = MANDATE_RULES) -> PreTrade:
    """The check by the book and market of a look; ``rules`` are those of the mandate and of any regime.

    Raises, when called, StaleData where prices have moved or aged beyond what the mandate allows, and
    :class:`LimitsBroken` with every verdict that does not pass.
    """

    books: dict[int, tuple[BookLines, Covariance | None]] = {}

    def check(life: ProposalLife, reference: Reference) -> None:
        mandate = reference.mandate(life.terms.portfolio, seen.day)
        stale = moved_prices(life.terms.orders, reference, seen.market, day=seen.day,
                             allowed=mandate.trading.approvals.price_move, rules=mandate.prices)  # fmt: skip
        if stale:
            raise StaleData(
                f"proposal {life.terms.id} was made at other prices: {'; '.join(stale[:5])}", field="proposal",
                found=life.terms.id, next_step="propose again with argosy rebalance propose",
            )  # fmt: skip
        # A look does not change: approval and sending see one book and one covariance.
        if life.terms.id not in books:
            books[life.terms.id] = _seen(seen, life, mandate)
        judged = _judged(seen, life, mandate, rules, *books[life.terms.id])
        failed = [verdict.text() for verdict in judged if not verdict.passed]
        if failed:
            raise LimitsBroken(
                f"proposal {life.terms.id} may not be traded: {'; '.join(failed[:5])}", field="proposal",
                found=life.terms.id, next_step="propose again, or change the limit in the mandate",
            )  # fmt: skip

    return check


def verdicts(
    seen: Look, life: ProposalLife, mandate: Mandate, rules: Sequence[Rule] = MANDATE_RULES
) -> tuple[Verdict, ...]:
    """All verdicts on what a proposal still has to trade, at the prices of a look."""
    return _judged(seen, life, mandate, rules, *_seen(seen, life, mandate))


def _judged(
    seen: Look, life: ProposalLife, mandate: Mandate, rules: Sequence[Rule], book: BookLines,
    covariance: Covariance | None,
) -> tuple[Verdict, ...]:  # fmt: skip
    before, after = weights_around(
        book, [order.terms for order in life.orders], [order.filled for order in life.orders]
    )
    exclude = mandate.policy.universe.exclude
    return judge(Case(
        universe_of(book, before), before, after, mandate.policy.limits.rules, covariance,
        f"mandate {seen.reference.mandate_seq(life.terms.portfolio, seen.day)}",
        frozenset((*mandate.trading.trading.no_buy, *exclude)), frozenset((*mandate.trading.trading.no_sell, *exclude)),
    ), rules)  # fmt: skip


def _seen(seen: Look, life: ProposalLife, mandate: Mandate) -> tuple[BookLines, Covariance | None]:
    book = _book(seen, life, mandate)
    currency = seen.reference.portfolios[life.terms.portfolio].base_currency
    return book, covariance_of(seen, book, mandate, currency)[0]


def _book(seen: Look, life: ProposalLife, mandate: Mandate) -> BookLines:
    subject = portfolio_subjects(seen.reference, [life.terms.portfolio])[0]
    valued = value(seen.based[0], seen.reference, seen.market, subjects=[subject], day=seen.day, splits=seen.splits)
    names = [seen.reference.instruments[order.terms.instrument].code for order in life.orders]
    return book_lines(valued.subjects[0], names, seen.reference, seen.market, seen.based[0], mandate, day=seen.day)
