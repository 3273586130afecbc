"""The worked ledger cases as files that Argosy imports: what each case says, written in the neutral columns."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

ACCOUNT = "MAIN"
METHODS = {"FIFO": "FIFO", "MOVING_AVERAGE": "AVERAGE"}
SCOPES = {"per account": "account", "pooled over accounts": "portfolio"}

# What a case calls for that stands in its text rather than in its questions.
CASE_METHODS = {
    "RK-HIFO": "HIFO",
    "RK-LIFO": "LIFO",
    "BC-AVG-MERGE": "AVERAGE",
    "NT-TT-EXAMPLE": "AVERAGE",
    "NT-AVG-FX": "AVERAGE",
}
SHORT = {"PP-TRADE-SHORT-MULTI"}  # sells what it does not have
EXPENSED = {"NT-TT-EXAMPLE": Decimal("0.0001")}  # commission as a part of notional, charged at once
FINE_MONEY = {"NT-TT-EXAMPLE": 12}  # asks for an average cost to twelve decimals
COUNTS_SALES = {"RK-TWO-SELLS"}  # its `n` counts sales, after one purchase
NINE_DECIMALS = {"WF-DUST-FREE-LOT"}  # needs more than eight decimals of quantity

COLUMNS = (
    "date", "type", "portfolio", "account", "instrument", "quantity", "price", "gross", "fee", "tax", "net", "currency",
    "reference", "ratio", "value",
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """One book to ask: a case under one set of conventions, with further sales if the question wants them."""

    method: str = "FIFO"
    scope: str = "account"
    fees: str = "in_cost"
    oversell: str = "error"
    sell: str = ""
    upto: int = 0  # how many of the case's transactions; 0 = all

    def mandate(self, currency: str) -> str:
        """The setting as a mandate."""
        return (
            f'[portfolio]\nbase_currency = "{currency}"\n[lots]\nmethod = "{self.method}"\nscope = "{self.scope}"\n'
            f'fees = "{self.fees}"\noversell = "{self.oversell}"\n'
        )


@dataclass(frozen=True)
class Case:
    """One worked case."""

    given: dict[str, Any]
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", self.given["id"])

    @property
    def currency(self) -> str:
        return str(self.given["base_ccy"])

    @property
    def transactions(self) -> list[dict[str, str]]:
        return list(self.given["transactions"])

    def setting(self, question: dict[str, Any]) -> Setting:
        """The conventions a question names, or that the case implies."""
        args = question.get("args", {})
        return Setting(
            METHODS.get(args.get("method", ""), CASE_METHODS.get(self.id, "FIFO")),
            SCOPES.get(args.get("scope", ""), "account"),
            "expensed" if self.id in EXPENSED else "in_cost",
            "short" if self.id in SHORT else "error",
            str(args.get("sell_qty", "")),
            int(args.get("n", args.get("after", 0)) or 0) + (self.id in COUNTS_SALES and "n" in args),
        )

    def instruments(self) -> list[str]:
        return sorted({row["instrument"] for row in self.transactions if "instrument" in row})

    def instruments_csv(self) -> bytes:
        """instruments.csv of the case."""
        scale = "9" if self.id in NINE_DECIMALS else ""
        inverse = "yes" if self.given["area"] == "derivative_inverse" else ""
        rows = [
            {"code": name, "name": name, "type": "future" if inverse else "other", "currency": self.currency,
             "quantity_scale": scale, "inverse": inverse, "margined": inverse}
            for name in self.instruments()
        ]  # fmt: skip
        return written(("code", "name", "type", "currency", "quantity_scale", "inverse", "margined"), rows)

    def accounts(self) -> list[str]:
        return sorted({row.get("account", ACCOUNT) for row in self.transactions})

    def transactions_csv(self, setting: Setting) -> bytes:
        """transactions.csv of the case under a setting."""
        taken = self.transactions[: setting.upto or None]
        rows = [neutral(self, row, number) for number, row in enumerate(taken, 1)]
        if setting.sell:
            last = max(row["date"] for row in rows)
            rows.append({"date": last, "type": "sell", "portfolio": "P", "account": ACCOUNT, "net": "0",
                         "instrument": self.instruments()[0], "quantity": setting.sell})  # fmt: skip
        return written(COLUMNS, rows)

    def prices_csv(self) -> bytes:
        """prices.csv of the case."""
        return written(("date", "instrument", "price"), self.given["prices"])


def written(columns: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def neutral(case: Case, row: dict[str, str], number: int) -> dict[str, str]:
    """One transaction of a case in the neutral columns."""
    kind = row["kind"]
    cells = {"type": kind, "portfolio": "P", "account": row.get("account", ACCOUNT), "date": dated(case, row),
             "currency": case.currency, "reference": row.get("ext_ref", f"{case.id}-{number}")}  # fmt: skip
    for theirs, ours in (("instrument", "instrument"), ("qty", "quantity"), ("price", "price"), ("fee", "fee"),
                         ("tax", "tax"), ("net", "net")):  # fmt: skip
        if theirs in row:
            cells[ours] = row[theirs]
    if case.id in EXPENSED:
        cells["fee"] = str(Decimal(row["qty"]) * Decimal(row["price"]) * EXPENSED[case.id])
    match kind:
        case "lot" | "buy":
            cells["type"] = "buy"
            if "net" in row:
                cells["net"] = "-" + row["net"]
        case "sell" if "net" not in row and "price" not in row:
            cells["net"] = "0"
        case "split":
            cells["ratio"] = f"{row['ratio_new']}:{row['ratio_old']}"
        case "opening":
            cells["value"] = cells.pop("net")
        case "transfer_in":  # the case counts fee and tax inside what came in
            cells["type"] = "delivery_in"
            cells["value"] = str(Decimal(cells.pop("net")) - Decimal(row["fee"]) - Decimal(row["tax"]))
    return cells


def dated(case: Case, row: dict[str, str]) -> str:
    """The date, or one made up where a case has only d1, d2, ... or sells before it buys."""
    if row["date"].startswith("d"):
        return f"2024-01-{int(row['date'][1:]):02d}"
    if case.id == "BC-AVG-MERGE" and row["kind"] == "sell":
        return "2015-10-03"  # the case reduces lots by list order, whatever the date says
    return row["date"]


def book_cases(folder: Path) -> list[Case]:
    """The cases that a book of record has to answer."""
    cases = json.loads((folder / "ledger.json").read_text("utf-8"))["cases"]
    return [Case(case) for case in cases if case.get("belongs_to") == "book"]
