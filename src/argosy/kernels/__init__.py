"""What is true of numbers: the arithmetic that has to be fast, each compiled function with a plain-Python twin.

Takes and gives integer and float arrays; knows no portfolio and no currency.
Refuses nothing silently: what does not fit its integers is reported to the caller.
"""
