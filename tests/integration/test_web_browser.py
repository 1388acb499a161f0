"""The pages in a real browser: both languages, light and dark, on a phone, by keyboard. Needs a Chromium.

With SCREENSHOTS set to a folder, each page is kept there as a picture.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from monitor.archive import Archive
from monitor.archive.saved import SavedSearch
from monitor.config import load
from monitor.correcting import Correcting
from monitor.models import Fact, Opinion
from monitor.web.access import Access
from tests.conftest import NOW, on_sqlite
from tests.fakes.newsroom import Newsroom
from tests.fakes.visitor import looking
from tests.integration.test_web import CONFIG

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
pytestmark = [on_sqlite, pytest.mark.skipif(not CHROMIUM, reason="no Chromium on PATH")]

PAGES = {
    "deals": "/",
    "timeline": "/?view=timeline",
    "nothing-found": "/?company=x",
    "deal": "/deals/2",
    "companies": "/companies",
    "company": "/companies/星河智能",
    "article": "/articles/2",
    "edited": "/articles/6",
    "search": "/search?q=融资",
    "fault": "/search?q=融资 amount>x",
    "figures": "/figures?after=2025-12-01",
    "alerts": "/alerts",
    "sources": "/sources",
    "feedback": "/feedback",
    "missing": "/nothing",
}

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def stocked(archive: Archive) -> Archive:
    Newsroom(archive).usual()
    with archive.writing() as tables:
        Correcting(tables, "Li Lei", NOW).edit(2, Fact.AMOUNT, "3亿元")
        tables.feedback.give(1, "Li Lei", Opinion.RELEVANT, NOW)
        tables.saved_searches.put(SavedSearch("融资", "融资", "Li Lei", NOW))
    return archive


@pytest.fixture
def visit(stocked: Archive, browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page; says afterwards if anything came from elsewhere, or the browser complained."""
    (tmp_path / "monitor.yaml").write_text(CONFIG, encoding="utf-8")
    heard: list[str] = []
    with looking(stocked, config=load(tmp_path / "monitor.yaml")) as visitor:
        base = f"http://127.0.0.1:{visitor.port}"

        def opened(path: str, language: str = "en-US", scheme: str = "light", width: int = 1280) -> Page:
            context = browser.new_context(
                locale=language,
                color_scheme="dark" if scheme == "dark" else "light",
                viewport={"width": width, "height": 800},
                base_url=base,
            )
            page = context.new_page()
            page.on("console", lambda message: heard.append(message.text))
            page.on("pageerror", lambda error: heard.append(str(error)))
            page.on("request", lambda asked: heard.append(asked.url) if not asked.url.startswith(base) else None)
            page.goto(path)
            page.wait_for_load_state("networkidle")
            return page

        yield opened
        for context in browser.contexts:
            context.close()
    expected = "Failed to load resource: the server responded with a status of"  # that a page is an error page
    assert [said for said in heard if not said.startswith(expected)] == []


@pytest.mark.parametrize(("language", "scheme", "width"), [("zh-CN", "light", 1280), ("en-US", "dark", 390)])
def test_every_page_can_be_used_by_everybody(visit: Open, language: str, scheme: str, width: int) -> None:
    """No fault that axe finds, nothing wider than the window, the whole in one language."""
    kept = os.environ.get("SCREENSHOTS")
    for name, path in PAGES.items():
        page = visit(path, language, scheme, width)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        if kept:
            page.screenshot(path=Path(kept) / f"{name}-{language}-{scheme}.png", full_page=True)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, name
        assert page.get_attribute("html", "lang") == ("zh-CN" if language == "zh-CN" else "en")
        navigation = page.inner_text("header nav")
        assert ("融资" in navigation) == (language == "zh-CN")
        page.context.close()


def test_the_login_can_be_used_by_everybody(stocked: Archive, browser: Browser) -> None:
    with looking(stocked, Access("correct horse battery")) as visitor:
        page = browser.new_page(base_url=f"http://127.0.0.1:{visitor.port}")
        page.goto("/deals/2")
        assert Axe().run(page).violations_count == 0
        page.get_by_label("Your name").fill("Han Meimei")
        page.get_by_label("Password").fill("wrong horse battery")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
        page.get_by_label("Password").fill("correct horse battery")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/deals/2$"))
        page.get_by_text("It is no deal").first.click()
        page.get_by_role("button", name="It is no deal").click()
        expect(page.locator("main")).to_contain_text("Han Meimei: marked as no deal")
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_url(re.compile("/login$"))
        page.close()


def test_search_finds_as_one_types(visit: Open) -> None:
    page = visit("/search")
    page.get_by_label("Query").press_sequentially("人工智能", delay=20)
    hits = page.locator("#found .hits li")
    expect(hits).to_have_count(1)
    assert page.inner_text("#found mark >> nth=0") == "人工智能"
    assert "q=" in page.url
    page.get_by_label("Query").fill("amount>x")
    page.wait_for_selector("#found .fault")
    assert page.inner_text("#found code mark") == "amount>x"
    assert page.evaluate("document.activeElement.id") == "q"  # one can go on typing
    page.get_by_label("Query").fill("")
    expect(hits).to_have_count(6)


def test_search_works_without_scripts(stocked: Archive, browser: Browser) -> None:
    with looking(stocked) as visitor:
        page = browser.new_page(java_script_enabled=False, base_url=f"http://127.0.0.1:{visitor.port}")
        page.goto("/search")
        page.get_by_label("Query").fill("人工智能")
        page.get_by_role("button", name="Search", exact=True).click()
        assert page.locator("#found .hits li").count() == 1
        page.goto("/figures?after=2025-12-01")
        assert "2026-03" in page.inner_text("main")
        page.close()


def test_charts_are_drawn_in_the_colours_of_the_page(visit: Open) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page = visit("/figures?after=2025-12-01", scheme=scheme)
        drawn = page.evaluate(
            """() => [...document.querySelectorAll('canvas')].map(canvas => {
                const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                const seen = {};
                for (let i = 0; i < pixels.length; i += 4)
                    if (pixels[i + 3] === 255) {
                        const colour = pixels.slice(i, i + 3).join();
                        seen[colour] = (seen[colour] || 0) + 1;
                    }
                return Object.entries(seen).sort((a, b) => b[1] - a[1]).slice(0, 1).map(pair => pair[0])[0];
            })"""
        )
        assert len(drawn) == 4
        assert all(drawn)
        colours.add(drawn[0])
    assert len(colours) == 2


def test_pages_are_used_by_keyboard(visit: Open) -> None:
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "company"
    page.keyboard.type("Galaxy AI")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("company=Galaxy"))
    assert "砺原机器人" not in page.inner_text("main table")


def test_language_feedback_and_corrections_by_mouse(visit: Open) -> None:
    page = visit("/alerts")
    page.get_by_role("button", name="Not relevant: alert about 星河智能").first.click()
    expect(page.locator("main")).to_contain_text("Not relevant 1")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("main")).to_contain_text("无关 1")
    page.goto("/deals/2")
    page.get_by_text("修改信息").click()
    form = page.locator("details[open] form")
    form.get_by_label("您的姓名").fill("韩梅梅")
    form.get_by_label("项目").select_option("round")
    form.get_by_label("内容").fill("C轮")
    form.get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("韩梅梅: 修改 轮次: C轮")
    assert page.locator("dl.facts").inner_text().count("人工修改") == 2
