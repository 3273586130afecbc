"""Is the risk changing shape: correlations, tails, concentration, leverage and liquidity watched over time.

Takes returns (T, N), positions and volumes; gives paths and breaks, each using only what was known on its day.
Refuses series that do not vary, by name, and volumes of zero.
"""
