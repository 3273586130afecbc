"""Was the model right: forecasts of past days against what was lost, on weights held now and on what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import ArgosyError, unknown
from argosy.base.table import Column, Table
from argosy.measures.risk.validation.backtest import RiskBacktest, backtest_value_at_risk
from argosy.measures.risk.validation.forecasts import MODELS, Forecasts, rolling_forecasts
from argosy.measures.risk.validation.shortfall import shortfall_after_exceptions, shortfall_and_exceptions

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Z2_CRITICAL = -0.7
"""Z2 below which shortfall was too low at 5%, for a wide range of tails (Acerbi and Szekely 2014, table 1)."""
LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class ModelTest:
    """One model on one history: forecasts of its last days, tests of exceptions and of shortfall.

    ``basis`` is hypothetical (weights held now) or actual (returns of the portfolio as it was). ``z1`` is None without
    an exception.
    """

    basis: str
    model: str
    days: Int64
    forecasts: Forecasts
    tests: RiskBacktest
    z1: float | None
    z2: float

    @property
    def passes(self) -> bool:
        """Whether Kupiec, Christoffersen and Z2 do not reject the model."""
        return self.tests.passes(LEVEL) and self.z2 >= Z2_CRITICAL


def model_tests(
    basis: str, days: Int64, returns: Float64, models: Sequence[str], *, confidence: float, window: int
) -> tuple[list[ModelTest], list[str]]:
    """Each model forecast every day from the days before it; and why some could not."""
    found, lost = [], []
    for model in models:
        if model not in MODELS:
            raise unknown("model with forecasts", model, MODELS)
        try:
            said = rolling_forecasts(returns, model=model, confidences=[confidence], window=window)
            value, beyond = said.value_at_risk[:, 0], said.shortfall[:, 0]
            tests = backtest_value_at_risk(said.losses, value, confidence=confidence)
            z1 = shortfall_after_exceptions(said.losses, value, beyond) if tests.exceptions else None
            z2 = shortfall_and_exceptions(said.losses, value, beyond, confidence=confidence)
        except ArgosyError as error:
            if len(models) == 1:
                raise
            lost.append(f"{basis}: no {model}: {error.message}")
            continue
        found.append(ModelTest(basis, model, days[-said.losses.size :], said, tests, z1, z2))
    return found, lost


def tests_table(found: Sequence[ModelTest], title: str, notes: Sequence[str]) -> Table:
    """One row per history and model: exceptions, probabilities of the tests, traffic light, shortfall, verdict."""

    def p(place: int) -> list[float]:
        return [one.tests.verdicts[place].p_value for one in found]

    return Table(
        title,
        (
            Column("basis", "text", [one.basis for one in found]),
            Column("model", "text", [one.model for one in found]),
            Column("first", "date", [int(one.days[0]) for one in found]),
            Column("days", "integer", [one.tests.observations for one in found]),
            Column("exceptions", "integer", [one.tests.exceptions for one in found]),
            Column("expected", "ratio", [one.tests.expected for one in found], unit="x", shown=1),
            Column("coverage", "ratio", [one.tests.coverage for one in found], shown=2),
            Column("kupiec_p", "ratio", p(0), unit="x", shown=3),
            Column("christoffersen_p", "ratio", p(1), unit="x", shown=3),
            Column("conditional_p", "ratio", p(2), unit="x", shown=3),
            Column("light", "text", [one.tests.light.zone for one in found]),
            Column("z1", "ratio", [one.z1 or 0.0 for one in found], unit="x", shown=2,
                   missing=[one.z1 is None for one in found]),
            Column("z2", "ratio", [one.z2 for one in found], unit="x", shown=2),
            Column("verdict", "text", ["passes" if one.passes else "rejected" for one in found]),
        ),
        notes=(
            f"a model passes where Kupiec and Christoffersen have p-values of {LEVEL:g} or more and Z2 of Acerbi and "
            f"Szekely is {Z2_CRITICAL:g} or more; the light is of the last 250 days",
            *notes,
        ),
    )  # fmt: skip


def exceptions_table(one: ModelTest) -> Table:
    """The days on which a model was exceeded: what it said, and what was lost."""
    value = one.forecasts.value_at_risk[:, 0]
    places = np.flatnonzero(one.forecasts.losses > value)
    return Table(
        f"Exceptions of {one.model}, {one.basis}",
        (
            Column("date", "date", one.days[places]),
            Column("loss", "ratio", one.forecasts.losses[places], shown=2),
            Column("value_at_risk", "ratio", value[places], shown=2),
            Column("expected_shortfall", "ratio", one.forecasts.shortfall[places, 0], shown=2),
        ),
        notes=(f"{places.size} of {one.days.size} days since {format_date(int(one.days[0]))}",),
    )
