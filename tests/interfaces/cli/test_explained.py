"""``argosy explain`` and ``argosy value`` where something is missing, as typed."""

from __future__ import annotations

from pathlib import Path

from tests.interfaces.conftest import Run


def test_nav_is_another_word_for_value(run: Run) -> None:
    assert run("explain", "nav", "GROWTH").stdout == run("explain", "value", "GROWTH").stdout != ""
    both = run("explain", "nav")
    assert both.exit_code == 0, both.stderr
    assert "net asset value of GROWTH" in both.stdout
    assert "net asset value of INCOME" in both.stdout


def test_a_group_is_explained_in_the_currency_asked(run: Run) -> None:
    refused = run("explain", "value", "-g", "HOUSE")
    assert refused.exit_code == 2
    assert "--currency" in refused.stderr
    done = run("explain", "value", "-g", "HOUSE", "--currency", "EUR")
    assert done.exit_code == 0, done.stderr
    nav = run("value", "-g", "HOUSE", "--currency", "EUR", "--columns", "nav", "-f", "csv").stdout.split()[1]
    assert f"{float(nav):,.2f} EUR" in done.stdout.splitlines()[0]


def test_nothing_valued_is_an_error_even_when_reported(run: Run, folder: Path) -> None:
    (folder / "one.csv").write_text("code,name,type,currency\nNEW,New,equity,USD\n")
    (folder / "new.csv").write_text(
        "date,type,portfolio,instrument,quantity,price,currency\n2022-01-07,buy,GROWTH,NEW,1,1,USD\n"
    )
    assert run("import", "instruments", "one.csv").exit_code == 0
    assert run("import", "transactions", "new.csv").exit_code == 0
    some = run("value", "--report-missing")
    assert some.exit_code == 0, some.stderr
    assert "INCOME" in some.stdout
    none = run("value", "--report-missing", "-p", "GROWTH")
    assert none.exit_code == 4
    assert "nothing could be valued" in none.stderr
    assert "no price of NEW" in none.stderr
    assert "GROWTH" in none.stdout
