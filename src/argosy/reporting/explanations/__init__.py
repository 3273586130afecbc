"""What is this number made of: a tree from a value, gain or income down to events, prices and rates.

Takes a state, a valuation and where each event and quote came from; gives a tree that reads as text and as a table.
Refuses nothing it is asked about that exists; what does not exist is an unknown name.
"""
