"""Policies that mandates build on, and what differs between two mandates."""

from __future__ import annotations

from dataclasses import dataclass, field

from argosy.base.dates import format_date, parse_date
from argosy.base.errors import InvalidInput
from argosy.base.table import Column, Table
from argosy.record.facts import FactDraft, FactKind
from argosy.record.mandate import Mandate, parse_mandate, parse_shared, policy_names, whole_text
from argosy.record.payload import text
from argosy.record.reference_fold import Reference
from argosy.workflows.ports import BatchDraft, BatchInfo, BookStore, RawFile
from argosy.workflows.setup import check_code


@dataclass(frozen=True)
class PolicyResult:
    """A policy that was written, or would be, and the portfolios whose mandates build on it."""

    name: str
    portfolios: tuple[str, ...]
    reference: Reference = field(repr=False)
    batch: BatchInfo | None = None

    @property
    def written(self) -> bool:
        """Whether the book holds it now."""
        return self.batch is not None

    def summary(self) -> str:
        """One line for people."""
        place = f"batch {self.batch.batch}" if self.batch else "dry run, nothing written"
        used = f", built on by {', '.join(self.portfolios)}" if self.portfolios else ", built on by no mandate yet"
        return f"policy {self.name} ({place}){used}"


def set_policy(
    store: BookStore, *, name: str, content: str, effective: int = 0, source: str = "", dry_run: bool = False
) -> PolicyResult:
    """Give a policy a text from an epoch day on (0 = always); earlier versions rule the days before.

    Every mandate that builds on it is read with it first: a text that one of them clashes with is refused.
    """
    check_code(name, what="policy")
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        above = reference.policies_of(content, effective or None)
        if name in dict(above) or name in policy_names(content):
            raise InvalidInput(f"policy {name} builds on itself", field="inherit.from", found=name)
        parse_shared(content, name=name, above=above)
        users = _users(reference, name)
        for code in users:
            own = _own_text(reference, code)
            layers = tuple((one, content if one == name else held) for one, held in reference.policies_of(own))
            parse_mandate(own, source=f"mandate of {code}", above=layers)
        fact = FactDraft(FactKind.POLICY, writer.next_id(FactKind.POLICY), effective, {"name": name, "text": content})
        file = RawFile(source or f"{name}.toml", content.encode(), "argosy-mandate/1")
        batch = None if dry_run else writer.append(BatchDraft("policy", "by hand", facts=[fact], file=file))
    return PolicyResult(name, users, reference, batch)


def _own_text(reference: Reference, code: str) -> str:
    facts = reference.versions[FactKind.MANDATE, reference.portfolio(code).id]
    return text(facts[-1].payload, "text")


def _users(reference: Reference, name: str) -> tuple[str, ...]:
    """Portfolios whose mandate builds on a policy, directly or by way of another."""
    found = []
    for portfolio in reference.portfolios.values():
        if (FactKind.MANDATE, portfolio.id) in reference.versions and name in dict(
            reference.policies_of(_own_text(reference, portfolio.code))
        ):
            found.append(portfolio.code)
    return tuple(sorted(found))


def policies_table(store: BookStore, *, known_at: int | None = None) -> Table:
    """Policies with their versions, what each builds on and which mandates build on it."""
    reference = Reference.from_facts(store.facts(watermark=store.watermark(known_at)))
    facts = [fact for fact in reference.facts if fact.kind == FactKind.POLICY]
    names = [text(fact.payload, "name") for fact in facts]
    return Table(
        "Policies",
        (
            Column("policy", "text", names),
            Column("from", "text", [format_date(fact.effective) if fact.effective else "always" for fact in facts]),
            Column("seq", "integer", [fact.seq for fact in facts]),
            Column("builds_on", "text", [", ".join(policy_names(text(fact.payload, "text"))) for fact in facts]),
            Column("mandates", "text", [", ".join(_users(reference, name)) for name in names]),
        ),
    )


def whole_mandate(store: BookStore, *, portfolio: str, day: int | None = None, known_at: int | None = None) -> str:
    """A portfolio's mandate with the policies under it laid out, every key written."""
    reference = Reference.from_facts(store.facts(watermark=store.watermark(known_at)))
    found = reference.portfolio(portfolio)
    return whole_text(reference.mandate(found.id, day), title=f"mandate of {found.code}")


def mandate_at(store: BookStore, name: str) -> Mandate:
    """A mandate as ``PORTFOLIO`` or ``PORTFOLIO@DATE`` names it."""
    code, at, day = name.partition("@")
    reference = Reference.from_facts(store.facts())
    return reference.mandate(code, parse_date(day) if at else None)


def mandate_diff(first: Mandate, second: Mandate, *, names: tuple[str, str]) -> Table:
    """Every key that differs between two mandates, with what each says."""
    rows = [
        (f"{section}.{key}", _shown(value), _shown(second.sections[section][key]))
        for section, held in first.sections.items()
        for key, value in held.items()
        if _shown(value) != _shown(second.sections[section][key])
    ]
    return Table.of(
        "Mandates compared", key=[row[0] for row in rows], **{names[0]: [row[1] for row in rows]},
        **({names[1]: [row[2] for row in rows]} if names[1] != names[0] else {"other": [row[2] for row in rows]}),
    )  # fmt: skip


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
