"""Random streams by counter: what a generator gives depends on a seed, a stream and a block, and on nothing else."""

from __future__ import annotations

from numpy.random import Generator, Philox

NORMALS, MIXING, SCRAMBLE, RESAMPLES = 0, 1, 2, 3
"""Streams of one seed."""


def stream(seed: int, kind: int, block: int) -> Generator:
    """The generator of one block: Philox with the seed as key and the block as its highest counter word.

    Examples
    --------
    >>> bool(stream(1, NORMALS, 2).random() == stream(1, NORMALS, 2).random())
    True
    """
    return Generator(Philox(key=[seed, kind], counter=[0, 0, 0, block]))
