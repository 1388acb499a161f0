"""Speed as ratios within one run: `make bench`. Absolute numbers are printed too, but say more about the machine."""

import random

from rich.console import Console
from rich.table import Table

from benchmarks import archive, crawl, detection


def main() -> None:
    """Run all benchmarks and print a table."""
    table = Table("what", "rate", "ratio", box=None)
    chance = random.Random(1)  # noqa: S311 - repeatable texts, not secrets
    for row in (*detection.rows(chance), *archive.rows(chance), *crawl.rows()):
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
