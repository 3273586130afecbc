"""What the book is told about market data by hand: benchmarks made of instruments, and which source goes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argosy.base.errors import InvalidInput, unknown
from argosy.base.money import Quote, parse_quote
from argosy.record.facts import FactDraft, FactKind
from argosy.record.market.benchmarks import REBALANCES
from argosy.record.reference_fold import Reference
from argosy.workflows.ports import BatchDraft, BookStore
from argosy.workflows.setup import SetupResult, check_code

DATA = ("prices", "fx")


def define_benchmark(
    store: BookStore,
    *,
    code: str,
    currency: str,
    instruments: Sequence[str],
    weights: Mapping[str, str] | None = None,
    rebalance: str = "monthly",
    name: str = "",
    dry_run: bool = False,
) -> SetupResult:
    """Define a benchmark made of instruments, equally weighted or with fixed ``weights`` (decimals as text, sum 1).

    The weights are restored at the close of the last session of each period. A benchmark of that code is replaced
    from now on; published levels or returns under the same code are refused.
    """
    check_code(code, what="benchmark")
    if rebalance not in REBALANCES:
        raise unknown("rebalancing", rebalance, REBALANCES)
    if not instruments:
        raise InvalidInput("a benchmark needs at least one instrument", field="instruments")
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        ids = [reference.instrument(each).id for each in instruments]
        if len(set(ids)) < len(ids):
            raise InvalidInput("an instrument stands twice in the benchmark", field="instruments")
        old = reference.benchmarks.get(code)
        if old is not None and old.kind in ("levels", "returns"):
            raise InvalidInput(f"benchmark {code} is made of published {old.kind}", field="code",
                               next_step="choose another code")  # fmt: skip
        payload: dict[str, object] = {
            "code": code, "name": name or code, "kind": "weights" if weights else "equal_weight",
            "currency": reference.currency(currency), "instruments": ids, "rebalance": rebalance,
        }  # fmt: skip
        if weights:
            payload["weights"] = [[each.mantissa, each.exponent] for each in _weights(instruments, weights)]
        subject = old.id if old is not None else writer.next_id(FactKind.BENCHMARK)
        draft = FactDraft(FactKind.BENCHMARK, subject, 0, payload)
        info = None if dry_run else writer.append(BatchDraft("benchmark", "by hand", facts=[draft]))
    return SetupResult("benchmark", code, subject, (draft,), (), info)


def _weights(instruments: Sequence[str], weights: Mapping[str, str]) -> list[Quote]:
    for each in weights:
        if each not in instruments:
            raise unknown("instrument of the benchmark", each, instruments)
    quotes = [parse_quote(weights.get(each, "0"), field=f"weight of {each}") for each in instruments]
    total = sum(quote.decimal() for quote in quotes)
    if total != 1:
        raise InvalidInput(f"the weights sum to {total}", field="weights", expected="weights that sum to 1")
    return quotes


def set_source_precedence(store: BookStore, *, data: str, sources: Sequence[str], dry_run: bool = False) -> SetupResult:
    """Say which source goes first where several give the same date: best first, the rest after them by newest load."""
    if data not in DATA:
        raise unknown("kind of data", data, DATA)
    if not sources or len(set(sources)) < len(sources):
        raise InvalidInput("name each source once", field="sources", found=", ".join(sources))
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        loaded = {load.source for load in reference.market_loads if load.data == data}
        notes = tuple(f"nothing has been loaded from {each!r} yet" for each in sources if each not in loaded)
        draft = FactDraft(FactKind.SOURCE_PRECEDENCE, 1 + DATA.index(data), 0, {"data": data, "sources": list(sources)})
        info = None if dry_run else writer.append(BatchDraft("source precedence", "by hand", facts=[draft]))
    return SetupResult("source precedence", data, draft.subject, (draft,), notes, info)
