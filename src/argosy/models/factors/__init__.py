"""What moves many assets at once: exposures to factors, in the whole sample and as they change.

Takes returns and factor returns; gives exposures with how well they explain, by window.
Refuses fewer observations than parameters and factors that repeat each other, naming the window.
"""
