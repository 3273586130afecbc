"""One consistent look at a book: everything known up to a watermark, folded up to an effective day.

Each question about state begins here, so that all of them mean the same by "as of" and "known at".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from argosy.base.dates import DAY_US, format_date
from argosy.base.errors import InvalidInput, UnknownName
from argosy.base.fingerprint import fingerprint
from argosy.base.money import Quote
from argosy.base.table import Provenance
from argosy.base.version import __version__
from argosy.measures.valuation.base_amounts import base_amounts, unknown_costs
from argosy.measures.valuation.gaps import Gap
from argosy.measures.valuation.share_basis import known_splits
from argosy.measures.valuation.subjects import Subject, group_subject, portfolio_subjects
from argosy.record.ledger.events import EventColumns, Int64
from argosy.record.ledger.fold import fold
from argosy.record.ledger.held import Held
from argosy.record.ledger.order import effective
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.ledger.state import State
from argosy.record.ledger_terms import ledger_policies, quantity_units
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference
from argosy.workflows.market_view import market_version, open_market
from argosy.workflows.ports import BookStore, Clock, MarketFiles, Watermark
from argosy.workflows.statement import Statement as Statement

SNAPSHOT = "held"
WORTH_KEEPING = 50_000
"""Events below which a fold is faster than looking after what was kept."""


@dataclass(frozen=True)
class Look:
    """What a question sees: the book up to ``watermark``, events up to ``day``, the portfolios it is about."""

    store: BookStore
    watermark: Watermark
    reference: Reference
    day: int
    portfolios: tuple[int, ...]
    group: str = ""
    files: MarketFiles | None = None
    live: tuple[tuple[int, Quote], ...] = ()
    """Prices of the day by instrument that are not stored, for a question on live prices."""

    @cached_property
    def events(self) -> EventColumns:
        """Events of the whole book known at the watermark, merged instruments under one id.

        All portfolios are read, because a transfer brings lots from another one.
        """
        return self.reference.canonical_events(self.store.events(watermark=self.watermark))

    @cached_property
    def order(self) -> Int64:
        """Positions of the events that count up to the day, in replay order."""
        return effective(self.events, as_of=self.day, voided_batches=self.reference.voided_batches)

    @cached_property
    def state(self) -> State:
        """Positions, lots, cash and the rest, folded by each portfolio's mandate; no market is needed for it."""
        return fold(
            self.events, policies=self.policies, quantity_unit=quantity_units(self.reference), as_of=self.day,
            voided_batches=self.reference.voided_batches,
        )  # fmt: skip

    @cached_property
    def held(self) -> Held:
        """Positions, holdings and cash: from the kept ones and what came since, or from a fold of everything."""
        kept = self._kept()
        if kept is not None:
            return kept
        # What happens after the day decides for which other days this may answer, so all events count here.
        order = effective(self.events, voided_batches=self.reference.voided_batches)
        found = Held.of(self.state, self.events, order, key=self._key, day=self.day)
        if len(self.events) >= WORTH_KEEPING and not self.state.problems:
            self.store.save_snapshot(SNAPSHOT, self.watermark, found.to_bytes())
        return found

    def _kept(self) -> Held | None:
        """What was kept, brought up to this watermark; None where it does not answer for this day and these rules."""
        stored = self.store.load_snapshot(SNAPSHOT)
        if stored is None or stored[0].seq > self.watermark.seq:
            return None
        mark, content = stored
        kept = Held.from_bytes(content)
        if kept is None or kept.key != self._key or not kept.answers(self.day):
            return None
        new = self.reference.canonical_events(self.store.events(watermark=self.watermark, after_seq=mark.seq))
        if not len(new):
            return kept
        portfolios = kept.tied(new)
        events = self.reference.canonical_events(self.store.events(watermark=self.watermark, portfolios=portfolios))
        rules = {"policies": self.policies, "quantity_unit": quantity_units(self.reference)}
        state = fold(events, as_of=self.day, voided_batches=self.reference.voided_batches, **rules)  # type: ignore[arg-type]
        order = effective(events, as_of=None, voided_batches=self.reference.voided_batches)
        fresh = Held.of(state, events, order, key=self._key, day=self.day)
        return None if state.problems else kept.replaced(fresh, portfolios)

    @cached_property
    def _key(self) -> str:
        """The conventions a fold depends on, in short."""
        rules = (
            sorted(self.policies.items()), sorted(quantity_units(self.reference).items()),
            sorted(self.reference.voided_batches), sorted(self.reference.merged.items()), code_version(),
        )  # fmt: skip
        return hashlib.sha256(repr(rules).encode()).hexdigest()

    @cached_property
    def policies(self) -> dict[int, LedgerPolicy]:
        """Lot conventions of every portfolio on the day."""
        return ledger_policies(self.reference, day=self.day)

    @cached_property
    def market(self) -> MarketSnapshot:
        """Prices and rates known at the watermark."""
        if self.files is None:
            return MarketSnapshot.empty()
        stored = open_market(self.store, self.files, watermark=self.watermark, reference=self.reference)
        return stored.with_live(dict(self.live), self.day) if self.live else stored

    @cached_property
    def splits(self) -> dict[int, list[tuple[int, int, int]]]:
        """Splits of every instrument: what brings an older price to the shares held."""
        return known_splits(self.events, self.order, lambda: self.state)

    @cached_property
    def _base_amounts(self) -> tuple[Int64, list[Gap]]:
        return base_amounts(self.events, self.reference, self.market, policies=self.policies)

    @cached_property
    def based(self) -> tuple[State, tuple[Gap, ...]]:
        """The state with costs in base currency at the rates of the purchases, and the rates missing for that."""
        amounts, gaps = self._base_amounts
        state = fold(
            self.events, policies=self.policies, quantity_unit=quantity_units(self.reference), as_of=self.day,
            voided_batches=self.reference.voided_batches, base_amounts=amounts,
        )  # fmt: skip
        return state, tuple(gaps)

    @cached_property
    def unknown_costs(self) -> frozenset[tuple[int, int]]:
        """(portfolio, instrument) whose cost in base currency lacks a rate, so that they have no gain in it."""
        amounts, gaps = self._base_amounts
        if not gaps:
            return frozenset()
        return unknown_costs(self.events, self.order, self.reference, amounts, policies=self.policies)

    def subjects(self, currency: str = "") -> list[Subject]:
        """What is valued: each portfolio asked for, or the group as one."""
        wanted = self.reference.currency(currency) if currency else None
        if self.group:
            return [group_subject(self.reference, self.group, currency=wanted)]
        return portfolio_subjects(self.reference, self.portfolios, currency=wanted)

    @cached_property
    def mandate_version(self) -> int:
        """The ``seq`` of the newest mandate in force on the day among the portfolios asked about; 0 = the defaults."""
        return max((self.reference.mandate_seq(one, self.day) for one in self.portfolios), default=0)

    def provenance(
        self,
        method: str,
        *,
        convention: str = "",
        warnings: Sequence[str] = (),
        asked: Mapping[str, object] | None = None,
    ) -> Provenance:
        """Where an answer from this look comes from.

        ``asked`` are the parameters of the question beyond portfolios, group and day, such as its currency. With the
        rest they make the fingerprint: equal fingerprints are the same answer, in any process.
        """
        mark, market = self.watermark, market_version(self.reference)
        decides = {
            "convention": convention, "as_of": self.day, "book": mark.seq, "head": mark.head, "market": market,
            "mandate": self.mandate_version, "argosy": code_version(), "portfolios": list(self.portfolios),
            "group": self.group, "asked": dict(asked or {}),
        }  # fmt: skip
        if self.live:
            decides["live"] = [[one, quote.mantissa, quote.exponent] for one, quote in self.live]
        return Provenance(
            method=method, convention=convention, as_of=self.day, known_at=mark.known_at, book_seq=mark.seq,
            head=mark.head, market_version=market, mandate_version=self.mandate_version, code_version=code_version(),
            fingerprint=fingerprint(method, decides), warnings=tuple(warnings),
        )  # fmt: skip

    def problems(self) -> tuple[str, ...]:
        """Events that cannot be true given the others, in words (what was kept has none)."""
        if "state" not in self.__dict__ and "held" in self.__dict__:
            return ()
        return tuple(f"event {problem.event_seq} was left out: {problem.message}" for problem in self.state.problems)


def code_version() -> str:
    """The version of Argosy that answers."""
    return __version__


def look(
    store: BookStore,
    *,
    clock: Clock,
    as_of: int | None = None,
    known_at: int | None = None,
    portfolios: Sequence[str] = (),
    group: str = "",
    files: MarketFiles | None = None,
) -> Look:
    """Fix what a question sees. Without ``as_of`` it is the last day the book knows something about, at most today.

    Raises :class:`~argosy.base.errors.UnknownName` for a portfolio or group that was not known at the watermark.
    """
    watermark = store.watermark(known_at)
    reference = Reference.from_facts(store.facts(watermark=watermark))
    now = clock() if known_at is None else min(clock(), known_at)  # what was asked of a moment stays what it was
    day = as_of if as_of is not None else last_day(store, reference, watermark, today=now // DAY_US)
    if known_at is not None and not reference.portfolios and (portfolios or group):
        raise UnknownName(
            f"the book knew no portfolio on {format_date(known_at // DAY_US)}", field="known_at",
            next_step="ask for a later moment; `argosy batches` says what was written when",
        )  # fmt: skip
    chosen = select(reference, portfolios=portfolios, group=group, day=day)
    return Look(store, watermark, reference, day, chosen, group, files)


def last_day(store: BookStore, reference: Reference, watermark: Watermark, *, today: int) -> int:
    """The last day of prices and events that is not in the future; else today.

    Of a large book only the events written last are looked at: older ones are rarely of a later day.
    """
    ends = [load.last for load in reference.market_loads if load.data == "prices"]
    columns = ("seq", "batch", "kind", "trade_date", "ord", "anchor", "target")
    events = store.events(watermark=watermark, after_seq=max(watermark.seq - WORTH_KEEPING, 0), columns=columns)
    counted = effective(events, voided_batches=reference.voided_batches)
    ends += events["trade_date"][counted].tolist()
    return max((end for end in ends if 0 < end <= today), default=today)


def select(reference: Reference, *, portfolios: Sequence[str], group: str, day: int) -> tuple[int, ...]:
    """Ids of the portfolios named, of the group's members on a day, or of all."""
    if portfolios and group:
        raise InvalidInput("portfolios and a group were both named", field="group", next_step="name one or the other")
    if portfolios:
        return tuple(dict.fromkeys(reference.portfolio(code).id for code in portfolios))
    if group:
        members = tuple(reference.members(group, day))
        if not members:
            raise UnknownName(
                f"group {group} has no member on {format_date(day)}", field="group", found=group,
                next_step="choose another date, or see `argosy group show`",
            )  # fmt: skip
        return members
    if not reference.portfolios:
        raise UnknownName(
            "there is no portfolio in the book yet", field="portfolio",
            next_step="create one with `argosy portfolio create CODE --currency EUR`",
        )  # fmt: skip
    return tuple(sorted(reference.portfolios))
