"""Books of their own for tests of the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.opening import create_book
from tests.adapters.store.samples import ticking


@pytest.fixture
def book(book_url: str) -> Iterator[StoredBook]:
    """An empty book, once on SQLite and once on PostgreSQL."""
    made = create_book(book_url, clock=ticking())
    yield made
    made.close()


@pytest.fixture
def sqlite_book(sqlite_book_url: str) -> Iterator[StoredBook]:
    """An empty book on SQLite."""
    made = create_book(sqlite_book_url, clock=ticking())
    yield made
    made.close()
