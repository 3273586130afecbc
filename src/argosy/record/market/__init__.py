"""Market data as the book knows it: prices, exchange rates, benchmarks and calendars, as known at a watermark.

Takes columns of loaded files and the facts that name them; gives exact prices and rates with age and origin.
Refuses to guess: what is missing or too old is a typed answer with the range affected, never 0 and never a silent fill.
"""
