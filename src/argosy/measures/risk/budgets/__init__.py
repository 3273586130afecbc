"""How much of the risk that was granted is used, and how much exposure to hold tomorrow so that it stays granted.

Takes contributions to risk beside budgets, or returns known so far; gives use, headroom, breaches and exposures.
Refuses budgets that do not fit together, and any rule that would look at the day it decides for.
"""
