"""The schema of a mandate for editors: JSON Schema, made from the same sections that the reader checks by."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.record.mandate_schema import SECTIONS, Key

NUMBER = r"^\s*-?\d+(\.\d+)?\s*(%|bp)?\s*$"
_BOUND = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER}]}
LIMIT_TABLE: dict[str, object] = {
    "type": "object", "additionalProperties": False,
    "properties": {
        "limit": {"type": "string"}, "measure": {"type": "string"}, "of": {"type": "string"},
        "min": _BOUND, "max": _BOUND, "soft": _BOUND,
    },
}  # fmt: skip
"""A limit as a table instead of a line of text."""


def mandate_schema() -> dict[str, object]:
    """JSON Schema (draft 2020-12) of a mandate: names, kinds, choices, defaults and a sentence for each key.

    What needs more than a schema to check (dates, currencies, limits) is checked by ``argosy mandate check``.

    Examples
    --------
    >>> mandate_schema()["properties"]["lots"]["properties"]["method"]["enum"]
    ['FIFO', 'LIFO', 'HIFO', 'AVERAGE', 'SPECIFIC']
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Argosy mandate",
        "description": "The investment policy of one portfolio, or one that several share.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            section.name: {
                "type": "object", "description": section.help, "additionalProperties": False,
                "properties": {key.name: _key(key) for key in section.keys},
            }
            for section in SECTIONS
        },
    }  # fmt: skip


def _key(key: Key) -> dict[str, object]:
    found: dict[str, object] = {"description": key.help}
    default = key.default
    if key.number:
        text: dict[str, object] = {"type": "string", "pattern": NUMBER}
        found["anyOf"] = [{"type": "number"}, text, *([{"const": ""}] if default == "" else [])]
    elif isinstance(default, bool):
        found["type"] = "boolean"
    elif isinstance(default, int):
        found["type"] = "integer"
    elif isinstance(default, str):
        found["type"] = "string"
    elif isinstance(default, tuple):
        item: dict[str, object] = {"type": "string"}
        found |= {"type": "array", "items": {"anyOf": [item, LIMIT_TABLE]} if key.tables else item}
    else:
        found |= {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
        if key.names:
            found["propertyNames"] = {"enum": list(key.names)}
    if key.choices:
        found["enum"] = list(key.choices)
    found["default"] = _plain(default)
    return found


def _plain(default: object) -> object:
    if isinstance(default, tuple):
        return list(default)
    return dict(default) if isinstance(default, Mapping) else default
