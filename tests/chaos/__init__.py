"""Faults of machines, networks and databases against the whole program. `make chaos` repeats them with many seeds."""
