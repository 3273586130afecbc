"""How large will returns be tomorrow, given how large they have been: volatilities that move.

Takes return series and gives frozen fits with likelihood, paths of variance, forecasts and simulated futures.
Refuses too short or constant series, and fits that did not settle or stand on the edge of stationarity.
"""
