"""Whether a browser is needed, and which there is: an optional extra of the program."""

import os
from importlib.util import find_spec
from shutil import which

from monitor.config import Config
from monitor.errors import ConfigError

RENDER = "render"
"""Meta key of a request: the page is to be rendered by a browser."""

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def rendering(config: Config) -> dict[str, object]:
    """Scrapy's settings for a configuration of which a source is rendered; none for others.

    Raises:
        ConfigError: when the extra or the browser is missing.
    """
    wanting = [source.name for source in config.sources if source.rendered]
    if not wanting:
        return {}
    crawl = config.crawl
    browser = which(crawl.browser) if crawl.browser else next(filter(None, map(which, _NAMES)), None)
    problem = ""
    if find_spec("scrapy_playwright") is None:
        problem = "the extra `browser` is not installed: pip install -r requirements-browser.txt"
    elif browser is None and crawl.browser:
        problem = f"crawl.browser: {crawl.browser} is no program that can be run"
    elif browser is None:
        problem = f"there is none of {', '.join(_NAMES)}: install Chromium, or name a browser in crawl.browser"
    if problem:
        raise ConfigError([f"{config.path}: sources: {', '.join(wanting)}: `render` needs a browser: {problem}"])
    handler = "monitor.crawling.browser.BrowserHandler"
    return {
        "DOWNLOAD_HANDLERS": {**dict.fromkeys(("data", "file", "ftp", "s3")), "http": handler, "https": handler},
        "PLAYWRIGHT_BROWSER_PROVIDER": "monitor.crawling.browser.GatedBrowser",
        "PLAYWRIGHT_ABORT_REQUEST": "monitor.crawling.browser.unwanted",
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": "monitor.crawling.browser.headers",
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": crawl.timeout.total_seconds() * 1000,
        "PLAYWRIGHT_DOWNLOAD_TIMEOUT": 1000,  # a file is no page: none is taken
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": browser,
            "chromium_sandbox": crawl.browser_sandbox and os.geteuid() != 0,  # Chromium's sandbox refuses root
            "args": ["--disable-quic", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"],
        },
    }
