"""The page on risk models is what its script makes: the page from the figures, and a part of the figures anew."""

from __future__ import annotations

import pytest
from tools.validate_risk import (
    DEFAULT,
    DEFAULT_LEVEL,
    LEVELS,
    NUMBERS,
    PAGE,
    Row,
    demo_portfolios,
    page_text,
    read_rows,
    validated,
)

from argosy.measures.risk.validation.forecasts import MODELS
from tests.house.source import ROOT


def rows() -> list[Row]:
    return read_rows(NUMBERS.read_text("utf-8"))


def test_the_page_says_what_the_figures_say() -> None:
    assert PAGE.read_text("utf-8") == page_text(rows()), "run python -m tools.validate_risk page"
    assert PAGE.is_relative_to(ROOT / "docs")


def test_every_model_stands_beside_every_portfolio_and_level() -> None:
    found = {(row.data, row.portfolio, row.model, row.confidence) for row in rows()}
    portfolios = {(row.data, row.portfolio) for row in rows()}
    assert len(found) == len(rows()) == len(portfolios) * len(MODELS) * len(LEVELS)


@pytest.mark.parametrize("model", ["historical", "ewma", DEFAULT])
def test_a_part_of_the_figures_comes_out_again(model: str) -> None:
    portfolio = demo_portfolios()[0]
    kept = [row for row in rows() if (row.data, row.portfolio, row.model) == (portfolio.data, portfolio.name, model)]
    again = validated(portfolio, model)
    assert len(kept) == len(again) == len(LEVELS)
    for old, new in zip(kept, again, strict=True):
        assert (old.days, old.exceptions, old.first, old.last, old.light) == (
            new.days, new.exceptions, new.first, new.last, new.light
        )  # fmt: skip
        # Rounded to four digits when written; the fits of another processor may differ in the last of them.
        for name in ("coverage", "kupiec_p", "christoffersen_p", "kupiec_exact_p", "tick_loss", "joint_loss"):
            assert getattr(old, name) == pytest.approx(getattr(new, name), abs=2e-3), name


def test_the_default_is_the_best_of_those_that_refuse_nothing() -> None:
    def passing(model: str) -> int:
        return sum(row.passes() for row in rows() if row.model == model and row.confidence == DEFAULT_LEVEL)

    assert passing(DEFAULT) == max(passing(model) for model in MODELS)
