"""Every error of the package has an exit code and an HTTP status."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from argosy.base import errors
from argosy.base.errors import ArgosyError, InvalidInput
from argosy.interfaces.wire import DEFECT, EXIT_CODES, OUTCOMES, error_data, outcome
from tests.house.source import modules


def kinds() -> list[type[ArgosyError]]:
    for module in modules():
        if ("ArgosyError" in module.text or "InvalidInput)" in module.text) and "migrations" not in module.name:
            importlib.import_module(module.name)
    return sorted(set(_below(ArgosyError)), key=lambda kind: kind.__name__)


def _below(kind: type[ArgosyError]) -> Iterator[type[ArgosyError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _below(child)


@pytest.mark.parametrize("kind", kinds())
def test_each_error_of_the_package_has_its_row(kind: type[ArgosyError]) -> None:
    if not kind.__module__.startswith("argosy."):
        return
    assert kind.code in OUTCOMES, f"{kind.__name__} needs a row in wire.OUTCOMES"
    found = outcome(kind("x") if kind.__init__ is ArgosyError.__init__ else _bare(kind))
    assert found.exit_code in EXIT_CODES
    assert 400 <= found.status <= 599


def _bare(kind: type[ArgosyError]) -> ArgosyError:
    return kind.__new__(kind)


def test_codes_are_told_apart() -> None:
    codes = [kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ArgosyError)]
    assert len(codes) == len(set(codes))


def test_a_new_error_takes_the_row_above_it() -> None:
    class Local(InvalidInput):
        code = "quite_new"

    assert outcome(Local("x")) == OUTCOMES["invalid_input"]


def test_what_nobody_foresaw_is_a_defect() -> None:
    assert outcome(KeyError("x")) == DEFECT
    assert outcome(KeyboardInterrupt()).exit_code == 130


def test_an_error_as_data() -> None:
    data = error_data(InvalidInput("bad", field="date", found=3, expected="a date", place="a.csv", next_step="mend it"))
    assert data == {
        "code": "invalid_input", "message": "bad", "place": "a.csv", "field": "date", "found": "3",
        "expected": "a date", "next_step": "mend it",
    }  # fmt: skip
