"""Portfolio optimization: every classic model under one grammar of limits, each answer proven and explained.

Takes moments, scenarios, holdings and limits; gives weights, risk contributions, shadow prices and evidence.
Refuses what has no best answer by a typed outcome: clashing limits, no bound, no excess return, no proof in time.
"""
