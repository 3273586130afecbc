"""The state of a book as statements: positions, lots, cash, transactions, income, gains, with names in place of ids.

Takes the ledger's state and reference data; gives tables whose numbers are the ledger's own, to the last digit.
Refuses to add across currencies: a total stands only where all rows share one.
"""
