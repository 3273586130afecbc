"""The grammar of limits: one line of text, one TOML entry or one Python value say the same thing.

    weight of each <= 5%                    weight of sector=Technology between 10% and 30%
    weight of sector=each & country=US <= 20%
    active weight of sector=each within 1%  tracking error <= 3%
    turnover <= 10% soft 0.5%               exposure of duration between 4 and 6
    sector Tech <= 25%                      (the same as: weight of sector=Tech <= 25%)
    names <= 40                             names of sector=each between 2 and 8
    position >= 1%                          trade of each between 0.2% and 2%

``soft P`` lets a limit be broken at a price: each unit of excess costs P units of return. ``position >= 1%`` and
``trade of each >= 0.2%`` mean nothing at all or at least that much.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from argosy.base.errors import ArgosyError, InvalidInput, nearest


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that can be limited: what it is in words, which scope it takes, and whether it is a percentage."""

    name: str
    words: str
    scope: str  # "", "names" (an asset, each, or a group), "some" (or nothing), "attribute", "level", "return"
    unit: str = "%"
    softens: bool = False


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("weight", "weight", "names", softens=True),
        Measure("active weight", "weight less the benchmark's", "names", softens=True),
        Measure("trade", "weight bought or sold", "names", softens=True),
        Measure("net", "sum of weights", "", softens=True),
        Measure("cash", "part that is not invested", "", softens=True),
        Measure("gross", "sum of absolute weights", "", softens=True),
        Measure("long", "sum of long weights", "", softens=True),
        Measure("short", "sum of short weights, as a positive number", "", softens=True),
        Measure("turnover", "sum of buys and sells", "", softens=True),
        Measure("buys", "sum of buys", "", softens=True),
        Measure("sells", "sum of sells", "", softens=True),
        Measure("volatility", "volatility", "", softens=True),
        Measure("tracking error", "volatility of the return above the benchmark", "", softens=True),
        Measure("shortfall", "expected shortfall per period of the scenarios", "level", softens=True),
        Measure("evar", "entropic value at risk per period of the scenarios", "level", softens=True),
        Measure("worst realization", "loss in the worst scenario", "", softens=True),
        Measure("mean absolute deviation", "mean distance of scenarios from their mean", "", softens=True),
        Measure("semi-deviation", "deviation of scenarios below their mean", "", softens=True),
        Measure("semi-variance", "square of the semi-deviation", "", unit=""),
        Measure("first lower partial moment", "mean shortfall below a return", "return", softens=True),
        Measure("cdar", "mean of the worst drawdowns, returns summed", "level", softens=True),
        Measure("average drawdown", "mean drawdown, returns summed", "", softens=True),
        Measure("maximum drawdown", "deepest drawdown, returns summed", "", softens=True),
        Measure("ulcer index", "root mean square of drawdowns, returns summed", "", softens=True),
        Measure("gini mean difference", "mean distance of two scenarios", "", softens=True),
        Measure("range", "best scenario less the worst", "", softens=True),
        Measure("beta", "beta to the benchmark", "", unit="", softens=True),
        Measure("exposure", "weighted sum of an attribute", "attribute", unit="", softens=True),
        Measure(
            "active exposure", "weighted sum of an attribute less the benchmark's", "attribute", unit="", softens=True
        ),
        Measure("days to trade", "days of volume that a trade takes", "names", unit="", softens=True),
        Measure("days to liquidate", "days of volume that selling all takes", "names", unit="", softens=True),
        Measure("names", "number of names held", "some", unit=""),
        Measure("trades", "number of names bought or sold", "some", unit=""),
        Measure("position", "weight of a name that is held", "some"),
        Measure("lots", "whole lots of the weight an attribute says that are traded at least", "attribute", unit=""),
    )
}
_ALIASES = {"leverage": "gross", "cvar": "shortfall", "expected shortfall": "shortfall", "te": "tracking error",
            "expected tail loss": "shortfall", "entropic value at risk": "evar", "worst": "worst realization",
            "mad": "mean absolute deviation", "semideviation": "semi-deviation", "semivariance": "semi-variance",
            "flpm": "first lower partial moment", "conditional drawdown at risk": "cdar", "mdd": "maximum drawdown",
            "max drawdown": "maximum drawdown", "ulcer": "ulcer index", "gmd": "gini mean difference",
            "holdings": "names"}  # fmt: skip
CONVEX = frozenset({"shortfall", "evar", "worst realization", "mean absolute deviation", "semi-deviation",
                    "semi-variance", "first lower partial moment", "cdar", "average drawdown", "maximum drawdown",
                    "ulcer index", "gini mean difference", "range"})  # fmt: skip
"""Measures of scenarios, each convex in the weights."""
_UPPER_ONLY = frozenset({"gross", "long", "short", "turnover", "buys", "sells", "volatility", "tracking error",
                         *CONVEX, "days to trade", "days to liquidate"})  # fmt: skip
CHOOSING = frozenset({"names", "trades", "position", "lots"})
"""Measures that make a model choose; a lower bound of ``trade`` does too."""


def measure_called(name: str) -> str:
    """The measure that a name or an alias stands for; the name itself where there is none.

    Examples
    --------
    >>> measure_called(" CVaR "), measure_called("gross")
    ('shortfall', 'gross')
    """
    bare = name.strip().lower()
    return _ALIASES.get(bare, bare)


SLACK = 1e-9
"""What is this little beyond a limit is rounding: weights are quotients of money."""


class LimitError(InvalidInput):
    """A limit that cannot be read; the message names the line and what was expected."""

    code = "limit"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: a measure of a scope between two bounds (None: open), hard unless ``soft`` gives its price.

    Examples
    --------
    >>> Limit("weight", "each", high=0.05).text()
    'weight of each <= 5%'
    >>> parse_limit("weight of each <= 5%") == Limit("weight", "each", high=0.05)
    True
    """

    measure: str
    scope: str = ""
    low: float | None = None
    high: float | None = None
    soft: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise LimitError(problem, field="limits", place=self.source)

    @property
    def chooses(self) -> bool:
        """True when the limit makes a model choose between nothing and at least so much."""
        return self.measure in CHOOSING or (self.measure == "trade" and (self.low or 0.0) > 0.0)

    def beyond(self, value: float) -> float:
        """How far a number is beyond the limit; 0 where it is kept.

        Examples
        --------
        >>> Limit("gross", high=1.0).beyond(1.2).__round__(12), Limit("weight", "A", low=0.1).beyond(0.3)
        (0.2, 0.0)
        """
        over = value - self.high if self.high is not None else 0.0
        under = self.low - value if self.low is not None else 0.0
        return max(over, under, 0.0)

    def broken_by(self, value: float) -> bool:
        """Whether a number is beyond the limit by more than rounding."""
        return self.beyond(value) > SLACK

    def upper_at(self, value: float) -> bool:
        """Whether the upper bound is the one that a number is nearest to breaking, or breaks."""
        return self.low is None or (self.high is not None and self.high - value <= value - self.low)

    def bound_at(self, value: float) -> float:
        """The bound that a number is nearest to breaking, or breaks.

        Examples
        --------
        >>> band = Limit("weight", "A", low=0.1, high=0.3)
        >>> band.bound_at(0.12), band.bound_at(0.4), Limit("position", low=0.01).bound_at(0.5)
        (0.1, 0.3, 0.01)
        """
        bound = self.high if self.upper_at(value) else self.low
        assert bound is not None
        return bound

    def text(self) -> str:
        """The limit as a line of the grammar."""
        subject = f"{self.measure} of {self.scope}" if self.scope else self.measure
        unit = MEASURES[self.measure].unit
        if self.low is not None and self.high is not None:
            if self.low == self.high:
                tail = f"= {show(self.low, unit)}"
            elif self.low == -self.high:
                tail = f"within {show(self.high, unit)}"
            else:
                tail = f"between {show(self.low, unit)} and {show(self.high, unit)}"
        elif self.high is not None:
            tail = f"<= {show(self.high, unit)}"
        else:
            assert self.low is not None
            tail = f">= {show(self.low, unit)}"
        return f"{subject} {tail}" + (f" soft {show(self.soft, '%')}" if self.soft is not None else "")


def show(value: float, unit: str) -> str:
    """A bound as people write it, exact to the digits that tell it from its neighbors.

    Examples
    --------
    >>> show(0.125, "%"), show(3.0, ""), show(0.1 + 0.2, "%")
    ('12.5%', '3', '30%')
    """
    text = f"{value * 100.0 if unit == '%' else value:.12g}"
    return text + unit


def _problem(limit: Limit) -> str:
    measure = MEASURES.get(limit.measure)
    if measure is None:
        close = nearest(limit.measure, MEASURES)
        hint = f"; did you mean {close[0]!r}?" if close else f"; choose one of: {', '.join(MEASURES)}"
        return f"there is no measure {limit.measure!r}" + hint
    if measure.scope not in ("", "some") and not limit.scope:
        return f"{limit.measure!r} needs 'of ...': " + {
            "names": "an asset, each, or attribute=value", "attribute": "the attribute", "level": "a level such as 95%",
            "return": "a return such as 0.1%",
        }[measure.scope]  # fmt: skip
    if limit.scope and not measure.scope:
        return f"{limit.measure!r} is one number for the whole portfolio and takes no 'of {limit.scope}'"
    bounds = [bound for bound in (limit.low, limit.high) if bound is not None]
    if not bounds:
        return f"{limit.measure!r} has neither a lower nor an upper bound"
    if any(bound != bound or abs(bound) == float("inf") for bound in bounds):
        return f"a bound of {limit.measure!r} is not a finite number"
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        return f"the lower bound {show(bounds[0], measure.unit)} is above the upper {show(bounds[1], measure.unit)}"
    return _refused(limit, measure)


def _refused(limit: Limit, measure: Measure) -> str:
    if limit.measure in _UPPER_ONLY:
        if limit.low is not None and limit.low != -(limit.high or 0.0):
            return f"{limit.measure!r} can only be limited from above: a lower bound would not be convex"
        if limit.high is not None and limit.high < 0.0:
            return f"{limit.measure!r} is never negative, so it cannot be at most {show(limit.high, measure.unit)}"
    if limit.measure == "trade" and limit.low is not None and limit.low != -(limit.high or 0.0) and limit.low <= 0.0:
        return "a lower bound of 'trade' is the smallest trade, so it must be positive: write trade of each >= 0.2%"
    if limit.measure == "trade" and limit.high is not None and limit.high < 0.0:
        return f"'trade' is never negative, so it cannot be at most {show(limit.high, measure.unit)}"
    if limit.measure == "trade" and limit.soft is not None and (limit.low or 0.0) > 0.0:
        return "the smallest trade cannot be soft: it holds or it does not; leave out 'soft'"
    if limit.measure == "position" and (limit.low is None or limit.high is not None or limit.low <= 0.0):
        return "'position' sets the smallest weight of a name that is held: write position >= 1%"
    if limit.measure in ("names", "trades") and any(
        b != int(b) or b < 0 for b in (limit.low, limit.high) if b is not None
    ):
        return f"{limit.measure!r} counts, so its bounds are whole numbers"
    if limit.measure == "lots" and (limit.low is None or limit.high is not None or limit.low < 1.0
                                    or limit.low != int(limit.low)):  # fmt: skip
        return "'lots' sets the smallest number of whole lots that is traded: write lots of lot_weight >= 1"
    if limit.soft is not None and not measure.softens:
        why = "counts and smallest sizes hold or they do not" if limit.chooses else "soften semi-deviation"
        return f"{limit.measure!r} cannot be soft: {why}; leave out 'soft'"
    if limit.soft is not None and not 0.0 < limit.soft < float("inf"):
        return "the price after 'soft' must be positive"
    return ""


_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*(?:%|bps?|bp)?"
_TESTS = (
    (re.compile(rf"between\s+({_NUMBER})\s+and\s+({_NUMBER})$", re.I), "between"),
    (re.compile(rf"within\s+({_NUMBER})(?:\s+of\s+(?:the\s+)?benchmark)?$", re.I), "within"),
    (re.compile(rf"(?:<=|≤|at most|max)\s*({_NUMBER})$", re.I), "high"),
    (re.compile(rf"(?:>=|≥|at least|min)\s*({_NUMBER})$", re.I), "low"),
    (re.compile(rf"==?\s*({_NUMBER})$", re.I), "equal"),
)
_SOFT = re.compile(rf"\s+soft\s+({_NUMBER})$", re.I)
_START = re.compile(r"\s(?=(?:between\s|within\s|<=|≤|at most|max\s|>=|≥|at least|min\s|==?\s*[-+.\d]))", re.I)


def number(text: str) -> float:
    """Read ``5%``, ``0.05``, ``50bp``.

    Examples
    --------
    >>> number("5%"), number("50 bp"), number("-.5")
    (0.05, 0.005, -0.5)
    """
    bare = text.strip().lower()
    if bare.endswith("%"):
        return float(bare[:-1]) / 100.0
    for suffix in ("bps", "bp"):
        if bare.endswith(suffix):
            return float(bare[: -len(suffix)]) / 10_000.0
    return float(bare)


def parse_limit(text: str, *, source: str = "") -> Limit:
    """Read one limit.

    Raises
    ------
    LimitError
        Says what was not understood and shows the nearest form.

    Examples
    --------
    >>> parse_limit("active weight of sector=each within 1% of benchmark")
    Limit(measure='active weight', scope='sector=each', low=-0.01, high=0.01, soft=None, source='')
    >>> parse_limit("turnover <= 10% soft 50bp").soft
    0.005
    >>> parse_limit("sector Tech <= 25%") == parse_limit("weight of sector=Tech <= 25%")
    True
    >>> parse_limit("wieght of each <= 5%")
    Traceback (most recent call last):
    ...
    argosy.base.limits.LimitError: there is no measure 'wieght'; did you mean 'weight'?
    """
    rest = re.sub(r"^number of (?=names|trades)", "", " ".join(text.split()), flags=re.I)
    soft = None
    found = _SOFT.search(rest)
    if found:
        soft, rest = number(found[1]), rest[: found.start()]
    start = None
    for start in _START.finditer(rest):  # noqa: B007
        pass
    if start is None:
        raise LimitError(
            f"no bound in {text!r}", field="limits", place=source,
            next_step="write 'MEASURE of SCOPE <= 5%', '>= 5%', '= 5%', 'between 1% and 5%' or 'within 1%'",
        )  # fmt: skip
    subject, test = rest[: start.start()].strip(), rest[start.end() :].strip()
    measure, _, scope = subject.partition(" of ")
    measure = measure_called(measure)
    if not scope and (" " in subject or "=" in subject) and measure not in MEASURES and not nearest(measure, MEASURES):
        measure, scope = "weight", _weighed(subject)
    for pattern, kind in _TESTS:
        match = pattern.match(test)
        if match:
            low, high = _bounds(kind, [number(value) for value in match.groups()])
            return Limit(measure, scope.strip(), low, high, soft, source)
    raise LimitError(f"cannot read the bound {test!r} in {text!r}", field="limits", place=source,
                     next_step="write numbers as 5%, 0.05 or 50bp")  # fmt: skip


def _weighed(subject: str) -> str:
    """Whose weight is meant where no measure is named: ``sector=Tech`` or ``sector Tech``."""
    attribute, space, value = subject.partition(" ")
    return f"{attribute}={value}" if space and "=" not in subject else subject


def _bounds(kind: str, values: list[float]) -> tuple[float | None, float | None]:
    if kind == "between":
        return values[0], values[1]
    if kind == "within":
        return -values[0], values[0]
    if kind == "equal":
        return values[0], values[0]
    return (None, values[0]) if kind == "high" else (values[0], None)


def _from_mapping(entry: Mapping[str, object], source: str) -> Limit:
    if set(entry) == {"limit"}:
        return parse_limit(str(entry["limit"]), source=source)
    allowed = {"measure", "of", "min", "max", "soft"}
    strange = sorted(set(entry) - allowed)
    if strange:
        raise LimitError(f"unknown key {strange[0]!r}", field="limits", place=source,
                         next_step=f"a limit has: {', '.join(sorted(allowed))}")  # fmt: skip
    values: dict[str, float | None] = {}
    for key in ("min", "max", "soft"):
        given = entry.get(key)
        try:
            values[key] = None if given is None else number(str(given))
        except ValueError:
            raise LimitError(f"{key} = {given!r} is not a number", field="limits", place=source) from None
    measure = str(entry.get("measure", "")).strip().lower()
    scope = str(entry.get("of", ""))
    return Limit(measure_called(measure), scope, values["min"], values["max"], values["soft"], source)


Limits = str | Iterable["str | Limit | Mapping[str, object]"]


def parse_limits(given: Limits) -> tuple[Limit, ...]:
    """Read limits from lines of text (``#`` starts a comment), or from a list of texts, mappings (TOML) and limits.

    Raises
    ------
    LimitError
        Lists every line that cannot be read.

    Examples
    --------
    >>> [limit.measure for limit in parse_limits("weight of each <= 5%  # no big bets\\n\\ngross <= 130%")]
    ['weight', 'gross']
    >>> parse_limits([{"measure": "weight", "of": "sector=Energy", "max": "10%"}])[0].text()
    'weight of sector=Energy <= 10%'
    """
    entries: Sequence[str | Limit | Mapping[str, object]] = given.splitlines() if isinstance(given, str) else [*given]
    found: list[Limit] = []
    problems: list[str] = []
    for place, entry in enumerate(entries, 1):
        source = f"limit {place}"
        try:
            if isinstance(entry, Limit):
                found.append(entry)
            elif isinstance(entry, Mapping):
                found.append(_from_mapping(entry, source))
            elif not isinstance(entry, str):
                raise LimitError(f"{entry!r} is no limit", field="limits", place=source,
                                 next_step="give a line of text, a table of a measure, or a Limit")  # fmt: skip
            else:
                line = entry.partition("#")[0].strip()
                if line:
                    found.append(parse_limit(line, source=source))
        except ArgosyError as error:
            problems.append(str(error))
    if problems:
        raise LimitError("\n".join(problems), field="limits")
    return tuple(found)
