"""Prescribed sets of scenarios, as a supervisor publishes them: a TOML text becomes shocks by step and factor."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, unknown
from argosy.base.table import Column, Table
from argosy.measures.performance.series import refusal
from argosy.measures.risk.stress.shocks import Kind, ShockTable, checked_kinds, possible

Float64 = npt.NDArray[np.float64]

_KEYS = {"name", "style", "note", "step", "factors", "scenarios"}
_SCENARIO_KEYS = {"name", "story", "shocks"}


@dataclass(frozen=True, eq=False)
class PrescribedScenario:
    """One scenario: changes (steps, K) since the start at the end of each step."""

    name: str
    story: str
    paths: Float64


@dataclass(frozen=True, eq=False)
class PrescribedSet:
    """A set of scenarios on the same factors; ``note`` says whose numbers they are."""

    name: str
    style: str
    note: str
    step: str
    factors: tuple[str, ...]
    kinds: tuple[Kind, ...]
    scenarios: tuple[PrescribedScenario, ...]

    def shocks(self, *, at: int | None = None) -> ShockTable:
        """Shocks of each scenario at one step (0 is the first), or where each is at its last."""
        rows = []
        for one in self.scenarios:
            if at is not None and not 0 <= at < len(one.paths):
                raise refusal(f"step {at} of {one.name}", field="at", found=at, expected=f"0 to {len(one.paths) - 1}")
            rows.append(one.paths[-1 if at is None else at])
        values = np.array(rows)
        return ShockTable(
            tuple(one.name for one in self.scenarios),
            self.factors,
            self.kinds,
            values,
            np.zeros(values.shape, np.bool_),
        )

    def path(self, scenario: str) -> Float64:
        """Changes (steps, K) since the start of one scenario."""
        for one in self.scenarios:
            if one.name == scenario:
                return one.paths
        raise unknown("scenario", scenario, [one.name for one in self.scenarios])

    def table(self) -> Table:
        """One row per scenario and step."""
        rows = [(one.name, n + 1, row) for one in self.scenarios for n, row in enumerate(one.paths)]
        return Table(
            self.name,
            (
                Column("scenario", "text", [name for name, _, _ in rows]),
                Column(self.step, "integer", [n for _, n, _ in rows]),
                *(Column(factor, "ratio", [float(row[k]) for _, _, row in rows], unit="x")
                  for k, factor in enumerate(self.factors)),
            ),
            notes=(self.note,),
        )  # fmt: skip


def prescribed_set(text: str, *, place: str = "") -> PrescribedSet:
    """Read a set of scenarios from TOML.

    ``factors`` maps each factor to "relative" or "absolute"; each of ``[[scenarios]]`` has a name, a story and
    ``shocks``: factor -> list of changes since the start, one per step. A factor without shocks does not move.

    Examples
    --------
    >>> found = prescribed_set('''
    ... name = "house"
    ... style = "own"
    ... note = "made up"
    ... step = "quarter"
    ... [factors]
    ... equity = "relative"
    ... [[scenarios]]
    ... name = "slump"
    ... story = "a slow one"
    ... shocks.equity = [-0.1, -0.25]
    ... ''')
    >>> found.shocks().row("slump").tolist(), found.shocks(at=0).row("slump").tolist()
    ([-0.25], [-0.1])
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"the scenarios are no TOML: {error}", field="text", place=place) from error
    _keys(given, _KEYS, _KEYS, place)
    if not isinstance(given["factors"], dict) or not given["factors"]:
        raise refusal("factors are no table", field="factors", expected='such as equity = "relative"')
    names = tuple(given["factors"])
    kinds = checked_kinds([str(kind) for kind in given["factors"].values()], len(names))
    scenarios = given["scenarios"]
    if not isinstance(scenarios, list) or not scenarios:
        raise refusal("there are no scenarios", field="scenarios", expected="[[scenarios]] one or more times")
    found = tuple(_scenario(one, names, kinds, place) for one in scenarios)
    labels = [one.name for one in found]
    if len(set(labels)) < len(labels):
        raise refusal(f"scenarios are called {labels}", field="scenarios", expected="different names")
    return PrescribedSet(
        str(given["name"]), str(given["style"]), str(given["note"]), str(given["step"]), names, kinds, found
    )


def _scenario(given: Any, names: tuple[str, ...], kinds: tuple[Kind, ...], place: str) -> PrescribedScenario:
    if not isinstance(given, dict):
        raise refusal("a scenario is no table", field="scenarios", expected="[[scenarios]]")
    _keys(given, _SCENARIO_KEYS, _SCENARIO_KEYS, place)
    label = str(given["name"])
    shocks: Mapping[str, Any] = given["shocks"]
    for name in shocks:
        if name not in names:
            raise unknown("factor", name, names, place=f"{place} {label}".strip())
    lengths = {len(path) for path in shocks.values() if isinstance(path, list)}
    if len(lengths) != 1 or 0 in lengths or any(not isinstance(path, list) for path in shocks.values()):
        raise refusal(f"the paths of {label} have different lengths or none", field="shocks",
                      expected="one list of changes for each factor, all as long")  # fmt: skip
    paths = np.zeros((lengths.pop(), len(names)))
    for name, path in shocks.items():
        k = names.index(name)
        paths[:, k] = [possible(change, kinds[k], f"{label}: {name}") for change in path]
    return PrescribedScenario(label, str(given["story"]), paths)


def _keys(given: Mapping[str, Any], allowed: set[str], needed: set[str], place: str) -> None:
    for name in given:
        if name not in allowed:
            raise unknown("entry", name, allowed, place=place)
    for name in sorted(needed - set(given)):
        raise InvalidInput(f"the entry {name!r} is missing", field=name, place=place, expected=f"{name} = ...")
