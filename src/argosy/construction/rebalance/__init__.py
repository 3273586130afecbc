"""Whether a portfolio should trade, how far, and whether it pays: from drift and policy to trades with their reason.

Takes weights, targets, prices, costs and the rules of a mandate; gives bands, triggers, trade targets and their worth.
Refuses targets that do not sum to one, bands that cross, negative costs and numbers that are not finite.
"""
