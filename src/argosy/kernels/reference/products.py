"""Plain-Python twin of :mod:`argosy.kernels.products`: sums of quantity times price, converted and rounded once.

Python integers have no width, so this file is the definition; the compiled kernel must give the same integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from argosy.base.money import div_half_even


def group_products(
    group: Sequence[int], item: Sequence[int], quantity: Sequence[int], price: Sequence[int], groups: int
) -> list[int]:
    """Sum ``quantity[i] * price[item[i]]`` over the rows of each group, exactly.

    Examples
    --------
    >>> group_products([0, 0, 1], [0, 1, 1], [10, -2, 7], [3, 5], 2)
    [20, 35]
    """
    totals = [0] * groups
    for g, i, q in zip(group, item, quantity, strict=True):
        totals[g] += int(q) * int(price[i])
    return totals


def step_products(
    runs: Iterable[tuple[int, int, int, int, int]], prices: Sequence[Sequence[int]], groups: int, days: int
) -> list[list[int]]:
    """Sum, for each group and day, quantity held times price of the day.

    ``runs`` are (group, row of ``prices``, first day, day after the last, quantity): a holding is a step function.

    Examples
    --------
    >>> step_products([(0, 0, 0, 3, 2), (0, 1, 1, 2, 10)], [[5, 6, 7], [1, 1, 1]], 1, 3)
    [[10, 22, 14]]
    """
    totals = [[0] * days for _ in range(groups)]
    for g, i, first, stop, q in runs:
        row, line = totals[g], prices[i]
        for t in range(first, stop):
            row[t] += int(q) * int(line[t])
    return totals


def step_largest(
    runs: Iterable[tuple[int, int, int, int]],
    values: Sequence[Sequence[int]],
    groups: int,
    days: int,
    *,
    empty: int = -1,
) -> list[list[int]]:
    """Give the largest value of the day among what each group holds; ``runs`` as in :func:`step_products`, no quantity.

    Examples
    --------
    >>> step_largest([(0, 0, 0, 2), (0, 1, 1, 2)], [[3, 1, 1], [0, 9, 9]], 1, 3)
    [[3, 9, -1]]
    """
    out = [[empty] * days for _ in range(groups)]
    for g, i, first, stop in runs:
        row, line = out[g], values[i]
        for t in range(first, stop):
            row[t] = max(row[t], int(line[t]))
    return out


def foot(parts: Sequence[Fraction | int]) -> tuple[int, list[int]]:
    """Round the sum of ``parts`` once, half to even, and give whole parts that add up to it.

    Largest remainder: each part is cut to its floor, the missing units go to the parts cut most (ties: the earliest).

    Examples
    --------
    >>> foot([Fraction(13, 10), Fraction(14, 10), Fraction(13, 10)])
    (4, [1, 2, 1])
    >>> foot([Fraction(1, 2)]), foot([Fraction(3, 2)])
    ((0, [0]), (2, [2]))
    """
    exact = [Fraction(part) for part in parts]
    whole = sum(exact, Fraction(0))
    total = div_half_even(whole.numerator, whole.denominator)
    return total, foot_to(total, exact)


def foot_to(total: int, parts: Sequence[Fraction]) -> list[int]:
    """Whole parts that add up to a total within one unit of their exact sum, by largest remainder (ties: the earliest).

    Examples
    --------
    >>> foot_to(2, [Fraction(1, 2), Fraction(3, 4)])
    [1, 1]
    """
    floors = [part.numerator // part.denominator for part in parts]
    short = total - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda k: (floors[k] - parts[k], k))
    for k in by_remainder[:short]:
        floors[k] += 1
    return floors


def convert_and_foot(parts: Sequence[Sequence[tuple[int, int, int]]]) -> tuple[int, list[int]]:
    """Total of several parts, each a list of (amount, numerator, denominator), rounded once; the parts foot to it.

    Examples
    --------
    >>> convert_and_foot([[(1005, 1, 100)], [(100, 11, 1000)]])
    (11, [10, 1])
    """
    return foot([sum((Fraction(s * n, d) for s, n, d in part), Fraction(0)) for part in parts])


def convert_totals(rows: Sequence[Sequence[tuple[int, int, int]]]) -> list[int]:
    """Round the total of each row of (amount, numerator, denominator) once, half to even.

    Examples
    --------
    >>> convert_totals([[(5, 1, 2)], [(7, 1, 2)], [(1, 1, 3), (1, 1, 6)]])
    [2, 4, 0]
    """
    totals = []
    for row in rows:
        total = sum((Fraction(s * n, d) for s, n, d in row), Fraction(0))
        totals.append(div_half_even(total.numerator, total.denominator))
    return totals
