"""What trading costs: commissions, spreads, market impact, fixed fees, duties and the tax on gains, lot by lot.

Takes rates, volumes and tax lots; gives the cost of a trade part by part, and the same as arrays for the optimizer.
Refuses negative rates, volumes of zero, lots that do not add up to the holdings, orders of sale that are not convex.
"""
