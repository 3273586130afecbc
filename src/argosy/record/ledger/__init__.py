"""The ledger: events in columns, folded into positions, lots, cash and income. Integers only.

Takes :class:`~argosy.record.ledger.events.EventColumns`; gives :class:`~argosy.record.ledger.state.State`.
Refuses floating point and anything that breaks conservation.
"""
