"""The bundled demo book: built from the files and the manifest in the package, like any book."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from argosy.base.errors import ImportRefused
from argosy.interfaces.book import Book, create_book
from argosy.wiring import demo_file
from argosy.workflows.import_report import ImportReport

Say = Callable[[str], None]
MANIFEST = "demo.toml"


@dataclass(frozen=True)
class DemoManifest:
    """What the demo is made of, as its manifest says."""

    title: str
    note: str
    parts: Mapping[str, list[Mapping[str, Any]]] = field(repr=False)

    @classmethod
    def read(cls) -> DemoManifest:
        """The manifest in the package."""
        given = tomllib.loads(demo_file(MANIFEST).decode("utf-8"))
        return cls(given["title"], given.get("note", ""), {k: v for k, v in given.items() if isinstance(v, list)})

    def of(self, part: str) -> list[Mapping[str, Any]]:
        """The entries of a part, such as ``prices``; none where it is absent."""
        return self.parts.get(part, [])


def build_demo(url: str, *, say: Say = lambda _line: None) -> Book:
    """Create the demo book at a path or URL that is empty, and import everything; it is not closed yet.

    ``say`` is told a line for each step.
    """
    manifest = DemoManifest.read()
    book = create_book(url)
    try:
        for step in manifest.of("instruments"):
            say(_kept(book.import_instruments(demo_file(step["file"]), name=step["file"])))
        for one in manifest.of("benchmarks"):
            book.define_benchmark(
                one["code"], currency=one["currency"], instruments=one["instruments"], rebalance=one["rebalance"],
                name=one["name"],
            )  # fmt: skip
            say(f"benchmark {one['code']}: {one['name']}")
        for one in manifest.of("portfolios"):
            _portfolio(book, one)
            say(f"portfolio {one['code']}: {one['name']}, in {one['base_currency']}")
        for one in manifest.of("groups"):
            book.create_group(one["code"], name=one["name"], members=one["members"])
        for step in manifest.of("prices"):
            say(_kept(book.import_prices(
                demo_file(step["file"]), name=step["file"], source=step["source"], basis=step["basis"]
            )))  # fmt: skip
        for step in manifest.of("fx"):
            say(_kept(book.import_fx(demo_file(step["file"]), name=step["file"], source=step["source"])))
        for step in manifest.of("transactions"):
            say(_kept(book.import_transactions(demo_file(step["file"]), name=step["file"], source=step["source"])))
    except BaseException:
        book.close()
        raise
    return book


def _portfolio(book: Book, one: Mapping[str, Any]) -> None:
    accounts = one.get("accounts", [])
    codes = [account["code"] for account in accounts[:1]]
    book.create_portfolio(
        one["code"], currency=one["base_currency"], name=one["name"], accounts=codes, opened=one.get("opened")
    )
    for account in accounts[1:]:
        book.create_account(one["code"], account["code"], name=account["name"])
    if one.get("mandate"):
        book.set_mandate(one["code"], demo_file(one["mandate"]), name=one["mandate"])


def _kept(report: ImportReport) -> str:
    if report.problems:
        raise ImportRefused(f"the bundled file {report.source} was refused: {report.problems[0].text()}")
    return report.summary()
