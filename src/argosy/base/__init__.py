"""The words every floor speaks: exact numbers, dates, identifiers, tables, problems and errors.

Takes and gives plain Python values and numpy columns; knows no portfolio, no file and no database.
Refuses to round silently: a digit that does not fit is an error.
"""
