"""Reading the JSON payload of a fact with its types checked: a fact of a newer version must not be half understood."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.base.errors import BookError
from argosy.base.money import Quote

Payload = Mapping[str, object]


def _refuse(payload: Payload, name: str, expected: str) -> BookError:
    return BookError(
        f"a fact of the book holds {payload.get(name)!r} as {name}", field=name, found=payload.get(name),
        expected=expected, next_step="open the book with the version of Argosy that wrote it, or run argosy doctor",
    )  # fmt: skip


def text(payload: Payload, name: str, default: str = "") -> str:
    """A string of the payload.

    Examples
    --------
    >>> text({"code": "GROWTH"}, "code"), text({}, "code")
    ('GROWTH', '')
    """
    value = payload.get(name, default)
    if not isinstance(value, str):
        raise _refuse(payload, name, "text")
    return value


def integer(payload: Payload, name: str, default: int = 0) -> int:
    """An integer of the payload."""
    value = payload.get(name, default)
    if not isinstance(value, int):
        raise _refuse(payload, name, "an integer")
    return value


def flag(payload: Payload, name: str) -> bool:
    """A yes or no of the payload."""
    return bool(integer(payload, name))


def quote(payload: Payload, name: str, default: Quote) -> Quote:
    """A ``[mantissa, exponent]`` pair of the payload."""
    value = payload.get(name)
    if value is None:
        return default
    pair = integers(payload, name)
    if len(pair) != 2:
        raise _refuse(payload, name, "a mantissa and an exponent")
    return Quote(pair[0], pair[1])


def integers(payload: Payload, name: str) -> tuple[int, ...]:
    """A list of integers of the payload (empty when absent)."""
    value = payload.get(name) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, int) for item in value):
        raise _refuse(payload, name, "a list of integers")
    return tuple(value)


def strings(payload: Payload, name: str) -> Mapping[str, str]:
    """A mapping of text to text of the payload (empty when absent)."""
    value = payload.get(name) or {}
    if not isinstance(value, Mapping):
        raise _refuse(payload, name, "names and texts")
    return {str(key): str(item) for key, item in value.items()}


def texts(payload: Payload, name: str) -> tuple[str, ...]:
    """A list of texts of the payload (empty when absent)."""
    value = payload.get(name) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _refuse(payload, name, "a list of texts")
    return tuple(value)


def inner(payload: Payload, name: str) -> Payload | None:
    """An object inside the payload, or None."""
    value = payload.get(name)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _refuse(payload, name, "an object")
    return value
