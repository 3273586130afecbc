"""Whether what somebody wants to do may be done: verdicts, each with its rule, its number and its source.

Takes a case (weights before and after, attributes, limits, what is known of risk) and rules; gives one verdict a rule.
Refuses nothing itself: a breach is a value, and the workflow that asked decides what it stops.
"""
