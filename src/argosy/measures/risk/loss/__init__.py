"""How much can be lost: value at risk and expected shortfall by model, and what contributes to them.

Takes returns, scenarios or covariances with positions; gives frozen results with standard errors, losses positive.
Refuses missing values, too short histories, tails without a mean, and models outside the domain where they hold.
"""
