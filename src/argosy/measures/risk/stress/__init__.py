"""What would a bad day, or a bad year, cost: replayed, supposed, prescribed and searched-for scenarios.

Takes exposures or a loss function beside shocks and covariances; gives losses by position with how plausible they are.
Refuses shocks past what a factor can do, histories that do not exist, and correlations that no market can have.
"""
