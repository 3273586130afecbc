"""The supervisor's traffic light: how many exceptions a year are a doubt, and what the doubt costs in capital."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scipy.special import bdtr, bdtrc

from argosy.base.levels import confidence_level
from argosy.measures.performance.series import refusal
from argosy.models.moments.observations import InsufficientData

Zone = Literal["green", "yellow", "red"]
Rules = Literal["basel 1996", "basel 2019"]

YELLOW_FROM = 0.95
RED_FROM = 0.9999

# Add-ons for 250 days at 99%: Basel Committee (January 1996), table 2; and MAR99.12 of the framework of 2019, table 1.
_ADD_ONS: dict[str, tuple[float, tuple[float, ...], float]] = {
    "basel 1996": (3.0, (0.40, 0.50, 0.65, 0.75, 0.85), 1.00),
    "basel 2019": (1.5, (0.20, 0.26, 0.33, 0.38, 0.42), 0.50),
}


@dataclass(frozen=True, slots=True)
class TrafficLight:
    """Zone and the probabilities behind it; ``multiplier`` is that of the capital charge, base plus ``add_on``.

    ``cumulative`` is the chance of at most so many exceptions if the model is right, ``as_many`` of at least so many.
    Multiplier and add-on exist for 250 days at 99% only; elsewhere they are None.
    """

    exceptions: int
    observations: int
    zone: Zone
    cumulative: float
    as_many: float
    yellow_from: int
    red_from: int
    add_on: float | None
    multiplier: float | None
    rules: Rules


def traffic_light(
    exceptions: int, observations: int = 250, *, confidence: float = 0.99, rules: Rules = "basel 1996"
) -> TrafficLight:
    """Which zone do so many exceptions fall into, and which multiplier follows?

    Yellow begins where at most so many exceptions have a cumulative chance of 95%, red at 99.99% (Basel Committee
    1996). For 250 days at 99% that is 5 and 10. The rules of 2019 have the same zones and a base of 1.5.

    Examples
    --------
    >>> found = traffic_light(7)
    >>> found.zone, found.add_on, found.multiplier, found.yellow_from, found.red_from
    ('yellow', 0.65, 3.65, 5, 10)
    """
    p = 1.0 - confidence_level(confidence)
    if rules not in _ADD_ONS:
        raise refusal(f"rules are {rules!r}", field="rules", found=rules, expected=" or ".join(_ADD_ONS))
    if observations < 1:
        raise InsufficientData(f"{observations} observations", field="observations", expected="1 or more")
    if not 0 <= exceptions <= observations:
        raise refusal(f"{exceptions} exceptions in {observations} observations", field="exceptions", found=exceptions,
                      expected=f"0 to {observations}")  # fmt: skip
    yellow = next(x for x in range(observations + 1) if bdtr(x, observations, p) >= YELLOW_FROM)
    red = next(x for x in range(observations + 1) if bdtr(x, observations, p) >= RED_FROM)
    zone: Zone = "green" if exceptions < yellow else "yellow" if exceptions < red else "red"
    add_on, multiplier = None, None
    if observations == 250 and abs(confidence - 0.99) < 1e-12:
        base, steps, top = _ADD_ONS[rules]
        add_on = 0.0 if zone == "green" else top if zone == "red" else steps[exceptions - 5]
        multiplier = base + add_on
    as_many = 1.0 if exceptions == 0 else float(bdtrc(exceptions - 1, observations, p))
    return TrafficLight(
        exceptions, observations, zone, float(bdtr(exceptions, observations, p)), as_many, yellow, red, add_on,
        multiplier, rules,
    )  # fmt: skip
