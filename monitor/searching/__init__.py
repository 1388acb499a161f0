"""Searching, without a database: what a query means, and whether a text fits it."""
