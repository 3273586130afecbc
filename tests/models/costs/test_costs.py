"""Costs against worked numbers and against what the textbook writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import ArgosyError, InvalidInput, UnknownName
from argosy.models.costs.impact import impact_coefficients, square_root_cost
from argosy.models.costs.tax_lots import ORDERS, TaxLot, schedule
from argosy.models.costs.trading import Costs

NAMES = ("A", "B", "C")
HELD = np.array([0.5, 0.3, 0.2])


def test_worked_case_of_the_square_root_law(shared_cases: Path) -> None:
    cases = json.loads((shared_cases / "domain.json").read_text())
    (case,) = [item for item in cases["examples"] if item["id"] == "14.3-SQRT"]
    given = case["inputs"]
    found = square_root_cost(
        given["qty"], volume=given["adv"], volatility=given["daily_vol"], price=given["price"],
        half_spread_bps=given["half_spread_bp"], coefficient=given["Y"],
    )  # fmt: skip
    expected = case["expected"]
    assert found.impact_bps == pytest.approx(expected["impact_bp"], rel=1e-9)
    assert found.total_bps == pytest.approx(expected["total_bp"], rel=1e-9)
    assert found.cost == pytest.approx(expected["cost"], rel=1e-9)
    # The same trade in weights: 5m of a portfolio of 100m, where 100m trade in a day.
    (k,) = impact_coefficients(volatility=[given["daily_vol"]], volume_value=[1e8], nav=1e8)
    assert k * 0.05**1.5 * 1e8 == pytest.approx(expected["impact_bp"] * 1e-4 * 5e6, rel=1e-9)


def test_more_than_a_day_of_volume_is_said() -> None:
    assert "beyond" in square_root_cost(3.0, volume=2.0, volatility=0.02, price=1.0).warnings[0]
    assert square_root_cost(0.0, volume=2.0, volatility=0.02, price=1.0, half_spread_bps=5.0).cost == 0.0


@pytest.mark.parametrize("wrong", [{"volume": 0.0}, {"price": np.nan}, {"volatility": -1.0}, {"coefficient": np.inf}])
def test_wrong_inputs_of_the_law(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        square_root_cost(1.0, **{"volume": 2.0, "volatility": 0.02, "price": 1.0, **wrong})


@pytest.mark.parametrize(
    "wrong", [{"nav": 0.0}, {"coefficient": -1.0}, {"volatility": [np.nan]}, {"volume_value": [0.0]}]
)
def test_wrong_coefficients(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        impact_coefficients(**{"volatility": [0.02], "volume_value": [1e6], "nav": 1e6, **wrong})  # type: ignore[arg-type]


def test_parts_by_hand() -> None:
    costs = Costs(
        commission=0.001, half_spread=[0.001, 0.002, 0.003], buy_duty=0.005, sell_duty=0.0001, impact=0.1, fixed=0.0002,
        lots={"A": [TaxLot(0.2, 0.5, 0.2), TaxLot(0.3, -0.1, 0.2)]},
    )  # fmt: skip
    parts = costs.priced(NAMES, HELD).parts(np.array([0.1, 0.7, 0.2]))
    assert parts["commission"] == pytest.approx(0.0008)
    assert parts["half-spread"] == pytest.approx(0.4 * 0.001 + 0.4 * 0.002)
    assert parts["duty"] == pytest.approx(0.4 * 0.005 + 0.4 * 0.0001)
    assert parts["impact"] == pytest.approx(2 * 0.1 * 0.4**1.5)
    assert parts["fixed"] == pytest.approx(0.0004)
    # The loss goes first: 0.3 at -2%, then 0.1 at 10%.
    assert parts["tax"] == pytest.approx(-0.006 + 0.01)
    assert costs.priced(NAMES, HELD).total(HELD) == 0.0


@given(
    st.lists(st.tuples(st.floats(0.01, 0.1), st.floats(-1.0, 1.0), st.floats(0.0, 0.5)), min_size=1, max_size=5),
    st.floats(0.0, 0.01), st.floats(-1.0, 1.0),
)  # fmt: skip
def test_arrays_say_what_the_parts_say(lots: list[tuple[float, float, float]], rate: float, way: float) -> None:
    held = np.array([sum(weight for weight, _, _ in lots)])
    costs = Costs(
        commission=rate, buy_duty=0.005, sell_duty=0.001, impact=0.02,
        lots={"A": [TaxLot(weight, gain, tax) for weight, gain, tax in lots]},
    ).priced(("A",), held)  # fmt: skip
    x = held * (1.0 + way)
    arrays = costs.charges()
    assert arrays is not None
    assert (costs.proportional >= 0.0).all()
    total = arrays.value(x, held) + float(costs.proportional @ np.abs(x - held))
    total += float(costs.relief @ np.minimum(x - held, 0.0))
    assert total == pytest.approx(costs.total(x), abs=1e-12)
    assert all((layer.weights >= 0.0).all() for layer in arrays.layers)


def test_no_charges_where_everything_is_proportional() -> None:
    priced = Costs(commission=0.001).priced(NAMES, HELD)
    assert priced.charges() is None
    assert not priced.chooses
    assert Costs(fixed=0.001).priced(NAMES, HELD).chooses
    # A loss that saves more tax than a round trip costs makes the way of trading a choice.
    lot = {"A": [TaxLot(0.5, -0.1, 0.2)]}
    assert Costs(commission=0.001, lots=lot).priced(NAMES, HELD).chooses
    assert not Costs(commission=0.02, lots=lot).priced(NAMES, HELD).chooses


def test_orders_of_sale() -> None:
    lots = [TaxLot(0.1, 0.1, 0.2, acquired=1), TaxLot(0.1, 0.3, 0.2, acquired=2), TaxLot(0.1, -0.2, 0.2, acquired=3)]
    assert schedule(lots).taxes == pytest.approx((-0.04, 0.02, 0.06))
    assert schedule(lots, order="highest cost").taxes == schedule(lots).taxes
    with pytest.raises(InvalidInput, match="lot 3 of X is taxed less"):
        schedule(lots, order="first in", name="X")
    assert schedule(lots[:2], order="first in").taxes == pytest.approx((0.02, 0.06))
    assert schedule(lots[1:], order="last in").taxes == pytest.approx((-0.04, 0.06))
    # Short-term rates spoil the order by cost: the dearer lot is taxed more.
    with pytest.raises(InvalidInput, match="not convex"):
        schedule([TaxLot(0.1, 0.1, 0.4), TaxLot(0.1, 0.15, 0.2)], order="highest cost")
    with pytest.raises(UnknownName):
        schedule(lots, order="cheapest")
    assert "least tax" in ORDERS


@pytest.mark.parametrize(
    ("costs", "says"),
    [
        (Costs(commission=-0.1), "not negative"),
        (Costs(impact=[0.1]), "for 3 assets"),
        (Costs(fixed=np.nan), "finite"),
        (Costs(lots={"A": [TaxLot(0.4, 0.1, 0.2)]}), "add up to 0.4"),
        (Costs(lots={"Z": [TaxLot(0.4, 0.1, 0.2)]}), "unknown asset"),
        (Costs(lots={"A": [TaxLot(-0.5, 0.1, 0.2), TaxLot(1.0, 0.1, 0.2)]}), "a positive weight|has weight"),
    ],
)
def test_costs_that_make_no_sense(costs: Costs, says: str) -> None:
    with pytest.raises(ArgosyError, match=says):
        costs.priced(NAMES, HELD)
