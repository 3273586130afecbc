"""Which picture answers the question? Series become figure specifications in Vega-Lite's JSON.

Takes days (epoch days) and values; gives a dictionary that a renderer draws and a browser can make interactive.
Refuses colors of its own: a figure names roles, and the page that shows it decides how light or dark they are.
"""
