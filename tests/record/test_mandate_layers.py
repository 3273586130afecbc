"""Mandates that inherit: what rules over what, what adds up, what is locked; the schema for editors."""

from __future__ import annotations

import re
import tomllib

import pytest

from argosy.record.mandate import MandateError, parse_mandate, parse_shared, policy_names, whole_text
from argosy.record.mandate_schema import SECTIONS
from argosy.record.mandate_schema_json import NUMBER, mandate_schema

HOUSE = """\
[inherit]
locked = ["approvals", "limits.long_only"]
[approvals]
required = 2
[limits]
rules = ["gross <= 100%"]
[universe]
exclude = ["ARMS"]
[rebalancing]
every_months = 6
"""
MODEL = """\
[inherit]
from = ["HOUSE"]
[limits]
rules = ["weight of each <= 10%"]
[rebalancing]
every_months = 3
absolute = "3%"
"""
CLIENT = """\
[inherit]
from = ["MODEL"]
[limits]
rules = ["weight of each <= 5%", "gross <= 100%"]
[universe]
exclude = ["TOBACCO"]
[rebalancing]
absolute = "2%"
"""
ABOVE = (("HOUSE", HOUSE), ("MODEL", MODEL))


def test_the_lower_layer_rules_and_lists_of_limits_add_up() -> None:
    mandate = parse_mandate(CLIENT, above=ABOVE)
    assert mandate.trading.approvals.required == 2
    assert mandate.trading.rebalancing.every_months == 3
    assert mandate.trading.rebalancing.absolute == 0.02
    assert [limit.text() for limit in mandate.policy.limits.rules] == [
        "gross <= 100%", "weight of each <= 10%", "weight of each <= 5%",
    ]  # fmt: skip
    assert mandate.policy.universe.exclude == ("ARMS", "TOBACCO")
    assert mandate.inherits == ("MODEL",)
    assert policy_names(CLIENT) == ("MODEL",)
    assert policy_names("not TOML") == ()


def test_what_is_locked_cannot_be_changed() -> None:
    text = CLIENT + "[approvals]\nrequired = 1\n"
    with pytest.raises(MandateError, match="policy HOUSE has locked it") as refused:
        parse_mandate(text, source="client.toml", above=ABOVE)
    (problem,) = refused.value.problems
    assert (problem.source, problem.field) == ("client.toml", "approvals.required")
    assert text.splitlines()[problem.line - 1] == "required = 1"
    # To say the same again is no change; limits may be added to.
    parse_mandate(CLIENT + "[approvals]\nrequired = 2\n", above=ABOVE)
    with pytest.raises(MandateError, match=r"limits\.long_only: policy HOUSE has locked it"):
        parse_mandate("[limits]\nlong_only = false\n", above=ABOVE)


def test_a_shared_policy_has_no_lots_of_its_own() -> None:
    with pytest.raises(MandateError, match="belongs to each portfolio's own mandate"):
        parse_shared('[lots]\nmethod = "HIFO"\n', name="HOUSE")
    with pytest.raises(MandateError, match="policy HOUSE line 2"):
        parse_shared("[approvals]\nrequired = 9\n", name="HOUSE")
    with pytest.raises(MandateError, match="not TOML"):
        parse_mandate("", above=(("HOUSE", "[[["),))
    assert parse_shared(MODEL, name="MODEL", above=(("HOUSE", HOUSE),)).trading.approvals.required == 2


def test_the_whole_text_is_the_same_mandate() -> None:
    mandate = parse_mandate(CLIENT + "[prices]\nmax_age_by_type = { bond = 5 }\n", above=ABOVE)
    text = whole_text(mandate, title="mandate of CLIENT")
    assert text.startswith("# mandate of CLIENT (built on MODEL)")
    again = parse_mandate(text)
    assert again.policy == mandate.policy
    assert again.trading == mandate.trading
    assert again.prices == mandate.prices


def test_the_schema_knows_every_key_and_accepts_every_default() -> None:
    schema = mandate_schema()
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert {name: set(held["properties"]) for name, held in properties.items()} == {
        section.name: {key.name for key in section.keys} for section in SECTIONS
    }
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    for section in SECTIONS:
        for key in section.keys:
            told = properties[section.name]["properties"][key.name]
            if "type" in told:
                assert isinstance(told["default"], kinds[told["type"]])
            if "enum" in told:
                assert told["default"] in told["enum"]
    for text in ("5%", "50bp", "0.05", "-1", " 3 % "):
        assert re.match(NUMBER, text)
    for text in ("five", "5%%", "1e5%"):
        assert not re.match(NUMBER, text)
    # A schema is plain data: it survives being written and read.
    assert tomllib.loads(CLIENT)["inherit"] == {"from": ["MODEL"]}
