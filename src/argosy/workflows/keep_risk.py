"""The third part of the close: store the risk of each portfolio, read its limits, and tell breaches.

Figures lie in an immutable file beside the market data; the fact that names it is the commit, and the breaches are
facts of the same batch. What was stored before stays readable at its ``known_at``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from argosy.base.dates import format_date
from argosy.base.errors import ArgosyError, MissingData
from argosy.base.table import Table
from argosy.compliance.monitor import Reading, readings_table
from argosy.measures.risk.book.report import BookRisk
from argosy.measures.risk.book.stored import (
    METHOD,
    joined_rows,
    of_day,
    risk_columns,
    same_rows,
    standing_rows,
    stored_table,
)
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.ledger.events import Int64
from argosy.record.payload import text
from argosy.record.reference_fold import Reference
from argosy.workflows.close import CloseReport
from argosy.workflows.limits import breach_steps, watch
from argosy.workflows.look import Look, Statement, code_version, look
from argosy.workflows.market_view import market_version
from argosy.workflows.ports import BatchDraft, BookStore, Clock, MarketFiles, Watermark
from argosy.workflows.risk import AskedRisk, book_risks

SETTLED = "risk"
"""Name of the kept note that risk is stored up to a watermark; it can be deleted at any time."""


@dataclass(frozen=True)
class RiskReport:
    """What was stored: portfolio-days new and restated, breaches opened and cured, and what could not be had."""

    new: int
    restated: int
    opened: int
    cured: int
    rows: int
    watermark: Watermark
    readings: tuple[Reading, ...] = ()
    lost: tuple[str, ...] = ()
    dry_run: bool = False

    def tables(self) -> tuple[Table, ...]:
        """Limits that do not hold; nothing where all do."""
        broken = [one for one in self.readings if one.broken]
        return (replace(readings_table(broken), name="Limits that do not hold"),) if broken else ()


def keep_risk(
    store: BookStore,
    files: MarketFiles,
    *,
    clock: Clock,
    portfolios: Sequence[str] = (),
    group: str = "",
    last: int | None = None,
    first: int | None = None,
    dry_run: bool = False,
) -> RiskReport:
    """Store risk for the last day, or with ``first`` for each session from there to it; a second run writes nothing.

    Breaches are told of the last day. A portfolio whose mandate says ``close = false`` under [risk] is left out; one
    without enough history is named.
    """
    seen = look(store, clock=clock, as_of=last, portfolios=portfolios, group=group, files=files)
    if first is None and _settled(store, seen):
        return RiskReport(0, 0, 0, 0, 0, seen.watermark, dry_run=dry_run)
    parts: list[dict[str, Int64]] = []
    facts: list[FactDraft] = []
    found: list[Reading] = []
    lost: list[str] = []
    new = restated = opened = cured = 0
    for portfolio in seen.portfolios:
        rules = seen.reference.mandate(portfolio, seen.day)
        if not rules.risk.close:
            continue
        stored = stored_rows(files, seen.reference, [portfolio])
        last_risk = None
        for day in _days(seen, portfolio, first):
            now = seen if day == seen.day else look(
                store, clock=clock, as_of=day, portfolios=[seen.reference.portfolios[portfolio].code], files=files
            )  # fmt: skip
            alone = replace(now, portfolios=(portfolio,), group="")
            risk = last_risk = _risk(alone, portfolio, lost)
            if risk is not None:
                fresh = risk_columns(
                    risk, portfolio, book_seq=seen.watermark.seq, market_seq=market_version(seen.reference),
                    mandate_seq=seen.reference.mandate_seq(portfolio, day), code_version=code_version(),
                )  # fmt: skip
                old = of_day(stored, portfolio, day)
                if not same_rows(old, fresh):
                    parts.append(fresh)
                    new, restated = _count(new, restated, known=bool(len(old["date"])))
        if not (rules.policy.limits.rules or rules.monitoring.rules):
            continue
        try:
            told = watch(replace(seen, portfolios=(portfolio,), group=""), portfolio, risk=last_risk)
        except ArgosyError as error:
            lost.append(f"limits of {seen.reference.portfolios[portfolio].code}: {error.message}")
            continue
        steps = breach_steps(seen, portfolio, told)
        found += told
        facts += steps.facts
        opened, cured = opened + steps.opened, cured + steps.cured
    rows = joined_rows(parts)
    mark, alone_ = seen.watermark, True
    if (parts or facts) and not dry_run:
        alone_, mark = _store(store, files, seen, rows if parts else None, facts)
    if alone_ and not dry_run and first is None:
        store.save_snapshot(SETTLED, mark, _key(seen))
    return RiskReport(new, restated, opened, cured, len(rows["date"]), mark, tuple(found), tuple(lost), dry_run)


def _days(seen: Look, portfolio: int, first: int | None) -> list[int]:
    if first is None:
        return [seen.day]
    calendar = seen.reference.mandate(portfolio, seen.day).calendar
    days = seen.market.sessions(calendar, first, seen.day).tolist()
    return sorted({*map(int, days), seen.day})


def _count(new: int, restated: int, *, known: bool) -> tuple[int, int]:
    return (new, restated + 1) if known else (new + 1, restated)


def _risk(seen: Look, portfolio: int, lost: list[str]) -> BookRisk | None:
    """The risk of one portfolio on the look's day; None, and why, where there is none."""
    try:
        risk = book_risks(seen, AskedRisk())[0]
        assert risk.parts
    except ArgosyError as error:
        lost.append(f"risk of {seen.reference.portfolios[portfolio].code}: {error.message}")
        return None
    return risk


def _store(
    store: BookStore, files: MarketFiles, seen: Look, rows: Mapping[str, Int64] | None, facts: Sequence[FactDraft]
) -> tuple[bool, Watermark]:
    """Append the file of figures and the breaches as one batch; whether nobody else wrote, and the watermark after."""
    with store.writer() as writer:
        alone = writer.watermark() == seen.watermark
        drafts = list(facts)
        if rows is not None:
            begin, end = int(min(rows["date"])), int(max(rows["date"]))
            name, sha256, size = files.write(f"risk-{format_date(end)}", rows)
            drafts.insert(0, FactDraft(FactKind.RISK, 0, end, {
                "file": name, "sha256": sha256, "bytes": size, "rows": len(rows["date"]), "method": METHOD,
                "portfolios": sorted(set(rows["portfolio"].tolist())), "from": begin, "to": end,
                "book_seq": seen.watermark.seq, "market_version": market_version(seen.reference),
                "code_version": code_version(),
            }))  # fmt: skip
        writer.append(BatchDraft("risk", f"close to {format_date(seen.day)}", facts=drafts))
        return alone, writer.watermark()


def _settled(store: BookStore, seen: Look) -> bool:
    """Whether the risk of this day, of these portfolios, was stored and nothing came to the book since."""
    kept = store.load_snapshot(SETTLED)
    return kept is not None and kept[0] == seen.watermark and kept[1] == _key(seen)


def _key(seen: Look) -> bytes:
    return f"{METHOD} {code_version()} {seen.day} {sorted(seen.portfolios)}".encode()


def risk_facts(reference: Reference) -> list[Fact]:
    """Facts that name files of stored risk, oldest first."""
    return [
        fact for fact in reference.facts
        if fact.kind == FactKind.RISK and fact.batch not in reference.voided_batches
    ]  # fmt: skip


def stored_rows(files: MarketFiles, reference: Reference, portfolios: Sequence[int]) -> dict[str, Int64]:
    """Stored figures of portfolios as known at the reference's watermark."""
    layers = []
    wanted = set(portfolios)
    for fact in risk_facts(reference):
        listed = fact.payload.get("portfolios")
        if isinstance(listed, list | tuple) and wanted & set(listed):
            rows = files.read(text(fact.payload, "file"))
            layers += [of_day(rows, portfolio) for portfolio in portfolios]
    return standing_rows(layers)


def stored_risk(seen: Look) -> Statement:
    """The risk that the close stored of the look's portfolios, up to its day and as known at its watermark."""
    assert seen.files is not None
    rows = stored_rows(seen.files, seen.reference, seen.portfolios)
    kept = {name: values[rows["date"] <= seen.day] for name, values in rows.items()}
    if not len(kept["date"]):
        raise MissingData("no risk is stored for these portfolios", field="stored", next_step="run argosy close")
    told = seen.provenance("stored risk", asked={"stored": True})
    return Statement((replace(stored_table(kept, seen.reference), provenance=told),))


def close_risk(
    store: BookStore, files: MarketFiles, done: CloseReport, *, clock: Clock, portfolios: Sequence[str] = (),
    group: str = "", last: int | None = None, first: int | None = None, dry_run: bool = False,
) -> CloseReport:  # fmt: skip
    """Store risk after a close; its report then ends on the head after all and has the limits that do not hold."""
    if not done.portfolios:
        return done
    kept = keep_risk(store, files, clock=clock, portfolios=portfolios, group=group, last=last, first=first,
                     dry_run=dry_run)  # fmt: skip
    wrote = kept.rows or kept.opened or kept.cured
    mark = done.watermark if dry_run or not wrote else kept.watermark
    told = kept.lost if kept.readings else ()
    return replace(done, watermark=mark, attached=(*done.attached, *kept.tables()), unknown_risk=told)
