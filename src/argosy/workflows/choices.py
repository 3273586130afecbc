"""Conventions of attribution by name, as people write them."""

from __future__ import annotations

from typing import Any, get_args

from argosy.base.errors import unknown
from argosy.measures.attribution.book_answer import Choices
from argosy.measures.attribution.book_effects import OffBenchmark
from argosy.measures.attribution.brinson import Interaction, Method
from argosy.measures.attribution.linking import LinkMethod
from argosy.measures.performance.frequency import Frequency
from argosy.measures.performance.intervals import Intervals

METHODS: tuple[str, ...] = get_args(Method)
INTERACTIONS: tuple[str, ...] = get_args(Interaction)
LINKINGS: tuple[str, ...] = get_args(LinkMethod)
OFF_BENCHMARK: tuple[str, ...] = get_args(OffBenchmark)
INTERVALS: tuple[str, ...] = get_args(Intervals)
FREQUENCIES: tuple[str, ...] = get_args(Frequency)


def choices(
    *, method: str = "brinson-fachler", interaction: str = "separate", linking: str = "carino",
    off_benchmark: str = "selection", geometric: bool = False, trading: bool = True, frequency: str = "",
) -> Choices:  # fmt: skip
    """Check names and put them together; an unknown one is answered with the nearest.

    Examples
    --------
    >>> choices(linking="grap").linking
    'grap'
    """
    for what, given, valid in (
        ("method", method, METHODS), ("interaction", interaction, INTERACTIONS), ("linking", linking, LINKINGS),
        ("off_benchmark", off_benchmark, OFF_BENCHMARK), ("frequency", frequency or "daily", FREQUENCIES),
    ):  # fmt: skip
        if given not in valid:
            raise unknown(what, given, valid)
    checked: dict[str, Any] = {
        "method": method, "interaction": interaction, "linking": linking, "off_benchmark": off_benchmark,
        "frequency": frequency or None,
    }  # fmt: skip
    return Choices(**checked, geometric=geometric, trading=trading)
