"""Pages rendered by a browser, by scrapy-playwright and a Chromium of the system; imported only where a source asks."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from playwright.async_api import Browser, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Request as BrowserRequest
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import HtmlResponse, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.headers import use_scrapy_headers
from scrapy_playwright.page import PageMethod
from scrapy_playwright.provider import PlaywrightBrowserProvider

from monitor.crawling.gate import Gate
from monitor.crawling.guard import lets_through, refusal
from monitor.crawling.rendering import RENDER

PAGES = 2
"""Pages that are open at once: each takes some 100 MB."""

SETTLING = 5.0
"""Seconds in which scripts may fetch what they show; pages that never rest are taken as they are then."""

_CLOSING = 5.0
"""Seconds for a page to close; a script that never ends holds it."""

_UNWANTED = frozenset({"image", "media", "font", "websocket", "eventsource"})
"""Kinds of resource that hold no text."""


class GatedBrowser(PlaywrightBrowserProvider):  # type: ignore[misc] # it has no types
    """Starts the browser when the first page is to be rendered, with our gate as its only way out."""

    _gate: Gate | None = None

    async def start(self) -> None:
        """Called by scrapy-playwright at the start of every run, most of which render nothing."""

    async def launch_browser(self) -> Browser:
        """Called by scrapy-playwright for the first page, and when the browser has crashed."""
        if self._gate is None:
            await super().start()
            self._gate = Gate(lets_through)
            # Loopback too: the gate decides on it.
            proxy = {"server": await self._gate.open(), "bypass": "<-loopback>"}
            self.config.launch_options["proxy"] = proxy
        browser: Browser = await super().launch_browser()
        return browser

    async def close(self) -> None:
        """Called by scrapy-playwright at the end of the run."""
        if self._gate is not None:
            await super().close()
            self._gate.close()


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc] # nor has this
    """Scrapy's download handler, with requests whose meta says `RENDER` answered by what a browser shows.

    Each page has a context of its own, so that no cookie and nothing else outlives it.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._longest = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._largest = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._free = asyncio.Semaphore(PAGES)

    async def download_request(self, request: Request) -> Response:
        """Called by Scrapy."""
        if not request.meta.get(RENDER):
            response: Response = await super().download_request(request)
            return response
        async with self._free:
            return self._checked(await self._rendered(request), request)

    async def _rendered(self, request: Request) -> Response:
        context, moves = uuid4().hex, list[str]()
        request.meta.update(_meta(context, _text(request, "User-Agent"), moves))
        try:
            async with asyncio.timeout(self._longest + SETTLING):
                response: Response = await super().download_request(request)
                return response
        except (TimeoutError, PlaywrightTimeoutError) as error:
            raise DownloadTimeoutError(f"{request.url} is not shown within {self._longest:.0f} s") from error
        except PlaywrightError as error:
            raise (refusal(moves[-1]) if moves else None) or error from error
        finally:
            request.meta.pop("playwright_page", None)
            await self._forget(context)

    async def _forget(self, context: str) -> None:
        found = self.context_wrappers.pop(context, None)
        if found is not None:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(_CLOSING):
                    await found.context.close()

    def _checked(self, response: Response, request: Request) -> HtmlResponse:
        """What is shown, in UTF-8 whatever the page came in."""
        largest = int(request.meta.get("download_maxsize") or self._largest)
        body = getattr(response, "text", "").encode("utf-8", "replace")
        if len(body) > largest:
            raise DownloadCancelledError(f"{request.url} shows {len(body)} bytes, more than {largest}")
        headers = response.headers.copy()
        headers["Content-Type"] = "text/html; charset=utf-8"
        return HtmlResponse(
            response.url, status=response.status, headers=headers, body=body, request=request, encoding="utf-8"
        )


def _text(request: Request, header: str) -> str:
    return (request.headers.get(header) or b"").decode("latin-1")


def _meta(context: str, agent: str, moves: list[str]) -> dict[str, Any]:
    """What scrapy-playwright is told of a request; `moves` will hold the addresses that the page went to."""

    def note(asked: BrowserRequest) -> None:
        if asked.is_navigation_request():
            moves.append(asked.url)

    return {
        "playwright": True,
        "playwright_include_page": True,  # else a failed page stays open in its context
        "playwright_context": context,
        "playwright_context_kwargs": {"user_agent": agent, "accept_downloads": False, "service_workers": "block"},
        "playwright_page_event_handlers": {"request": note},
        "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
        "playwright_page_methods": [PageMethod(_settle)],
    }


async def _settle(page: Page) -> None:
    """Wait until nothing is fetched any more, and stop what is still fetched then."""
    with suppress(PlaywrightTimeoutError):
        await page.wait_for_load_state("networkidle", timeout=SETTLING * 1000)
        return
    await page.evaluate("window.stop()")


def unwanted(request: BrowserRequest) -> bool:
    """True for what a page asks for and is not to get."""
    return request.resource_type in _UNWANTED or not request.url.startswith(("http:", "https:"))


async def headers(
    *, browser_type_name: str, playwright_request: BrowserRequest, scrapy_request_data: dict[str, Any]
) -> Mapping[str, str]:
    """The headers of a request of the browser: ours, and no word of where it comes from."""
    found: Mapping[str, str] = await use_scrapy_headers(
        browser_type_name=browser_type_name,
        playwright_request=playwright_request,
        scrapy_request_data=scrapy_request_data,
    )
    return {name: value for name, value in found.items() if name.lower() != "referer"}
