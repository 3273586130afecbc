"""Facts folded into reference data: who is who at a watermark, by id, code, identifier and date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from argosy.base.currencies import ISO_4217, is_known_currency
from argosy.base.errors import InvalidInput, UnknownName, unknown
from argosy.base.money import CRYPTO, currency_name, minor_units, money_scale
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.events import EventColumns
from argosy.record.mandate import BenchmarkRules, Mandate, Shared, parse_mandate, policy_names
from argosy.record.mandate_text import key_lines
from argosy.record.payload import integer, strings, text
from argosy.record.reference import Account, Group, Instrument, Party, Portfolio, Sleeve
from argosy.record.reference_names import AliasIndex, CodeIndex, follow, pick
from argosy.record.reference_read import (
    read_account,
    read_benchmark,
    read_calendar,
    read_group,
    read_instrument,
    read_market_load,
    read_party,
    read_portfolio,
    read_sleeve,
    read_source_precedence,
)
from argosy.record.reference_terms import BenchmarkTerms, CalendarTerms, MarketLoad

MAIN_ACCOUNT = "MAIN"


def voided_batches(facts: Iterable[Fact]) -> frozenset[int]:
    """Batches undone as a whole. A void that was itself undone (by a later, standing void) does not count."""
    voided: set[int] = set()
    for fact in sorted((f for f in facts if f.kind == FactKind.BATCH_VOID), key=lambda f: f.seq, reverse=True):
        if fact.batch not in voided:
            voided.add(integer(fact.payload, "batch"))
    return frozenset(voided)


@dataclass(frozen=True)
class Reference:
    """Reference data as known at a watermark. Build it with :meth:`from_facts`; ask it by id, code or identifier.

    A fact rules from its effective day (0 = always) until the next one of the same subject; of two with one effective
    day the newer known one rules. What has no date (``portfolios``, ``instruments``, ...) shows the latest terms.
    """

    facts: tuple[Fact, ...]
    """Standing facts in the order in which they became known."""
    voided_batches: frozenset[int]
    versions: Mapping[tuple[FactKind, int], tuple[Fact, ...]] = field(repr=False)
    """Per kind and subject: standing facts by effective day, then by arrival."""

    @classmethod
    def from_facts(cls, facts: Iterable[Fact]) -> Reference:
        """Fold facts (any order, already cut at the watermark) into reference data.

        Examples
        --------
        >>> fact = Fact(1, 1, FactKind.PORTFOLIO, 1, 0, {"code": "GROWTH", "name": "Growth", "base_currency": "USD"})
        >>> Reference.from_facts([fact]).portfolio("GROWTH").base_currency
        'USD'
        """
        listed = sorted(facts, key=lambda fact: fact.seq)
        voided = voided_batches(listed)
        standing = tuple(fact for fact in listed if fact.batch not in voided) if voided else tuple(listed)
        versions: dict[tuple[FactKind, int], list[Fact]] = {}
        for fact in standing:
            versions.setdefault((fact.kind, fact.subject), []).append(fact)
        for group in versions.values():
            if len(group) > 1:
                group.sort(key=lambda fact: (fact.effective, fact.seq))
        return cls(standing, voided, {key: tuple(group) for key, group in versions.items()})

    # -- what there is -------------------------------------------------------------------------------------------

    def _latest(self, kind: FactKind) -> list[Fact]:
        return [group[-1] for key, group in self.versions.items() if key[0] == kind]

    @cached_property
    def portfolios(self) -> dict[int, Portfolio]:
        """Portfolios by id."""
        return {fact.subject: read_portfolio(fact) for fact in self._latest(FactKind.PORTFOLIO)}

    @cached_property
    def accounts(self) -> dict[int, Account]:
        """Accounts by id."""
        return {fact.subject: read_account(fact) for fact in self._latest(FactKind.ACCOUNT)}

    @cached_property
    def sleeves(self) -> dict[int, Sleeve]:
        """Sleeves by id."""
        return {fact.subject: read_sleeve(fact) for fact in self._latest(FactKind.SLEEVE)}

    @cached_property
    def groups(self) -> dict[int, Group]:
        """Groups by id."""
        return {fact.subject: read_group(fact) for fact in self._latest(FactKind.GROUP)}

    @cached_property
    def parties(self) -> dict[int, Party]:
        """Parties by id."""
        return {fact.subject: read_party(fact) for fact in self._latest(FactKind.PARTY)}

    @cached_property
    def instruments(self) -> dict[int, Instrument]:
        """Instruments by id, those merged into others included."""
        return {fact.subject: read_instrument(fact) for fact in self._latest(FactKind.INSTRUMENT)}

    @cached_property
    def benchmarks(self) -> dict[str, BenchmarkTerms]:
        """Benchmarks by code."""
        return {terms.code: terms for terms in map(read_benchmark, self._latest(FactKind.BENCHMARK))}

    @cached_property
    def calendars(self) -> dict[str, CalendarTerms]:
        """Stored calendars by name; the newest of a name rules."""
        found = (fact for fact in self.facts if fact.kind == FactKind.CALENDAR)
        return {terms.name: terms for terms in map(read_calendar, found)}

    @cached_property
    def market_loads(self) -> list[MarketLoad]:
        """Market files in the order in which they became known; those of voided batches are left out."""
        return [read_market_load(fact) for fact in self.facts if fact.kind == FactKind.MARKET_LOAD]

    @cached_property
    def source_precedence(self) -> dict[str, tuple[str, ...]]:
        """Sources in order of trust, best first, by kind of data ("prices", "fx")."""
        found = (fact for fact in self.facts if fact.kind == FactKind.SOURCE_PRECEDENCE)
        return dict(map(read_source_precedence, found))

    # -- currencies ----------------------------------------------------------------------------------------------

    @cached_property
    def _currencies(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for fact in self._latest(FactKind.CURRENCY):
            code = text(fact.payload, "code")
            scale = integer(fact.payload, "scale", money_scale(code))
            found[code] = (scale, integer(fact.payload, "minor_units", min(minor_units(code), scale)))
        return found

    def money_scale(self, currency: str | int) -> int:
        """Decimal scale of stored amounts of a currency (letters or :func:`~argosy.base.money.currency_code`)."""
        code = currency if isinstance(currency, str) else currency_name(int(currency))
        return self._currencies[code][0] if code in self._currencies else money_scale(code)

    def minor_units(self, currency: str | int) -> int:
        """Decimals in which people see amounts of a currency."""
        code = currency if isinstance(currency, str) else currency_name(int(currency))
        return self._currencies[code][1] if code in self._currencies else minor_units(code)

    def currency(self, code: str) -> str:
        """The code itself when ISO 4217, the listed tokens or this book know it, else :class:`UnknownName`."""
        if code in self._currencies or is_known_currency(code):
            return code
        raise unknown("currency", code, [*ISO_4217, *CRYPTO, *self._currencies])

    # -- by name -------------------------------------------------------------------------------------------------

    @cached_property
    def _codes(self) -> dict[FactKind, CodeIndex]:
        return {}

    def _index(self, kind: FactKind, what: str, *, inside_portfolio: bool = False) -> CodeIndex:
        index = self._codes.get(kind)
        if index is None:
            index = CodeIndex(what)
            for key, group in self.versions.items():
                if key[0] == kind:
                    owner = integer(group[-1].payload, "portfolio") if inside_portfolio else 0
                    index.add(key[1], owner, [text(fact.payload, "code") for fact in group])
            self._codes[kind] = index
        return index

    def portfolio(self, name: str | int) -> Portfolio:
        """A portfolio by id or code; :class:`UnknownName` with the nearest codes."""
        return pick(self.portfolios, self._index(FactKind.PORTFOLIO, "portfolio"), name)

    def group(self, name: str | int) -> Group:
        """A group by id or code."""
        return pick(self.groups, self._index(FactKind.GROUP, "group"), name)

    def party(self, name: str | int) -> Party:
        """A party by id or code."""
        return pick(self.parties, self._index(FactKind.PARTY, "party"), name)

    def account(self, name: str | int, portfolio: int | None = None) -> Account:
        """An account by id, by code inside a portfolio, or as ``PORTFOLIO/ACCOUNT``."""
        return pick(self.accounts, self._index(FactKind.ACCOUNT, "account", inside_portfolio=True), *self._inside(
            name, portfolio))  # fmt: skip

    def sleeve(self, name: str | int, portfolio: int | None = None) -> Sleeve:
        """A sleeve by id, by code inside a portfolio, or as ``PORTFOLIO/SLEEVE``."""
        return pick(self.sleeves, self._index(FactKind.SLEEVE, "sleeve", inside_portfolio=True), *self._inside(
            name, portfolio))  # fmt: skip

    def _inside(self, name: str | int, portfolio: int | None) -> tuple[str | int, int | None]:
        if isinstance(name, str) and portfolio is None and "/" in name:
            owner, _, code = name.partition("/")
            return code, self.portfolio(owner).id
        return name, portfolio

    @cached_property
    def _default_accounts(self) -> dict[int, Account]:
        chosen: dict[int, Account] = {}
        for account in sorted(self.accounts.values(), key=lambda a: (a.code != MAIN_ACCOUNT, a.id)):
            chosen.setdefault(account.portfolio, account)
        return chosen

    def default_account(self, portfolio: int) -> Account:
        """The account of rows that name none: MAIN, else the portfolio's first."""
        if portfolio not in self._default_accounts:
            raise UnknownName(
                f"portfolio {self.portfolio(portfolio).code} has no account", field="account",
                next_step="create one first",
            )  # fmt: skip
        return self._default_accounts[portfolio]

    def benchmark(self, code: str) -> BenchmarkTerms:
        """A benchmark by code."""
        if code not in self.benchmarks:
            raise unknown("benchmark", code, self.benchmarks)
        return self.benchmarks[code]

    def calendar(self, name: str) -> CalendarTerms:
        """A stored calendar by name; ``weekdays`` (Monday to Friday) always exists."""
        if name in self.calendars:
            return self.calendars[name]
        if name == "weekdays":
            return CalendarTerms("weekdays", (), "1111100", (), "built in", 0)
        raise unknown("calendar", name, [*self.calendars, "weekdays"])

    # -- instruments ---------------------------------------------------------------------------------------------

    @cached_property
    def merged(self) -> dict[int, int]:
        """Instrument ids found to be another one, each with the id it stands for now."""
        direct = {
            integer(fact.payload, "from"): integer(fact.payload, "into")
            for fact in self.facts
            if fact.kind == FactKind.MERGE and text(fact.payload, "kind", "instrument") == "instrument"
        }
        return {source: follow(direct, source) for source in direct}

    def canonical(self, instrument: int) -> int:
        """The id an instrument's events count under after merges."""
        return self.merged.get(int(instrument), int(instrument))

    def canonical_events(self, events: EventColumns) -> EventColumns:
        """The events with merged instruments renamed to what they are; the same object when nothing was merged."""
        if not self.merged:
            return events
        column = events["instrument"].copy()
        for source, target in self.merged.items():
            column[column == source] = target
        return EventColumns({**events.columns, "instrument": column}, events.payload)

    @cached_property
    def _aliases(self) -> AliasIndex:
        index = AliasIndex()
        for (kind, subject), group in self.versions.items():
            if kind == FactKind.INSTRUMENT:
                for fact in group:
                    for scheme, value in strings(fact.payload, "identifiers").items():
                        index.add(scheme, value, fact.effective, 0, fact.seq, subject)
        for fact in self.facts:
            if fact.kind == FactKind.ALIAS and text(fact.payload, "kind") == "instrument":
                index.add(text(fact.payload, "scheme"), text(fact.payload, "value"), fact.effective,
                          integer(fact.payload, "until"), fact.seq, fact.subject)  # fmt: skip
        return index

    def instrument(self, name: str | int, day: int | None = None) -> Instrument:
        """An instrument by id, code, identifier (``US0378331005``) or scheme and identifier (``isin:US0378331005``).

        ``day`` asks who bore the identifier then; without it the latest bearer answers. Merges are followed.
        """
        if not isinstance(name, str):
            return pick(self.instruments, self._index(FactKind.INSTRUMENT, "instrument"), self.canonical(name))
        found = self.find_instrument(name, day)
        if found is None:
            raise unknown("instrument", name, [i.code for i in self.instruments.values()] or [])
        return found

    def find_instrument(self, name: str, day: int | None = None) -> Instrument | None:
        """As :meth:`instrument`, giving None for a name nobody bears (bulk readers collect those)."""
        subject = self._index(FactKind.INSTRUMENT, "instrument").find(name, None)
        if subject is None:
            subject = self._aliases.find(name, day, canonical=self.canonical)
        return None if subject is None else self.instruments[self.canonical(subject)]

    def timeless_instrument(self, name: str) -> Instrument | None:
        """The instrument that a name has meant on every day, or None when nobody bears it or it depends on the day."""
        subject = self._index(FactKind.INSTRUMENT, "instrument").find(name, None)
        if subject is None:
            subject = self._aliases.find_timeless(name, canonical=self.canonical)
        return None if subject is None else self.instruments[self.canonical(subject)]

    def instrument_at(self, instrument: int, day: int) -> Instrument:
        """The terms of an instrument in force on a day (its first terms before they began)."""
        group = self.versions[FactKind.INSTRUMENT, self.instrument(instrument).id]
        ruling = [fact for fact in group if fact.effective <= day or fact.effective == 0]
        return read_instrument(ruling[-1] if ruling else group[0])

    # -- over time -----------------------------------------------------------------------------------------------

    def members(self, group: str | int, day: int | None = None) -> list[int]:
        """Portfolio ids of a group on a day (both ends belong to it); without a day those whose stay has no end."""
        found = self.group(group).members
        if day is None:
            return sorted({portfolio for portfolio, _, last in found if last == 0})
        return sorted({p for p, first, last in found if first <= day and (last == 0 or day <= last)})

    def history(self, kind: FactKind, subject: int) -> list[Fact]:
        """Every standing fact about a subject in the order in which it became known."""
        return sorted(self.versions.get((kind, subject), ()), key=lambda fact: fact.seq)

    def _mandate_fact(self, portfolio: int, day: int | None) -> Fact | None:
        group = self.versions.get((FactKind.MANDATE, portfolio), ())
        ruling = [fact for fact in group if day is None or fact.effective <= day or fact.effective == 0]
        return ruling[-1] if ruling else None

    def mandate(self, portfolio: str | int, day: int | None = None) -> Mandate:
        """The mandate in force on a day (None = the last one); the defaults when none has been given."""
        found = self.portfolio(portfolio)
        fact = self._mandate_fact(found.id, day)
        if fact is None:
            return Mandate.default(found.base_currency)
        own = text(fact.payload, "text")
        return parse_mandate(own, source=f"mandate of {found.code}", above=self.policies_of(own, day))

    def mandate_says(self, portfolio: int, section: str, day: int | None = None) -> bool:
        """Whether a portfolio's own mandate, or a policy under it, has a section."""
        fact = self._mandate_fact(portfolio, day)
        if fact is None:
            return False
        own = text(fact.payload, "text")
        return any((section,) in key_lines(one) for one in (own, *(told for _, told in self.policies_of(own, day))))

    def policies_of(self, mandate: str, day: int | None = None) -> Shared:
        """The shared policies that a text builds on, as they stand on a day, the most general first."""
        return tuple((name, text(fact.payload, "text")) for name, fact in self._policies_under(mandate, day).items())

    def _policies_under(self, mandate: str, day: int | None) -> dict[str, Fact]:
        found: dict[str, Fact] = {}

        def under(names: tuple[str, ...], path: tuple[str, ...]) -> None:
            for name in names:
                if name in path:
                    raise InvalidInput(
                        f"policy {name} builds on itself, by way of {' and '.join(path)}", field="inherit.from",
                        found=name, next_step="take the name out of one of them",
                    )  # fmt: skip
                fact = self.policy(name, day)
                under(policy_names(text(fact.payload, "text")), (*path, name))
                found.setdefault(name, fact)

        under(policy_names(mandate), ())
        return found

    def policy(self, name: str, day: int | None = None) -> Fact:
        """The fact of a shared policy that rules on a day (None = the last)."""
        ruling = [
            fact for fact in self.facts
            if fact.kind == FactKind.POLICY and text(fact.payload, "name") == name
            and (day is None or fact.effective <= day or fact.effective == 0)
        ]  # fmt: skip
        if not ruling:
            known = {text(fact.payload, "name") for fact in self.facts if fact.kind == FactKind.POLICY}
            raise unknown("policy", name, sorted(known), place="inherit.from")
        return max(ruling, key=lambda fact: (fact.effective, fact.seq))

    def benchmark_rules(self, portfolio: int, day: int) -> list[tuple[int, BenchmarkRules]]:
        """What each mandate up to a day says it is compared with, by the day it took effect."""
        facts = self.versions.get((FactKind.MANDATE, portfolio), ())
        days = sorted({fact.effective for fact in facts if fact.effective <= day})
        return [(one, self.mandate(portfolio, one).comparison) for one in days]

    def mandate_seq(self, portfolio: str | int, day: int | None = None) -> int:
        """The ``seq`` of the newest text that makes up the mandate in force on a day; 0 = the defaults."""
        fact = self._mandate_fact(self.portfolio(portfolio).id, day)
        if fact is None:
            return 0
        return max([fact.seq, *(one.seq for one in self._policies_under(text(fact.payload, "text"), day).values())])
