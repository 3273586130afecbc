"""Why did we differ from the benchmark: effects that sum to the active return, per period and linked.

Takes weights and returns as arrays (periods x segments); gives named effects whose totals reconcile to the last digit.
Refuses weights that do not sum to one, returns that are not finite, and linking through a total loss.
"""
