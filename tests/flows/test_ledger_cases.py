"""Worked ledger cases of other systems, asked through the public face; conventions are named options of the mandate."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import argosy
from tests.conftest import SHARED
from tests.flows.books import Rows, case_book, total
from tests.flows.ledger_cases import Case, Setting, book_cases

LAST = "2025-12-31"

# Questions that a book cannot be asked, each with the reason.
NOT_ASKED = {
    ("NT-INVERSE-LONG", "commission"): "the case gives a commission without its rate; a book records what was charged",
}


@dataclass
class Asked:
    """A book with one case in it, and the question."""

    book: argosy.Book
    case: Case
    setting: Setting
    args: dict[str, Any]

    @property
    def as_of(self) -> str:
        return str(self.args.get("date") or self.case.given.get("as_of") or LAST)

    def positions(self) -> Rows:
        return self.book.positions(as_of=self.as_of).table().rows()

    def cost(self) -> Decimal:
        return total(self.positions(), "cost")

    def quantity(self) -> Decimal:
        return total(self.positions(), "quantity")

    def realized(self) -> Rows:
        return self.book.gains(as_of=self.as_of, kind="realized").table().rows()

    def of_last_event(self) -> Rows:
        """Reliefs of the last transaction that counts: the one that `n` names."""
        last = max(row["event"] for row in self.book.transactions(as_of=self.as_of).table().rows())
        return [row for row in self.realized() if row["event"] == last]

    def unrealized(self) -> Decimal:
        return total(self.book.gains(as_of=self.as_of, kind="unrealized").table().rows(), "gain")

    def charged(self, column: str) -> Decimal:
        rows = self.book.transactions(as_of=self.as_of).table().rows()
        return sum((row.get(column) or Decimal(0) for row in rows), Decimal(0))

    def bought(self) -> Decimal:
        rows = self.book.transactions(as_of=self.as_of).table().rows()
        return -sum((row["net"] for row in rows if row["type"] == "buy"), Decimal(0))

    def delivered(self) -> Decimal:
        """Value of what was delivered, before what was charged for it."""
        return self.cost()


Answer = Callable[[Asked], Decimal]
ANSWERS: dict[str, Answer] = {
    "cost_basis": Asked.cost,
    "remaining_cost": Asked.cost,
    "investment": Asked.cost,
    "average_cost": lambda asked: asked.cost() / asked.quantity(),
    "average_price": lambda asked: asked.cost() / asked.quantity(),
    "qty": Asked.quantity,
    "open_qty": Asked.quantity,
    "remaining_qty": Asked.quantity,
    "open_entry_proceeds": lambda asked: -asked.cost(),
    "remaining_lot_original_qty": lambda asked: total(asked.book.lots(as_of=LAST).table().rows(), "opened"),
    "relieved_cost": lambda asked: total(asked.of_last_event(), "cost"),
    "realised_gain": lambda asked: total(asked.of_last_event() if "n" in asked.args else asked.realized(), "gain"),
    "realised_net": lambda asked: total(asked.realized(), "gain") - asked.charged("fee"),
    "unrealised_gain": Asked.unrealized,
    "total_gain_ratio": lambda asked: (total(asked.realized(), "gain") + asked.unrealized()) / asked.bought(),
    "return": lambda asked: total(asked.realized(), "gain") / -total(asked.realized(), "cost"),
    "account_value": lambda asked: total(asked.book.cash(as_of=asked.as_of).table().rows(), "traded"),
    "cash": lambda asked: total(asked.book.cash(as_of=asked.as_of).table().rows(), "traded"),
    "tax_on_day": lambda asked: total(
        asked.book.income(as_of=asked.as_of, first=asked.as_of, last=asked.as_of).table().rows(), "tax"
    ),
    "fees": lambda asked: asked.charged("fee"),
    "taxes": lambda asked: asked.charged("tax"),
    "gross_value": Asked.delivered,
    "transfers_in": lambda asked: asked.delivered() + asked.charged("fee") + asked.charged("tax"),
    "earnings": lambda asked: total(asked.realized(), "gain") + total(asked.book.income().table().rows(), "net"),
    "net_performance": lambda asked: total(asked.realized(), "gain"),
}


def relieved_lots(asked: Asked) -> list[list[Decimal]]:
    """Quantity and unit cost of each lot that sales undid, in order."""
    return [[row["quantity"], row["cost"] / row["quantity"]] for row in asked.realized()]


def questions() -> list[Any]:
    """Every question of every case, known when tests are collected; nothing where the cases are not there."""
    folder = SHARED / "cases"
    if not (folder / "ledger.json").exists():
        return []
    return [
        pytest.param(case, question, id=f"{case.id}-{question['ask']}-{number}")
        for case in book_cases(folder)
        for number, question in enumerate(case.given["questions"])
    ]


@contextmanager
def asked_book(folder: Path, case: Case, question: dict[str, Any]) -> Iterator[Asked]:
    setting = case.setting(question)
    args = question.get("args", {})
    if "price" in args:  # the question brings the price with it
        case = replace(case, given={**case.given, "prices": [priced(case, args["price"])]})
    url = f"sqlite:///{folder / 'book.db'}"
    with case_book(url, folder, case, setting, imports=int(args.get("imports", 1))) as book:
        yield Asked(book, case, setting, args)


def priced(case: Case, price: str) -> dict[str, str]:
    return {"instrument": case.instruments()[0], "date": "2024-12-31", "price": price}


@pytest.mark.shared_data
@pytest.mark.parametrize(("case", "question"), questions())
def test_case(tmp_path: Path, case: Case, question: dict[str, Any]) -> None:
    reason = NOT_ASKED.get((case.id, question["ask"]))
    if reason:
        pytest.skip(reason)
    tolerance = Decimal(question["tol"])
    with asked_book(tmp_path, case, question) as asked:
        if question["ask"] == "relieved_lots":
            wanted = [[Decimal(number) for number in pair] for pair in json.loads(question["expect"])]
            found = relieved_lots(asked)
            assert len(found) == len(wanted), found
            for got, want in zip(found, wanted, strict=True):
                assert all(abs(a - b) <= tolerance for a, b in zip(got, want, strict=True)), found
            return
        got_one = ANSWERS[question["ask"]](asked)
        assert abs(got_one - Decimal(question["expect"])) <= tolerance, got_one


@pytest.mark.shared_data
def test_each_case_is_there(shared_cases: Path) -> None:
    assert len(book_cases(shared_cases)) == 21
    assert len(questions()) - len(NOT_ASKED) >= 60
