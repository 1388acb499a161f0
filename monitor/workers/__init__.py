"""Visits shared among machines: the scheduler defers what is due (`deferring`), workers take it (`worker`).

The queue is Procrastinate's, on the archive's Postgres (`queue`). It spreads the work; that a source is not visited
twice and a host not asked by two at a time holds without it, in the archive (`crawling.visits`, `crawling.hosts`).
"""
