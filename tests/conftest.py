"""What every test may lean on: databases, data beside the checkout, settings of the property tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres_cluster import Cluster, find_binaries, running_cluster

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# Same examples in each run, so that a red run can be repeated; `thorough` looks for new ones.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True,
                          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
settings.register_profile("dev", parent=settings.get_profile("ci"), max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def _required(what: str) -> bool:
    return os.environ.get(f"ARGOSY_REQUIRE_{what}", "") not in ("", "0")


def _absent(what: str, reason: str) -> None:
    """Skip for want of something, or fail where it was promised to be there."""
    if _required(what):
        pytest.fail(f"{reason}, and ARGOSY_REQUIRE_{what} is set", pytrace=False)
    pytest.skip(reason)


def _need_shared(folder: str) -> Path:
    found = SHARED / folder
    if not found.is_dir():
        _absent("SHARED", f"needs the folder shared/{folder} beside the checkout")
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures they use; keep tests marked serial together on one worker."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"shared_data", "shared_cases"}:
            item.add_marker(pytest.mark.shared_data)
        if names & {"postgres_cluster", "postgres_url", "postgres_book_url"}:
            item.add_marker(pytest.mark.postgres)
        if item.get_closest_marker("serial"):
            item.add_marker(pytest.mark.xdist_group("serial"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked shared_data or postgres does not start without what it needs."""
    if item.get_closest_marker("shared_data"):
        _need_shared("data")
    if item.get_closest_marker("postgres"):
        _postgres_binaries()


def _postgres_binaries() -> Path:
    binaries = find_binaries()
    if binaries is None:
        _absent("POSTGRES", "needs PostgreSQL's server (initdb and postgres) in PATH or /usr/lib/postgresql/*/bin")
        raise AssertionError("not reached")
    return binaries


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data beside the checkout; the test is skipped where there is none."""
    return _need_shared("data")


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """Folder of worked cases beside the checkout; the test is skipped where there is none."""
    return _need_shared("cases")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this worker's own."""
    with running_cluster(_postgres_binaries()) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_url(postgres_cluster: Cluster) -> str:
    """Address of the server's maintenance database, for tests that make databases themselves."""
    return postgres_cluster.url("postgres")


@pytest.fixture
def postgres_book_url(postgres_cluster: Cluster) -> Iterator[str]:
    """Address of an empty PostgreSQL database of this test's own."""
    with postgres_cluster.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_book_url(tmp_path: Path) -> str:
    """Address of a SQLite book that does not exist yet."""
    return f"sqlite:///{tmp_path / 'book.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def book_url(request: pytest.FixtureRequest) -> str:
    """Address of an empty book; the test runs once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_book_url"))
