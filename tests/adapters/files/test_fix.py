"""FIX text: the standard's own arithmetic, a round trip, and broken messages by line."""

from __future__ import annotations

import pytest

from argosy.adapters.files.fix import SOH, fix_message, fix_orders, read_fix
from argosy.base.errors import InvalidInput

ROW = {"order": "12-1", "account": "MAIN", "instrument": "ACME", "side": "sell", "quantity": "250.50000000",
       "currency": "USD"}  # fmt: skip


def report(**changes: str) -> str:
    fields = [
        (37, "B77"), (11, "12-1"), (17, "E1"), (150, "F"), (39, "1"), (55, "ACME"), (54, "2"), (32, "100"),
        (31, "10.25"), (75, "20220104"), (64, "20220106"), (12, "1.5"), (58, "by hand"),
    ]  # fmt: skip
    kept = [(tag, changes.get(f"t{tag}", value)) for tag, value in fields if changes.get(f"t{tag}") != "-"]
    return fix_message("8", kept, sender="BROKER", target="ARGOSY", number=3, at="20220104-10:00:00")


def test_a_published_message_has_its_checksum() -> None:
    """The worked example of the FIX wiki: 8=FIX.4.2|9=178|...|10=128|."""
    text = (
        "8=FIX.4.2|9=178|35=8|49=PHLX|56=PERS|52=20071123-05:30:00.000|11=ATOMNOCCC9990900|20=3|150=E|39=E|55=MSFT|"
        "167=CS|54=1|38=15|40=2|44=15|58=PHLX EQUITY TESTING|59=0|47=C|32=0|31=0|151=15|14=0|6=0|10=128|"
    ).replace("|", SOH)
    table = read_fix(text.encode(), "wiki.fix")
    assert table.problems == ()
    assert len(table) == 0  # ExecType E is a pending replace, no trade


def test_orders_are_written_with_length_and_checksum() -> None:
    text = fix_orders([ROW, {**ROW, "order": "12-2", "side": "buy", "quantity": "300"}], sender="ARGOSY",
                      target="BROKER", at=1_641_200_400_000_000, first=7)  # fmt: skip
    first, second = text.splitlines()
    assert f"{SOH}35=D{SOH}49=ARGOSY{SOH}56=BROKER{SOH}34=7{SOH}52=20220103-09:00:00{SOH}11=12-1{SOH}" in first
    assert f"{SOH}54=2{SOH}60=20220103-09:00:00{SOH}38=250.5{SOH}40=1{SOH}" in first
    assert f"{SOH}34=8{SOH}" in second
    assert read_fix(text.encode(), "orders.fix").problems == ()
    assert fix_orders([], sender="A", target="B", at=0) == ""


@pytest.mark.parametrize("shown", [False, True])
def test_fills_are_read(shown: bool) -> None:
    text = report() + "\n" + report(t17="E2", t32="50") + "\n"
    table = read_fix((text.replace(SOH, "|") if shown else text).encode(), "fills.fix")
    assert table.problems == ()
    assert table.row(0) == {
        "order": "12-1", "date": "2022-01-04", "settle_date": "2022-01-06", "side": "sell", "instrument": "ACME",
        "quantity": "100", "price": "10.25", "fee": "1.5", "reference": "E1", "note": "by hand",
    }  # fmt: skip
    assert table["reference"].to_list() == ["E1", "E2"]
    assert table.lines.tolist() == [1, 2]


def test_the_trade_date_may_come_from_the_time_of_the_transaction() -> None:
    text = fix_message("8", [(11, "1-1"), (17, "E"), (60, "20220104-09:30:00"), (54, "9")], sender="A", target="B",
                       number=1, at="x")  # fmt: skip
    row = read_fix(text.encode(), "f").row(0)
    assert (row["date"], row["side"], row["settle_date"]) == ("2022-01-04", "9", "")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (report().replace("10.25", "11.25"), "the message adds up to"),
        (report().rpartition(f"{SOH}10=")[0] + SOH, "no checksum"),
        ("8=FIX.4.4" + SOH + "hello" + SOH, "'hello' is not a field"),
        ("35=8" + SOH + "11=1" + SOH, "does not begin with 8=FIX"),
    ],
)
def test_broken_messages_are_problems_of_their_line(broken: str, said: str) -> None:
    table = read_fix((report() + "\n" + broken + "\n").encode(), "f.fix")
    assert (len(table), [problem.line for problem in table.problems]) == (1, [2])
    assert said in table.problems[0].message


def test_a_wrong_length_is_seen() -> None:
    body = f"35=8{SOH}11=1-1{SOH}"
    head = f"8=FIX.4.4{SOH}9=99{SOH}"
    whole = head + body
    text = f"{whole}10={sum(whole.encode()) % 256:03d}{SOH}"
    assert "the length is 99" in read_fix(text.encode(), "f").problems[0].message


def test_what_cannot_be_written_or_read_is_refused() -> None:
    with pytest.raises(InvalidInput, match="field 11"):
        fix_message("D", [(11, f"a{SOH}b")], sender="A", target="B", number=1, at="x")
    with pytest.raises(InvalidInput, match="field 49"):
        fix_message("D", [], sender="", target="B", number=1, at="x")
    assert "is not utf-8" in read_fix(b"8=FIX\xff", "f").problems[0].message
