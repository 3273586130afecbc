"""FIX 4.4 message text: orders out as NewOrderSingle, fills in from ExecutionReport.

Only what orders and fills need is written and read; sessions are the business of a FIX engine. Messages stand one a
line; fields end with SOH, and ``|`` is read as SOH too, because that is how people show messages.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from argosy.base.errors import InvalidInput
from argosy.base.problems import Problem
from argosy.kernels.text import TextColumn
from argosy.workflows.tabular import RawTable

SOH = "\x01"
READER = "argosy-fix 1"
COLUMNS = ("order", "date", "settle_date", "side", "instrument", "quantity", "price", "fee", "reference", "note")
_SIDES = {"buy": "1", "sell": "2"}
_SIDE_NAMES = {code: name for name, code in _SIDES.items()}
_TRADES = frozenset({"F", "1", "2"})  # ExecType trade; 1 and 2 are how FIX 4.2 says a partial fill and a fill


def fix_message(kind: str, fields: Sequence[tuple[int, str]], *, sender: str, target: str, number: int, at: str) -> str:
    """One message with its header, length and checksum.

    Examples
    --------
    >>> text = fix_message("0", [], sender="A", target="B", number=1, at="20220103-09:00:00")
    >>> text.replace(SOH, "|")
    '8=FIX.4.4|9=41|35=0|49=A|56=B|34=1|52=20220103-09:00:00|10=121|'
    """
    parts = [(35, kind), (49, sender), (56, target), (34, str(number)), (52, at), *fields]
    for tag, value in parts:
        if not value or SOH in value or "\n" in value:
            raise InvalidInput(f"field {tag} of a FIX message cannot be {value!r}", field=str(tag), found=value,
                               expected="text without control characters")  # fmt: skip
    body = "".join(f"{tag}={value}{SOH}" for tag, value in parts)
    head = f"8=FIX.4.4{SOH}9={len(body.encode())}{SOH}"
    return f"{head}{body}10={sum((head + body).encode()) % 256:03d}{SOH}"


def fix_orders(rows: Sequence[Mapping[str, object]], *, sender: str, target: str, at: int, first: int = 1) -> str:
    """Orders (rows of the table of orders) as NewOrderSingle messages, market orders of the day.

    ``at`` is the moment in microseconds; ``first`` the number of the first message. ClOrdID (11) is the name of the
    order, such as 12-1, under which the broker reports its fills.
    """
    moment = datetime.datetime.fromtimestamp(at / 1e6, datetime.UTC).strftime("%Y%m%d-%H:%M:%S")
    lines = []
    for number, row in enumerate(rows, first):
        fields = [
            (11, str(row["order"])), (1, str(row["account"])), (21, "1"), (55, str(row["instrument"])),
            (54, _SIDES[str(row["side"])]), (60, moment), (38, _plain(row["quantity"])), (40, "1"), (59, "0"),
            (15, str(row["currency"])),
        ]  # fmt: skip
        lines.append(fix_message("D", fields, sender=sender, target=target, number=number, at=moment))
    return "\n".join(lines) + ("\n" if lines else "")


def _plain(quantity: object) -> str:
    text = f"{Decimal(str(quantity)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_fix(content: bytes, name: str, *, delimiter: str | None = None, encoding: str = "utf-8") -> RawTable:
    """Read a file of messages as rows of fills; messages other than trades are left out, broken ones are problems."""
    separator = delimiter or SOH
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        problem = Problem(name, content[: error.start].count(b"\n") + 1, f"byte {error.start} is not {encoding}",
                          next_step="give the encoding of the file", code="encoding")  # fmt: skip
        return RawTable(name, {}, np.zeros(0, np.int64), (problem,), READER)
    problems: list[Problem] = []
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    for number, line in enumerate(text.splitlines() if SOH not in text else text.replace("\r", "").split("\n"), 1):
        if not line.strip():
            continue
        shown = line if separator in line else line.replace("|", separator)
        fields, wrong = _fields(shown, separator)
        if not wrong and separator == SOH and SOH in line:
            wrong = _checked(line)
        if wrong:
            problems.append(Problem(name, number, wrong, next_step="ask the broker for the message again", code="fix"))
            continue
        if fields.get(35) != "8" or fields.get(150, "F") not in _TRADES:
            continue
        rows.append(_fill(fields))
        lines.append(number)
    columns = {column: TextColumn([row[column] for row in rows]) for column in COLUMNS}
    return RawTable(name, columns, np.array(lines, dtype=np.int64), tuple(problems), READER)


def _fields(line: str, separator: str) -> tuple[dict[int, str], str]:
    found: dict[int, str] = {}
    for part in line.strip("\r\n").split(separator):
        if not part.strip():
            continue
        tag, equals, value = part.partition("=")
        if not equals or not tag.strip().isdigit():
            return {}, f"{part[:40]!r} is not a field of a FIX message"
        found.setdefault(int(tag), value)
    if not found.get(8, "").startswith("FIX."):
        return {}, "the message does not begin with 8=FIX"
    return found, ""


def _checked(line: str) -> str:
    """What is wrong with length or checksum of a message as it was sent."""
    body, mark, told = line.rstrip("\r\n").rpartition(f"{SOH}10=")
    if not mark:
        return "the message has no checksum"
    whole = (body + SOH).encode()
    expected = f"{sum(whole) % 256:03d}"
    if told.rstrip(SOH) != expected:
        return f"the checksum is {told.rstrip(SOH)}, the message adds up to {expected}"
    _, _, after = body.partition(f"{SOH}9=")
    length, _, rest = after.partition(SOH)
    if not length.isdigit() or int(length) != len((rest + SOH).encode()):
        return f"the length is {length}, the message has {len((rest + SOH).encode())}"
    return ""


def _fill(fields: Mapping[int, str]) -> dict[str, str]:
    when = fields.get(75) or fields.get(60, "")[:8]
    return {
        "order": fields.get(11, ""), "date": _day(when), "settle_date": _day(fields.get(64, "")),
        "side": _SIDE_NAMES.get(fields.get(54, ""), fields.get(54, "")), "instrument": fields.get(55, ""),
        "quantity": fields.get(32, ""), "price": fields.get(31, ""), "fee": fields.get(12, ""),
        "reference": fields.get(17, ""), "note": fields.get(58, ""),
    }  # fmt: skip


def _day(text: str) -> str:
    """``YYYYMMDD`` as an ISO date; anything else as it is, for the reader of fills to refuse."""
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.isdigit() else text
