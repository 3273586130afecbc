"""What is true of numbers: the arithmetic that has to be fast, compiled, each with a plain-Python twin in ``reference``.

Takes and gives integer and float arrays; knows no portfolio and no currency.
Refuses nothing silently: what does not fit its integers is reported to the caller.
"""
