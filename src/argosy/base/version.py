"""The version of Argosy: in the fingerprint of every result, and the package's own."""

__version__ = "0.1.0"
