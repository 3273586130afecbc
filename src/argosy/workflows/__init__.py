"""Who asked, and in which order: import, close, explain, verify. No arithmetic.

Takes ports (store, market files, clock) and values of lower floors; gives results that interfaces show.
Refuses to write anything half: a workflow writes one batch or nothing.
"""
