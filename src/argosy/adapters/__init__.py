"""The world answers: SQL, files, feeds and pictures behind the ports of the workflows.

Takes calls on the protocols of :mod:`argosy.workflows.ports`; gives values of lower floors.
Refuses to be imported by anyone but wiring.
"""
