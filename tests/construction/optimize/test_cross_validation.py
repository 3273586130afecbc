"""Combinatorial purged cross-validation: published counts, purging by hand, paths by a second method, no leakage."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData
from argosy.base.panel import Panel
from argosy.construction.optimize.candidates import Candidates
from argosy.construction.optimize.cross_validation import Folds, cross_validate
from argosy.construction.optimize.walk_forward import by_policy, equal_weight
from argosy.models.moments.observations import InsufficientData
from argosy.models.moments.sample import Sample
from argosy.record.mandate_policy import BeliefRules, InvestmentPolicy, ObjectiveRules

RETURNS = np.random.default_rng(12).normal(0.001, 0.02, (61, 3))


def candidates(returns: np.ndarray = RETURNS) -> Candidates:
    return Candidates(Sample(Panel(np.arange(len(returns)), ("A", "B", "C"), returns), 252.0), {}, {"A": 1.0})


def test_counts_and_purging_of_the_book() -> None:
    # Lopez de Prado 2018: six groups of which two are held back make 15 splits and 5 paths.
    assert (Folds(6, 2).splits, Folds(6, 2).paths) == (15, 5)
    # Twelve observations with labels to t + 2, 4 to 7 held back, one period of embargo behind the last label.
    assert Folds(3, 1, label=2, embargo=1).training(12, [np.arange(4, 8)]).tolist() == [0, 1, 11]


def test_paths_by_a_second_method() -> None:
    policy = InvestmentPolicy(ObjectiveRules("inverse volatility"), beliefs=BeliefRules(covariance="sample"))
    folds = Folds(5, 2, label=1, embargo=2)
    found = cross_validate(candidates(), by_policy(policy), folds)
    pieces = np.array_split(np.arange(61), 5)
    taken: dict[int, list[np.ndarray]] = {group: [] for group in range(5)}
    for split in combinations(range(5), 2):
        held = {row for group in split for row in pieces[group].tolist()}
        train = [
            row for row in range(61)
            if not ({row, row + 1} & held) and not any(row - back in held for back in (1, 2, 3))
        ]  # fmt: skip
        w = 1.0 / RETURNS[train].std(axis=0, ddof=1)
        w /= w.sum()
        for group in split:
            taken[group].append(RETURNS[pieces[group]] @ w)
    assert found.returns.shape == (4, 61)
    for path in range(4):
        whole = np.concatenate([taken[group][path] for group in range(5)])
        np.testing.assert_allclose(found.returns[path], whole, atol=1e-14)
        assert found.sharpes[path] == pytest.approx(whole.mean() / whole.std(ddof=1) * np.sqrt(252.0))
    assert 0.0 <= found.below <= 1.0


def test_what_is_held_back_cannot_change_its_weights() -> None:
    policy = InvestmentPolicy(ObjectiveRules("minimum variance"), beliefs=BeliefRules(covariance="sample"))
    before = cross_validate(candidates(), by_policy(policy), Folds(4, 1))
    changed = RETURNS.copy()
    changed[:16] = 0.5
    after = cross_validate(candidates(changed), by_policy(policy), Folds(4, 1))
    assert np.array_equal(before.weights[0], after.weights[0])
    assert not np.array_equal(before.weights[1], after.weights[1])


def test_cash_earns_the_rate_and_no_risk_has_no_ratio() -> None:
    flat = cross_validate(candidates(np.zeros((8, 3))), lambda known: np.zeros(3), Folds(4, 2), risk_free=0.0)
    assert np.isnan(flat.sharpes).all()
    cash = cross_validate(candidates(), lambda known: equal_weight(known) / 2.0, Folds(4, 2), risk_free=0.02)
    rate = 1.02 ** (1 / 252) - 1
    np.testing.assert_allclose(cash.returns[0], RETURNS.mean(axis=1) / 2.0 + rate / 2.0)


def test_what_cannot_be_cut_is_refused() -> None:
    for groups, held in ((1, 1), (4, 4), (4, 0)):
        with pytest.raises(InvalidInput, match="groups are held back"):
            Folds(groups, held)
    with pytest.raises(InvalidInput, match="embargo is -1"):
        Folds(embargo=-1)
    with pytest.raises(InsufficientData, match="cannot be cut into 6 groups"):
        cross_validate(candidates(RETURNS[:5]), equal_weight, Folds())
    with pytest.raises(InsufficientData, match="are left to learn from"):
        cross_validate(candidates(RETURNS[:12]), equal_weight, Folds(3, 2, embargo=9))
    gap = RETURNS.copy()
    gap[3, 1] = np.nan
    with pytest.raises(MissingData, match="missing returns"):
        cross_validate(candidates(gap), equal_weight, Folds())
