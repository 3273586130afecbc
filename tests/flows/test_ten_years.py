"""Ten years of a book under random faults: it always verifies, money is conserved, no order is overfilled."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import argosy
import argosy.interfaces.book.rebalancing as face
from argosy.base.dates import DAY_US, from_date
from argosy.base.errors import ArgosyError
from argosy.record.orders.fold import ProposalLife
from argosy.record.orders.states import ProposalState
from argosy.workflows.proposals import lives_at
from tests.flows.test_rebalancing import MANDATE, NAMES

pytestmark = pytest.mark.slow
FULL = os.environ.get("ARGOSY_FULL", "") not in ("", "0")
MONTHS = 120
SEEDS = range(8) if FULL else range(1)
STEP = 1 if FULL else 5


class Cut(Exception):
    """The process would have died here: nothing after it happens, and the book is opened anew."""


def months() -> list[date]:
    return [date(2012 + number // 12, number % 12 + 1, 10) for number in range(MONTHS)]


def prices(days: list[date], rng: np.random.Generator) -> bytes:
    steps = rng.normal(0.0, 0.06, (len(days), 3)) + np.array([0.012, 0.002, -0.002])
    levels = np.round(100.0 * np.cumprod(np.exp(steps), axis=0), 4)
    rows = [f"{day},{name},{level:.4f}" for day, row in zip(days, levels, strict=True)
            for name, level in zip(NAMES, row, strict=True)]  # fmt: skip
    return ("date,instrument,price\n" + "\n".join(rows) + "\n").encode()


class Years:
    """A book and the troubles that come to it; every choice is drawn from one generator."""

    def __init__(self, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rng = np.random.default_rng(seed)
        self.path = str(folder / "book.db")
        self.days = months()
        self.late: list[bytes] = []
        self.now = 0
        monkeypatch.setattr(face, "system_clock", lambda: self.now)
        self.book = argosy.create(self.path)
        text = MANDATE.replace('[limits]\nrules = ["weight of each <= 70%"]\n', "").replace(
            'covariance = "sample"', 'covariance = "sample"\nfrequency = "as given"\nperiods_per_year = 12'
        )
        self.book.create_portfolio("GROWTH", currency="USD", mandate=text.encode())
        self.book.import_instruments(
            ("code,name,type,currency\n" + "".join(f"{n},{n},equity,USD\n" for n in NAMES)).encode()
        )
        self.book.import_prices(prices(self.days, self.rng))
        self.book.import_transactions(b"date,type,portfolio,net\n2012-01-10,deposit,GROWTH,100000\n")
        self.deposited = Decimal(100000)

    def chance(self, part: float) -> bool:
        return bool(self.rng.random() < part)

    def again(self) -> None:
        """What a new process finds is what was committed."""
        self.book.close()
        self.book = argosy.open(self.path)

    def lives(self) -> dict[int, ProposalLife]:
        return lives_at(self.book.store)[1]

    def open_life(self, *states: ProposalState) -> ProposalLife | None:
        return next((life for life in reversed(self.lives().values()) if life.state_at(self.now) in states), None)

    def tick(self, day: date) -> None:
        """A month: propose, decide, send, fill, each of which may go wrong or be cut off."""
        self.now = from_date(day) * DAY_US + 1
        if self.chance(0.2):
            amount = int(self.rng.integers(-1500, 4000))
            kind = "deposit" if amount > 0 else "withdrawal"
            row = f"date,type,portfolio,net,reference\n{day},{kind},GROWTH,{amount},C{day}\n".encode()
            if self.book.import_transactions(row, accept_good=True).inserted:
                self.deposited += amount
        try:
            self._trade(day)
        except Cut:
            self.again()
        for _ in range(2):  # the broker sends what is late, some of it twice
            if self.late and self.chance(0.7):
                self._fills(self.late[int(self.rng.integers(len(self.late)))])

    def _trade(self, day: date) -> None:
        if self.open_life(ProposalState.SENT) is None:
            self._try(lambda: self.book.propose_rebalance(
                "GROWTH", by="ann", as_of=day, reason="month" if self.chance(0.5) else ""
            ))  # fmt: skip
        self._maybe_die()
        life = self.open_life(ProposalState.PROPOSED)
        if life is not None:
            if self.chance(0.15):
                self.book.reject([life.terms.id], by="bob", reason="not now")
            elif self.chance(0.1):
                self.book.cancel([life.terms.id], by="ann")
            else:
                self._try(lambda: self.book.approve([life.terms.id], by="bob", as_of=day))
        self._maybe_die()
        life = self.open_life(ProposalState.APPROVED)
        if life is not None:
            for _ in range(1 + self.chance(0.2)):  # a button pressed twice
                self._try(lambda: self.book.send([life.terms.id], by="desk", as_of=day))
        self._maybe_die()
        life = self.open_life(ProposalState.SENT)
        if life is not None:
            self._work(life, day)

    def _work(self, life: ProposalLife, day: date) -> None:
        number = life.terms.id
        for row in self.book.orders([number]).rows():
            order, leaves = str(row["order"]), int(row["leaves"])
            if leaves and self.chance(0.1):
                self._try(lambda order=order: self.book.cancel_order(order, by="desk"))  # type: ignore[misc]
            elif leaves > 1 and self.chance(0.1):
                self._try(lambda order=order, n=leaves: self.book.replace_order(order, n // 2, by="desk"))  # type: ignore[misc]
            elif leaves:
                part = leaves if self.chance(0.6) else max(leaves // 2, 1)
                too_much = part + leaves * self.chance(0.05)
                line = f"{order},{day},{too_much},{row['price']},{order}-{day}-{self.rng.integers(10**6)}"
                content = f"order,date,quantity,price,reference\n{line}\n".encode()
                if self.chance(0.2):
                    self.late.append(content)  # comes another month, perhaps again and again
                else:
                    self._fills(content)
                    if self.chance(0.2):
                        self.late.append(content)
            self._maybe_die()
        done = [fill for order in self.lives()[number].orders for fill in order.fills]
        if done and self.chance(0.15):
            self._try(lambda: self.book.bust_fill(number, done[-1].reference, by="BROKER", reason="trade break"))

    def _fills(self, content: bytes) -> None:
        self.book.book_fills(content, by="BROKER")  # refusals are told in the report: nothing is raised

    def _try(self, step: object) -> None:
        # Typed, and nothing was written; an error of another kind fails the test.
        with contextlib.suppress(ArgosyError):
            step()  # type: ignore[operator]

    def _maybe_die(self) -> None:
        if self.chance(0.04):
            raise Cut

    def check(self) -> None:
        """Whole, conserved, never overfilled, and every trade is the fill of an order."""
        found = self.book.verify()
        assert found.ok, found.problems
        lives = self.lives()
        filled = dict.fromkeys(NAMES, 0)
        spent = Decimal(0)
        reference = self.book._reference()
        for life in lives.values():
            assert not life.ignored
            for order in life.orders:
                assert 0 <= order.filled <= order.terms.quantity
                sign = 1 if order.terms.side == "buy" else -1
                one = reference.instruments[order.terms.instrument]
                filled[one.code] += sign * order.filled
                unit = Decimal(10) ** one.quantity_scale
                spent += sum(
                    (sign * fill.quantity / unit * fill.price.decimal() for fill in order.fills), Decimal(0)
                )  # fmt: skip
        held = {str(row["instrument"]): Decimal(str(row["quantity"]))
                for row in self.book.positions(as_of=self.days[-1]).table().rows()}  # fmt: skip
        scale = {one.code: Decimal(10) ** one.quantity_scale for one in reference.instruments.values()}
        assert {name: filled[name] / scale[name] for name in NAMES if filled[name]} == held
        cash = sum(Decimal(str(row["traded"])) for row in self.book.cash(as_of=self.days[-1]).table().rows())
        assert abs(cash - (self.deposited - spent)) < Decimal("0.05") * max(len(lives), 1)


@pytest.fixture(params=SEEDS)
def years(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Years]:
    made = Years(tmp_path, request.param, monkeypatch)
    yield made
    made.book.close()


def test_ten_years_of_faults(years: Years) -> None:
    for number, day in enumerate(years.days[12::STEP]):
        years.tick(day)
        if number % 24 == 23:
            years.check()
    years.check()
    states = {life.state_at(years.now) for life in years.lives().values()}
    assert ProposalState.EXECUTED in states
    assert len(states) >= 2
