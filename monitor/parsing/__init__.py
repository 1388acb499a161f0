"""Bytes in, values out: no network, no clock."""
