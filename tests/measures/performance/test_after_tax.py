"""Tax on gains by day, against a loop over gains with a purse of losses."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, UnknownName
from argosy.measures.performance.after_tax import gains_tax


def _slow(gains: list[float], days: list[int], rate: float) -> dict[int, float]:
    purse, owed = 0.0, {}
    for day in sorted(set(days)):
        net = sum(gain for gain, on in zip(gains, days, strict=True) if on == day)
        used = min(max(net, 0.0), purse)
        purse += max(-net, 0.0) - used
        owed[day] = rate * (max(net, 0.0) - used)
    return owed


def test_carried_losses_against_a_loop() -> None:
    draw = np.random.default_rng(5)
    for _ in range(50):
        gains, days = draw.normal(0, 100, 30), draw.integers(0, 12, 30)
        long = draw.random(30) < 0.5
        made = gains_tax(gains, days, long, short_rate=0.37, long_rate=0.2)
        for mine, rate, found in ((~long, 0.37, made.short), (long, 0.2, made.long)):
            slow = _slow(gains[mine].tolist(), days[mine].tolist(), rate)
            assert [slow.get(day, 0.0) for day in made.days.tolist()] == pytest.approx(found.tolist(), abs=1e-10)
        assert made.carried_short >= 0.0


def test_the_other_ways_with_losses() -> None:
    gains, days, long = [100.0, -40.0, -10.0], [1, 2, 2], [True, False, True]
    lost = gains_tax(gains, days, long, short_rate=0.5, long_rate=0.1, losses="lost")
    assert (lost.short.tolist(), lost.long.tolist()) == ([0.0, 0.0], [10.0, 0.0])
    paid = gains_tax(gains, days, long, short_rate=0.5, long_rate=0.1, losses="credit")
    assert paid.total.tolist() == [10.0, -21.0]
    none = gains_tax([], [], [], short_rate=0.5, long_rate=0.1)
    assert (len(none.days), none.carried_long) == (0, 0.0)


def test_what_is_refused() -> None:
    with pytest.raises(UnknownName, match="losses"):
        gains_tax([1.0], [1], [True], short_rate=0.1, long_rate=0.1, losses="sold")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="short_rate"):
        gains_tax([1.0], [1], [True], short_rate=40, long_rate=0.1)
    with pytest.raises(InvalidInput):
        gains_tax([1.0, np.nan], [1, 2], [True, True], short_rate=0.1, long_rate=0.1)
