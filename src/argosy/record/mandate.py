"""The mandate of a portfolio: the investment policy as a TOML text, read into frozen values.

Every problem of a text is found in one reading and shown with its line; a name that does not exist is answered with the
nearest one that does.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, nearest
from argosy.base.limits import number, parse_limits
from argosy.base.problems import Problem
from argosy.record.mandate_layers import Layer, lock_problems, merged, shared_problems
from argosy.record.mandate_policy import InvestmentPolicy, build_policy, optional_number
from argosy.record.mandate_risk import MonitoringRules, RiskRules, build_monitoring, build_risk
from argosy.record.mandate_schema import SECTIONS, Key
from argosy.record.mandate_text import Path, item_line, key_lines, line_of
from argosy.record.mandate_trading import TradingPolicy, build_trading


class MandateError(InvalidInput):
    """A mandate that cannot be used; ``problems`` holds everything wrong with it, each with its line."""

    code = "mandate"

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__(
            f"{source} has {count}:\n" + "\n".join("  " + problem.text() for problem in problems), field="mandate"
        )


@dataclass(frozen=True, slots=True)
class LotRules:
    """[lots]: how sales find the purchases they undo."""

    method: str = "FIFO"
    scope: str = "account"
    fees: str = "in_cost"
    oversell: str = "error"


@dataclass(frozen=True, slots=True)
class FlowRules:
    """[flows]: how money in and out counts in returns. ``large`` (a share of the value) 0 = no flow is."""

    timing: str = "end"
    fees_external: bool = False
    large: float = 0.0


@dataclass(frozen=True, slots=True)
class CashRules:
    """[cash]: when cash moves."""

    view: str = "trade"


@dataclass(frozen=True, slots=True)
class PriceRules:
    """[prices]: which prices are good enough. Ages are calendar days, 0 = no limit."""

    basis: str = "traded"
    sources: tuple[str, ...] = ()
    max_age_days: int = 0
    max_age_by_type: Mapping[str, int] = field(default_factory=dict)

    def max_age(self, instrument_type: str) -> int:
        """The oldest price, in days, that still values an instrument of a type; 0 = no limit."""
        return self.max_age_by_type.get(instrument_type, self.max_age_days)


@dataclass(frozen=True, slots=True)
class GainRules:
    """[gains]: how a gain is split."""

    cross: str = "fx"


@dataclass(frozen=True, slots=True)
class BenchmarkRules:
    """[benchmark]: with what it is compared since when, and the rates behind its hedges by currency or pair."""

    code: str = ""
    changes: tuple[tuple[int, str], ...] = ()
    rates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaxRules:
    """[tax]: rates on realized gains of lots held up to, and longer than, ``long_after_days``; None is the regime's."""

    short_rate: float | None = None
    long_rate: float | None = None
    long_after_days: int | None = None
    losses: str = "carry"


@dataclass(frozen=True)
class Mandate:
    """A mandate as read. What a text does not say has the default of its key.

    Examples
    --------
    >>> parse_mandate('[lots]\\nmethod = "HIFO"').lots
    LotRules(method='HIFO', scope='account', fees='in_cost', oversell='error')
    """

    base_currency: str
    calendar: str
    valuation_point: str
    zone: str
    lots: LotRules
    flows: FlowRules
    cash: CashRules
    prices: PriceRules
    gains: GainRules
    benchmark: str
    comparison: BenchmarkRules
    tax: TaxRules
    policy: InvestmentPolicy
    trading: TradingPolicy
    risk: RiskRules
    monitoring: MonitoringRules
    inherits: tuple[str, ...]
    """Names of the shared policies it is built on."""
    sections: Mapping[str, Mapping[str, object]] = field(repr=False)
    """Every section as read, defaults filled in: what a new section is before it has a class of its own."""

    @classmethod
    def default(cls, base_currency: str = "") -> Mandate:
        """The mandate of a portfolio that was given none."""
        sections = _with_defaults({})
        sections["portfolio"]["base_currency"] = base_currency
        return _build(sections)


Shared = tuple[tuple[str, str], ...]
"""Shared policies as (name, text), the most general first."""


@lru_cache(maxsize=4096)
def parse_mandate(text: str, *, source: str = "mandate.toml", above: Shared = ()) -> Mandate:
    """Read a mandate, laid over the shared policies ``above`` it.

    Raises
    ------
    MandateError
        With every problem of the texts, each with its line.

    Examples
    --------
    >>> parse_mandate('[lots]\\nmetod = "FIFO"')
    Traceback (most recent call last):
    ...
    argosy.record.mandate.MandateError: mandate.toml has 1 problem:
      mandate.toml line 2: lots.metod: there is no such key (did you mean 'method'?)
    """
    layers = [*(_layer(shared, f"policy {name}") for name, shared in above), _layer(text, source)]
    problems = [problem for layer in layers[:-1] for problem in shared_problems(layer)] + lock_problems(layers)
    if problems:
        raise MandateError(source, problems)
    return _build(_with_defaults(merged(layers)))


def parse_shared(text: str, *, name: str, above: Shared = ()) -> Mandate:
    """Read a shared policy: what a mandate may say, but for what belongs to one portfolio alone.

    Raises
    ------
    MandateError
        With every problem of the text, each with its line.
    """
    return parse_mandate("", source=f"policy {name}", above=(*above, (name, text)))


def inherited(content: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
    """Names of the shared policies that a text builds on."""
    named = content.get("inherit", {}).get("from", ())
    return tuple(map(str, named)) if isinstance(named, list | tuple) else ()


def _layer(text: str, source: str) -> Layer:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MandateError(source, [_syntax_problem(source, text, str(error))]) from None
    problems = list(_problems(content, text, source))
    if problems:
        raise MandateError(source, sorted(problems, key=lambda problem: problem.line))
    return Layer(source, text, {name: _in_texts(name, held) for name, held in content.items()})


def _in_texts(section: str, held: Mapping[str, object]) -> Mapping[str, object]:
    """A section with tables of limits as the lines of text they are another way to write."""
    found = dict(held)
    for key in next(each for each in SECTIONS if each.name == section).keys:
        items = held.get(key.name)
        if key.tables and isinstance(items, list):
            found[key.name] = [item if isinstance(item, str) else parse_limits([item])[0].text() for item in items]
    return found


@lru_cache(maxsize=4096)
def policy_names(text: str) -> tuple[str, ...]:
    """Names of the shared policies that a text builds on; none where it is not TOML (reading it says why)."""
    try:
        return inherited(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return ()


def mandate_problems(text: str, *, source: str = "mandate.toml") -> tuple[Problem, ...]:
    """Everything wrong with a mandate, as values; empty when it can be used."""
    try:
        parse_mandate(text, source=source)
    except MandateError as error:
        return error.problems
    return ()


def _syntax_problem(source: str, text: str, message: str) -> Problem:
    place = re.search(r"\(at line (\d+), column \d+\)", message)
    line = int(place.group(1)) if place else len(text.splitlines())
    plain = re.sub(r" \(at .*\)$", "", message)
    return Problem(
        source, line, f"this is not TOML: {plain[:1].lower()}{plain[1:]}", code="mandate",
        next_step="write key = value, text in double quotes; see argosy mandate template",
    )  # fmt: skip


def _problems(content: Mapping[str, object], text: str, source: str) -> list[Problem]:
    lines = key_lines(text)
    found: list[Problem] = []

    def report(path: Path, message: str, next_step: str = "", value: object = "") -> None:
        found.append(Problem(source, line_of(lines, path), message, field=".".join(path), found=str(value),
                             next_step=next_step, code="mandate"))  # fmt: skip

    sections = {section.name: section for section in SECTIONS}
    for name, held in content.items():
        section = sections.get(name)
        home = next((each.name for each in SECTIONS if each.key(name)), "")
        if section is None and home and not isinstance(held, dict):
            report((name,), "there is no such key outside a section", f"write it under [{home}]")
        elif section is None:
            report((name,), *_no_such("section" if isinstance(held, dict) else "key", name, list(sections)))
        elif not isinstance(held, dict):
            report((name,), f"{name} is a section", f"write [{name}] on a line of its own", held)
        else:
            for key_name, value in held.items():
                key = section.key(key_name)
                if key is None:
                    report((name, key_name), *_no_such("key", key_name, [k.name for k in section.keys]))
                    continue
                wrong = key.problem(value)
                if wrong:
                    report((name, key_name), wrong, "", value)
                elif key.each is not None and isinstance(value, list):
                    at = line_of(lines, (name, key_name))
                    for item in value:
                        wrong = key.each(item)
                        if wrong:
                            at_item = item_line(text, at, _shown(item))
                            found.append(Problem(source, at_item, wrong, found=str(item),
                                                 field=f"{name}.{key_name}", code="mandate"))  # fmt: skip
                elif key.names and isinstance(value, dict):
                    for inner in set(value) - set(key.names):
                        report((name, key_name, inner), *_no_such("type", inner, list(key.names)))
    return found


def _shown(item: object) -> str:
    """What of an item of a list can be looked for in the text: all of a text, the measure of a table."""
    return str(item.get("measure", "")) if isinstance(item, Mapping) else str(item)


def _no_such(what: str, name: str, valid: list[str]) -> tuple[str, str]:
    close = nearest(name, valid, 1)
    step = f"did you mean {close[0]!r}?" if close else "choose one of: " + ", ".join(valid)
    return f"there is no such {what}", step


def _with_defaults(content: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    return {
        section.name: {key.name: content.get(section.name, {}).get(key.name, key.default) for key in section.keys}
        for section in SECTIONS
    }


def _build(sections: dict[str, dict[str, object]]) -> Mandate:
    prices = sections["prices"]
    sources, by_type = prices["sources"], prices["max_age_by_type"]
    assert isinstance(sources, list | tuple)
    assert isinstance(by_type, Mapping)
    calendar, lots, flows = sections["calendar"], sections["lots"], sections["flows"]
    return Mandate(
        base_currency=str(sections["portfolio"]["base_currency"]),
        calendar=str(calendar["name"]),
        valuation_point=str(calendar["valuation_point"]),
        zone=str(calendar["zone"]),
        lots=LotRules(str(lots["method"]), str(lots["scope"]), str(lots["fees"]), str(lots["oversell"])),
        flows=FlowRules(
            str(flows["timing"]), flows["fees_external"] is True, number(str(flows["large"] or 0))
        ),
        cash=CashRules(str(sections["cash"]["view"])),
        prices=PriceRules(
            str(prices["basis"]), tuple(map(str, sources)), int(str(prices["max_age_days"])),
            MappingProxyType({str(name): int(days) for name, days in by_type.items()}),
        ),
        gains=GainRules(str(sections["gains"]["cross"])),
        benchmark=str(sections["benchmark"]["code"]),
        comparison=_comparison(sections["benchmark"]),
        tax=_tax(sections["tax"]),
        policy=build_policy(sections),
        trading=build_trading(sections),
        risk=build_risk(sections),
        monitoring=build_monitoring(sections),
        inherits=inherited(sections),
        sections=MappingProxyType({name: MappingProxyType(held) for name, held in sections.items()}),
    )  # fmt: skip


def _comparison(held: Mapping[str, object]) -> BenchmarkRules:
    changes, rates = held["changes"], held["rates"]
    assert isinstance(changes, list | tuple)
    assert isinstance(rates, list | tuple)
    listed = (str(one).split(None, 1) for one in changes)
    pairs = (str(one).split() for one in rates)
    return BenchmarkRules(
        str(held["code"]), tuple(sorted((parse_date(day), name.strip()) for day, name in listed)),
        MappingProxyType({one[0]: one[1] for one in pairs}),
    )  # fmt: skip


def _tax(held: Mapping[str, object]) -> TaxRules:
    days = held["long_after_days"]
    return TaxRules(
        optional_number(held["short_rate"]), optional_number(held["long_rate"]),
        None if days == "" else int(number(str(days))), str(held["losses"]),
    )  # fmt: skip


def mandate_template(base_currency: str = "USD", *, benchmark: str = "") -> str:
    """A complete mandate text with every key at its default and a comment for each, ready to be edited.

    Examples
    --------
    >>> parse_mandate(mandate_template("EUR")).base_currency
    'EUR'
    """
    sections = _with_defaults({})
    sections["portfolio"]["base_currency"], sections["benchmark"]["code"] = base_currency, benchmark
    head = "# Mandate: the investment policy of one portfolio. What is left out has the value shown here."
    return _written(sections, head)


def whole_text(mandate: Mandate, *, title: str) -> str:
    """A mandate as it stands, shared policies laid under it, every key written out: reads as the same mandate.

    Examples
    --------
    >>> mandate = parse_mandate('[lots]\\nmethod = "HIFO"')
    >>> parse_mandate(whole_text(mandate, title="GROWTH")).lots.method
    'HIFO'
    """
    sections = {name: dict(held) for name, held in mandate.sections.items()}
    sections["inherit"]["from"] = ()
    built = f" (built on {', '.join(mandate.inherits)})" if mandate.inherits else ""
    return _written(sections, f"# {title}{built}")


def _written(sections: Mapping[str, Mapping[str, object]], head: str) -> str:
    lines = [head, ""]
    for section in SECTIONS:
        lines += [f"# {section.help}", f"[{section.name}]"]
        lines += [_template_line(key, sections[section.name][key.name]) for key in section.keys]
        lines.append("")
    return "\n".join(lines)


def _template_line(key: Key, value: object) -> str:
    if isinstance(value, bool):
        shown = str(value).lower()
    elif isinstance(value, tuple | list):
        shown = "[" + ", ".join(json.dumps(str(item), ensure_ascii=False) for item in value) + "]"
    elif isinstance(value, Mapping):
        inside = ", ".join(f"{name} = {number_}" for name, number_ in value.items())
        shown = f"{{ {inside} }}" if inside else "{}"
    else:
        shown = str(value) if isinstance(value, int | float) else json.dumps(str(value), ensure_ascii=False)
    choices = f" ({' | '.join(key.choices)})" if key.choices else ""
    return f"{key.name} = {shown}".ljust(28) + f"  # {key.help}{choices}"
