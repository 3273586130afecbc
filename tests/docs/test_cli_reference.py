"""The page of commands says what the commands say."""

from __future__ import annotations

from tools.cli_reference import PAGE, reference

from tests.house.source import ROOT


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert PAGE.relative_to(ROOT).as_posix() == "docs/guide/cli.md"
    assert PAGE.read_text("utf-8") == reference(), "run python -m tools.cli_reference"


def test_every_command_shows_an_example_that_begins_with_itself() -> None:
    page = reference()
    titles = [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")]
    assert len(titles) > 40
    assert not [title for title in titles if f"Example: `{title} " not in page and f"Example: `{title}`" not in page
                and title.count(" ") > 1]  # fmt: skip
