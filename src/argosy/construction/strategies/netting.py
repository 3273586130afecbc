"""Trades of strategies against each other: what crosses inside, what goes to the market, and what everybody saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InsufficientPosition, InvalidInput

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Netted:
    """Orders of strategies (S x N, signed integers) after netting.

    ``external`` (S x N) is what each still trades in the market, ``crossed`` (S x N) what it trades inside: their sum
    is what it asked for, so no position differs from what trading alone would give. ``restricted`` (N) is what would
    have crossed if everybody were permitted to trade with everybody, and did not.
    """

    orders: Int64
    crossed: Int64
    external: Int64
    restricted: Int64

    @property
    def crossed_total(self) -> Int64:
        """Units crossed per name (N): each counted once."""
        return np.asarray(np.maximum(self.crossed, 0).sum(axis=0))

    @property
    def external_net(self) -> Int64:
        """Units that go to the market per name (N), signed."""
        return np.asarray(self.external.sum(axis=0))


@dataclass(frozen=True, eq=False)
class Savings:
    """Cost with and without netting per strategy (S), in money. Nobody pays more than alone."""

    alone: Float64
    netted: Float64

    @property
    def saved(self) -> Float64:
        """What each strategy saves."""
        return self.alone - self.netted

    @property
    def none_worse(self) -> bool:
        """The proof that no strategy is worse off than alone."""
        return bool((self.saved >= 0.0).all())


def net(orders: npt.ArrayLike, *, permitted: npt.ArrayLike | None = None) -> Netted:
    """Cross buys against sells name by name (orders: S x N integers, positive buys), as far as permissions go.

    ``permitted`` (S x S, symmetric) says which strategies may trade with each other; by default all may. What crosses
    is shared in proportion to the orders, odd units by the largest remainder and then by position, so that the same
    orders always give the same answer. Where not everybody may cross with everybody, groups that may all trade with
    each other are netted first, the largest group first, then pairs.

    Examples
    --------
    >>> found = net([[1000], [-600], [-100]])
    >>> found.crossed_total.tolist(), found.external_net.tolist(), found.external.ravel().tolist()
    ([700], [300], [300, 0, 0])
    """
    asked = np.array(orders)
    if asked.ndim != 2 or not np.issubdtype(asked.dtype, np.integer):
        raise InvalidInput("orders are integers at the scale of each instrument, strategies by names", field="orders",
                           found=f"{asked.dtype} {asked.shape}", expected="integers (S, N)")  # fmt: skip
    asked = asked.astype(np.int64)
    size = asked.shape[0]
    allowed = np.ones((size, size), np.bool_) if permitted is None else np.array(permitted, dtype=np.bool_)
    if allowed.shape != (size, size) or (allowed != allowed.T).any():
        raise InvalidInput("permissions have to be symmetric, one row and column per strategy", field="permitted",
                           found=allowed.shape, expected=f"({size}, {size})")  # fmt: skip
    possible = np.minimum(np.maximum(asked, 0).sum(axis=0), np.maximum(-asked, 0).sum(axis=0))
    left = asked.copy()
    for group in _cliques(allowed):
        members = np.array(group)
        left[members] -= _crossed(left[members])
    for first in range(size):
        for second in range(first + 1, size):
            if allowed[first, second] and ((left[first] * left[second]) < 0).any():
                pair = np.array([first, second])
                left[pair] -= _crossed(left[pair])
    crossed = asked - left
    return Netted(asked, crossed, left, possible - np.maximum(crossed, 0).sum(axis=0))


def _cliques(allowed: Bool) -> list[list[int]]:
    """Groups of strategies that may all trade with each other, each strategy in one of them, the first ones largest."""
    free = list(range(len(allowed)))
    found: list[list[int]] = []
    while free:
        group: list[int] = []
        for one in sorted(free, key=lambda place: (-int(allowed[place][free].sum()), place)):
            if all(allowed[one, other] for other in group):
                group.append(one)
        found.append(sorted(group))
        free = [one for one in free if one not in group]
    return sorted(found, key=lambda group: (-len(group), group))


def _crossed(orders: Int64) -> Int64:
    """What crosses inside one group (S x N): the smaller side in full, the larger one in proportion."""
    buys, sells = np.maximum(orders, 0), np.maximum(-orders, 0)
    amount = np.minimum(buys.sum(axis=0), sells.sum(axis=0))
    return pro_rata(amount, buys) - pro_rata(amount, sells)


def pro_rata(amount: Int64, claims: Int64) -> Int64:
    """Amounts (N) shared over claims (S x N) in proportion, whole units, nobody above the claim.

    Odd units go by the largest remainder, ties to the earlier strategy. Exact for claims up to 2**62.

    Examples
    --------
    >>> pro_rata(np.array([10]), np.array([[7], [7], [7]])).ravel().tolist()
    [4, 3, 3]
    """
    total = claims.sum(axis=0)
    busy = np.flatnonzero((amount > 0) & (total > 0))
    shared = np.zeros_like(claims)
    whole = busy[amount[busy] >= total[busy]]
    shared[:, whole] = claims[:, whole]
    part = busy[amount[busy] < total[busy]]
    if part.size == 0:
        return shared
    a, c, t = amount[part], claims[:, part], total[part]
    # a * c can pass 64 bits: split by quotient and remainder of the claim's share of the total.
    if float(a.max()) * float(c.max()) < 2.0**62:
        product = a * c
        base, rest = product // t, product % t
    else:
        exact = a.astype(object) * c.astype(object)
        base, rest = (exact // t.astype(object)).astype(np.int64), (exact % t.astype(object)).astype(np.int64)
    odd = a - base.sum(axis=0)
    order = np.argsort(-rest, axis=0, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(len(claims))[:, None] * np.ones_like(order), axis=0)
    shared[:, part] = base + (rank < odd)
    return shared


def savings(found: Netted, price: npt.ArrayLike, cost_rate: npt.ArrayLike) -> Savings:
    """What netting saves per strategy at proportional costs: crosses are free of them, the rest pays as before.

    ``price`` (N) is money per unit, ``cost_rate`` (N or one number) a fraction of money traded.

    Examples
    --------
    >>> saved = savings(net([[1000], [-600], [-100]]), [50.0], 0.001)
    >>> float(saved.alone.sum()), float(saved.netted.sum()), saved.none_worse
    (85.0, 15.0, True)
    """
    money = np.asarray(price, dtype=np.float64) * np.asarray(cost_rate, dtype=np.float64)
    if not np.isfinite(money).all() or (money < 0.0).any() or money.shape not in ((), (found.orders.shape[1],)):
        raise InvalidInput("prices and cost rates have to be finite and not negative, one per name", field="price")
    return Savings(np.abs(found.orders) @ np.broadcast_to(money, found.orders.shape[1]),
                   np.abs(found.external) @ np.broadcast_to(money, found.orders.shape[1]))  # fmt: skip


def share_fills(filled: npt.ArrayLike, external: Int64) -> Int64:
    """Fills of the market (N, signed) shared over what the strategies sent there (S x N), in proportion.

    Where everybody may cross, only one side is left per name. Where a cross was restricted both sides may have gone to
    the market; then each side's own fills have to be given.

    Raises
    ------
    InsufficientPosition
        When more is filled than was sent.

    Examples
    --------
    >>> share_fills([200], np.array([[300], [100], [0]])).ravel().tolist()
    [150, 50, 0]
    """
    given = np.array(filled, dtype=np.int64)
    if given.shape != external.shape[1:]:
        raise InvalidInput(f"filled has shape {given.shape}", field="filled", found=given.shape,
                           expected=str(external.shape[1:]))  # fmt: skip
    buys, sells = np.maximum(external, 0), np.maximum(-external, 0)
    both = (buys.sum(axis=0) > 0) & (sells.sum(axis=0) > 0) & (given != 0)
    if both.any():
        raise InvalidInput(
            f"name {int(np.argmax(both))} was bought and sold in the market", field="filled",
            next_step="give the fills of the buys and of the sells apart",
        )  # fmt: skip
    room = np.where(given > 0, buys.sum(axis=0), sells.sum(axis=0))
    over = np.abs(given) > room
    if over.any():
        at = int(np.argmax(over))
        raise InsufficientPosition(
            f"{int(abs(given[at]))} units of name {at} were filled and {int(room[at])} were sent", field="filled",
            found=int(given[at]), expected=f"at most {int(room[at])}",
        )  # fmt: skip
    return pro_rata(np.maximum(given, 0), buys) - pro_rata(np.maximum(-given, 0), sells)


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether two strategies may cross, and by what rule."""

    first: str
    second: str
    allowed: bool
    rule: str


def permission_table(
    names: Sequence[str], kinds: Sequence[str], permissions: Sequence[Permission] = ()
) -> tuple[Bool, tuple[Permission, ...]]:
    """Who may cross with whom (S x S), and why: what was said pair by pair, else what the kinds of accounts allow.

    Between registered funds a cross has to meet rule 17a-7 (a readily available quotation, no commission, board
    review); a plan under ERISA s.406(b)(2) may not cross unless s.408(b)(19) is met; both are closed unless a pair is
    named. Sleeves of one portfolio ("sleeve") always may: nothing changes hands.
    """
    if len(kinds) != len(names):
        raise InvalidInput(f"{len(names)} names, {len(kinds)} kinds", field="kinds")
    said = {frozenset((one.first, one.second)): one for one in permissions}
    strangers = {name for pair in said for name in pair} - set(names)
    if strangers:
        raise InvalidInput(f"no strategy is called {sorted(strangers)[0]!r}", field="permissions")
    closed = {"registered fund": "1940 Act rule 17a-7", "erisa plan": "ERISA s.406(b)(2)"}
    allowed = np.ones((len(names), len(names)), np.bool_)
    told: list[Permission] = []
    for i, first in enumerate(names):
        for j in range(i + 1, len(names)):
            one = said.get(frozenset((first, names[j])))
            if one is None:
                bars = [closed[kind] for kind in (kinds[i], kinds[j]) if kind in closed]
                one = Permission(first, names[j], not bars, bars[0] if bars else "one owner")
            allowed[i, j] = allowed[j, i] = one.allowed
            told.append(one)
    return allowed, tuple(told)
