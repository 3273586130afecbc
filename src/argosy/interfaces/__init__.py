"""How does the world ask? The Python face (:mod:`~argosy.interfaces.book`) and the command line.

Takes what people and programs write; gives tables, pages, messages and exit codes made from
typed results of lower floors.
Refuses arithmetic: no number is computed here, and no error is shown without saying what to do next.
"""
