"""Write README's feature map: each capability, the room that holds it, and whether that room is there yet.

Run it from the checkout: ``python -m tools.feature_map``. A test holds README to what it gives.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "argosy"
BEGIN, END = "<!-- feature map: begin -->", "<!-- feature map: end -->"

FEATURES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("1", "valuation", ("measures/valuation",)),
    ("2, 6", "optimization", ("construction/optimize", "models/moments", "models/costs", "measures/limits")),
    ("3", "performance", ("measures/performance",)),
    ("4", "portfolio state", ("record/ledger", "record/booking", "record/market")),
    ("5, 14", "rebalancing", ("construction/rebalance", "measures/tax", "record/orders")),
    ("7, 11", "risk", ("measures/risk", "models/volatility", "models/tails", "models/scenarios")),
    ("8", "attribution", ("measures/attribution",)),
    ("9", "strategies", ("construction/strategies", "record/strategies")),
    ("10", "analytics", ("measures/analytics",)),
    ("12", "ESG", ("measures/esg",)),
    ("13", "currency", ("measures/currency",)),
    ("15", "factor models", ("models/factors",)),
    ("16", "alternatives", ("measures/alternatives",)),
    ("17", "institutional", ("construction/institutional",)),
    ("18", "regimes, machine learning", ("models/regimes", "models/learning")),
    ("19", "compliance", ("compliance",)),
    ("20", "learned optimization", ("models/learning",)),
    ("21", "visualization", ("reporting", "interfaces/web")),
    ("22", "integration, speed", ("adapters", "interfaces/cli", "interfaces/api", "workflows")),
)
"""Number, name and rooms of each capability, in the order of the plan."""


def built(room: str) -> bool:
    """Say whether a room holds code beside the page that introduces it; files that git does not know do not count."""
    files = _tracked(room) if (ROOT / ".git").exists() else [p for p in (PACKAGE / room).rglob("*.py") if p.is_file()]
    return PACKAGE / room / "__init__.py" in files and len(files) > 1


def _tracked(room: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", f"src/argosy/{room}/"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return [ROOT / name for name in listed.split("\0") if name.endswith(".py")]


def feature_map() -> str:
    """The table as Markdown."""
    lines = ["| # | capability | room | state |", "|---|---|---|---|"]
    for number, name, rooms in FEATURES:
        there = [room for room in rooms if built(room)]
        state = "here" if len(there) == len(rooms) else "begun" if there else "planned"
        lines.append(f"| {number} | {name} | {', '.join(f'`{room}`' for room in rooms)} | {state} |")
    return "\n".join(lines) + "\n"


def with_map(text: str) -> str:
    """A page with its feature map renewed."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"the page has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{feature_map()}{END}{after}"


def main() -> None:
    """Renew README.md."""
    page = ROOT / "README.md"
    page.write_text(with_map(page.read_text("utf-8")), "utf-8")
    sys.stdout.write(feature_map())


if __name__ == "__main__":
    main()
