"""The labeled array: shapes, names, days, and that nobody writes to it."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput
from argosy.base.panel import Panel


def test_it_is_a_copy_that_cannot_be_written_to() -> None:
    values = np.ones((2, 1))
    panel = Panel(np.array([1, 2]), ("A",), values)
    values[0, 0] = 5.0
    assert panel.values[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        panel.values[0, 0] = 2.0
    with pytest.raises(ValueError, match="read-only"):
        panel.days[0] = 2


def test_rows_and_names_are_taken_in_order() -> None:
    panel = Panel(np.array([1, 2, 3]), ("A", "B"), np.arange(6.0).reshape(3, 2))
    assert panel.take(("B", "A")).values.tolist() == [[1.0, 0.0], [3.0, 2.0], [5.0, 4.0]]
    assert panel.rows(slice(1, 3)).days.tolist() == [2, 3]
    assert panel.rows(np.array([True, False, True])).values[:, 0].tolist() == [0.0, 4.0]


@pytest.mark.parametrize(
    ("days", "names", "shape", "says"),
    [
        ([1, 2], ("A",), (2, 2), "shape"),
        ([1, 2], ("A", "A"), (2, 2), "'A' stands twice"),
        ([2, 2], ("A",), (2, 1), "do not rise after 1970-01-03"),
        ([3, 2], ("A",), (2, 1), "do not rise"),
    ],
)
def test_what_does_not_fit_is_refused(
    days: list[int], names: tuple[str, ...], shape: tuple[int, int], says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        Panel(np.array(days), names, np.zeros(shape))
