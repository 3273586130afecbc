"""How well did it do: simple and time-weighted returns of a value series, linked over periods, beside a benchmark.

Takes daily values and external flows; gives returns as fractions per period with the days where they are undefined.
Refuses a return on a base of zero or less: that is a typed outcome, never a NaN.
"""
