"""Is the risk model right: tests of Value at Risk and Expected Shortfall forecasts against what then happened.

Takes realized losses (T,), positive when money was lost, beside forecasts made before; gives statistics with asymptotic
and finite-sample probabilities.
Refuses forecasts that do not line up with losses, a confidence of 95, and too few days for a test to say anything.
"""
