"""The demo book's files are what they claim: rebuilt from the wheels, footing, never overdrawn, small."""

from __future__ import annotations

import gzip
import itertools
import os
import tomllib
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from tools import build_demo

from argosy.record.mandate import parse_mandate
from tests.flows.second_method import BASES, DEMO, navs, rows

TRANSACTIONS = ("transactions-atlas.csv", "transactions-boreal.csv")


def content(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw  # compressors differ between machines


def test_the_files_can_be_rebuilt_from_the_wheels(tmp_path: Path) -> None:
    folder = Path(os.environ.get("ARGOSY_DEMO_WHEELS", "wheels"))
    missing = [n for n, (version, _) in build_demo.WHEELS.items() if not list(folder.glob(f"{n}-{version}-*.whl"))]
    if missing:
        pytest.skip(f"needs the wheels of {' and '.join(missing)} in the folder that ARGOSY_DEMO_WHEELS names")
    build_demo.main(["--wheels", str(folder), "--to", str(tmp_path)])
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(path.name for path in DEMO.iterdir() if ".csv" in path.name)
    assert [name for name in made if content(tmp_path / name) != content(DEMO / name)] == []


def test_the_demo_is_small_and_everything_in_it_is_listed() -> None:
    assert sum(path.stat().st_size for path in DEMO.iterdir() if path.is_file()) < 1_000_000
    manifest = tomllib.loads((DEMO / "demo.toml").read_text("utf-8"))
    listed = {entry["file"] for kind in ("instruments", "prices", "fx", "transactions") for entry in manifest[kind]}
    listed |= {entry["mandate"] for entry in manifest["portfolios"]} | {"demo.toml", "ATTRIBUTION.md"}
    assert {path.name for path in DEMO.iterdir() if path.is_file()} == listed
    codes = {row["code"] for row in rows("instruments.csv")}
    assert len(manifest["benchmarks"][0]["instruments"]) == 20
    assert set(manifest["benchmarks"][0]["instruments"]) < codes


def test_attribution_carries_what_the_licenses_ask_for() -> None:
    text = (DEMO / "ATTRIBUTION.md").read_text("utf-8")
    for needed in (
        "Copyright (c) 2023-2026 The skfolio developers",
        "Redistributions in binary form must reproduce",
        "European Central Bank",
        "Copyright 2021, Alex PRENGERE",
        "Apache License",
        "Survivorship",
    ):
        assert needed in text


def test_identifiers_have_valid_check_digits() -> None:
    listed = [row["isin"] for row in rows("instruments.csv") if row["isin"]]
    assert len(set(listed)) == 20
    for isin in listed:  # ISO 6166: Luhn over the digits that letters stand for
        digits = "".join(str(int(letter, 36)) for letter in isin)
        total = sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(reversed(digits)))
        assert total % 10 == 0, isin


def test_constructed_instruments_say_so() -> None:
    own = [row for row in rows("instruments.csv") if row["constructed"] == "yes"]
    assert {row["code"] for row in own} == {row["instrument"] for row in rows("prices-constructed.csv.gz")}
    assert all("CONSTRUCTED" in row["name"] for row in own)


@pytest.mark.parametrize("name", ["atlas", "boreal"])
def test_mandates_are_valid(name: str) -> None:
    mandate = parse_mandate((DEMO / f"{name}.mandate.toml").read_text("utf-8"), source=name)
    assert mandate.base_currency == BASES[name.upper()]
    assert mandate.benchmark == "US20EW"


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_amounts_foot(name: str) -> None:
    listed = rows(name)
    assert len({row["reference"] for row in listed}) == len(listed)
    for row in listed:
        number = {key: Decimal(row[key] or 0) for key in ("quantity", "price", "gross", "fee", "tax", "accrued", "net")}
        if row["type"] not in ("buy", "sell", "coupon", "dividend", "return_of_capital"):
            continue
        unit = 100 if row["instrument"] in ("HARBOR425", "MERIDIAN") else 1
        if number["price"]:
            assert number["gross"] == round(number["quantity"] * number["price"] / unit, 2), row
        if row["type"] == "buy":
            assert number["net"] == -(number["gross"] + number["fee"] + number["tax"] + number["accrued"]), row
        else:
            assert number["net"] == number["gross"] - number["fee"] - number["tax"] + number["accrued"], row


def test_no_account_is_overdrawn_by_settlement() -> None:
    moves: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for row in (row for name in TRANSACTIONS for row in rows(name)):
        place = row["portfolio"], row["account"]
        if row["type"] == "transfer" and row["net"]:
            moves[row["portfolio"], row["to_account"], row["currency"]][row["settle_date"]] -= Decimal(row["net"])  # type: ignore[assignment]
        for amount, currency in (("net", "currency"), ("counter_amount", "counter_currency")):
            if row[amount]:
                moves[*place, row[currency]][row["settle_date"]] += Decimal(row[amount])  # type: ignore[assignment]
    for account, by_day in moves.items():
        balance = Decimal(0)
        for day in sorted(by_day):
            balance += by_day[day]
            assert balance >= 0, (account, day, balance)


def test_there_is_something_of_everything() -> None:
    kinds = Counter(row["type"] for name in TRANSACTIONS for row in rows(name))
    assert 600 <= sum(kinds.values()) <= 1_500
    assert set(kinds) == {"deposit", "withdrawal", "buy", "sell", "dividend", "interest", "coupon", "fee", "tax", "fx",
                          "transfer", "split", "return_of_capital"}  # fmt: skip


def test_the_second_method_gives_a_plausible_history() -> None:
    found = navs()
    assert len(found) == 2 * 3388
    assert min(found.values()) > 2_000_000
    by_day = sorted(found.items())
    moves = [now / then - 1 for (a, then), (b, now) in itertools.pairwise(by_day) if a[0] == b[0]]
    assert max(map(abs, moves)) < Decimal("0.35")
