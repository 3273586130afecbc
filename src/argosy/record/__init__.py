"""What happened and what do we hold: ledger, market data, reference data and mandates as facts of the book.

Takes events and facts read from a store; gives state at any (as_of, known_at). Knows no file, database or clock.
Refuses what cannot be true: overselling without permission, unknown names, broken conservation.
"""
