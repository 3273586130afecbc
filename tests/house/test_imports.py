"""What each floor may take from outside the package. The order of the floors is import-linter's (pyproject.toml)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.house.source import Import, Module, is_within, modules, rooms

FLOORS = frozenset({
    "__main__", "interfaces", "wiring", "adapters", "workflows", "reporting", "construction", "compliance", "measures",
    "models", "record", "kernels", "base",
})  # fmt: skip
UP_TO_WORKFLOWS = FLOORS - {"__main__", "interfaces", "wiring", "adapters"}

SQL = frozenset({"sqlalchemy", "alembic", "psycopg", "psycopg_pool", "pysqlite3", "sqlite3", "adbc_driver_manager",
                 "adbc_driver_sqlite", "duckdb"})  # fmt: skip
FILES = frozenset({"csv", "shutil", "tempfile", "glob", "mmap", "zipfile", "tarfile", "gzip", "xlsxwriter", "openpyxl",
                   "typst", "vl_convert"})  # fmt: skip
NETWORK = frozenset({"http", "urllib.request", "socket", "ssl", "smtplib", "requests", "httpx", "aiohttp"})
FACES = frozenset({"click", "rich", "fastapi", "starlette", "uvicorn", "dash", "plotly", "pydantic"})
FRAMES = frozenset({"polars", "pandas", "pyarrow"})
AMBIENT = frozenset({"random", "secrets", "time", "os", "subprocess", "multiprocessing", "threading"})
CALENDARS = frozenset({"exchange_calendars"})
SOLVERS = frozenset({"numba", "scipy.optimize", "clarabel", "piqp", "highspy", "cvxpy", "osqp", "jax"})
CLUSTERS = frozenset({"distributed", "dask", "ray"})
ARRAYS = frozenset({"numpy", "scipy"})

# base/table.py hands its columns to the dataframe library that the caller uses, and imports it only then.
TABLE = "argosy.base.table"


def broken(applies: Callable[[Module], bool], forbidden: Callable[[Module, Import], bool]) -> list[str]:
    return sorted({
        f"{module.where(found.line)}: {module.name} imports {found.module}"
        for module in modules() if applies(module)
        for found in module.imports() if forbidden(module, found)
    })  # fmt: skip


def report(lines: list[str], rule: str) -> None:
    if lines:
        pytest.fail(rule + ":\n  " + "\n  ".join(lines), pytrace=False)


def test_every_room_is_known() -> None:
    assert rooms() <= FLOORS | {"demo"}


def test_from_base_to_workflows_the_world_is_passed_in() -> None:
    world = SQL | FILES | NETWORK | FACES | FRAMES | AMBIENT | CALENDARS

    def forbidden(module: Module, found: Import) -> bool:
        lazy = found.inside_function or found.for_types
        listed = module.name == TABLE and lazy and is_within(found.module, FRAMES)
        return is_within(found.module, world) and not listed

    report(
        broken(lambda m: m.room in UP_TO_WORKFLOWS, forbidden), "no SQL, file, network, interface or dataframe library"
    )


def test_only_kernels_call_a_solver_or_the_jit() -> None:
    report(
        broken(lambda m: m.room != "kernels", lambda _, found: is_within(found.module, SOLVERS)),
        "only kernels call a solver or the JIT",
    )


def test_only_compute_adapters_know_a_distributed_engine() -> None:
    report(
        broken(
            lambda m: not is_within(m.name, frozenset({"argosy.adapters.compute"})),
            lambda _, found: is_within(found.module, CLUSTERS),
        ),
        "only adapters/compute knows a distributed engine",
    )


def test_only_wiring_imports_adapters() -> None:
    report(
        broken(
            lambda m: m.room not in {"wiring", "adapters"},
            lambda _, found: is_within(found.module, frozenset({"argosy.adapters"})),
        ),
        "only wiring imports adapters",
    )


def test_workflows_and_interfaces_do_no_arithmetic() -> None:
    report(
        broken(lambda m: m.room in {"workflows", "interfaces"}, lambda _, found: is_within(found.module, ARRAYS)),
        "workflows and interfaces pass values on and do no arithmetic",
    )


def test_imports_name_the_whole_path_and_no_star() -> None:
    report(
        broken(lambda _: True, lambda _, found: found.module.startswith(".") or found.module.endswith(".*")),
        "no relative and no star imports",
    )
