"""Prices to returns: frequencies, lookback, and each rule for what is missing; nothing is filled in silently."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.base.panel import Panel
from argosy.models.moments.observations import InsufficientData
from argosy.models.moments.sample import per_year_of, sample_of_prices

NAN = float("nan")
DAYS = np.array([parse_date(text) for text in ("2024-01-04", "2024-01-05", "2024-01-09", "2024-01-12", "2024-01-31",
                                               "2024-02-02")])  # fmt: skip
PRICES = Panel(DAYS, ("A", "B"), np.array([
    [100.0, 50.0], [110.0, 55.0], [121.0, NAN], [133.1, 66.0], [146.41, 60.0], [161.051, 72.0],
]))  # fmt: skip
GAPPED = Panel(DAYS, ("A", "B", "C"), np.column_stack([PRICES.values, [NAN, NAN, NAN, 1.0, 1.1, 1.2]]))


def test_a_period_takes_its_last_price_of_each_asset() -> None:
    weekly = sample_of_prices(PRICES, frequency="weekly")
    # Weeks end on the 5th, 12th and 31st of January and on the 2nd of February (the same week as the 31st).
    assert weekly.panel.days.tolist() == [parse_date("2024-01-12"), parse_date("2024-02-02")]
    assert weekly.returns[0].round(12).tolist() == [0.21, 0.2]
    assert weekly.periods_per_year == 52.0
    monthly = Panel(np.array([0, 31, 40, 62]), ("A",), np.array([[1.0], [2.0], [NAN], [4.0]]))
    found = sample_of_prices(monthly, frequency="monthly")
    assert found.returns[:, 0].tolist() == [1.0, 1.0]
    assert found.periods_per_year == 12.0


def test_no_price_is_carried_over_a_gap() -> None:
    found = sample_of_prices(PRICES, missing="pairwise")
    assert np.isnan(found.returns[:, 1]).tolist() == [False, True, True, False, False]
    assert not found.complete
    assert any("returns missing, pairwise estimates: B (2)" in note for note in found.notes)


def test_gaps_are_refused_with_names_and_numbers() -> None:
    with pytest.raises(MissingData, match=r"2 of 3 assets lack returns in 5 periods: C \(3\), B \(2\)"):
        sample_of_prices(GAPPED)


def test_periods_or_assets_are_left_out_when_asked_and_named() -> None:
    periods = sample_of_prices(GAPPED, missing="complete periods")
    assert periods.returns.shape == (2, 3)
    assert any("3 of 5 periods left out" in note for note in periods.notes)
    assets = sample_of_prices(GAPPED, missing="leave out assets")
    assert assets.names == ("A",)
    assert any("left out for missing returns: C (3), B (2)" in note for note in assets.notes)
    with pytest.raises(InsufficientData, match="every asset"):
        sample_of_prices(GAPPED.take(("B", "C")), missing="leave out assets")


def test_lookback_takes_the_last_and_says_when_there_are_fewer() -> None:
    found = sample_of_prices(PRICES.take(("A",)), lookback=2)
    assert found.panel.days.tolist() == DAYS[-2:].tolist()
    assert "the lookback is 9 periods; there are 5" in sample_of_prices(PRICES.take(("A",)), lookback=9).notes
    part = found.between(0, 1)
    assert part.returns.shape == (1, 1)


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"frequency": "hourly"}, UnknownName, "unknown frequency"),
        ({"missing": "fill"}, UnknownName, "rule for missing prices"),
        ({"lookback": -1}, InvalidInput, "lookback of -1"),
        ({"lookback": 1}, InsufficientData, "1 returns are left"),
    ],
)
def test_what_cannot_be_is_refused(asked: dict[str, object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        sample_of_prices(PRICES.take(("A",)), **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(("apart", "per_year"), [(1, 252.0), (7, 52.0), (31, 12.0), (91, 4.0), (365, 1.0)])
def test_periods_of_a_year_from_the_distance_of_days(apart: int, per_year: float) -> None:
    assert per_year_of(np.arange(5) * apart) == per_year
    assert per_year_of(np.array([3])) == 252.0
    assert (
        sample_of_prices(Panel(np.arange(5) * apart, ("A",), np.arange(1.0, 6.0)[:, None])).periods_per_year == per_year
    )
