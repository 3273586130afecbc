"""What does it amount to: values, gains and returns computed from the record.

Takes state, reference data, prices and rates as the record gives them; gives frozen results that turn into tables.
Refuses to fill what is missing: a missing price, rate or return is a typed outcome with its range.
"""
