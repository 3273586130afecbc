"""Limits of a mandate as tables: the same as lines of text, checked with the line, laid over one another."""

from __future__ import annotations

import pytest

from argosy.base.limits import parse_limits
from argosy.record.mandate import mandate_problems, parse_mandate, whole_text

TABLES = """
[limits]
rules = [
  "weight of each <= 5%",
  {measure = "turnover", max = "10%", soft = "50bp"},
  {measure = "weight", of = "sector=Energy", min = 0.02, max = 0.1},
]
"""
LISTED = """
[[limits.rules]]
measure = "cvar"
of = "95%"
max = "2%"
[[limits.rules]]
limit = "net = 100%"
"""


@pytest.mark.parametrize(("text", "lines"), [
    (TABLES, ["weight of each <= 5%", "turnover <= 10% soft 50bp", "weight of sector=Energy between 2% and 10%"]),
    (LISTED, ["cvar of 95% <= 2%", "net = 100%"]),
])  # fmt: skip
def test_tables_say_what_lines_say(text: str, lines: list[str]) -> None:
    found = parse_mandate(text)
    assert found.policy.limits.rules == parse_limits(lines)
    assert parse_mandate(whole_text(found, title="T")).policy.limits.rules == found.policy.limits.rules


def test_tables_of_a_shared_policy_add_up_with_lines() -> None:
    found = parse_mandate('[limits]\nrules = ["gross <= 1", "turnover <= 10% soft 0.5%"]', above=(("HOUSE", TABLES),))
    assert [rule.measure for rule in found.policy.limits.rules] == ["weight", "turnover", "weight", "gross"]


@pytest.mark.parametrize(("text", "line", "says"), [
    ('[limits]\n\n[[limits.rules]]\nmeasure = "wieght"\nof = "each"\nmax = 0.1\n', 4, "did you mean 'weight'?"),
    ('[limits]\nrules = [\n"net = 1",\n{measure = "turnover", maxi = 1},\n]', 4, "unknown key 'maxi'"),
    ('[limits]\nrules = [{of = "each", max = 1}]', 2, "there is no measure ''"),
    ('[limits]\nrules = [{measure = "gross", max = true}]', 2, "max = True is not a number"),
    ('[limits]\nrules = [3]', 2, "is not a list of texts"),
    ('[universe]\nexclude = [{measure = "gross", max = 1}]', 2, "is not a list of texts"),
])  # fmt: skip
def test_what_is_wrong_with_a_table_has_its_line(text: str, line: int, says: str) -> None:
    (problem,) = mandate_problems(text)
    assert says in problem.text()
    assert problem.line == line
