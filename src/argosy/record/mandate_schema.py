"""What a mandate may say: sections and keys, each with its kind, default, choices and a sentence for people.

A later section adds one :class:`Section` to ``SECTIONS`` and one field to :class:`~argosy.record.mandate.Mandate`.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from argosy.base.currencies import ISO_4217
from argosy.base.dates import parse_date
from argosy.base.errors import ArgosyError, nearest
from argosy.base.limits import number, parse_limit, parse_limits
from argosy.base.money import CRYPTO, currency_code
from argosy.base.risk_limits import parse_proxy, parse_risk_limit
from argosy.record.reference import INSTRUMENT_TYPES

Check = Callable[[object], str]
"""Gives what is wrong with a value, for people; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section."""

    name: str
    default: object
    help: str
    choices: tuple[str, ...] = ()
    check: Check | None = None
    names: tuple[str, ...] = ()  # for a table of integers: the names it may hold
    number: bool = False  # 0.05, "5%" or "50bp"; a default of "" means that none need be given
    each: Check | None = None  # what is wrong with one item of a list
    tables: bool = False  # items of the list may be tables of a limit, as {measure = "turnover", max = "10%"}

    def problem(self, value: object) -> str:
        """What is wrong with a value, or empty."""
        wrong = self._wrong_type(value)
        if wrong:
            return wrong
        if self.choices and value not in self.choices:
            close = nearest(str(value), self.choices, 1)
            listed = ", ".join(repr(choice) for choice in self.choices)
            meant = f"did you mean {close[0]!r}? " if close else ""
            return f"{value!r} is not a choice; {meant}choose one of {listed}"
        return self.check(value) if self.check else ""

    def _wrong_type(self, value: object) -> str:
        default = self.default
        if self.number:
            return _number(value, optional=default == "")
        if isinstance(default, bool):
            return "" if isinstance(value, bool) else f"{value!r} is not true or false"
        if isinstance(default, int):
            return "" if isinstance(value, int) and not isinstance(value, bool) else f"{value!r} is not a whole number"
        if isinstance(default, str):
            return "" if isinstance(value, str) else f"{value!r} is not text in quotes"
        if isinstance(default, tuple):
            fits = (str, Mapping) if self.tables else (str,)
            good = isinstance(value, list) and all(isinstance(item, fits) for item in value)
            return "" if good else f'{value!r} is not a list of texts such as ["ECB"]'
        good = isinstance(value, Mapping) and all(type(item) is int and item >= 0 for item in value.values())
        return "" if good else f"{value!r} is not a table of whole numbers such as {{ equity = 5 }}"


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the mandate."""

    name: str
    help: str
    keys: tuple[Key, ...]

    def key(self, name: str) -> Key | None:
        """The key of that name, or None."""
        return next((key for key in self.keys if key.name == name), None)


def _number(value: object, *, optional: bool) -> str:
    if optional and value == "":
        return ""
    try:
        good = not isinstance(value, bool) and isinstance(value, int | float | str) and number(str(value))
    except ValueError:
        good = False
    if isinstance(good, bool) or abs(good) == float("inf") or good != good:
        return f'{value!r} is not a number such as 0.05, "5%" or "50bp"'
    return ""


def _between_0_and_1(value: object) -> str:
    return "" if 0.0 < number(str(value)) < 1.0 else f"{value!r} does not lie between 0 and 1, as 0.95 does"


def _positive(value: object) -> str:
    return "" if value == "" or number(str(value)) > 0.0 else f"{value!r} is not above zero"


def _part(value: object) -> str:
    return "" if 0.0 <= number(str(value)) <= 1.0 else f"{value!r} does not lie between 0 and 100%"


def _no_less_than_0(value: object) -> str:
    return "" if number(str(value)) >= 0.0 else f"{value!r} is negative"


def _cost(value: object) -> str:
    return "" if 0.0 <= number(str(value)) < 1.0 else f'{value!r} is no part of what is traded, such as "10bp"'


def _limit(value: object) -> str:
    try:
        if isinstance(value, Mapping):
            parse_limits([value])
        else:
            parse_limit(str(value))
    except ArgosyError as error:
        # Where it stands in the mandate is said by its line.
        return str(error).removeprefix("limit 1: ")
    return ""


def _currency(value: object) -> str:
    code = str(value)
    if code == "":
        return ""
    try:
        currency_code(code)
    except ArgosyError as error:
        return str(error)
    close = nearest(code, ISO_4217, 1)
    if code not in ISO_4217 and code not in CRYPTO and len(code) == 3 and close and close[0] != code:
        return f"{code!r} is not a currency of ISO 4217; did you mean {close[0]!r}?"
    return ""


def _required_currency(value: object) -> str:
    return "a currency is needed, such as 'USD'" if value == "" else _currency(value)


def _time(value: object) -> str:
    good = re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", str(value))
    return "" if good else f"{value!r} is not a time of day such as '16:00'"


def _zone(value: object) -> str:
    try:
        zoneinfo.ZoneInfo(str(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(str(value), zoneinfo.available_timezones() | {"UTC"}, 1)
        return f"{value!r} is not a time zone" + (f"; did you mean {close[0]!r}?" if close else " such as 'UTC'")
    return ""


def _not_negative(value: object) -> str:
    return "" if isinstance(value, int) and value >= 0 else f"{value!r} is negative; 0 means no limit"


def _dated_name(value: object) -> str:
    given = str(value).split(None, 1)
    try:
        parse_date(given[0] if given else "")
    except ArgosyError:
        return f"{value!r} does not begin with a date such as '2022-01-03'"
    return "" if len(given) == 2 else f"{value!r} names no benchmark after its date"


def _rate_name(value: object) -> str:
    given = str(value).split()
    good = len(given) == 2 and re.fullmatch(r"[A-Z]{3}(?:/[A-Z]{3})?", given[0])
    return "" if good else f"{value!r} is not a currency (or pair) and a name, such as 'EUR ESTR' or 'USD/EUR POINTS'"


def _whole_days(value: object) -> str:
    if value == "":
        return ""
    days = number(str(value))
    return "" if days >= 0 and days == int(days) else f"{value!r} is not a number of days"


def _share(value: object) -> str:
    return "" if value == "" or 0.0 <= number(str(value)) < 1.0 else f"{value!r} is not a share from 0 to below 1"


def _not_empty(value: object) -> str:
    return "" if value else "a name is needed"


def _approvals(value: object) -> str:
    return "" if value in (1, 2) else f"{value!r} is neither 1 nor 2"


def _at_least_one(value: object) -> str:
    return "" if isinstance(value, int) and value >= 1 else f"{value!r} is not 1 or more"


def _risk_limit(value: object) -> str:
    try:
        parse_risk_limit(str(value))
    except ArgosyError as error:
        return str(error)
    return ""


def _proxy(value: object) -> str:
    try:
        parse_proxy(str(value))
    except ArgosyError as error:
        return str(error)
    return ""


def _history(value: object) -> str:
    return "" if isinstance(value, int) and value >= 250 else f"{value!r} is not 250 or more"


def _target(value: object) -> str:
    name, _, weight = str(value).strip().rpartition(" ")
    wrong = _number(weight, optional=False)
    return "" if name.strip() and not wrong else f"{value!r} is not a name and a weight such as 'ACME 5%'"


SECTIONS: tuple[Section, ...] = (
    Section("inherit", "shared policies of the book that this one builds on", (
        Key("from", (), "names of policies, the most general first; keys here rule over theirs, limits add up"),
        Key("locked", (), 'keys that mandates built on this one may not change, such as "limits.long_only"'),
    )),
    Section("portfolio", "what the portfolio is measured in", (
        Key("base_currency", "", "currency of the official NAV; fixed when the portfolio is created", check=_currency),
    )),
    Section("calendar", "when the portfolio closes", (
        Key("name", "weekdays", "a calendar stored in the book, or 'weekdays' (Monday to Friday)", check=_not_empty),
        Key("valuation_point", "16:00", "time of day of the close", check=_time),
        Key("zone", "UTC", "time zone of the valuation point", check=_zone),
    )),
    Section("lots", "how sales find the purchases they undo", (
        Key("method", "FIFO", "first in, last in, highest cost first, average cost, or lots named by each sale",
            ("FIFO", "LIFO", "HIFO", "AVERAGE", "SPECIFIC")),
        Key("scope", "account", "whether lots are matched within an account, a sleeve or the whole portfolio",
            ("account", "portfolio", "sleeve")),
        Key("fees", "in_cost", "whether fees and taxes of a trade belong to cost and proceeds, or are expensed",
            ("in_cost", "expensed")),
        Key("oversell", "error", "whether selling more than is held is refused or opens a short position",
            ("error", "short")),
    )),
    Section("flows", "how money in and out of the portfolio counts in returns", (
        Key("timing", "end", "whether a day's flows come after its gains, before them, or in before and out after",
            ("end", "start", "mixed")),
        Key("fees_external", False, "whether fees count as withdrawals (true: returns before fees)"),
        Key("large", "", "share of the value from which a flow cuts a Dietz period, such as \"10%\"; empty = none",
            number=True, check=_positive),
    )),
    Section("cash", "when cash moves", (
        Key("view", "trade", "cash as of trade date or as of settlement", ("trade", "settled")),
    )),
    Section("prices", "which prices are good enough", (
        Key("basis", "traded", "basis of the prices used for valuation; any: for each instrument the first it has",
            ("traded", "split_adjusted", "total_return", "any")),
        Key("sources", (), "sources in order of trust, best first; empty = the book's order"),
        Key("max_age_days", 0, "oldest price that still values a position, in days; 0 = no limit", check=_not_negative),
        Key("max_age_by_type", {}, "the same by type of instrument", names=INSTRUMENT_TYPES),
    )),
    Section("gains", "how a gain is split", (
        Key("cross", "fx", "whether the product of price change and rate change counts as currency or price gain",
            ("fx", "price")),
    )),
    Section("benchmark", "what the portfolio is compared with", (
        Key("code", "", "code of a benchmark of the book, or a blend of them; empty = none"),
        Key("changes", (), "later ones by first day, in order, such as \"2022-01-03 60% MSCIW + 40% BONDS\"",
            each=_dated_name),
        Key("rates", (), "money market index, yield curve or forward premium behind :hedged, such as \"EUR ESTR\" or "
            "\"USD/EUR POINTS\"", each=_rate_name),
    )),
    Section("tax", "what realized gains are taxed at, in returns after tax and in orders", (
        Key("regime", "NONE", "jurisdiction whose rules hold: rates, terms, relief, wash sales",
            ("NONE", "US", "UK", "DE", "FR")),
        Key("short_rate", "", "rate on gains of lots held up to long_after_days; empty = the regime's", number=True,
            check=_share),
        Key("long_rate", "", "rate on gains of lots held longer; empty = the regime's", number=True, check=_share),
        Key("long_after_days", "", "a lot is long-term when held for more than so many days; empty = the regime's "
            "rule, 365 without one", number=True, check=_whole_days),
        Key("lots", "MINTAX", "which lots a proposed sale names", ("MINTAX", "HIFO", "FIFO", "LIFO")),
        Key("household", "", "group of portfolios whose purchases can spoil a loss; empty = this one alone"),
        Key("gain_budget", "", "gains a year that may be realized, in base currency; empty = any", number=True),
        Key("harvest_from", "", "loss of a lot from which it is worth taking, in base currency; empty = none",
            number=True, check=_positive),
        Key("losses", "carry", "whether losses lower later gains of the same term, are paid for at once, or are lost",
            ("carry", "credit", "lost")),
    )),
    Section("objective", "what the best portfolio is", (
        Key("model", "minimum variance", "what is optimized; `argosy optimize --help` lists the models",
            check=_not_empty),
        Key("target", "", "return or risk a year that is aimed at, for models with a target", number=True),
        Key("risk_aversion", "", "price of variance, for models that weigh return against it", number=True,
            check=_positive),
        Key("confidence", "0.95", "level of tail risk", number=True, check=_between_0_and_1),
        Key("risk_free", "0", "risk-free rate a year", number=True),
    )),
    Section("universe", "what may be held", (
        Key("members", "held", "where the list begins: what is held, the benchmark's names, both, or all with prices",
            ("held", "benchmark", "held and benchmark", "all")),
        Key("include", (), "instruments to add"),
        Key("exclude", (), "instruments that are neither bought nor sold"),
        Key("types", (), "only these types of instruments; empty = all"),
    )),
    Section("limits", "what the portfolio has to keep", (
        Key("long_only", True, "whether weights below zero are refused"),
        Key("rules", (), 'limits, one text or table each, such as "weight of sector=Energy <= 10%"', each=_limit,
            tables=True),
    )),
    Section("costs", "what trading costs", (
        Key("trading", "0", "cost of a trade as a part of what is traded, such as \"10bp\"", number=True, check=_cost),
        Key("half_spread", "0", "half of the spread between bid and ask", number=True, check=_cost),
        Key("impact", "0", "price impact of trading one day's volume, in daily volatilities", number=True,
            check=_no_less_than_0),
        Key("exchange", "0", "cost of changing money for an order in another currency, as a part of it", number=True,
            check=_cost),
        Key("fixed", "0", "cost of each order, in base currency", number=True, check=_no_less_than_0),
        Key("purchase_tax", "0", "tax on purchases, as a part of what is bought", number=True, check=_cost),
        Key("horizon_years", "1", "years in which a trade is to pay for itself", number=True, check=_positive),
    )),
    Section("targets", "what the portfolio should hold, for rebalancing", (
        Key("source", "optimizer", "the [objective], the weights below, or the holdings of another portfolio",
            ("optimizer", "weights", "model")),
        Key("weights", (), 'targets, one text each, such as "ACME 5%" or "sector=Energy 12%"; the rest is cash',
            each=_target),
        Key("follow", "", "code of the portfolio that is the model"),
    )),
    Section("rebalancing", "when the portfolio trades, and how far", (
        Key("drift", True, "whether a weight outside its band is a reason to trade"),
        Key("bands", "tolerance", "bands of fixed width, scaled by volatility, or from cost and risk aversion",
            ("tolerance", "volatility", "no-trade")),
        Key("absolute", "5%", "half-width of a band at most (mean half-width of volatility bands)", number=True,
            check=_positive),
        Key("relative", "25%", "the same as a part of the target", number=True, check=_positive),
        Key("floor", "0.25%", "half-width of a band at least", number=True, check=_share),
        Key("inner", "50%", "where the inner band lies between target (0) and edge (100%)", number=True, check=_part),
        Key("how_far", "inner", "where trading stops: target, edge of the band, inner band, or where it is worth most",
            ("target", "edge", "inner", "optimal")),
        Key("tracking_error", "", "tracking error a year against the targets that is a reason; empty = none",
            number=True, check=_positive),
        Key("every_months", 0, "months after which to rebalance in any case; 0 = none", check=_not_negative),
        Key("cash", "", "cash beyond the buffer that is a reason, as a part of value; empty = none", number=True,
            check=_positive),
        Key("signal", "", "one-way turnover to new targets that is a reason; empty = none", number=True,
            check=_positive),
        Key("clear_at", "80%", "part of a threshold under which a reason that fired is over", number=True,
            check=_part),
        Key("rest_days", 0, "days after a rebalance without another, but for limits and money due",
            check=_not_negative),
        Key("risk_aversion", "5", "price of tracking variance, to weigh benefit against cost", number=True,
            check=_positive),
        Key("only_if_it_pays", True, "whether trades that cost more than they are worth are left out"),
        Key("corporate_actions", False, "whether a split, a capital call or the like is a reason to look again"),
        Key("propose_at_close", False, "whether the close stores a proposal where there is a reason to trade"),
    )),
    Section("trading", "how orders are made", (
        Key("cash_buffer", "0", "cash to keep, as a part of value", number=True, check=_share),
        Key("minimum_trade", "0", "smallest order, as a part of value", number=True, check=_share),
        Key("whole_units", True, "whether shares and contracts are traded whole"),
        Key("no_buy", (), "instruments that are not bought"),
        Key("no_sell", (), "instruments that are not sold"),
        Key("participation", "10%", "share of a day's volume that may be traded", number=True, check=_part),
        Key("days", 1, "days over which an order may be spread", check=_at_least_one),
    )),
    Section("approvals", "who has to agree to a proposal", (
        Key("required", 1, "people who have to approve; with 2 none of them may have made it", check=_approvals),
        Key("expiry_hours", 24, "hours for which a proposal stands", check=_at_least_one),
        Key("price_move", "2%", "move of a price since the proposal from which it has to be made again", number=True,
            check=_positive),
    )),
    Section("risk_model", "how risks and expected returns are estimated", (
        Key("covariance", "ledoit wolf", "model of risk; `argosy optimize --help` lists them", check=_not_empty),
        Key("mean", "historical", "model of expected returns", check=_not_empty),
        Key("frequency", "daily", "periods that returns are taken over", ("as given", "daily", "weekly", "monthly")),
        Key("lookback", 0, "how many periods back; 0 = all there are", check=_not_negative),
        Key("half_life", 0, "periods after which an observation counts half, for exponential models",
            check=_not_negative),
        Key("factors", 0, "number of factors, for the model of factors", check=_not_negative),
        Key("missing", "refuse", "what is done where a price is missing",
            ("refuse", "complete periods", "leave out assets", "pairwise", "em")),
        Key("nearest", False, "whether a matrix that is no covariance is replaced by the nearest one, which is said"),
        Key("periods_per_year", "", "periods of a year; empty = as the frequency says", number=True, check=_positive),
    )),
    Section("risk", "how risk is measured", (
        Key("model", "adaptive gjr-t", "model of value at risk and shortfall; `argosy risk --help` lists them",
            check=_not_empty),
        Key("confidence", "0.99", "confidence of value at risk and shortfall", number=True, check=_between_0_and_1),
        Key("horizon", 1, "days ahead", check=_at_least_one),
        Key("window", 1000, "days that quantiles and fits see", check=_history),
        Key("proxies", (), 'stand-ins for missing histories, such as "NEWCO as SPY 1.2"', each=_proxy),
        Key("factors", (), "instruments whose returns explain the others; empty = prices and currencies"),
        Key("group", "sector", "attribute by which contributions are summed", check=_not_empty),
        Key("close", True, "whether the close stores risk and watches limits"),
    )),
    Section("monitoring", "limits on risk that are watched", (
        Key("rules", (), 'limits and budgets, such as "value at risk <= 2%" or "risk of sector=Energy <= 25%"',
            each=_risk_limit),
        Key("warn_at", "90%", "part of a limit from which to warn", number=True, check=_part),
        Key("cure_days", 10, "days to cure a breach that the market caused; one by a trade has none",
            check=_not_negative),
    )),
)  # fmt: skip
"""Sections in the order of the template."""
