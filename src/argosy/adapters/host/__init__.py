"""The machine Argosy runs on: versions, libraries, disk, clock.

Takes nothing, or an open book; gives checks, each with what was found and what to do about it.
Refuses to change anything.
"""
