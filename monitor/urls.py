"""URLs in one form, so that one page is one article however it was linked."""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import quote, unquote_plus, urljoin, urlsplit

import regex  # type: ignore[import-untyped]  # like re, with a time-out

from monitor.errors import UrlError
from monitor.settings import LinkRule

REWRITE_SECONDS = 0.05
"""Longest time for one pattern of a user's over one link."""

MAX_URL = 2_000
"""Characters; longer ones are refused: Sitemaps allow 2,048, and no article needs them."""

# Parameters that only tell who shared a link or where it was clicked; none of these can select an article. The common
# ones of campaigns, mailings and social networks, and those that Chinese sites put into shared links.
_TRACKING_PREFIXES = ("utm_", "mtm_", "hsa_", "_hs", "oly_", "ktm_", "sharer_", "guce_referrer")
_TRACKING = frozenset(
    """
    _ga _gl _openstat at_campaign at_medium at_source __twitter_impression cmpid dclid fb_action_ids fb_source fbclid
    gbraid gclid gclsrc guccounter igsh igshid isappinstalled li_fat_id mc_cid mc_eid mibextid mkt_tok msclkid ncid
    pk_campaign pk_kwd pk_medium pk_source ref_src ref_url s_kwcid scm share_from share_medium share_plat share_source
    share_tag share_token spm sr_share ttclid twclid vd_source vero_conv vero_id wbraid wt_mc yclid ysclid
    """.split()  # noqa: SIM905 - fifty quoted names are harder to read
)
# These select content on some sites, so they go only with a value that is known to be tracking (WeChat's, and feeds').
_TRACKING_VALUES = {
    name: frozenset({"feed", "rss", "atom", "timeline", "singlemessage", "groupmessage", "wechat", "weibo", "twitter"})
    for name in ("f", "from", "ref", "referer", "source", "src")
}

# Controls and lone surrogates have no place in a URL; browsers read a backslash as a slash, most libraries do not, and
# attacks live in that gap.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\\\\]")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_QUERY_SAFE = "%!$&'()*+,;=:@/?~"


def canonical(url: str, base: str = "") -> str:
    """`url`, resolved against `base`, in the one form under which its page is stored and fetched.

    Scheme and host in lower case and ASCII (IDNA), no default port, no dot segments, percent-encoding as in RFC 3986
    section 6.2.2, no tracking parameters. The other parameters keep their order, since a server may care. http and
    https stay as given: the result is also what is fetched, and not every site answers on both. The fragment is
    dropped, except where it is a route that selects the page (`#!/…`, `#/…`). Trailing slashes stay: with and without
    may be two pages. Applied twice it changes nothing.

    Raises:
        UrlError: for schemes other than http and https, user names, backslashes, control characters, a missing or
            malformed host or port, and more than 2,000 characters.
    """
    text = url.strip()
    shown = repr(text[:200])
    if len(text) > MAX_URL:
        raise UrlError(f"URL of {len(text)} characters, {MAX_URL} are allowed: {shown}")
    if _FORBIDDEN.search(text):
        raise UrlError(f"URL with a backslash or control character: {shown}")
    try:
        parts = urlsplit(urljoin(base, text))
        netloc = _netloc(parts.scheme, parts.netloc, parts.hostname, parts.port)
        path = _path(parts.path)
    except UrlError as error:
        raise UrlError(f"{error}: {shown}") from None
    except ValueError as error:
        raise UrlError(f"malformed URL ({error}): {shown}") from error
    query = _query(parts.query)
    fragment = _escaped(parts.fragment) if parts.fragment.startswith(("!", "/")) else ""
    result = f"{parts.scheme}://{netloc}{path}" + (query and f"?{query}") + (fragment and f"#{fragment}")
    if len(result) > MAX_URL:
        raise UrlError(f"URL of {len(result)} characters, {MAX_URL} are allowed: {shown}")
    return result


def rewrite(url: str, rules: Sequence[LinkRule]) -> str:
    """`url` after each rule in order: every place that its pattern matches is replaced.

    Raises:
        UrlError: when a pattern takes too long over this URL.
    """
    for rule in rules:
        try:
            url = regex.sub(rule.pattern, rule.replace, url[: MAX_URL + 1], timeout=REWRITE_SECONDS)
        except TimeoutError as error:
            raise UrlError(f"the pattern {rule.pattern!r} takes too long over a link: {url[:200]!r}") from error
    return url


def _netloc(scheme: str, netloc: str, hostname: str | None, port: int | None) -> str:
    if scheme not in ("http", "https"):
        raise UrlError(f"{scheme}: is not fetched, only http: and https:" if scheme else "no absolute URL")
    if "@" in netloc:
        raise UrlError("URL with a user name")
    host = f"[{ip_address(hostname)}]" if hostname and ":" in hostname else (hostname or "").removesuffix(".")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    host = host.lower()
    if not _HOST.fullmatch(host):
        raise UrlError("URL without a valid host")
    if port is None or port == {"http": 80, "https": 443}[scheme]:
        return host
    return f"{host}:{port}"


def _path(path: str) -> str:
    """A path without dot segments (RFC 3986, 5.2.4); one that begins with two slashes looks like a host, and stays."""
    written = _escaped(path) or "/"
    return written if written.startswith("//") else urlsplit(urljoin("http://host/", written)).path


def _query(query: str) -> str:
    return "&".join(_escaped(pair) for pair in query.split("&") if pair and not _is_tracking(pair))


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name, value = unquote_plus(name).lower(), unquote_plus(value).lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES) or value in _TRACKING_VALUES.get(name, ())


def _escaped(text: str) -> str:
    return quote(_ESCAPE.sub(_normal_escape, text), safe=_QUERY_SAFE)


def _normal_escape(found: re.Match[str]) -> str:
    if found[1] is None:
        return "%25"
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()
