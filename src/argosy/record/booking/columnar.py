"""The common rows of a large file, booked in columns.

Only rows that are provably good are taken: a plain type, every name known, every number read, amounts that foot.
Whatever is doubtful in any way is left to the row rules, so that there is one place that refuses and one wording.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError
from argosy.base.money import currency_code
from argosy.kernels.decimals import EMPTY, OK, encode, read_quotes, read_scaled
from argosy.kernels.text import TextColumn
from argosy.record.booking.booked import Booked, packed_contents
from argosy.record.booking.columnar_amounts import Amounts, foot_columns, gross_columns, price_agrees_columns
from argosy.record.booking.fields import LONGEST_TEXT, Fields, Place
from argosy.record.booking.payloads import RowPayloads
from argosy.record.booking.types import FIELDS, TYPES, RowType
from argosy.record.ledger.events import COLUMNS, EventColumns, Int64, Kind
from argosy.record.reference import Instrument

Mask = npt.NDArray[np.bool_]

_PLAIN = ("deposit", "withdrawal", "buy", "sell", "short", "cover", "dividend", "coupon", "interest", "fee",
          "fee_refund", "tax", "tax_refund", "fx")  # fmt: skip
_AMOUNTS = ("gross", "fee", "tax", "accrued", "net")
_NEEDS_INSTRUMENT = ("buy", "sell", "short", "cover", "dividend", "coupon")


def book_columns(cells: Mapping[str, TextColumn], lines: Int64, place: Place) -> tuple[Booked, Int64]:
    """Book the provably good rows; gives them and their positions (ascending). The rest is for the row rules."""
    if not {"date", "type", "portfolio"} <= set(cells):
        return Booked.of_entries([]), np.zeros(0, np.int64)
    reading = _Reading(cells, lines, place)
    reading.names()
    reading.measures()
    reading.book()
    return reading.result()


@dataclass(frozen=True)
class _Kinds:
    """What each type of row means, as tables indexed by the type's number."""

    rules: tuple[RowType, ...]

    def flags(self, test: Callable[[RowType], bool]) -> Mask:
        return np.array([test(rule) for rule in self.rules] + [False], np.bool_)

    def numbers(self, value: Callable[[RowType], int]) -> Int64:
        return np.array([value(rule) for rule in self.rules] + [0], np.int64)


_KINDS = _Kinds(tuple(TYPES[name] for name in _PLAIN))


class _Reading:
    """One file on its way from text to events; ``good`` shrinks with every doubt."""

    def __init__(self, cells: Mapping[str, TextColumn], lines: Int64, place: Place) -> None:
        self.cells = cells
        self.lines = lines
        self.place = place
        self.reference = place.reference
        self.count = len(lines)
        self.good: Mask = np.ones(self.count, np.bool_)
        self.zeros: Int64 = np.zeros(self.count, np.int64)
        self.events: dict[str, Int64] = {}

    def _coded(self, name: str) -> tuple[Int64, list[str]]:
        if name not in self.cells:
            return self.zeros, [""]
        codes, names = encode(self.cells[name])
        return codes, [text.strip() for text in names]

    # -- names -----------------------------------------------------------------------------------------------------

    def names(self) -> None:
        """Types, dates, addresses, instruments and currencies, each distinct text asked once."""
        codes, texts = self._coded("type")
        plain = {name: number for number, name in enumerate(_PLAIN)}
        kinds = ["_".join(text.lower().replace("-", " ").split()) for text in texts]
        self.type = np.array([plain.get(kind, len(_PLAIN)) for kind in kinds], np.int64)[codes]
        self.good &= self.type < len(_PLAIN)
        self.day = self._dates("date", self.zeros, required=True)
        self.settle = self._dates("settle_date", self.day, required=False)
        self.good &= self.settle >= self.day
        self._addresses()
        self._instruments()
        self._currencies()

    def _dates(self, name: str, default: Int64, *, required: bool) -> Int64:
        codes, texts = self._coded(name)
        days, known, given = [], [], []
        for text in texts:
            row = Fields({name: text}, 0, self.place)
            day = row.date(name)
            days.append(day or 0)
            known.append(day is not None or (not text and not required))
            given.append(bool(text))
        self.good &= np.array(known, np.bool_)[codes]
        return np.where(np.array(given, np.bool_)[codes], np.array(days, np.int64)[codes], default)

    def _addresses(self) -> None:
        portfolios, texts = self._coded("portfolio")
        ids, closed, base = [], [], []
        for text in texts:
            try:
                found = self.reference.portfolio(text) if text else None
            except ArgosyError:
                found = None
            ids.append(found.id if found else 0)
            closed.append(found.closed if found else 0)
            base.append(found.base_currency if found else "")
        self.portfolio = np.array(ids, np.int64)[portfolios]
        last = np.array(closed, np.int64)[portfolios]
        self.good &= (self.portfolio > 0) & ((last == 0) | (self.day <= last))
        self.base_currency = (portfolios, base)
        self.account = self._inside("account", portfolios, ids)
        self.sleeve = self._inside("sleeve", portfolios, ids)

    def _inside(self, name: str, portfolios: Int64, ids: list[int]) -> Int64:
        """Accounts or sleeves: each distinct pair of portfolio and name asked once."""
        codes, texts = self._coded(name)
        pairs, place = np.unique(portfolios * len(texts) + codes, return_inverse=True)
        found: list[int] = []
        for pair in pairs.tolist():
            portfolio, text = ids[pair // len(texts)], texts[pair % len(texts)]
            found.append(self._one_inside(name, portfolio, text))
        subject = np.array(found, np.int64)[place]
        self.good &= subject >= 0
        return subject

    def _one_inside(self, name: str, portfolio: int, text: str) -> int:
        if not portfolio:
            return -1
        try:
            if name == "sleeve":
                return self.reference.sleeve(text, portfolio).id if text else 0
            return (self.reference.account(text, portfolio) if text else self.reference.default_account(portfolio)).id
        except ArgosyError:
            return -1

    def _instruments(self) -> None:
        codes, texts = self._coded("instrument")
        listed: list[Instrument | None] = []
        known: list[bool] = []
        for text in texts:
            try:
                found = self.reference.timeless_instrument(text) if text else None
            except ArgosyError:
                found = None
            listed.append(found)
            known.append(found is not None or not text)
        self.good &= np.array(known, np.bool_)[codes]
        self.listed = listed
        self.traded = codes
        self.instrument = np.array([one.id if one else 0 for one in listed], np.int64)[codes]
        needs = _KINDS.flags(lambda rule: rule.name in _NEEDS_INSTRUMENT)[self.type]
        self.good &= ~needs | (self.instrument > 0)
        trade = _KINDS.flags(lambda rule: rule.family == "trade")[self.type]
        special = np.array([bool(one and (one.margined or one.inverse)) for one in listed], np.bool_)[codes]
        self.good &= ~(trade & special)

    def _currencies(self) -> None:
        """The row's currency: given, else the instrument's, else the portfolio's."""
        codes, texts = self._coded("currency")
        numbers: list[int] = []
        for text in texts:
            try:
                numbers.append(currency_code(self.reference.currency(text)) if text else 0)
            except ArgosyError:
                numbers.append(-1)
        given = np.array(numbers, np.int64)[codes]
        own = np.array([currency_code(one.currency) if one else 0 for one in self.listed], np.int64)[self.traded]
        portfolios, base = self.base_currency
        fallback = np.array([currency_code(text) if text else 0 for text in base], np.int64)[portfolios]
        self.currency = np.where(given != 0, given, np.where(own != 0, own, fallback))
        self.good &= self.currency > 0
        paid = _KINDS.flags(lambda rule: rule.family in ("income", "charge"))[self.type]
        self.good &= paid | (own == 0) | (own == self.currency)
        self.currency = np.where(self.good, self.currency, 0)
        self.scale = self._per_currency(self.currency, self.reference.money_scale)

    @staticmethod
    def _per_currency(currency: Int64, ask: Callable[[int], int]) -> Int64:
        distinct, place = np.unique(currency, return_inverse=True)
        return np.array([ask(int(number)) if number else 0 for number in distinct], np.int64)[place]

    # -- numbers ---------------------------------------------------------------------------------------------------

    def _scaled(self, name: str, scale: Int64) -> tuple[Int64, Mask]:
        """Values and where they are given; unreadable cells are doubtful."""
        if name not in self.cells:
            return self.zeros, np.zeros(self.count, np.bool_)
        style = self.place.style
        read = read_scaled(self.cells[name], scale, decimal=style.decimal, thousands=style.thousands)
        self.good &= (read.codes == OK) | (read.codes == EMPTY)
        return read.values, read.codes == OK

    def measures(self) -> None:
        """Amounts, quantities and prices; a filled field that the type does not use is doubtful, unless it is zero."""
        for name in FIELDS:
            if name in self.cells and name not in (*_AMOUNTS, "quantity", "price", "note"):
                strange = ~_KINDS.flags(lambda rule, name=name: rule.allows(name))[self.type]  # type: ignore[misc]
                if strange.any():
                    self.good &= ~strange | self.cells[name].is_empty()
        if "lots" in self.cells:
            self.good &= self.cells["lots"].is_empty()
        self.order, _ = self._scaled("order", self.zeros)
        self.good &= self.order >= 0
        self.amounts: dict[str, Int64] = {}
        self.given: dict[str, Mask] = {}
        for name in _AMOUNTS:
            self._amount(name, name)
        quantity_scale = np.array([one.quantity_scale if one else 0 for one in self.listed], np.int64)[self.traded]
        ignored = ~_KINDS.flags(lambda rule: "quantity" in rule.uses)[self.type]
        self.quantity, has = self._used("quantity", quantity_scale, ignored)
        self.good &= ignored | (has & (self.quantity != 0))
        self.good &= np.abs(self.quantity) < 1 << 62
        self._prices()

    def _amount(self, name: str, field: str) -> None:
        used = _KINDS.flags(lambda rule: field in rule.uses)[self.type]
        self.amounts[name], self.given[name] = self._used(field, self.scale, ~used)

    def _used(self, name: str, scale: Int64, ignored: Mask) -> tuple[Int64, Mask]:
        """A number where its type uses it. Elsewhere only blank or a plain zero is beyond doubt, or what is ignored."""
        good = self.good.copy()
        values, has = self._scaled(name, scale)
        free = _KINDS.flags(lambda rule: name in rule.ignores)[self.type]
        self.good = np.where(ignored & free, good, self.good & (~ignored | ~has | (values == 0)))
        return np.where(ignored, 0, values), has & ~ignored

    def _prices(self) -> None:
        self.price, self.exponent, self.priced = self.zeros, self.zeros, np.zeros(self.count, np.bool_)
        if "price" not in self.cells:
            return
        style = self.place.style
        read = read_quotes(self.cells["price"], decimal=style.decimal, thousands=style.thousands)
        trade = _KINDS.flags(lambda rule: rule.family == "trade")[self.type]
        free = _KINDS.flags(lambda rule: "price" in rule.ignores)[self.type]
        readable = (read.codes == OK) | (read.codes == EMPTY)
        zero = (read.codes == OK) & (read.mantissas == 0)
        self.good &= np.where(trade, readable, free | (read.codes == EMPTY) | zero)
        self.good &= ~trade | (read.mantissas >= 0)
        self.priced = trade & (read.codes == OK)
        self.price = np.where(self.priced, read.mantissas, 0)
        self.exponent = np.where(self.priced, read.exponents, 0)

    # -- events ----------------------------------------------------------------------------------------------------

    def book(self) -> None:
        """Signs, sums and the event's own columns."""
        sign = _KINDS.numbers(lambda rule: rule.sign)[self.type]
        trade = _KINDS.flags(lambda rule: rule.family == "trade")[self.type]
        charge = _KINDS.flags(lambda rule: rule.family == "charge")[self.type]
        adds = _KINDS.flags(lambda rule: rule.kind in (Kind.BUY, Kind.COVER))[self.type]
        self.good &= ~(trade & adds & (self.quantity < 0))
        quantity = np.where(trade, np.where(adds, 1, -1) * np.abs(self.quantity), 0)
        for name in ("gross", "fee", "tax"):
            self.good &= self.amounts[name] >= 0
        for name in _AMOUNTS:
            self.good &= np.abs(self.amounts[name]) < 1 << 60
        wanted = trade & ~self.given["gross"] & ~self.given["net"] & self.good
        self._work_out(wanted)
        footed = foot_columns(Amounts(**self.amounts), self.given["gross"], self.given["net"], sign)
        self.good &= charge | footed.good
        self._check_prices(trade, footed.gross)
        net, fee, tax = footed.net, self.amounts["fee"], self.amounts["tax"]
        net, fee, tax = self._charges(charge, sign, net, fee, tax)
        currency2, net2 = self._second_legs(net)
        kind = _KINDS.numbers(lambda rule: int(rule.kind))[self.type]
        self.events = {
            "kind": kind, "version": np.ones(self.count, np.int64), "trade_date": self.day, "settle_date": self.settle,
            "ord": self.order, "portfolio": self.portfolio, "account": self.account, "sleeve": self.sleeve,
            "instrument": self.instrument, "quantity": quantity, "currency": self.currency, "net": net, "fee": fee,
            "tax": tax, "accrued": self.amounts["accrued"], "currency2": currency2, "net2": net2, "price": self.price,
            "price_exp": self.exponent, "line": self.lines,
        }  # fmt: skip

    def _work_out(self, wanted: Mask) -> None:
        """Gross from quantity and price where the row gives neither gross nor net."""
        rows = np.flatnonzero(wanted)
        if not len(rows):
            return
        self.good[rows[~self.priced[rows]]] = False
        shown = self._per_currency(self.currency, self.reference.minor_units)
        gross, exact = gross_columns(
            np.abs(self.quantity[rows]), self.price[rows], self.exponent[rows],
            self._factors(rows), self.scale[rows], shown[rows], self.place.style.gross_rounding,
        )  # fmt: skip
        self.good[rows[~exact]] = False
        self.amounts["gross"][rows] = gross
        self.given["gross"] = self.given["gross"] | wanted

    def _factors(self, rows: Int64) -> tuple[Int64, Int64, Int64]:
        """Mantissa and exponent of each row's factor, and the scale of its quantity."""
        table = [(one.factor.mantissa, one.factor.exponent, one.quantity_scale) if one else (1, 0, 0)
                 for one in self.listed]  # fmt: skip
        picked = np.array(table, np.int64)[self.traded[rows]]
        return picked[:, 0], picked[:, 1], picked[:, 2]

    def _check_prices(self, trade: Mask, gross: Int64) -> None:
        rows = np.flatnonzero(trade & self.priced & self.good)
        if self.place.style.price_check == "off" or not len(rows):
            return
        agrees = price_agrees_columns(
            gross[rows], np.abs(self.quantity[rows]), self.price[rows], self.exponent[rows], self._factors(rows),
            self.scale[rows],
        )  # fmt: skip
        self.good[rows[~agrees]] = False

    def _charges(self, charge: Mask, sign: Int64, net: Int64, fee: Int64, tax: Int64) -> tuple[Int64, Int64, Int64]:
        """Fees and taxes on rows of their own: one size, wherever it is written."""
        if not charge.any():
            return net, fee, tax
        is_fee = _KINDS.flags(lambda rule: rule.kind == Kind.FEE)[self.type]
        own, has_own = np.where(is_fee, fee, tax), (np.where(is_fee, fee, tax) != 0)
        gross, has_gross = self.amounts["gross"], self.amounts["gross"] != 0
        given = self.amounts["net"]
        size = np.where(self.given["net"], np.abs(given), np.where(has_gross, gross, own))
        agree = (~has_own | (own == size)) & (~has_gross | (gross == size))
        self.good &= ~charge | (agree & (self.given["net"] | has_own | has_gross) & ~((sign > 0) & (given < 0)))
        charged = -sign * size
        return (
            np.where(charge, sign * size, net),
            np.where(charge, np.where(is_fee, charged, 0), fee),
            np.where(charge, np.where(is_fee, 0, charged), tax),
        )

    def _second_legs(self, net: Int64) -> tuple[Int64, Int64]:
        is_fx = _KINDS.flags(lambda rule: rule.family == "fx")[self.type]
        if not is_fx.any():
            return self.zeros, self.zeros
        codes, texts = self._coded("counter_currency")
        numbers: list[int] = []
        for text in texts:
            try:
                numbers.append(currency_code(self.reference.currency(text)) if text else 0)
            except ArgosyError:
                numbers.append(0)
        other = np.where(is_fx, np.array(numbers, np.int64)[codes], 0)
        amount, has = self._used("counter_amount", self._per_currency(other, self.reference.money_scale), ~is_fx)
        self.good &= ~is_fx | ((other > 0) & (other != self.currency) & has & (amount > 0) & (net != 0))
        return other, np.where(is_fx, amount, 0)

    def result(self) -> tuple[Booked, Int64]:
        """The rows beyond doubt, with what tells each from others."""
        references, notes = self._texts("reference"), self._texts("note")
        places = np.flatnonzero(self.good).astype(np.int64)
        whole = len(places) == self.count
        columns = {
            name: (self.events[name] if whole else self.events[name][places]) if name in self.events
            else np.zeros(len(places), np.int64)
            for name in COLUMNS
        }  # fmt: skip
        chosen = [] if whole else places.tolist()
        refs = references if whole else [references[at] for at in chosen]
        said = notes if whole else [notes[at] for at in chosen]
        payload = RowPayloads(refs, said if any(said) else [], {}) if any(refs) or any(said) else {}
        booked = Booked(
            EventColumns(columns, payload), np.arange(len(places), dtype=np.int64), columns["line"],
            columns["account"], refs, packed_contents(columns),
        )  # fmt: skip
        return booked, places

    def _texts(self, name: str) -> list[str]:
        """Free text of each row; odd text is doubtful."""
        if name not in self.cells or self.cells[name].is_empty().all():
            return [""] * self.count
        found = [text.strip() for text in self.cells[name].to_list()]
        odd = [at for at, text in enumerate(found) if not text.isprintable() or len(text) > LONGEST_TEXT]
        self.good[odd] = False
        return found
