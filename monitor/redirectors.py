"""Links of redirectors that carry their target: Google's and Facebook's, zhihu's and others'. Pure."""

import re
from base64 import urlsafe_b64decode
from urllib.parse import parse_qsl, urlsplit

from monitor.errors import UrlError
from monitor.urls import canonical

# By host (or its end) and the beginning of the path: the parameters that hold the target. Any other parameter that
# looks like an address is left alone: it may be what the page is about.
_REDIRECTORS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("google.com", "/url", ("url", "q")),
    ("google.com.hk", "/url", ("url", "q")),
    ("bing.com", "/news/apiclick.aspx", ("url",)),
    ("facebook.com", "/l.php", ("u",)),
    ("link.zhihu.com", "/", ("target",)),
    ("link.juejin.cn", "/", ("target",)),
    ("link.csdn.net", "/", ("target",)),
    ("sspai.com", "/link", ("target",)),
    ("jianshu.com", "/go-wild", ("url",)),
    ("weibo.cn", "/sinaurl", ("u", "toasturl")),
    ("weibo.com", "/sinaurl", ("u",)),
    ("oschina.net", "/action/GoToLink", ("url",)),
    ("gitee.com", "/link", ("target",)),
    ("infoq.cn", "/link", ("target",)),
    ("safelinks.protection.outlook.com", "/", ("url",)),
    ("out.reddit.com", "/", ("url",)),
    ("youtube.com", "/redirect", ("q",)),
    ("linkedin.com", "/redir/redirect", ("url",)),
    ("medium.com", "/r/", ("url",)),
    ("steamcommunity.com", "/linkfilter", ("url", "u")),
)
_ADDRESS = re.compile(rb"https?://[\x21-\x7e]+")
_GOOGLE_NEWS = re.compile(r"/(?:rss/)?(?:articles|read)/([\w-]{16,2000})")
_DEEPEST = 3


def unwrapped(url: str) -> str:
    """Where a canonical URL leads, if it is of a known redirector and says so; else the URL itself.

    Google News links have their target in them in base64; newer ones are opaque and stay as they are (give their source
    `resolve: true`). Redirectors in redirectors are followed three deep; the result is canonical, http or https.
    """
    for _ in range(_DEEPEST):
        target = _target(url)
        if target is None:
            return url
        try:
            url = canonical(target)
        except UrlError:
            return url
    return url


def _target(url: str) -> str | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "news.google.com":
        return _google_news(parts.path)
    for end, path, names in _REDIRECTORS:
        if (host == end or host.endswith(f".{end}")) and parts.path.startswith(path):
            said = dict(parse_qsl(parts.query))
            return next((said[name] for name in names if said.get(name, "").startswith(("http://", "https://"))), None)
    return None


def _google_news(path: str) -> str | None:
    found = _GOOGLE_NEWS.match(path)
    if found is None:
        return None
    try:
        data = urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
    except ValueError:
        return None
    address = _ADDRESS.search(data)
    return address[0].decode("ascii") if address else None
