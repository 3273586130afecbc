"""Choices that a mandate offers are those of the floors that act on them."""

from __future__ import annotations

from argosy.interfaces.cli.optimizing import UNIVERSES
from argosy.models.moments.beliefs import MEAN_MODELS, RISK_MODELS
from argosy.models.moments.sample import FREQUENCIES, MISSING
from argosy.record.mandate_policy import InvestmentPolicy
from argosy.record.mandate_schema import SECTIONS


def choices(section: str, key: str) -> tuple[str, ...]:
    found = next(one for one in SECTIONS if one.name == section).key(key)
    assert found is not None
    return found.choices


def test_choices_are_those_that_are_known_above() -> None:
    assert choices("risk_model", "frequency") == FREQUENCIES
    assert choices("risk_model", "missing") == MISSING
    assert choices("universe", "members") == UNIVERSES
    assert InvestmentPolicy().beliefs.covariance in RISK_MODELS
    assert InvestmentPolicy().beliefs.mean in MEAN_MODELS
