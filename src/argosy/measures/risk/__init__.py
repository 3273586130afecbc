"""How much can be lost, from what, and can the models be believed: risk of positions and of portfolios.

Takes returns, scenarios, covariances and positions as arrays; gives frozen results, losses counted positive.
Refuses missing values, matrices that are no covariances, and a confidence given as 95 instead of 0.95.
"""
