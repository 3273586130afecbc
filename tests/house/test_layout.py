"""How the house is kept: sizes, names, what a package says about itself. Lint holds the rest (pyproject.toml, ruff)."""

from __future__ import annotations

import re

from tests.house.source import PACKAGE, ROOT, modules, project_files

LONGEST = 500
REFUSED = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"})
HOUSE_RULES = re.compile(r"#\s*noqa:[^#\n]*\b(TID|FBT|F403|F405|D1\d\d|T20)")
TESTS_OF_NO_ROOM = frozenset({"house", "flows", "contracts", "goldens", "cases", "crash", "docs", "bench"})


def test_no_file_is_longer_than_500_lines() -> None:
    long = {module.where(1): n for module in modules() if (n := module.text.count("\n")) > LONGEST}
    assert not long, f"split by what it answers: {long}"


def test_names_say_what_is_inside() -> None:
    vague = [module.name for module in modules() if REFUSED & set(re.split(r"[._]", module.name))]
    assert not vague


def test_every_folder_with_code_is_a_package() -> None:
    folders = {module.path.parent for module in modules() if "migrations" not in module.path.parts}
    assert not [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").exists()]


def test_the_demo_is_data() -> None:
    assert not [module.name for module in modules() if module.room == "demo" and module.text.strip()]


def test_the_package_says_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_house_rules_are_not_switched_off() -> None:
    found = [
        f"{module.where(number)}: {line.strip()}"
        for module in modules()
        for number, line in enumerate(module.text.splitlines(), 1)
        if HOUSE_RULES.search(line)
    ]
    assert not found


def test_tests_mirror_the_source() -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in project_files()
               if path.suffix == ".py" and path.is_relative_to(ROOT / "tests")}  # fmt: skip
    strangers = [
        str(folder) for folder in sorted(folders)
        if folder.parts and folder.parts[0] not in TESTS_OF_NO_ROOM and not (PACKAGE / folder).is_dir()
    ]  # fmt: skip
    assert not strangers, f"tests of rooms that do not exist: {strangers}"


def test_decision_records_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md") if path.name != "README.md")
    assert names, "the decisions the book rests on are recorded"
    wrong = [name for name in names if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name)]
    assert not wrong, "a decision record is called NNNN-title.md"
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
