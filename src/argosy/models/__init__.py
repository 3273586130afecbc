"""What do we believe: expected returns, covariances and scenarios made from what was observed.

Takes returns and exposures as arrays with their names; gives frozen estimates that say how they were made.
Refuses missing or non-finite numbers and indefinite covariances unless a stated repair is asked for.
"""
