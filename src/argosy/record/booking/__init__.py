"""How a line of a transactions file becomes ledger events: what each type means, its signs, what must foot, its keys.

Takes text by neutral column name and reference data; gives event rows with their idempotency keys, or problems with
file, line, field and next step.
Refuses contradictory signs, amounts that do not foot, digits beyond a scale and unknown names.
"""
