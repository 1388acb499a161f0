"""How fast an archive comes to another database: `python -m benchmarks.copying FILE ADDRESS [--most ARTICLES]`.

FILE is an archive in SQLite (`benchmarks.search --keep`), ADDRESS an empty Postgres database, which is filled.
"""

import argparse
import time
from pathlib import Path

from monitor.archive import Archive


def main() -> None:
    """Copy, and print rows a second by table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("address")
    parser.add_argument("--most", type=int, default=0, help="end after so many articles")
    given = parser.parse_args()
    source, other = Archive(f"sqlite:///{given.file}"), Archive(given.address)
    other.upgrade()
    begun: dict[str, tuple[float, int]] = {}
    for step in source.copy_to(other):
        at, before = begun.setdefault(step.table, (time.perf_counter(), step.done))
        spent, copied = time.perf_counter() - at, step.done - before
        if copied and (step.done == step.total or (step.table == "articles" and 0 < given.most <= step.done)):
            print(f"{step.table}: {copied:,} rows in {spent:.1f} s, {copied / spent:,.0f} a second")
        if step.table == "articles" and 0 < given.most <= step.done:
            break
    source.close()
    other.close()


if __name__ == "__main__":
    main()
