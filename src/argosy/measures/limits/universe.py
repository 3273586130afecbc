"""The names a limit speaks about, with what is known of each: attributes, holdings, benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData, UnknownName, unknown

Float64 = npt.NDArray[np.float64]
Values = Sequence[object] | Float64


@dataclass(frozen=True, eq=False)
class Universe:
    """Names (N) with text or numeric attributes, weights held now, and the benchmark's.

    ``holdings`` and ``benchmark`` are None where there are none: limits that need them are refused.
    """

    names: tuple[str, ...]
    attributes: Mapping[str, Values] = field(default_factory=dict)
    holdings: Float64 | None = None
    benchmark: Float64 | None = None

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise InvalidInput(f"the name {twice!r} stands twice in the universe", field="names")
        for label, values in self.attributes.items():
            if len(values) != len(self.names):
                raise InvalidInput(
                    f"attribute {label!r} has {len(values)} values for {len(self.names)} names", field="attributes"
                )

    @property
    def size(self) -> int:
        """Number of names."""
        return len(self.names)

    def place(self, name: str) -> int:
        """Where a name stands."""
        try:
            return self.names.index(name)
        except ValueError:
            raise unknown("asset", name, self.names, place="limits") from None

    def held(self, why: str) -> Float64:
        """Current weights, or the refusal that says what needs them."""
        if self.holdings is None:
            raise MissingData(f"{why} needs the current holdings", field="holdings",
                              next_step="give holdings= (zeros for a new portfolio)")  # fmt: skip
        return self.holdings

    def against(self, why: str) -> Float64:
        """The benchmark's weights, or the refusal that says what needs them."""
        if self.benchmark is None:
            raise MissingData(f"{why} needs a benchmark", field="benchmark", next_step="give benchmark= as weights")
        return self.benchmark

    def numbers(self, attribute: str) -> Float64:
        """A numeric attribute; a missing value is refused by name."""
        values = self._attribute(attribute)
        try:
            found = (
                values if isinstance(values, np.ndarray) and values.dtype == np.float64
                else np.array([float(str(value)) for value in values], dtype=np.float64)
            )  # fmt: skip
        except ValueError:
            wrong = next(v for v in values if not _is_number(v))
            raise InvalidInput(f"attribute {attribute!r} is not numeric: {wrong!r}", field="attributes") from None
        if not np.isfinite(found).all():
            lacking = [self.names[i] for i in np.flatnonzero(~np.isfinite(found)).tolist()]
            raise MissingData(f"attribute {attribute!r} is missing for {', '.join(lacking[:5])}", field="attributes")
        return found

    def groups(self, scope: str) -> list[tuple[str, npt.NDArray[np.bool_]]]:
        """Sets of names a scope speaks about, each with its label: one asset, a group, or each value of an attribute.

        Examples
        --------
        >>> u = Universe(("A", "B", "C"), {"sector": ["X", "Y", "X"]})
        >>> [(label, mask.tolist()) for label, mask in u.groups("sector=each")]
        [('sector=X', [True, False, True]), ('sector=Y', [False, True, False])]
        """
        if scope in self.names:
            mask = np.zeros(self.size, dtype=bool)
            mask[self.place(scope)] = True
            return [(scope, mask)]
        found: list[tuple[str, npt.NDArray[np.bool_]]] = [("", np.ones(self.size, dtype=bool))]
        for part in scope.split("&"):
            attribute, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals:
                raise unknown("asset", attribute, self.names, place="limits")
            values = np.array([str(item) for item in self._attribute(attribute)])
            if value != "each" and not (values == value).any():
                raise unknown(attribute, value, values.tolist(), place="limits")
            chosen = np.unique(values).tolist() if value == "each" else [value]
            masks = [(f"{attribute}={one}", values == one) for one in chosen]
            found = [
                (f"{label} & {name}".removeprefix(" & "), mask & other)
                for label, mask in found
                for name, other in masks
            ]
        return [(label, mask) for label, mask in found if mask.any()]

    def _attribute(self, label: str) -> Values:
        if not self.attributes:
            raise UnknownName(f"unknown attribute {label!r}", field="attribute", found=label, place="limits",
                              next_step="give attributes=, N values by its name")  # fmt: skip
        if label not in self.attributes:
            raise unknown("attribute", label, self.attributes, place="limits")
        return self.attributes[label]


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True
