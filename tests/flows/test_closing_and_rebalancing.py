"""What the close says about reasons to trade, and checks on prices that nobody stored."""

from __future__ import annotations

from pathlib import Path

import pytest

import argosy
from argosy.base.errors import ImportRefused, MissingPrice
from argosy.interfaces.book import Book
from argosy.workflows import proposals
from tests.flows.test_rebalancing import MANDATE, NAMES, price_rows

DAY_US = 86_400_000_000


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = argosy.create(str(tmp_path / "book.db"))
    made.create_portfolio("GROWTH", currency="USD", mandate=MANDATE.encode())
    made.create_portfolio("FREE", currency="USD")
    made.import_instruments(("code,name,type,currency\n" + "".join(f"{n},{n},equity,USD\n" for n in NAMES)).encode())
    made.import_prices(price_rows().encode())
    rows = ["date,type,portfolio,instrument,quantity,price,net", "2021-01-04,deposit,GROWTH,,,,100000",
            "2021-01-04,buy,GROWTH,AAA,500,100,", "2021-01-04,buy,GROWTH,BBB,300,100,",
            "2021-01-04,buy,GROWTH,CCC,150,100,", "2021-01-04,deposit,FREE,,,,500"]  # fmt: skip
    assert made.import_transactions("\n".join(rows).encode() + b"\n").written
    return made


def reasons(done: object) -> list[dict[str, object]]:
    tables = [table for table in done.statement().tables if table.name == "Reasons to trade"]  # type: ignore[attr-defined]
    return tables[0].rows() if tables else []


def test_the_close_tells_reasons_and_a_second_one_writes_nothing(book: Book) -> None:
    first = book.run_close()
    found = reasons(first)
    assert {row["portfolio"] for row in found} == {"GROWTH"}
    assert found[0]["trigger"] == "drift"
    assert found[0]["new"]
    mark = book.watermark
    again = book.run_close()
    assert book.watermark == mark
    assert again.head == first.head
    assert len(reasons(again)) == len(found)
    assert not len(book.proposals().table())


def test_the_close_proposes_where_it_is_asked_and_once(book: Book) -> None:
    assert not book.run_close(propose=True, dry_run=True).written or not len(book.proposals().table())
    done = book.run_close(propose=True)
    (row,) = book.proposals().table().rows()
    assert (row["portfolio"], row["made_by"], row["state"]) == ("GROWTH", "close", "proposed")
    assert done.head.startswith(f"{book.watermark.seq}:")
    mark = book.watermark
    again = book.run_close(propose=True)
    assert book.watermark == mark
    assert not any(row["new"] for row in reasons(again))
    # Orders in the market: nothing else is proposed until they are done.
    book.approve([1], by="bob")
    book.send([1], by="desk")
    book.set_mandate("GROWTH", (MANDATE + "\n[trading]\ncash_buffer = 0.5\n").encode())
    book.run_close(propose=True)
    assert len(book.proposals().table()) == 1


def test_a_mandate_can_ask_for_proposals_at_each_close(book: Book) -> None:
    book.set_mandate("GROWTH", MANDATE.replace("[costs]", "propose_at_close = true\n[costs]").encode())
    book.run_close()
    assert len(book.proposals().table()) == 1


def test_the_close_marks_what_ran_out_of_time(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    _, stored = book.propose_rebalance("GROWTH", by="ann")
    later = stored.lives[0].terms.expires + 1
    import argosy.interfaces.book.measures as measures

    monkeypatch.setattr(measures, "system_clock", lambda: later)
    done = book.run_close(last="2022-03-31")
    (table,) = [one for one in done.statement().tables if one.name == "Reasons to trade"]
    assert any("proposal 1 expired" in note for note in table.notes)
    assert proposals.lives_at(book.store)[1][1].ended == "expired"
    mark = book.watermark
    book.run_close(last="2022-03-31")
    assert book.watermark == mark


def test_what_cannot_be_judged_is_a_note_of_the_close(book: Book) -> None:
    book.set_mandate("GROWTH", (MANDATE + "\n[universe]\n").replace("AAA 50%", "ZZZ 50%").encode())
    done = book.run_close()
    (table,) = [one for one in done.statement().tables if one.name == "Reasons to trade"]
    assert any("ZZZ" in note for note in table.notes)
    assert book.run_close(rebalancing=False).attached == ()


def test_a_check_on_live_prices_stores_nothing(book: Book) -> None:
    last = {row["instrument"]: row["price"] for row in book.value(portfolio="GROWTH").tables[1].rows()
            if row["price"] is not None}  # fmt: skip
    mark = book.watermark
    stored = book.check_rebalance("GROWTH").found[0][1].plan
    same = "instrument,price\n" + "".join(f"{name},{price}\n" for name, price in last.items())
    live = book.check_rebalance("GROWTH", prices=same.encode()).found[0][1].plan
    assert live.weights.tolist() == stored.weights.tolist()
    doubled = f"instrument,price\nBBB,{2 * last['BBB']}\n"
    moved = book.check_rebalance("GROWTH", prices=doubled.encode())
    plan = moved.found[0][1].plan
    at = plan.names.index("BBB")
    value = stored.value * (1.0 + stored.weights[at])
    assert plan.value == pytest.approx(value)
    assert plan.weights[at] == pytest.approx(2 * stored.weights[at] * stored.value / value)
    assert any(trigger.subject == "BBB" for trigger in plan.triggers)
    assert book.watermark == mark
    told = moved.table().provenance
    assert told is not None
    assert told.fingerprint != book.check_rebalance("GROWTH").table().provenance.fingerprint  # type: ignore[union-attr]


def test_live_prices_of_a_name_without_any_and_bad_files(book: Book) -> None:
    book.import_instruments(b"code,name,type,currency\nNEW,New,equity,USD\n")
    book.set_mandate("GROWTH", MANDATE.replace("CCC 15%", 'CCC 10%", "NEW 5%').encode())
    with pytest.raises(MissingPrice, match="NEW"):
        book.check_rebalance("GROWTH")
    plan = book.check_rebalance("GROWTH", prices=b"instrument,price\nNEW,10\n", reason="new name").found[0][1].plan
    assert plan.target[plan.names.index("NEW")] == pytest.approx(0.05)
    for content, said in (
        (b"instrument,price\nXYZ,1\n", "XYZ"), (b"instrument,price\nAAA,-1\n", "above zero"),
        (b"instrument,price\nAAA,1\nAAA,2\n", "second price"), (b"instrument,price\nAAA,x\n", "not a number"),
        (b"name,price\nAAA,1\n", "no column 'instrument'"), (b"", "empty"),
    ):  # fmt: skip
        with pytest.raises(ImportRefused, match=said):
            book.check_rebalance("GROWTH", prices=content)
