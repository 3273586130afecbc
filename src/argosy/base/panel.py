"""One labeled array: days by names by float64, read-only. Below it there are only axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Panel:
    """Values (T, N) of names on days: epoch days (T,) that rise, N names that differ; NaN where there is no value.

    Raises
    ------
    InvalidInput
        Shapes that do not fit, a name or a day that stands twice, days out of order.

    Examples
    --------
    >>> panel = Panel(np.array([1, 2]), ("A", "B"), np.array([[1.0, 2.0], [3.0, np.nan]]))
    >>> panel.take(("B",)).values.tolist(), panel.values.flags.writeable
    ([[2.0], [nan]], False)
    """

    days: Int64
    names: tuple[str, ...]
    values: Float64

    def __post_init__(self) -> None:
        days = np.array(self.days, dtype=np.int64)
        values = np.array(self.values, dtype=np.float64)
        if values.shape != (days.size, len(self.names)):
            raise InvalidInput(
                f"values have shape {values.shape} for {days.size} days and {len(self.names)} names", field="values"
            )
        if len(set(self.names)) != len(self.names):
            seen: set[str] = set()
            twice = next(name for name in self.names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
            raise InvalidInput(f"the name {twice!r} stands twice", field="names")
        back = np.flatnonzero(days[1:] <= days[:-1])
        if back.size:
            raise InvalidInput(f"days do not rise after {format_date(int(days[back[0]]))}", field="days")
        days.setflags(write=False)
        values.setflags(write=False)
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "values", values)

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Where there is no value (T, N)."""
        return np.isnan(self.values)

    def take(self, names: tuple[str, ...]) -> Panel:
        """The same days for some of the names, in the order asked for."""
        places = {name: place for place, name in enumerate(self.names)}
        return Panel(self.days, names, self.values[:, [places[name] for name in names]])

    def rows(self, keep: npt.NDArray[np.bool_] | slice) -> Panel:
        """Some of the days."""
        return Panel(self.days[keep], self.names, self.values[keep])
