"""Write docs/mandate.schema.json, which editors read: python -m tools.mandate_schema

tests/docs/test_mandate_schema.py keeps the file equal to what this gives.
"""

from __future__ import annotations

import json
from pathlib import Path

from argosy.record.mandate_schema_json import mandate_schema

FILE = Path(__file__).resolve().parents[1] / "docs" / "mandate.schema.json"


def schema() -> str:
    """The whole file, as `argosy mandate schema` prints it."""
    return json.dumps(mandate_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
