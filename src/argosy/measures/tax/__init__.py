"""What trades cost in taxes: rates, holding periods, lots to sell, wash sales, losses worth taking, budgets of gains.

Takes lots and sales with their dates, a regime (rates and rules as data) and the accounts of a household; gives gains
by term, taxes, losses that do not count and what they do to the lots that replaced them.
Refuses sales of more than is held, unknown regimes, rates outside 0 to 1 and dates out of order.
"""
