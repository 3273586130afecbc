"""What a model with settings of its own is, and how one model asks for another inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import MissingData
from argosy.construction.optimize.mean_variance import Outcome
from argosy.construction.optimize.problem import Problem

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Asked:
    """What single models are asked with beside the problem; each model takes what it needs."""

    risk_aversion: float | None = None
    target: float | None = None
    budgets: Float64 | None = None
    level: float = 0.95
    generator: Generator | None = None
    risk: str | None = None

    def aversion(self, model: str) -> float:
        """The risk aversion, or the refusal that says which model lacks it."""
        if self.risk_aversion is None:
            raise MissingData(f"the model {model!r} needs risk_aversion=", field="risk_aversion")
        return self.risk_aversion

    def aim(self, model: str) -> float:
        """The target, or the refusal that says which model lacks it."""
        if self.target is None:
            raise MissingData(f"the model {model!r} needs target=", field="target")
        return self.target

    def draws(self, model: str) -> Generator:
        """The source of randomness, or the refusal that says which model lacks it."""
        if self.generator is None:
            raise MissingData(
                f"the model {model!r} draws samples and needs generator=", field="generator",
                next_step="give numpy.random.default_rng(SEED); the same seed gives the same bits",
            )  # fmt: skip
        return self.generator


@runtime_checkable
class Model(Protocol):
    """A model with settings of its own: ``optimize(Model(...), ...)`` asks it, and so does a model that nests it."""

    @property
    def name(self) -> str:
        """What the result is called."""

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights for a problem; ``run`` answers a model inside this one, by name or with settings."""


Run = Callable[["str | Model", Problem, Asked], Outcome]
