"""Compiles the lines of a plain twin as they stand, with its calls led to the compiled forms of what it calls."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba


def compiled(twin: Callable[..., Any], *, parallel: bool = False, **calls: Callable[..., Any]) -> Any:
    """The compiled form of ``twin``; ``calls`` names its own calls and their compiled forms.

    Twin and kernel are the same text, so they differ only in the order in which a processor rounds. A compiled form
    is kept until the twin's file changes: what it calls should stand in the same file.
    """
    assert isinstance(twin, FunctionType)
    lines = FunctionType(twin.__code__, {**twin.__globals__, **calls}, twin.__name__, twin.__defaults__)
    lines.__module__, lines.__qualname__ = twin.__module__, twin.__qualname__
    return numba.njit(cache=True, nogil=True, parallel=parallel)(lines)
