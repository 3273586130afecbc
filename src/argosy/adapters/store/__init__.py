"""The append-only book in a database: events, facts, valuations and the hash chain over them.

Takes batches under one writer lock and gives them back as columns, on SQLite and PostgreSQL alike.
Refuses to change or delete a row, to open a file that is not a book, and to share SQLite's files with a second library.
"""
