"""The command ``argosy``: every capability of a book from a terminal.

Takes words, files and options; gives tables, JSON, CSV or Parquet on stdout, messages and progress on stderr, and exit
codes.
Refuses to load what a command does not need: each command lives in a module that is imported when it is called.
"""

from argosy.interfaces.cli.root import cli, main

__all__ = ["cli", "main"]
