"""How long pages take: `python -m benchmarks.pages [ARTICLES] [--archive FILE]`, server time in milliseconds.

The archive is made as in `benchmarks.search`, with a company in three articles of ten and a deal in three of a hundred;
or it is one that is there already. Each page is asked for in turn, the first time counted apart.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.search import NOW, articles, fill, sentences
from monitor.archive import Archive
from monitor.models import AlertDraft, Article, Claim, Deal, Evidence, Mention, Money, Span, Status, Verdict
from monitor.settings import Web
from monitor.web.access import Access
from monitor.web.app import application
from monitor.web.serving import serving

PAGES = (
    "/", "/?view=timeline", "/?company=公司7", "/deals/9", "/companies", "/companies/公司7", "/articles/9",
    "/search",
    "/search?q=融资", "/search?q=人工智能 融资&order=relevant", "/figures", "/alerts", "/sources", "/feeds/deals.atom",
    "/api/deals", "/api/articles", "/api/search?q=融资",
)  # fmt: skip
TIMES = 20
PORT = 8099
_AMOUNT = Money("1亿元", 1e8, 1e8, "CNY")


def _store(archive: Archive, batch: list[Article], companies: int, chance: random.Random) -> float:
    """Store articles with companies, deals and alerts."""
    with archive.writing() as tables:
        for one in batch:
            article_id, _ = tables.articles.put(one, NOW)
            drawn = chance.random()
            if drawn < 0.3:
                company = f"公司{chance.randint(1, companies)}"
                mention = Mention(company, company, Span("text", 0, 5))
                tables.articles.set_mentions(article_id, [mention], new=True)
                if drawn < 0.03:
                    at = one.published or NOW
                    evidence = Evidence(one.text[:40], Span("text", 0, 40), ((0, 5),))
                    claim = Claim(company, True, Status.COMPLETED, evidence, "made up", "A", _AMOUNT)
                    deal_id = tables.deals.open(Deal(0, company, claim.status, "A", _AMOUNT, None, (), (), at, at))
                    claim_id = tables.deals.add_claim(article_id, deal_id, claim)
                    draft = AlertDraft(
                        "deals", f"deal:{deal_id}", company, "funding", Verdict.NEW_DEAL, evidence, NOW, deal_id=deal_id
                    )
                    tables.alerts.offer(draft, article_id, claim_id, NOW)
            tables.index.refresh(article_id)
    return 0.0


def measure(archive: Archive) -> dict[str, tuple[float, float, float]]:
    """The first time, the median and the 95th percentile of each page."""
    found = {}
    app = application(archive, Access(), Web(), lambda: None, lambda: NOW)
    with serving(app, f"127.0.0.1:{PORT}", "web.listen"):
        for path in PAGES:
            spent = [_timed(path) for _ in range(TIMES + 1)]
            found[path] = (spent[0], statistics.median(spent[1:]), statistics.quantiles(spent[1:], n=20)[-1])
    return found


def _timed(path: str) -> float:
    connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.connect()
    begun = time.perf_counter()
    connection.request("GET", "".join(c if c.isascii() else _quoted(c) for c in path).replace(" ", "%20"))
    answer = connection.getresponse()
    answer.read()
    spent = (time.perf_counter() - begun) * 1000
    assert answer.status == 200, f"{path}: {answer.status}"
    connection.close()
    return spent


def _quoted(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def main() -> None:
    """Fill an archive, or take one, and ask for the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", nargs="?", type=int, default=5_000)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(f"sqlite:///{given.archive or Path(folder) / 'archive.db'}")
        archive.upgrade()
        if given.archive is None:
            chance = random.Random(7)  # noqa: S311 - the same archive each time
            made = articles(given.articles, sentences(chance), chance)
            store = partial(_store, companies=max(10, given.articles // 300), chance=chance)
            fill(archive, made, given.articles, console, store)
        found = measure(archive)
        archive.close()
    if given.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("page", "first", "median", "95 %", title="server time, ms")
    for path, times in found.items():
        table.add_row(path, *(f"{value:.1f}" for value in times))
    Console().print(table)


if __name__ == "__main__":
    main()
