"""Where a key of a TOML text stands, so that a problem can be shown with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_HEADER = re.compile(rf"^\s*\[\[?\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]\]?")
_KEY = re.compile(rf"^\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_STRING = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*')


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def key_lines(text: str) -> dict[Path, int]:
    """Line (from 1) of each section and key of a TOML text, by path.

    Keys inside inline tables are not listed; :func:`line_of` answers with the line of the table.

    Examples
    --------
    >>> key_lines('[lots]\\nmethod = "FIFO"\\n')
    {('lots',): 1, ('lots', 'method'): 2}
    """
    found: dict[Path, int] = {}
    section: Path = ()
    depth = 0  # brackets of an array or inline table that goes over several lines
    inside = ""  # the quotes of a text that goes over several lines
    for number, line in enumerate(text.splitlines(), 1):
        rest = line
        if inside:
            end = line.find(inside)
            if end < 0:
                continue
            rest, inside = line[end + 3 :], ""
        elif depth == 0:
            header = _HEADER.match(line)
            if header:
                section = _parts(header.group(1))
                found.setdefault(section, number)
                continue
            key = _KEY.match(line)
            if key:
                found.setdefault(section + _parts(key.group(1)), number)
                rest = line[key.end() :]
        inside, depth = _scan(rest, depth)
    return found


def _scan(rest: str, depth: int) -> tuple[str, int]:
    """The state after a piece of a line: the quotes still open, the brackets still open."""
    position = 0
    while position < len(rest):
        token = _STRING.match(rest, position)
        if token:
            opening = token.group()
            if opening in ('"""', "'''"):
                end = rest.find(opening, token.end())
                if end < 0:
                    return opening, depth
                position = end + 3
                continue
            position = token.end()
            continue
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(rest[position], 0)
        position += 1
    return "", max(depth, 0)


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, of the nearest thing around it when it stands inside an inline table, else 0."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 0


def item_line(text: str, start: int, item: str) -> int:
    """The line, from ``start`` on, on which an item of a list stands; ``start`` where it is not found as written.

    Examples
    --------
    >>> item_line('rules = [\\n  "gross <= 1",\\n  "net = 1",\\n]', 1, "net = 1")
    3
    """
    for number, line in enumerate(text.splitlines()[start - 1 :], start):
        if item in line:
            return number
    return start
