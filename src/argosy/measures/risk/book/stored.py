"""Risk as the close stores it: integers by portfolio, day, measure and asset, twelve decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from argosy.base.fingerprint import two_words
from argosy.base.money import currency_code, currency_name
from argosy.base.table import Column, Table
from argosy.measures.risk.book.report import BookRisk
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
METHOD = "risk/1"
"""Name and version of how stored risk is computed."""
COLUMNS = ("portfolio", "date", "measure", "kind", "item", "value", "fingerprint_hi", "fingerprint_lo")
COMPARED = COLUMNS[:-2]
MEASURES = {"volatility": 1, "tracking error": 2, "value at risk": 3, "expected shortfall": 4, "confidence": 5,
            "horizon": 6, "value": 7}  # fmt: skip
"""Numbers of measures; stored and never reused. Of models see ``MODEL_NUMBERS``."""
MODEL_NUMBERS = {"adaptive gjr-t": 100, "filtered gjr-t": 101, "filtered garch": 102, "volatility-scaled": 103,
                 "historical": 104, "age-weighted": 105, "normal": 106, "student t": 107, "cornish-fisher": 108,
                 "ewma": 109, "gjr-t": 110, "extreme value": 111, "monte carlo": 112, "monte carlo t": 113}  # fmt: skip
"""Value at risk by model; its shortfall is 100 further on."""
BESIDE = ("adaptive gjr-t", "filtered gjr-t", "volatility-scaled", "historical", "normal", "student t")
"""Models that are stored beside the one of the mandate."""
TOTAL, PRICE, CURRENCY, BENCHMARK = range(4)
SCALE = 12
_DAYS = 1 << 32


def risk_columns(risk: BookRisk, portfolio: int, *, book_seq: int, market_seq: int, mandate_seq: int,
                 code_version: str) -> dict[str, Int64]:  # fmt: skip
    """Figures and parts of one portfolio as rows to store."""
    rows: list[tuple[int, int, int, float]] = []
    for part in risk.parts:
        number = MEASURES[part.measure]
        rows.append((number, TOTAL, 0, part.total))
        if part.benchmark:
            rows.append((number, BENCHMARK, 0, part.benchmark))
        for asset, price, fx in zip(risk.held.assets, part.by_price.tolist(), part.by_currency.tolist(), strict=True):
            # Cash stands by the negative number of its currency.
            item = asset.id or -currency_code(asset.currency)
            rows += [(number, kind, item, value) for kind, value in ((PRICE, price), (CURRENCY, fx)) if value]
    for name, tail in risk.models(BESIDE)[0]:
        rows.append((MODEL_NUMBERS[name], TOTAL, 0, tail.value_at_risk))
        rows.append((MODEL_NUMBERS[name] + 100, TOTAL, 0, tail.expected_shortfall))
    rows.append((MEASURES["confidence"], TOTAL, 0, risk.asked.confidence))
    rows.append((MEASURES["horizon"], TOTAL, 0, risk.asked.horizon * 1.0))
    high, low = two_words(METHOD, {
        "book": book_seq, "market": market_seq, "mandate": mandate_seq, "argosy": code_version,
        "model": risk.asked.model, "window": risk.asked.window,
    })  # fmt: skip
    count = len(rows)
    return {
        "portfolio": np.full(count, portfolio, np.int64), "date": np.full(count, risk.held.day, np.int64),
        "measure": np.array([row[0] for row in rows], np.int64), "kind": np.array([row[1] for row in rows], np.int64),
        "item": np.array([row[2] for row in rows], np.int64),
        "value": np.rint(np.array([row[3] for row in rows]) * 10.0**SCALE).astype(np.int64),
        "fingerprint_hi": np.full(count, high, np.int64), "fingerprint_lo": np.full(count, low, np.int64),
    }  # fmt: skip


def joined_rows(parts: Sequence[Mapping[str, Int64]]) -> dict[str, Int64]:
    """Rows of several, one after the other."""
    return {name: np.concatenate([np.zeros(0, np.int64), *(one[name] for one in parts)]) for name in COLUMNS}


def standing_rows(layers: Sequence[Mapping[str, Int64]]) -> dict[str, Int64]:
    """Of all rows ever stored, oldest layer first: for each portfolio and day those of the newest layer that has it."""
    found = joined_rows([])
    for layer in layers:
        fresh = np.unique(layer["portfolio"] * _DAYS + layer["date"])
        kept = ~np.isin(found["portfolio"] * _DAYS + found["date"], fresh)
        found = joined_rows([{name: found[name][kept] for name in COLUMNS}, layer])
    return found


def of_day(rows: Mapping[str, Int64], portfolio: int, day: int | None = None) -> dict[str, Int64]:
    """Rows of a portfolio, on one day or on all."""
    kept = rows["portfolio"] == portfolio
    if day is not None:
        kept &= rows["date"] == day
    return {name: rows[name][kept] for name in COLUMNS}


def same_rows(first: Mapping[str, Int64], second: Mapping[str, Int64]) -> bool:
    """Whether figures are the same to the last stored digit, whatever they were computed from."""
    return all(np.array_equal(first[name], second[name]) for name in COMPARED)


def stored_table(rows: Mapping[str, Int64], reference: Reference) -> Table:
    """Figures and parts as stored: one row per portfolio, day, measure and position."""
    names = {number: name for name, number in MEASURES.items()}
    names |= {number: f"value at risk, {name}" for name, number in MODEL_NUMBERS.items()}
    names |= {number + 100: f"expected shortfall, {name}" for name, number in MODEL_NUMBERS.items()}
    kinds = ("total", "price", "currency", "benchmark")
    pairs = list(zip(rows["kind"].tolist(), rows["item"].tolist(), strict=True))
    values = rows["value"]
    return Table(
        "Stored risk",
        (
            Column("portfolio", "text", [reference.portfolios[one].code for one in rows["portfolio"].tolist()]),
            Column("date", "date", rows["date"]),
            Column("measure", "text", [names[number] for number in rows["measure"].tolist()]),
            Column("part", "text", [kinds[kind] for kind, _ in pairs]),
            Column("position", "text", [
                "" if item == 0 else f"cash {currency_name(-item)}" if item < 0 else reference.instruments[item].code
                for _, item in pairs
            ]),
            Column("value", "quantity", values, scale=SCALE, shown=6),
        ),
    )  # fmt: skip
