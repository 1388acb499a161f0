"""Articles in an archive that can be searched."""

from dataclasses import replace
from datetime import datetime

from monitor.archive import Archive
from monitor.models import Article, Claim, Mention
from tests.conftest import NOW


def shelve(archive: Archive, article: Article, *said: Mention | Claim, at: datetime = NOW) -> int:
    """Store an article with what it says, indexed; returns its id."""
    with archive.writing() as tables:
        article_id, _ = tables.articles.put(article, at)
        tables.articles.set_mentions(article_id, [one for one in said if isinstance(one, Mention)])
        for claim in said:
            if isinstance(claim, Claim):
                tables.deals.add_claim(article_id, None, claim)
        tables.index.refresh(article_id)
    return article_id


def article(number: int, title: str, text: str = "", **values: object) -> Article:
    """An article of the site `news`, in Chinese, published an hour ago."""
    made = Article(f"https://news.example/{number}", "news", title, text, language="zh", published=NOW)
    return replace(made, **values)  # type: ignore[arg-type]
