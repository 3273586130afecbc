"""Identities of a book's attribution for any split of its lines: order, merging, splitting a period, unit of money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argosy.measures.attribution.bench_segments import BenchmarkSteps
from argosy.measures.attribution.book_answer import BookAttribution, attribute
from argosy.measures.attribution.book_effects import EFFECTS
from argosy.measures.attribution.book_lines import BookLines
from argosy.measures.attribution.labels import Labels
from argosy.workflows.measured import Asked, measured
from tests.flows.analysis_books import world_book

Case = tuple[BookLines, BenchmarkSteps, tuple[int, ...]]
MANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    home = tmp_path_factory.mktemp("properties")
    with world_book(f"sqlite:///{home / 'book.db'}", home) as book:
        book.define_benchmark("THREE", currency="USD", instruments=["ACME", "BOLT", "PENNY"], rebalance="daily")
        one = next(iter(measured(book.look(as_of="2024-01-09", portfolio="WORLD"), Asked())))
        steps = one.benchmark("THREE")
        assert steps is not None
        yield one.lines, steps, tuple(sorted(book.look().reference.instruments))


def ask(
    lines: BookLines, steps: BenchmarkSteps, of: dict[int, str], after: int = 0, last: int = 99999
) -> BookAttribution:
    return attribute(lines, steps, Labels("x", of), after=after, last=last)


@MANY
@given(groups=st.lists(st.sampled_from("abcd"), min_size=6, max_size=6), seed=st.integers(0, 2**16))
def test_permuting_sectors_changes_nothing(case: Case, groups: list[str], seed: int) -> None:
    lines, steps, ids = case
    of = dict(zip(ids, groups, strict=True))
    order = np.random.default_rng(seed).permutation(len(lines.lines))
    shuffled = replace(
        lines, lines=tuple(lines.lines[place] for place in order), start=lines.start[:, order],
        parts=lines.parts[:, :, order], moves=lines.moves.take(np.zeros(len(lines.moves), np.bool_)),
    )  # fmt: skip
    one, other = ask(lines, steps, of).linked, ask(shuffled, steps, of).linked
    for effect in EFFECTS:
        mine = dict(zip(one.names, one.effects[effect].tolist(), strict=True))
        theirs = dict(zip(other.names, other.effects[effect].tolist(), strict=True))
        assert mine == pytest.approx(theirs, abs=1e-12)


@MANY
@given(groups=st.lists(st.sampled_from("abcd"), min_size=6, max_size=6))
def test_merging_two_sectors_moves_nothing_in_or_out(case: Case, groups: list[str]) -> None:
    lines, steps, ids = case
    apart = ask(lines, steps, dict(zip(ids, groups, strict=True)))
    merged = ask(lines, steps, {one: "ab" if name in "ab" else name for one, name in zip(ids, groups, strict=True)})
    assert merged.linked.active == pytest.approx(apart.linked.active, abs=1e-13)
    assert merged.linked.total == pytest.approx(apart.linked.total, abs=1e-12)
    for effect in ("trading", "other"):
        assert merged.linked.effects[effect].sum() == pytest.approx(apart.linked.effects[effect].sum(), abs=1e-12)
    # What is not merged keeps its effects.
    for name in set(groups) & set("cd") & set(apart.linked.names):
        a, b = apart.linked.names.index(name), merged.linked.names.index(name)
        for effect in EFFECTS:
            assert merged.linked.effects[effect][b] == pytest.approx(apart.linked.effects[effect][a], abs=1e-12)


@MANY
@given(factor=st.floats(1e-6, 1e6), groups=st.lists(st.sampled_from("abcd"), min_size=6, max_size=6))
def test_the_unit_of_money_does_not_matter(case: Case, factor: float, groups: list[str]) -> None:
    lines, steps, ids = case
    of = dict(zip(ids, groups, strict=True))
    scaled = replace(
        lines, start=lines.start * factor, parts=lines.parts * factor, base=lines.base * factor,
        flow=lines.flow * factor,
    )  # fmt: skip
    one, other = ask(lines, steps, of), ask(scaled, steps, of)
    for effect in EFFECTS:
        assert other.linked.effects[effect] == pytest.approx(one.linked.effects[effect], abs=1e-13)


@MANY
@given(cut=st.integers(19725, 19730), groups=st.lists(st.sampled_from("abcd"), min_size=6, max_size=6))
def test_splitting_a_period_changes_no_day(case: Case, cut: int, groups: list[str]) -> None:
    lines, steps, ids = case
    of = dict(zip(ids, groups, strict=True))
    whole = ask(lines, steps, of)
    halves = [ask(lines, steps, of, last=cut), ask(lines, steps, of, after=cut)]
    days = np.concatenate([one.effects.days for one in halves])
    assert days.tolist() == whole.effects.days.tolist()
    assert np.concatenate([one.effects.total for one in halves]) == pytest.approx(whole.effects.total, abs=1e-15)
    grown = (1 + halves[0].linked.portfolio) * (1 + halves[1].linked.portfolio) - 1
    assert grown == pytest.approx(whole.linked.portfolio, abs=1e-13)
