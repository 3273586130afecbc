"""What a message of the outbox says."""

from __future__ import annotations

import json

from argosy.record.facts import Fact


def message_text(fact: Fact) -> str:
    """The payload as one line of JSON with sorted keys: equal facts give equal texts.

    Examples
    --------
    >>> from argosy.record.facts import FactKind
    >>> message_text(Fact(7, 2, FactKind.CLOSE, 0, 19000, {"rows": 3, "from": 18999}))
    '{"from":18999,"rows":3}'
    """
    return json.dumps(fact.payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
