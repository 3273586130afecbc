"""What trading costs beyond a fixed rate per unit: the 3/2 power of market impact, and rates that change with the size.

``impact |x - x0|^1.5 + sum k |x - r| + tilt'x + constant`` is convex when ``impact`` and each k are not negative. What
is not convex, a fee for trading at all and a gain on the first unit sold, stands beside it for models that choose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layer:
    """A change of slope: ``weights |x - reference|``, (N,) each."""

    weights: Float64
    reference: Float64


@dataclass(frozen=True, eq=False)
class Charges:
    """Convex cost of moving from ``start`` to x, (N,) each.

    ``fixed`` and ``relief`` (None: none) are no part of the numbers here: :mod:`argosy.kernels.choices` prices them.

    Examples
    --------
    >>> one = Charges(np.array([0.1]), (), np.zeros(1), 0.0)
    >>> round(one.value(np.array([0.05]), np.array([0.01])), 9)
    0.0008
    """

    impact: Float64
    layers: tuple[Layer, ...]
    tilt: Float64
    constant: float
    fixed: Float64 | None = None
    relief: Float64 | None = None

    @property
    def chooses(self) -> bool:
        """True when a model has to choose whether, or which way, to trade."""
        return bool((self.fixed is not None and self.fixed.any()) or (self.relief is not None and self.relief.any()))

    def value(self, x: Float64, start: Float64) -> float:
        """The cost."""
        moved = np.abs(x - start)
        kinks = sum(float(layer.weights @ np.abs(x - layer.reference)) for layer in self.layers)
        return float(self.impact @ (moved * np.sqrt(moved))) + kinks + float(self.tilt @ x) + self.constant

    def slope(self, x: Float64, start: Float64) -> Float64:
        """Derivative (N,) of all but the layers, which have none at their kinks."""
        moved = x - start
        found: Float64 = 1.5 * self.impact * np.sqrt(np.abs(moved)) * np.sign(moved) + self.tilt
        return found

    def scaled(self, factor: float) -> Charges:
        """The same at another price."""
        layers = tuple(Layer(factor * layer.weights, layer.reference) for layer in self.layers)
        return Charges(
            factor * self.impact, layers, factor * self.tilt, factor * self.constant,
            None if self.fixed is None else factor * self.fixed, None if self.relief is None else factor * self.relief,
        )  # fmt: skip
