"""One column of a result: a name, what its numbers mean, and the exact values.

Amounts and quantities are integers at a decimal scale, quotes are mantissa and exponent as received. A column gives the
same value in three forms: raw (what arithmetic uses), exact (``Decimal``, ``date``) and shown (what a person reads).
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_args

from argosy.base.dates import format_date, format_instant, parse_date, parse_instant, to_date
from argosy.base.errors import InvalidInput
from argosy.base.money import CRYPTO, MINOR_UNITS, minor_units, rescale_half_even, to_decimal

ColumnKind = Literal["text", "date", "instant", "amount", "quantity", "quote", "integer", "ratio", "flag"]
KINDS: tuple[str, ...] = get_args(ColumnKind)
NUMBERS = frozenset({"amount", "quantity", "quote", "integer", "ratio"})
DECIMALS = frozenset({"amount", "quantity", "quote"})
MISSING = "–"
"""What a person reads where there is no value."""

Exact = str | int | float | bool | Decimal | datetime.date | datetime.datetime | None


def plain_list(values: object) -> list[Any]:
    """Any sequence or array as a list of plain Python values."""
    give = getattr(values, "tolist", None)
    return list(give()) if give is not None else list(values)  # type: ignore[call-overload]


@dataclass(frozen=True, eq=False)
class Column:
    """Values under one name, with their meaning.

    ``values`` is a list or a numpy array: text; epoch days; microseconds; int64 at ``scale`` (one int, or one per row)
    for amounts and quantities; ``(mantissas, exponents)`` for quotes; fractions for ratios (shown in percent unless
    ``unit`` says otherwise). ``missing`` marks rows without a value. ``shown`` fixes the decimals people see (one int,
    or one per row); without it amounts are shown in the minor units of their currency.

    Examples
    --------
    >>> cost = Column("cost", "amount", [12345600, 5000], scale=4, unit="USD")
    >>> cost.exact(0), cost.text(0)
    (Decimal('1234.5600'), '1,234.56')
    """

    name: str
    kind: ColumnKind
    values: Any
    scale: Any = 0
    unit: str = ""
    title: str = ""
    missing: Any = None
    shown: Any = None
    _raw: list[Any] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInput(
                f"column {self.name!r} has kind {self.kind!r}", field="kind", expected="one of " + ", ".join(KINDS)
            )
        for label, given in (("missing", self.missing), ("scale", self.scale), ("shown", self.shown)):
            if (
                given is not None
                and not isinstance(given, int)
                and hasattr(given, "__len__")
                and len(given) != len(self)
            ):
                raise InvalidInput(
                    f"column {self.name!r} has {len(self)} values and {len(given)} entries of {label}", field=label
                )

    def __len__(self) -> int:
        return len(self.values[0]) if self.kind == "quote" else len(self.values)

    def __iter__(self) -> Iterator[Exact]:
        return (self.exact(row) for row in range(len(self)))

    def __getitem__(self, row: int) -> Exact:
        return self.exact(row)

    @property
    def heading(self) -> str:
        """What stands above the column for people."""
        return self.title or self.name.replace("_", " ")

    @property
    def heading_unit(self) -> str:
        """The unit that stands under the heading."""
        return "%" if self.kind == "ratio" and not self.unit else self.unit

    def is_missing(self, row: int) -> bool:
        """Say whether the row has no value."""
        return self.missing is not None and bool(self.missing[row])

    def scale_at(self, row: int) -> int:
        """Decimals held by the row's integer."""
        return int(self.scale[row] if hasattr(self.scale, "__len__") else self.scale)

    def raw(self, row: int) -> Any:
        """The stored value as a plain Python value; a quote is a pair of integers."""
        if not self._raw and len(self):
            pairs = zip(*(plain_list(part) for part in self.values), strict=True) if self.kind == "quote" else None
            self._raw.extend(pairs if pairs is not None else plain_list(self.values))
        return self._raw[row]

    def exact(self, row: int) -> Exact:
        """The value with each digit it has, or None where it is missing."""
        if self.is_missing(row):
            return None
        value = self.raw(row)
        match self.kind:
            case "text":
                return str(value)
            case "date":
                return to_date(value)
            case "instant":
                return datetime.datetime.fromisoformat(format_instant(value))
            case "amount" | "quantity":
                return to_decimal(int(value), self.scale_at(row))
            case "quote":
                return quote_decimal(*value)
            case "integer":
                return int(value)
            case "flag":
                return bool(value)
            case "ratio":
                if not math.isfinite(value):
                    raise InvalidInput(
                        f"column {self.name!r} row {row} is {value}, not a finite ratio",
                        field=self.name,
                        expected="a finite ratio, or missing",
                    )
                return float(value)

    def data(self, row: int) -> str:
        """The value as text for files: exact, without separators, empty where it is missing."""
        value = self.exact(row)
        if value is None:
            return ""
        if self.kind == "instant":
            return format_instant(self.raw(row))
        if isinstance(value, bool):
            return "true" if value else "false"
        return plain(value) if isinstance(value, Decimal) else str(value)

    def text(self, row: int) -> str:
        """The value as people read it: separators, minor units, percent."""
        if self.is_missing(row):
            return MISSING
        value = self.raw(row)
        match self.kind:
            case "amount":
                return group(rescaled(int(value), self.scale_at(row), self._decimals(row)))
            case "quantity":
                return group(trimmed(to_decimal(int(value), self.scale_at(row)), self._shown_at(row) or 0))
            case "quote":
                return group(trimmed(quote_decimal(*value), self._shown_at(row) or 2))
            case "integer":
                return group(str(int(value))) if self.unit else str(int(value))
            case "ratio":
                number = float(self.exact(row))  # type: ignore[arg-type]
                percent = self.heading_unit == "%"
                places = self._shown_at(row)
                places = (2 if percent else 4) if places is None else places
                return group(unsigned_zero(f"{number * 100 if percent else number:.{places}f}"))
            case "flag":
                return "yes" if value else "no"
            case "date":
                return format_date(value)
            case "instant":
                return format_instant(value)
            case "text":
                return str(value)

    def _shown_at(self, row: int) -> int | None:
        if self.shown is None:
            return None
        return int(self.shown[row] if hasattr(self.shown, "__len__") else self.shown)

    def _decimals(self, row: int) -> int:
        shown = self._shown_at(row)
        if shown is not None:
            return shown
        if self.unit in CRYPTO or self.unit in MINOR_UNITS or (len(self.unit) == 3 and self.unit.isupper()):
            return minor_units(self.unit)
        # Money is kept with two digits more than its minor units; crypto, with 8, shows them all.
        scale = self.scale_at(row)
        return scale if scale == 8 else max(scale - 2, 0)

    def take(self, rows: Sequence[int]) -> Column:
        """The same column with the rows asked for, in that order."""

        def pick(values: Any) -> Any:
            listed = plain_list(values)
            return [listed[row] for row in rows]

        return Column(
            self.name,
            self.kind,
            tuple(pick(part) for part in self.values) if self.kind == "quote" else pick(self.values),
            scale=pick(self.scale) if hasattr(self.scale, "__len__") else self.scale,
            unit=self.unit,
            title=self.title,
            missing=pick(self.missing) if self.missing is not None else None,
            shown=pick(self.shown) if hasattr(self.shown, "__len__") else self.shown,
        )

    @classmethod
    def from_data(
        cls, name: str, kind: ColumnKind, texts: Sequence[str | None], *, unit: str = "", title: str = ""
    ) -> Column:
        """Read back what :meth:`data` wrote; None (or empty, but for text) is missing."""
        missing = [text is None or (text == "" and kind != "text") for text in texts]
        given = ["" if text is None else text for text in texts]
        scale: Any = 0
        values: Any
        match kind:
            case "text":
                values = given
            case "date":
                values = [0 if gone else parse_date(text) for text, gone in zip(given, missing, strict=True)]
            case "instant":
                values = [0 if gone else parse_instant(text) for text, gone in zip(given, missing, strict=True)]
            case "integer":
                values = [int(text or 0) for text in given]
            case "flag":
                values = [text == "true" for text in given]
            case "ratio":
                values = [float(text or 0) for text in given]
            case "amount" | "quantity" | "quote":
                numbers = [Decimal(text or 0) for text in given]
                exponents = [int(number.as_tuple().exponent) for number in numbers]
                mantissas = [int(number.scaleb(-power)) for number, power in zip(numbers, exponents, strict=True)]
                scale = [-power for power in exponents] if kind != "quote" else 0
                if len(set(scale if kind != "quote" else ())) == 1:
                    scale = scale[0]
                values = (mantissas, exponents) if kind == "quote" else mantissas
        return cls(name, kind, values, scale=scale, unit=unit, title=title, missing=missing if any(missing) else None)


def quote_decimal(mantissa: int, exponent: int) -> Decimal:
    """A mantissa and exponent as the decimal a person writes.

    Examples
    --------
    >>> quote_decimal(10500, -4), quote_decimal(2, 3)
    (Decimal('1.0500'), Decimal('2000'))
    """
    number, power = (int(mantissa), -int(exponent)) if exponent <= 0 else (int(mantissa) * 10 ** int(exponent), 0)
    return to_decimal(number, power)


def plain(number: Decimal) -> str:
    """A decimal without exponent notation."""
    return format(number, "f")


def rescaled(value: int, scale: int, decimals: int) -> str:
    """An integer at a scale as text with so many decimals, rounded half to even for the eye only.

    Examples
    --------
    >>> rescaled(-12345678, 4, 2), rescaled(-1, 4, 2)
    ('-1234.57', '0.00')
    """
    return plain(to_decimal(rescale_half_even(value, scale, decimals), decimals))


def trimmed(number: Decimal, least: int) -> str:
    """A decimal without the zeros that carry nothing, keeping at least so many decimals.

    Examples
    --------
    >>> trimmed(Decimal("10.50000000"), 0), trimmed(Decimal("10.5"), 2)
    ('10.5', '10.50')
    """
    whole, _, fraction = plain(number).partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    return unsigned_zero(f"{whole}.{fraction}" if fraction else whole)


def unsigned_zero(text: str) -> str:
    """Minus zero is zero."""
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def group(text: str) -> str:
    """A plain decimal with a separator for each three digits.

    Examples
    --------
    >>> group("-1234567.891")
    '-1,234,567.891'
    """
    whole, point, fraction = text.partition(".")
    return f"{int(whole):,}{point}{fraction}" if whole != "-0" else f"-0{point}{fraction}"
