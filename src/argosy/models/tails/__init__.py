"""How far can it go: the shape of the largest losses, beyond what any history holds.

Takes losses of one portfolio or returns of several; gives tail fits with confidence bands, plot data and dependence.
Refuses too few exceedances, levels that lie before the tail, and means of tails that have none.
"""
