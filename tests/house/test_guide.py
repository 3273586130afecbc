"""The pages a user reads are run: what README, the guides and the formula pages show is what happens.

A ```python block with prompts is run as a doctest; one without prompts is run as it stands. The blocks of one page
share their names. In a ```console block every line after `$ ` is run by bash, in a folder of the page's own; lines
below it are the expected output (`...` stands for anything); without such lines the command only has to succeed.
A block under `<!-- not run -->` is left alone.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.source import ROOT

BLOCK = re.compile(
    r"(?P<skip><!-- not run[^>]*-->\s*\n)?^```(?P<language>python|console)\n(?P<text>.*?)^```$", re.M | re.S
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(match["language"], match["text"], text.count("\n", 0, match.start("text")) + 1)
        for match in BLOCK.finditer(text)
        if not match["skip"]
    ]


def pages() -> list[Path]:
    docs = ROOT / "docs"
    found = [ROOT / "README.md", *(docs / "guide").rglob("*.md"), *(docs / "formulas").rglob("*.md")]
    return [page for page in sorted(found) if page.exists() and blocks(page)]


def run_python(block: Block, names: dict[str, object], page: str) -> None:
    if ">>>" not in block.text:
        exec(compile("\n" * (block.line - 1) + block.text, page, "exec"), names)
        return
    test = doctest.DocTestParser().get_doctest(block.text, names, page, page, block.line - 1)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append, clear_globs=False)
    if report:
        pytest.fail("".join(report), pytrace=False)
    names.update(test.globs)


def run_console(block: Block, page: str) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "160", "NO_COLOR": "1", "TERM": "dumb",
    }  # fmt: skip
    for step in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
        lines = step.splitlines()
        end = 0
        while lines[end].endswith("\\"):
            end += 1
        command, expected = "\n".join(lines[: end + 1]), "\n".join(lines[end + 1 :])
        done = subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            text=True,
            timeout=300,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        got = done.stdout + done.stderr
        if expected.strip():
            if not doctest.OutputChecker().check_output(expected.strip() + "\n", got.strip() + "\n", FLAGS):
                pytest.fail(f"{page}:{block.line}: {command}\nshows\n{expected}\nbut gave\n{got}", pytrace=False)
        elif done.returncode:
            pytest.fail(f"{page}:{block.line}: {command}\nended with {done.returncode}:\n{got}", pytrace=False)


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages()])
def test_page_shows_what_happens(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = str(page.relative_to(ROOT))
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.language == "python":
            run_python(block, names, name)
        else:
            run_console(block, name)
