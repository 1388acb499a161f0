"""Who reports a deal: outlets, and how many of them are independent."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.detection.reprints import COMMON, common
from monitor.models import Report

if TYPE_CHECKING:
    from tldextract import TLDExtract

_HOSTING = re.compile(r"(?:mp\.weixin\.qq|baijiahao\.baidu|zhuanlan\.zhihu|www\.toutiao|medium)\.com$")
"""Platforms on which many outlets publish: there the author is the outlet."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A medium that reports a deal: its name and its first article on it."""

    name: str
    url: str
    article_id: int


def outlets(reports: Iterable[Report]) -> tuple[Outlet, ...]:
    """The outlets of these reports, each once, in the order of the reports.

    An outlet is a registered domain, on a platform for many outlets the author there. It has the name of the source
    that brought the article, unless that only points to others, as a search for news does: then it is its domain.
    """
    found: dict[str, Outlet] = {}
    for report in reports:
        found.setdefault(site(report), Outlet(_name(report), report.url, report.article_id))
    return tuple(found.values())


def independent(reports: Sequence[Report]) -> int:
    """How many outlets wrote a text of their own: those whose texts are one count as one."""
    texts: list[tuple[str, tuple[int, ...]]] = []
    for report in reports:
        outlet = site(report)
        known = any(outlet == other or common(report.signature, text) >= COMMON for other, text in texts)
        if not known:
            texts.append((outlet, report.signature))
    return len(texts)


def site(report: Report) -> str:
    """What tells one outlet from another: the registered domain of its article, with the author on a platform."""
    host = _host(report.url)
    return f"{host} {report.author}" if _HOSTING.search(host) else domain(report.url)


@cache
def domain(url: str) -> str:
    """The registered domain of an address by the Public Suffix List; of an IP address or single name host and port."""
    host = _host(url)
    found = _suffixes()(host.partition(":")[0])
    return found.top_domain_under_public_suffix or host


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower() or url
    except ValueError:  # [ without ]
        return url


@cache
def _suffixes() -> "TLDExtract":
    """The list that tldextract comes with; nothing is fetched."""
    from tldextract import TLDExtract  # noqa: PLC0415 - brings requests, 18 MB that a crawl run does not need

    return TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, extra_suffixes=("substack.com",)
    )


def _name(report: Report) -> str:
    if _HOSTING.search(_host(report.url)) and report.author:
        return report.author
    own = not report.home or domain(report.home) == domain(report.url)
    return report.source if own else domain(report.url)
