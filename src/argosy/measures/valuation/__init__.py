"""What is it worth: positions, cash and accrued interest valued exactly at prices and rates, with the gains.

Takes folded state, reference data and a market snapshot; gives rows and totals in integers that foot to the NAV.
Refuses a value where a price or rate is missing or too old: it says which, and for which days.
"""
