"""A book in Python: the same capabilities as the command line, as typed results.

Takes names, dates and files; gives frozen results that convert to Polars and pandas, pass as Arrow without importing
either, and show themselves in a notebook. Refuses what the command line refuses, with the same errors.
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING

from argosy.interfaces.book.analysis import AnalysisQuestions
from argosy.interfaces.book.imports import ImportSteps
from argosy.interfaces.book.keeping import KeepingSteps
from argosy.interfaces.book.measures import MeasureQuestions
from argosy.interfaces.book.optimizing import OptimizingQuestions
from argosy.interfaces.book.rebalancing import RebalancingSteps
from argosy.interfaces.book.risk import RiskQuestions
from argosy.interfaces.book.series import SeriesImports
from argosy.interfaces.book.setup import SetupSteps
from argosy.interfaces.book.sleeves import SleeveQuestions
from argosy.interfaces.book.state import StateQuestions
from argosy.wiring import create_store, open_store, restore_store

if TYPE_CHECKING:
    from argosy.record.mandate import Mandate

__all__ = ["Book", "check_mandate", "create_book", "open_book", "restore_book"]


class Book(
    StateQuestions,
    MeasureQuestions,
    AnalysisQuestions,
    OptimizingQuestions,
    RiskQuestions,
    RebalancingSteps,
    SleeveQuestions,
    SetupSteps,
    ImportSteps,
    SeriesImports,
    KeepingSteps,
):
    """An open book. Use it in a ``with`` block, or call :meth:`close`.

    Every question takes ``as_of`` (effective day: ISO text, date) and ``known_at`` (what the book knew then: ISO text
    with zone, datetime); without them it is the last day the book knows something about, and all it knows.
    Everything that writes takes ``dry_run``.
    """


def open_book(url: str) -> Book:
    """Open a book: a path, ``sqlite:///PATH`` or ``postgresql://USER@HOST/NAME``.

    Raises :class:`~argosy.base.errors.BookError` where there is none, or where it is of another version.
    """
    return Book(open_store(url))


def create_book(url: str, *, market: str = "") -> Book:
    """Make an empty book and open it. ``market`` is the folder of its market files (needed for PostgreSQL)."""
    return Book(create_store(url, market_location=market))


def restore_book(
    archive: str, url: str, *, market: str = "", progress: Callable[[int, int], None] | None = None
) -> Book:
    """Make a book at ``url`` from a backup; its chain is walked and its head compared before it is given."""
    return Book(restore_store(archive, url, market_location=market, progress=progress))


def check_mandate(text: str | bytes | PathLike[str], *, name: str = "mandate.toml") -> Mandate:
    """Read a mandate (TOML text, or the path of its file), or raise an error with every problem and its line."""
    from argosy.interfaces.arguments import mandate
    from argosy.record.mandate import MandateError, parse_mandate
    from argosy.workflows.mandate_names import name_problems

    read, label = mandate(text, name=name)
    found = parse_mandate(read, source=label)
    problems = name_problems(read, source=label)
    if problems:
        raise MandateError(label, problems)
    return found
