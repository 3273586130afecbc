"""Creating and changing what the book is about: portfolios, accounts, sleeves, groups, parties, currencies, mandates.

Nothing is overwritten: a change appends a newer fact, and the history stays. Every function has ``dry_run``, which
checks everything and shows what would be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, UnknownName, unknown
from argosy.base.ids import check_identifier
from argosy.base.money import currency_code, minor_units, money_scale
from argosy.base.table import Table
from argosy.measures.performance.blend_text import parse_blend
from argosy.record.facts import FactDraft, FactKind
from argosy.record.mandate import parse_mandate
from argosy.record.reference_fold import MAIN_ACCOUNT, Reference
from argosy.workflows.ports import BatchDraft, BatchInfo, BookStore, RawFile, Writer

PARTY_ROLES = ("custodian", "broker", "issuer", "client", "manager", "other")


@dataclass(frozen=True)
class SetupResult:
    """What was created or changed, or would be. ``id`` is the subject's surrogate id."""

    what: str
    code: str
    id: int
    drafts: tuple[FactDraft, ...]
    notes: tuple[str, ...] = ()
    batch: BatchInfo | None = None

    @property
    def written(self) -> bool:
        """Whether the book holds it now."""
        return self.batch is not None

    def summary(self) -> str:
        """One line for people."""
        place = f"batch {self.batch.batch}" if self.batch else "dry run, nothing written"
        return f"{self.what} {self.code} ({place})"

    def table(self) -> Table:
        """Each fact as it was, or would be, written."""
        rows = [
            (draft.kind.name.lower(), draft.subject, format_date(draft.effective), name, _shown(value))
            for draft in self.drafts
            for name, value in draft.payload.items()
            if value not in ("", 0, None, {}, [])
        ]
        names = ("fact", "id", "effective", "field", "value")
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in names]
        return Table.of("setup", **dict(zip(names, columns, strict=True)))


def _shown(value: object) -> str:
    text = ", ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)
    return text if len(text) <= 200 else text[:197] + "..."


@dataclass
class _Plan:
    """What a change would write, worked out with the writer lock held."""

    code: str
    id: int
    drafts: list[FactDraft]
    notes: list[str] = field(default_factory=list)
    file: RawFile | None = None


def _apply(store: BookStore, what: str, plan: Callable[[Writer, Reference], _Plan], *, dry_run: bool) -> SetupResult:
    with store.writer() as writer:
        made = plan(writer, Reference.from_facts(writer.facts()))
        info = None
        if not dry_run:
            info = writer.append(BatchDraft(what, "by hand", facts=made.drafts, file=made.file))
    return SetupResult(what, made.code, made.id, tuple(made.drafts), tuple(made.notes), info)


def check_code(code: str, *, what: str) -> str:
    """A code that can stand in a file, on a command line and in ``PORTFOLIO/ACCOUNT``.

    Examples
    --------
    >>> check_code("GROWTH", what="portfolio")
    'GROWTH'
    >>> check_code("a/b", what="account")
    Traceback (most recent call last):
    ...
    argosy.base.errors.InvalidInput: 'a/b' cannot be the code of a account. Next: use letters, digits and . _ - & +
    """
    good = 0 < len(code) <= 64 and code[0].isalnum() and all(c.isalnum() or c in "._-&+" for c in code)
    if not good:
        raise InvalidInput(
            f"{code[:80]!r} cannot be the code of a {what}", field="code", found=code,
            expected="a letter or digit, then up to 63 letters, digits or . _ - & +",
            next_step="use letters, digits and . _ - & +",
        )  # fmt: skip
    return code


def _refuse_taken(code: str, taken: Sequence[str], *, what: str) -> None:
    if code in taken:
        raise InvalidInput(
            f"{what} {code!r} exists already", field="code", found=code, next_step="update it, or choose another code"
        )


def create_portfolio(
    store: BookStore,
    *,
    code: str,
    base_currency: str,
    name: str = "",
    opened: int = 0,
    accounts: Sequence[str] = (MAIN_ACCOUNT,),
    attributes: Mapping[str, str] | None = None,
    mandate: str = "",
    dry_run: bool = False,
) -> SetupResult:
    """Create a portfolio with its accounts and, when a text is given, its mandate, in one batch.

    ``opened`` is an epoch day for information (0 = not said): earlier rows may be imported.
    """

    def plan(writer: Writer, reference: Reference) -> _Plan:
        check_code(code, what="portfolio")
        _refuse_taken(code, [held.code for held in reference.portfolios.values()], what="portfolio")
        reference.currency(base_currency)
        subject = writer.next_id(FactKind.PORTFOLIO)
        drafts = [FactDraft(FactKind.PORTFOLIO, subject, 0, {
            "code": code, "name": name or code, "base_currency": base_currency, "opened": opened, "closed": 0,
            "attributes": dict(attributes or {}),
        })]  # fmt: skip
        next_account = writer.next_id(FactKind.ACCOUNT)
        if not accounts:
            raise InvalidInput(
                "a portfolio needs an account", field="accounts", next_step=f"name one, or {MAIN_ACCOUNT}"
            )
        for place, account in enumerate(dict.fromkeys(accounts)):
            drafts.append(_account_draft(next_account + place, subject, check_code(account, what="account"), ""))
        notes: list[str] = []
        if mandate:
            drafts.append(_mandate_draft(reference, subject, base_currency, mandate, f"mandate of {code}", 0, notes))
        return _Plan(code, subject, drafts, notes)

    return _apply(store, "portfolio", plan, dry_run=dry_run)


def _account_draft(
    subject: int, portfolio: int, code: str, name: str, custodian: int = 0, registration: str = "",
    attributes: Mapping[str, str] | None = None,
) -> FactDraft:  # fmt: skip
    return FactDraft(FactKind.ACCOUNT, subject, 0, {
        "code": code, "name": name or code, "portfolio": portfolio, "custodian": custodian,
        "registration": registration, "attributes": dict(attributes or {}),
    })  # fmt: skip


def create_account(
    store: BookStore,
    *,
    portfolio: str,
    code: str,
    name: str = "",
    custodian: str = "",
    registration: str = "",
    attributes: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> SetupResult:
    """Create an account inside a portfolio; ``custodian`` is the code of a party."""

    def plan(writer: Writer, reference: Reference) -> _Plan:
        owner = reference.portfolio(portfolio)
        check_code(code, what="account")
        taken = [held.code for held in reference.accounts.values() if held.portfolio == owner.id]
        _refuse_taken(code, taken, what=f"account of {owner.code}")
        party = reference.party(custodian).id if custodian else 0
        subject = writer.next_id(FactKind.ACCOUNT)
        return _Plan(code, subject, [_account_draft(subject, owner.id, code, name, party, registration, attributes)])

    return _apply(store, "account", plan, dry_run=dry_run)


def create_sleeve(store: BookStore, *, portfolio: str, code: str, name: str = "", dry_run: bool = False) -> SetupResult:
    """Create a sleeve: a tag that the rows of a portfolio may carry."""

    def plan(writer: Writer, reference: Reference) -> _Plan:
        owner = reference.portfolio(portfolio)
        check_code(code, what="sleeve")
        taken = [held.code for held in reference.sleeves.values() if held.portfolio == owner.id]
        _refuse_taken(code, taken, what=f"sleeve of {owner.code}")
        subject = writer.next_id(FactKind.SLEEVE)
        payload = {"code": code, "name": name or code, "portfolio": owner.id}
        return _Plan(code, subject, [FactDraft(FactKind.SLEEVE, subject, 0, payload)])

    return _apply(store, "sleeve", plan, dry_run=dry_run)


def create_group(
    store: BookStore,
    *,
    code: str,
    members: Sequence[str | tuple[str, int, int]] = (),
    name: str = "",
    dry_run: bool = False,
) -> SetupResult:
    """Create a group of portfolios. A member is a code, or (code, first day, last day) with 0 = no end.

    The code of another group stands for its members, as they are now.
    """

    def plan(writer: Writer, reference: Reference) -> _Plan:
        check_code(code, what="group")
        taken = [held.code for held in reference.groups.values()]
        taken += [held.code for held in reference.portfolios.values()]
        _refuse_taken(code, taken, what="group or portfolio")
        subject = writer.next_id(FactKind.GROUP)
        listed: list[list[int]] = []
        for member in members:
            wanted, first, last = (member, 0, 0) if isinstance(member, str) else member
            _check_stay(first, last)
            listed += [[one, first, last] for one in _resolved(reference, wanted)]
        payload = {"code": code, "name": name or code, "members": listed}
        return _Plan(code, subject, [FactDraft(FactKind.GROUP, subject, 0, payload)])

    return _apply(store, "group", plan, dry_run=dry_run)


def _check_stay(first: int, last: int) -> None:
    if last and last < first:
        raise InvalidInput("membership ends before it begins", field="to", next_step="check both dates")


def _resolved(reference: Reference, name: str) -> list[int]:
    portfolios = {held.code for held in reference.portfolios.values()}
    groups = {held.code: held.id for held in reference.groups.values()}
    if name not in portfolios and name in groups:
        return sorted({portfolio for portfolio, _, _ in reference.groups[groups[name]].members})
    try:
        return [reference.portfolio(name).id]  # a code it had before a renaming answers too
    except UnknownName:
        raise unknown("portfolio or group", name, [*portfolios, *groups]) from None


def set_membership(
    store: BookStore, *, group: str, portfolio: str, first: int = 0, last: int = 0, dry_run: bool = False
) -> SetupResult:
    """Say from when to when (inclusive, 0 = no end) a portfolio belongs to a group; replaces what overlaps.

    A stay that began before ``first`` is ended the day before, so a leave is said with the day it ends:
    ``set_membership(..., first=joined, last=left)``.
    """

    def plan(_writer: Writer, reference: Reference) -> _Plan:
        _check_stay(first, last)
        held, member = reference.group(group), reference.portfolio(portfolio)
        kept = [list(row) for row in held.members if row[0] != member.id]
        for _, start, end in (row for row in held.members if row[0] == member.id):
            if (end and end < first) or (last and start > last):
                kept.append([member.id, start, end])
            elif start < first:
                kept.append([member.id, start, first - 1])
        kept.append([member.id, first, last])
        payload = {"code": held.code, "name": held.name, "members": sorted(kept)}
        return _Plan(held.code, held.id, [FactDraft(FactKind.GROUP, held.id, 0, payload)])

    return _apply(store, "group", plan, dry_run=dry_run)


def create_party(
    store: BookStore,
    *,
    code: str,
    role: str = "other",
    name: str = "",
    identifiers: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> SetupResult:
    """Create a custodian, broker, issuer, client or manager; identifiers such as ``lei`` are checked."""

    def plan(writer: Writer, reference: Reference) -> _Plan:
        check_code(code, what="party")
        _refuse_taken(code, [held.code for held in reference.parties.values()], what="party")
        if role not in PARTY_ROLES:
            raise unknown("role", role, PARTY_ROLES)
        checked = {scheme: check_identifier(scheme, value) for scheme, value in (identifiers or {}).items()}
        subject = writer.next_id(FactKind.PARTY)
        payload = {"code": code, "name": name or code, "role": role, "identifiers": checked}
        return _Plan(code, subject, [FactDraft(FactKind.PARTY, subject, 0, payload)])

    return _apply(store, "party", plan, dry_run=dry_run)


def define_currency(
    store: BookStore, *, code: str, scale: int | None = None, shown: int | None = None, dry_run: bool = False
) -> SetupResult:
    """Make a currency known, or fix its scale and the decimals people see. Only before its first event.

    Amounts are stored at the scale; changing it under existing amounts would change what they mean.
    """

    def plan(writer: Writer, reference: Reference) -> _Plan:
        number = currency_code(code)
        digits = money_scale(code) if scale is None else scale
        seen = min(minor_units(code), digits) if shown is None else shown
        if not 0 <= digits <= 12 or not 0 <= seen <= digits:
            raise InvalidInput(
                f"scale {digits} with {seen} decimals shown is not possible", field="scale", found=digits,
                expected="a scale from 0 to 12, and no more decimals shown than that",
            )  # fmt: skip
        if digits != reference.money_scale(code):
            events = writer.events()
            if number in set(events["currency"].tolist()) | set(events["currency2"].tolist()):
                raise InvalidInput(
                    f"the book has events in {code} at scale {reference.money_scale(code)}", field="scale",
                    found=digits, next_step="keep that scale; it was fixed by the first event",
                )  # fmt: skip
        payload = {"code": code, "scale": digits, "minor_units": seen}
        return _Plan(code, number, [FactDraft(FactKind.CURRENCY, number, 0, payload)])

    return _apply(store, "currency", plan, dry_run=dry_run)


def set_mandate(
    store: BookStore, *, portfolio: str, text: str, effective: int = 0, source: str = "", dry_run: bool = False
) -> SetupResult:
    """Give a portfolio a mandate from an epoch day on (0 = always). Earlier versions stay and rule before that day.

    Raises
    ------
    MandateError
        With every problem of the text and its line; nothing is written.
    InvalidInput
        When [lots] would change on a day after the first event: lots are replayed from the beginning under one set of
        rules, so gains of the days before would change as well.
    """

    def plan(_writer: Writer, reference: Reference) -> _Plan:
        held = reference.portfolio(portfolio)
        notes: list[str] = []
        name = source or f"mandate of {held.code}"
        _same_lots_before(store, reference, held.id, text, name, effective)
        draft = _mandate_draft(reference, held.id, held.base_currency, text, name, effective, notes)
        return _Plan(held.code, held.id, [draft], notes, RawFile(name, text.encode(), "argosy-mandate/1"))

    return _apply(store, "mandate", plan, dry_run=dry_run)


def _same_lots_before(
    store: BookStore, reference: Reference, portfolio: int, text: str, source: str, effective: int
) -> None:
    before = reference.mandate(portfolio, effective - 1)
    rules = parse_mandate(text, source=source).lots
    if effective <= 0 or rules == before.lots:
        return
    days = store.events(portfolios=[portfolio], columns=("trade_date",))["trade_date"].tolist()
    if any(day < effective for day in days):
        changed = [name for name in ("method", "scope", "fees", "oversell")
                   if getattr(rules, name) != getattr(before.lots, name)]  # fmt: skip
        raise InvalidInput(
            f"{source} changes {', '.join('lots.' + name for name in changed)} from {format_date(effective)} on, "
            "and the portfolio has events before that day: their lots and gains would change as well",
            field="lots", found=format_date(effective),
            next_step="keep [lots] as it is, or leave the first day out to keep all lots by the new rules",
        )  # fmt: skip


def _mandate_draft(
    reference: Reference, portfolio: int, base_currency: str, text: str, source: str, effective: int, notes: list[str]
) -> FactDraft:
    mandate = parse_mandate(text, source=source, above=reference.policies_of(text, effective or None))
    if mandate.base_currency not in ("", base_currency):
        raise InvalidInput(
            f"{source} has base currency {mandate.base_currency}, the portfolio was created in {base_currency}",
            field="portfolio.base_currency", found=mandate.base_currency, expected=base_currency,
            next_step="for values in another currency ask with --currency",
        )  # fmt: skip
    named = (mandate.benchmark, *(name for _, name in mandate.comparison.changes))
    parts = dict.fromkeys(part.code for name in named if name for part in parse_blend(name).parts)
    for code in parts:
        if code not in reference.benchmarks and reference.find_instrument(code) is None:
            notes.append(f"benchmark {code} is not in the book yet")
    if mandate.calendar != "weekdays" and mandate.calendar not in reference.calendars:
        notes.append(f"calendar {mandate.calendar} is not in the book yet")
    earlier = reference.versions.get((FactKind.MANDATE, portfolio), ())
    payload = {"text": text, "version": len(earlier) + 1}
    return FactDraft(FactKind.MANDATE, portfolio, effective, payload)
