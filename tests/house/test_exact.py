"""The record of what happened sees no floating point, and nobody below the interfaces reads a clock or opens a file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Module, modules
from tests.house.test_imports import UP_TO_WORKFLOWS

FLOAT_NAMES = frozenset({
    "float", "complex", "float16", "float32", "float64", "longdouble", "double", "half", "single", "NDArrayFloat",
})  # fmt: skip
FLOAT_TYPES = frozenset({"float", "float16", "float32", "float64", "f2", "f4", "f8", "<f8", ">f8", "<f4", "d"})
CLOCKS = frozenset({"now", "utcnow", "today", "fromtimestamp"})


def floats(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Constant(value=float() | complex()):
                yield f"{module.where(node.lineno)}: the number {node.value!r}"
            case ast.Name(id=name) if name in FLOAT_NAMES:
                yield f"{module.where(node.lineno)}: {name}"
            case ast.Attribute(attr=name) if name in FLOAT_NAMES:
                yield f"{module.where(node.lineno)}: .{name}"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield f"{module.where(node.lineno)}: true division"
            case ast.keyword(arg="dtype", value=ast.Constant(value=str() as name)) if name in FLOAT_TYPES:
                yield f"{module.where(node.value.lineno)}: dtype {name!r}"
            case ast.Import() | ast.ImportFrom() if "math" in {alias.name for alias in node.names} | {
                getattr(node, "module", None)
            }:
                yield f"{module.where(node.lineno)}: math"


def ambient(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id="open" | "print" | "input" as name)):
                yield f"{module.where(node.lineno)}: calls {name}()"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name)) if name in CLOCKS:
                yield f"{module.where(node.lineno)}: reads the clock by {name}()"
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="random"), attr=name) if (
                name != "Generator"
            ):  # the type of what is passed in
                yield f"{module.where(node.lineno)}: draws from numpy.random; take a Generator as an argument"


def test_the_ledger_sees_no_floating_point() -> None:
    ledger = [module for module in modules() if module.name.startswith("argosy.record.ledger")]
    assert ledger
    found = [line for module in ledger for line in floats(module)]
    if found:
        pytest.fail("floating point in record.ledger:\n  " + "\n  ".join(found), pytrace=False)


def test_clocks_files_and_randomness_are_passed_in() -> None:
    found = [line for module in modules() if module.room in UP_TO_WORKFLOWS for line in ambient(module)]
    if found:
        pytest.fail("taken from the surroundings instead of passed in:\n  " + "\n  ".join(found), pytrace=False)


@pytest.mark.parametrize(
    "line", ["x = 1.5", "x = a / b", "x /= 2", "x = float(a)", "def f(x: float): ...", "np.float64(a)", "import math",
             "from math import floor", "np.zeros(3, dtype='f8')"],
)  # fmt: skip
def test_the_scan_sees_floats(line: str) -> None:
    example = modules()[0]
    assert list(floats(Module(example.path, example.name, line, ast.parse(line))))


@pytest.mark.parametrize("line", ["x = 15", "x = a // b", "x = Decimal('1.5')", "np.zeros(3, dtype='i8')"])
def test_the_scan_lets_integers_pass(line: str) -> None:
    example = modules()[0]
    assert not list(floats(Module(example.path, example.name, line, ast.parse(line))))
