"""Lots of a million events: the kernel alone, the fold from columns to lots and gains, and a plain Python peer.

    python bench/lots_kernel.py [EVENTS]

The promise: the kernel replays at least 5 million events a second; the fold from arrays costs a small multiple of it.
The peer is FIFO in plain Python with a deque of integers per position, the usual way of doing it by hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np

from argosy.base.money import currency_code
from argosy.record.ledger.events import COLUMNS, EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.rows import Rows

DAYS, INSTRUMENTS, PER_PORTFOLIO, PER_BOOK = 2_520, 500, 40, 2_000
TABLES = ("positions", "holdings", "lots", "reliefs", "cash", "income", "costs", "flows", "trail", "entries", "pending")


def events_of(count: int, seed: int = 20260102) -> EventColumns:
    """A book in time order: half buys, a third sales, the rest dividends, fees, deposits, FX. Nothing is oversold."""
    rng = np.random.default_rng([seed, count])
    portfolios = max(3, count // PER_BOOK)
    universe = np.stack([rng.permutation(INSTRUMENTS)[:PER_PORTFOLIO] + 1 for _ in range(portfolios)])
    day = np.sort(rng.integers(0, DAYS, count)) + 16_000
    portfolio = rng.integers(0, portfolios, count)
    instrument = universe[portfolio, rng.integers(0, PER_PORTFOLIO, count)]
    price = rng.integers(5_0000, 600_0000, INSTRUMENTS + 1)
    draw, size = rng.random(count), rng.integers(1, 400, count) * 25_000_000
    kind = np.full(count, int(Kind.BUY))
    held: dict[tuple[int, int], int] = {}
    quantity = np.zeros(count, np.int64)
    for i, (p, s, x, q) in enumerate(
        zip(portfolio.tolist(), instrument.tolist(), draw.tolist(), size.tolist(), strict=True)
    ):
        here = held.get((p, s), 0)
        if x < 0.50 or (x < 0.92 and not here):
            quantity[i] = q
        elif x < 0.83:
            kind[i], quantity[i] = Kind.SELL, -min(q, here)
        elif x < 0.92:
            kind[i] = Kind.DIVIDEND
        else:
            kind[i] = (Kind.FEE, Kind.DEPOSIT, Kind.FX, Kind.INTEREST)[int(x * 1e6) % 4]
        if quantity[i]:
            held[p, s] = here + int(quantity[i])
    trades = quantity != 0
    gross = (quantity // 10**6) * price[instrument] // 100
    currencies = np.array([currency_code(c) for c in ("USD", "EUR", "GBP", "JPY", "CHF")])
    columns = {name: np.zeros(count, np.int64) for name in COLUMNS}
    columns["seq"] = np.arange(1, count + 1)
    columns["anchor"] = columns["seq"].copy()
    columns["batch"][:] = 1
    columns["version"][:] = 1
    columns |= {"kind": kind.astype(np.int64), "trade_date": day, "settle_date": day + 2, "quantity": quantity}
    columns |= {"portfolio": portfolio + 1, "account": portfolio + 1}
    columns["instrument"] = np.where(trades | (kind == Kind.DIVIDEND), instrument, 0)
    columns["currency"] = currencies[instrument % 5]
    columns["fee"] = np.where(trades, 10_000, 0)
    flat = np.where(kind == Kind.FEE, -1, 1) * (size // 2_500)
    columns["net"] = np.where(trades, -gross - columns["fee"], flat)
    fx = kind == Kind.FX
    columns["net"][fx] *= -1
    columns["currency2"][fx], columns["net2"][fx] = currencies[0], -columns["net"][fx]
    return EventColumns(columns)


def plain_fifo(events: EventColumns) -> tuple[int, int, int]:
    """Open lots, their cost and the realized gain, by a deque per position."""
    names = ("portfolio", "instrument", "quantity", "net")
    rows = list(zip(*(events[name].tolist() for name in names), strict=True))
    lots: dict[tuple[int, int], deque[list[int]]] = {}
    gain = 0
    for portfolio, instrument, quantity, net in rows:
        if not quantity:
            continue
        queue = lots.setdefault((portfolio, instrument), deque())
        if quantity > 0:
            queue.append([quantity, -net])
            continue
        need = -quantity
        gain += net
        while need:
            first = queue[0]
            if first[0] <= need:
                gain -= first[1]
                need -= first[0]
                queue.popleft()
            else:
                q, r = divmod(first[1] * need, first[0])
                part = q + (2 * r > first[0] or (2 * r == first[0] and q & 1))
                first[0], first[1], need = first[0] - need, first[1] - part, 0
                gain -= part
    return sum(map(len, lots.values())), sum(lot[1] for queue in lots.values() for lot in queue), gain


def best(work: Callable[[], object], times: int = 5) -> float:
    """The shortest of some runs, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def cold(statement: str) -> float:
    """Seconds that a statement takes in a process of its own, imports of numpy apart."""
    code = f"import time, numpy\nt = time.perf_counter()\n{statement}\nprint(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def memory_mib(events: EventColumns, work: str) -> float:
    """Peak memory of a process that loads these events from a file and folds them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.npz"
        np.savez(path, **events.columns)
        code = (
            "import sys, numpy as np\n"
            "from argosy.record.ledger.events import EventColumns\n"
            "from argosy.record.ledger.fold import fold\n"
            "events = EventColumns(dict(np.load(sys.argv[1])))\n"
            f"{work}\n"
            "status = open('/proc/self/status').read()\n"
            "print(int(status.split('VmHWM:')[1].split()[0]) / 1024)\n"
        )
        done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def everything(events: EventColumns) -> None:
    """The fold with every table of the state."""
    state = fold(events, engine="kernel")
    for name in TABLES:
        table: Rows = getattr(state, name)
        len(table)


def lots_and_gains(events: EventColumns) -> tuple[int, int, int]:
    """What the peer computes, by the fold."""
    state = fold(events, engine="kernel")
    gain = int((state.reliefs.proceeds - state.reliefs.cost).sum())
    return len(state.lots), int(state.lots.cost.sum()), gain


def main(count: int) -> dict[str, float]:
    from argosy.kernels import lots

    events = events_of(count)
    small = events.take(np.arange(20))
    start = time.perf_counter()
    lots_and_gains(small)
    first_call = time.perf_counter() - start
    rows = fold(events, engine="kernel")._done.rows
    kernel = best(lambda: lots.replay(rows))
    rebuild = best(lambda: lots_and_gains(events))
    whole = best(lambda: everything(events), 3)
    start = time.perf_counter()
    peer = plain_fifo(events)
    python = time.perf_counter() - start
    assert peer == lots_and_gains(events)
    few = events.take(np.arange(3_000))
    return {
        "events": count,
        "lot_events": len(rows),
        "kernel_s": kernel,
        "kernel_events_per_s": len(rows) / kernel,
        "lots_and_gains_s": rebuild,
        "lots_and_gains_over_kernel": rebuild / kernel,
        "all_tables_s": whole,
        "plain_python_s": python,
        "plain_python_over_ours": python / rebuild,
        "first_call_with_kernel_s": first_call,
        "import_of_compiled_kernel_s": cold("import argosy.kernels.lots"),
        "fold_of_3000_by_twin_s": best(lambda: fold(few, engine="reference")),
        "memory_of_columns_alone_mib": memory_mib(events, ""),
        "memory_of_lots_and_gains_mib": memory_mib(
            events, 'state = fold(events, engine="kernel"); state.lots, state.reliefs'
        ),
    }


if __name__ == "__main__":
    result = main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(json.dumps({name: round(value, 4) for name, value in result.items()}, indent=2))
