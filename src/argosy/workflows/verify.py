"""Check a book against itself, against its market files, against what it stored, and against a head kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from argosy.base.dates import format_date
from argosy.base.errors import ArgosyError, InvalidInput
from argosy.base.money import currency_name, to_decimal
from argosy.base.table import Column, Table
from argosy.measures.valuation.stored import NOT_VALUED, Restatement, by_origin, differences, portfolios_of
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.measures.valuation.value import value
from argosy.record.ledger.events import Int64
from argosy.record.payload import text
from argosy.record.reference_fold import Reference
from argosy.workflows.history import history
from argosy.workflows.keep_lines import kept_facts
from argosy.workflows.keep_risk import risk_facts
from argosy.workflows.look import Look
from argosy.workflows.ports import BookStore, MarketFiles, Watermark

CHECKS = ("chain", "head", "market files", "conservation", "net asset value", "stored valuations")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: how much was looked at, and what is wrong (nothing = passed)."""

    check: str
    looked_at: str
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All checks, and the head to keep elsewhere (``seq:hash``)."""

    findings: tuple[Finding, ...]
    head: str

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(finding.passed for finding in self.findings)

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong, check by check."""
        return tuple(f"{one.check}: {text}" for one in self.findings for text in one.problems)

    def table(self) -> Table:
        """Check, what was looked at, result and the first problem."""
        return Table(
            "Verify",
            (
                Column("check", "text", [one.check for one in self.findings]),
                Column("looked_at", "text", [one.looked_at for one in self.findings], title="looked at"),
                Column("result", "text", ["passed" if one.passed else "FAILED" for one in self.findings]),
                Column("problems", "integer", [len(one.problems) for one in self.findings]),
                Column("first", "text", [one.problems[0] if one.problems else "" for one in self.findings]),
            ),
            notes=(*self.problems[:50], f"head {self.head}"),
        )


def verify(
    store: BookStore, files: MarketFiles, *, against: str = "", progress: Progress | None = None
) -> VerifyReport:
    """Run every check; a check that cannot run because an earlier one failed says so.

    ``against`` is a head kept from an earlier close, backup or verify: ``seq:hash``. It must still be a head of this
    book: a cut tail, a rewritten history or another book do not have it. ``progress`` counts checks.
    """
    findings = []

    def done(found: Finding) -> None:
        findings.append(found)
        if progress:
            progress(len(findings), len(CHECKS))

    chain = store.verify_chain()
    done(Finding("chain", f"{chain.batches} batches, {chain.rows} rows", chain.problems))
    if against:
        done(_head(store, against))
    mark = store.watermark()
    try:
        reference = Reference.from_facts(store.facts(watermark=mark))
    except (ArgosyError, ValueError, KeyError, TypeError) as error:
        done(Finding("reference data", "facts of the book", (f"cannot be read: {error}",)))
        return VerifyReport(tuple(findings), f"{chain.seq}:{chain.head}")
    done(_market(files, reference))
    done(_guarded("conservation", lambda: _conservation(_look(store, files, mark))))
    done(_guarded("net asset value", lambda: _values(_look(store, files, mark))))
    done(_guarded("stored valuations", lambda: _stored(store, files, mark)))
    return VerifyReport(tuple(findings), f"{chain.seq}:{chain.head}")


def parse_head(text: str) -> tuple[int, str]:
    """Read a kept head, ``seq:hash``.

    Examples
    --------
    >>> parse_head("8084:A5E8")
    (8084, 'a5e8')
    """
    seq, _, digest = text.strip().partition(":")
    if not seq.isdecimal() or not digest or not set(digest.lower()) <= set("0123456789abcdef"):
        raise InvalidInput(
            f"{text!r} is not a head", field="against", found=text, expected="seq:hash",
            next_step="copy it from the last line of an earlier close, backup or verify",
        )  # fmt: skip
    return int(seq), digest.lower()


def _head(store: BookStore, against: str) -> Finding:
    seq, digest = parse_head(against)
    found = store.head_at(seq)
    label = f"kept head at {seq}"
    if found is None:
        return Finding(
            "head", label, (f"no batch of this book ends at {seq}: its tail was cut, or it is another book",)
        )
    if found != digest and not (len(digest) >= 16 and found.startswith(digest)):
        return Finding(
            "head", label, (f"the book has {found} at {seq}, the kept head is {digest}: history was changed",)
        )
    return Finding("head", label)


def _market(files: MarketFiles, reference: Reference) -> Finding:
    problems = []
    present = set(files.names())
    for load in reference.market_loads:
        if load.file not in present:
            problems.append(f"{load.file} is gone ({load.data} of {load.source})")
        else:
            found = files.sha256(load.file)
            if found != load.sha256:
                problems.append(f"{load.file} has SHA-256 {found}, the book says {load.sha256}")
    kept = [*kept_facts(reference), *risk_facts(reference)]
    for fact in kept:
        name, sha256 = text(fact.payload, "file"), text(fact.payload, "sha256")
        if name not in present:
            problems.append(f"{name} is gone (stored {fact.kind.name.lower()})")
        elif files.sha256(name) != sha256:
            problems.append(f"{name} has SHA-256 {files.sha256(name)}, the book says {sha256}")
    return Finding("market files", f"{len(reference.market_loads) + len(kept)} files", tuple(problems))


def _guarded(check: str, run: Callable[[], Finding]) -> Finding:
    try:
        return run()
    except ArgosyError as error:
        return Finding(check, "stopped", (str(error),))
    except (ValueError, KeyError, IndexError, TypeError, OverflowError) as error:
        # A damaged row can break any step: that is a finding, not a crash.
        return Finding(check, "stopped", (f"cannot be computed: {type(error).__name__}: {error}",))


def _look(store: BookStore, files: MarketFiles, mark: Watermark) -> Look:
    reference = Reference.from_facts(store.facts(watermark=mark))
    ends = [load.last for load in reference.market_loads]
    dates = store.events(watermark=mark, columns=("trade_date",))["trade_date"].tolist()
    day = max([*ends, *dates], default=0)
    return Look(store, mark, reference, day, tuple(sorted(reference.portfolios)), files=files)


def _conservation(seen: Look) -> Finding:
    """The fold asserts that what was bought is what was relieved plus what is open."""
    state = seen.state
    problems = tuple(f"event {one.event_seq}: {one.message}" for one in state.problems)
    return Finding("conservation", f"{state.events} events", problems)


def _values(seen: Look) -> Finding:
    """Value on the last day, which asserts NAV = cash + positions + receivables - payables + accrued interest."""
    subjects = portfolio_subjects(seen.reference, seen.portfolios)
    found = value(seen.state, seen.reference, seen.market, subjects=subjects, day=seen.day,
                  splits=seen.splits, on_missing="report")  # fmt: skip
    # A gap is not damage: the close reports it as an open day.
    valued = sum(one.ok for one in found.subjects)
    return Finding("net asset value", f"{valued} of {len(found.subjects)} portfolios on the last day")


def _stored(store: BookStore, files: MarketFiles, mark: Watermark) -> Finding:
    """Every stored value again, from what the book knew when it was stored."""
    stored = store.valuations(watermark=mark)
    problems: list[str] = []
    rows = 0
    for book_seq, part in by_origin(stored):
        seen = _look(store, files, _mark_at(store, book_seq, mark))
        problems += _rederive(seen, part)
        rows += len(part["date"])
    return Finding("stored valuations", f"{rows} portfolio-days", tuple(problems))


def _rederive(seen: Look, part: Mapping[str, Int64]) -> Sequence[str]:
    stored = portfolios_of(part)
    problems = [f"portfolio {one} is not in the book" for one in stored if one not in seen.reference.portfolios]
    known = [one for one in stored if one in seen.reference.portfolios]
    answer = history(seen, subjects=portfolio_subjects(seen.reference, known))
    for fresh in answer.histories:
        for one in differences(fresh, part):
            code = seen.reference.portfolios[one.portfolio].code
            what = ", ".join(one.columns)
            old = _currency_stored(part, one)
            derived = (
                "not derived" if one.columns == NOT_VALUED else f"derived {_money(seen, one.new_nav, one.currency)}"
            )
            stored_nav = _money(seen, one.old_nav, old)
            problems.append(f"{code} on {format_date(one.date)}: stored {stored_nav}, {derived} ({what})")
    return problems


def _currency_stored(part: Mapping[str, Int64], one: Restatement) -> int:
    """The currency in which the stored row has its value: it may be what changed."""
    mine = (part["portfolio"] == one.portfolio) & (part["date"] == one.date)
    return int(part["currency"][mine][-1]) if mine.any() else one.currency


def _money(seen: Look, amount: int, currency: int) -> str:
    """An amount as people read it, all stored decimals shown; of a currency nobody knows the integer as stored."""
    try:
        name = seen.reference.currency(currency_name(currency))
    except (ArgosyError, ValueError, OverflowError):
        return f"{amount} of currency number {currency}"
    return f"{to_decimal(amount, seen.reference.money_scale(name)):,f} {name}"


def _mark_at(store: BookStore, seq: int, mark: Watermark) -> Watermark:
    if seq == mark.seq:
        return mark
    batch = max((one for one in store.batches(watermark=mark) if one.last_seq <= seq), key=lambda one: one.batch)
    return Watermark(seq, batch.batch, batch.known_at, batch.head)
