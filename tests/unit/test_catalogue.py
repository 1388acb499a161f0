"""The built-in sources."""

from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from monitor.config import catalogue
from monitor.settings import Source
from monitor.urls import canonical, rewrite

STEMS = sorted(
    file.name.removesuffix(".yaml")
    for file in files("spiders").joinpath("catalogue").iterdir()
    if file.name.endswith(".yaml")
)
SOURCES = catalogue()


def source(name: str) -> Source:
    return SOURCES[name]


def test_each_file_holds_the_source_of_its_own_name() -> None:
    assert sorted(SOURCES) == STEMS


def test_there_are_sources_enough_in_both_languages() -> None:
    languages = [one.language for one in SOURCES.values()]
    assert len(SOURCES) >= 60
    assert min(languages.count("zh"), languages.count("en")) >= 30


def test_no_address_is_polled_twice() -> None:
    addresses = [way.url for one in SOURCES.values() for way in one.ways]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("name", STEMS)
def test_a_source_says_where_its_address_was_found(name: str) -> None:
    assert source(name).cite
    assert all(place.startswith("https://") for place in source(name).cite)


@pytest.mark.parametrize("name", STEMS)
def test_a_source_has_a_title_a_language_and_a_real_time_zone(name: str) -> None:
    assert source(name).title
    assert source(name).language in ("zh", "en")
    ZoneInfo(source(name).timezone)


@pytest.mark.parametrize("name", STEMS)
def test_an_address_is_in_canonical_form(name: str) -> None:
    for way in source(name).ways:
        address = way.url.replace("rsshub://", "https://rsshub.invalid/")
        assert canonical(address) == address


@pytest.mark.parametrize("name", STEMS)
def test_a_file_begins_with_a_comment_that_says_what_the_site_is(name: str) -> None:
    text = files("spiders").joinpath("catalogue", f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# ")


def test_gptnb_links_are_led_to_its_own_host() -> None:
    gptnb = source("gptnb")
    assert rewrite("https://blog.vuejs.org/posts/one", gptnb.links) == "https://www.gptnb.com/posts/one"
    assert (gptnb.full_text, gptnb.max_size) == ("always", 64_000_000)
