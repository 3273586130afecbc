"""Files: readers of CSV and Parquet, immutable market files beside the book, their caches, and calendars of exchanges.

Takes bytes or names of files; gives text in columns, integer arrays and sessions.
Refuses quietly wrong content: what cannot be read becomes a problem with its line, a damaged cache is never believed.
"""
