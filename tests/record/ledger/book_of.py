"""Events from decimal text, for tests: amounts at the currency's scale, quantities at the instrument's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from argosy.base.money import currency_code, money_scale, parse_scaled
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.ledger.state import State

USD = currency_code("USD")


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


@dataclass
class Book:
    """Rows are dictionaries of event columns; text is read at the right scale, seq and anchor are counted."""

    currency: str = "USD"
    scale: int | None = None
    quantity_scale: int = 8

    def __post_init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.scale = money_scale(self.currency) if self.scale is None else self.scale

    def money(self, text: str) -> int:
        assert self.scale is not None
        return parse_scaled(text, self.scale)

    def units(self, text: str) -> int:
        return parse_scaled(text, self.quantity_scale)

    def add(self, kind: Kind, when: str | int = 0, /, **values: object) -> int:
        seq = len(self.rows) + 1
        row: dict[str, object] = {
            "seq": seq, "anchor": seq, "batch": seq, "kind": int(kind), "portfolio": 1, "account": 1,
            "currency": currency_code(self.currency), "trade_date": day(when) if isinstance(when, str) else when,
        }  # fmt: skip
        for name, value in values.items():
            if isinstance(value, str):
                value = self.units(value) if name == "quantity" else self.money(value)
            row[name] = value
        self.rows.append(row)
        return seq

    def trade(self, quantity: str, net: str, when: str | int = 0, /, **values: object) -> int:
        kind = values.pop("kind", Kind.SELL if quantity.startswith("-") else Kind.BUY)
        assert isinstance(kind, Kind)
        return self.add(kind, when, **({"instrument": 7, "quantity": quantity, "net": net} | values))

    @property
    def events(self) -> EventColumns:
        return EventColumns.from_rows(self.rows)

    def fold(self, policy: LedgerPolicy | None = None, **options: object) -> State:
        policies = options.pop("policies", {1: policy, 2: policy} if policy else {})
        units: Mapping[int, int] = dict.fromkeys(range(1, 20), 10**self.quantity_scale)
        return fold(self.events, policies=policies, quantity_unit=units, **options)  # type: ignore[arg-type]

    def shown(self, values: Iterable[int]) -> list[Decimal]:
        """Amounts as people see them."""
        assert self.scale is not None
        return [Decimal(int(value)).scaleb(-self.scale) for value in values]

    def counted(self, values: Iterable[int]) -> list[Decimal]:
        """Quantities as people see them."""
        return [Decimal(int(value)).scaleb(-self.quantity_scale) for value in values]
