"""What no file of the project says: paths of one machine, addresses of package indexes, two spellings of one word."""

from __future__ import annotations

import re

import pytest

from tests.house.source import ROOT, project_files, text_of

# Put together here so that this file does not say them either.
MACHINE_PATHS = tuple("/" + name for name in ("work/", "root/", "farm", "opt/pypi", "opt/wheels", "home/"))
INDEX_HOSTS = tuple(".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("deb", "debian", "org"), ("proxy", "golang", "org"),
))  # fmt: skip
STEMS = ("optim", "normal", "organ", "annual", "capital", "real", "summar", "serial", "initial", "minim", "maxim",
         "recogn", "util", "custom", "standard", "penal", "material", "neutral", "author", "categor", "vector",
         "parametr", "regular", "random", "final", "amort", "monet")  # fmt: skip
BRITISH = re.compile(
    rf"\b\w*(?:(?:{'|'.join(STEMS)})is(?:e[drs]?|ers|ing|ations?|able)|behaviou?r(?<=our)|colou?rs?(?<=our)|favour\w*|"
    r"neighbour\w*|honour\w*|centred?|licence[sd]?|(?<!aria-)labell\w+|modell\w+)\b",
    re.IGNORECASE,
)
PROSE = frozenset({".py", ".md", ".toml", ".html", ".j2", ".typ", ".cfg", ".yml", ".yaml", ""})


def test_no_file_names_one_machine_or_an_index() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in project_files()
        if (text := text_of(path)) is not None
        for word in (*MACHINE_PATHS, *INDEX_HOSTS)
        if re.search(rf"(?<![\w.:/-]){re.escape(word)}" if word.startswith("/") else re.escape(word), text)
    ]
    assert not found


def test_spelling_is_american() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in project_files()
        if path.suffix in PROSE and path.name != "test_words.py" and (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        for match in BRITISH.finditer(line)
    ]
    if found:
        pytest.fail("American spelling:\n  " + "\n  ".join(found), pytrace=False)
