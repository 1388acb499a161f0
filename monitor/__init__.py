"""Watches tech news and reports each funding deal of a watched company once."""

__version__ = "0.1.0"
