"""Promises about speed: one file each, measuring ours, a peer or the bare bound on the same work in one run."""
