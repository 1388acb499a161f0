"""What is wrong in monitor.yaml is told with file, line and the nearest valid name."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import config
from monitor.config.edit import add_source
from monitor.config.yamlfile import read_yaml
from monitor.errors import ConfigError
from monitor.settings import Source, parse_duration, parse_size

GOOD = """\
companies:
  - name: 星河智能
    aliases: [Galaxy AI]
topics:
  - name: layoffs
    any: [裁员]
sources:
  - 36kr
  - name: own
    url: https://own.example/feed
    every: 5m
channels:
  - name: screen
    type: console
routing:
  - topics: [funding, layoffs]
    companies: [星河智能]
    channels: [screen]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        config.parse(text, Path("m.yaml"))
    return refused.value.problems


def test_a_configuration_is_read_with_sources_of_the_catalogue_made_whole() -> None:
    found = config.parse(GOOD, Path("m.yaml"))
    assert [source.name for source in found.sources] == ["36kr", "own"]
    assert found.sources[0].url.startswith("https://36kr.com/")
    assert found.sources[1].every == timedelta(minutes=5)
    assert found.routing[0].companies == ("星河智能",)


def test_the_commented_example_is_valid() -> None:
    found = config.parse(config.example(), Path("monitor.yaml"))
    assert "智谱AI" in [company.name for company in found.companies]
    assert len(found.sources) >= 12


def test_without_routes_every_channel_hears_of_every_deal() -> None:
    found = config.parse(GOOD[: GOOD.index("routing:")], Path("m.yaml"))
    assert [(route.topics, route.channels) for route in found.routing] == [(("funding",), ("screen",))]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    aliases:", "    alias:", "m.yaml:3: companies[0].alias: unknown key; did you mean 'aliases'?"),
        ("    every: 5m", "    evry: 5m", "m.yaml:11: sources[1].evry: unknown key; did you mean 'every'?"),
        ("companies:\n", "compnies:\n", "m.yaml:1: the key 'companies' is missing"),
        ("    every: 5m", "    every: 5", "m.yaml:11: sources[1].every: 5 is no duration"),
        ("    every: 5m", "    every: soon", "m.yaml:11: sources[1].every: 'soon' is no duration"),
        ("[Galaxy AI]", "Galaxy AI", "m.yaml:3: companies[0].aliases: 'Galaxy AI': a list is expected"),
        ("[Galaxy AI]", "[7]", "m.yaml:3: companies[0].aliases[0]: 7: a text is expected"),
        ("  - 36kr", "  - 36k", "m.yaml:8: sources[0]: the catalogue has no source '36k'; did you mean '36kr'?"),
        (
            "type: console",
            "type: consol",
            "m.yaml:13: channels[0]: the type 'consol' is not known; did you mean 'console'?",
        ),
        ("    type: console\n", "", "m.yaml:13: channels[0]: the key 'type' is missing"),
        (
            "channels: [screen]",
            "channels: [scren]",
            "m.yaml:18: routing[0].channels[0]: there is no channel 'scren'; did",
        ),
        (
            "[funding, layoffs]",
            "[funding, layof]",
            "m.yaml:16: routing[0].topics[1]: there is no topic 'layof'; did you",
        ),
        (
            "[星河智能]\n    channels",
            "[星河]\n    channels",
            "m.yaml:17: routing[0].companies[0]: there is no company '星河'",
        ),
        ("name: own\n", "name: Own\n", "m.yaml:9: sources[1].name: 'Own'"),
        ("https://own", "ftp://own", "m.yaml:10: sources[1].url: 'ftp://own.example/feed'"),
        ("name: layoffs", "name: funding", "m.yaml:5: topics[0]: 'funding' stands here a second time"),
        ("    any: [裁员]\n", "", "m.yaml:5: topics[0]: this topic matches nothing"),
        ("any: [裁员]", "patterns: ['(']", "m.yaml:6: topics[0].patterns[0]: pattern '(' is no regular expression"),
        (
            "any: [裁员]",
            "any: [裁员]\n    within: page",
            "m.yaml:7: topics[0].within: 'page' is not known; known: title,",
        ),
        ("    every: 5m", "    cron: hourly", "m.yaml:11: sources[1].cron: "),
        ("    every: 5m", "    timezone: Mars", "m.yaml:11: sources[1].timezone: 'Mars' is no time zone"),
        ("    every: 5m", "    links: [{pattern: '(', replace: ''}]", "m.yaml:11: sources[1].links[0]: "),
        (
            "companies:\n",
            "companies:\n  - name: GALAXY ai\n",
            "m.yaml:4: companies[1].aliases[0]: 'Galaxy AI' is a name of",
        ),
        ("topics:\n", "companies: []\ntopics:\n", "m.yaml:4: companies: this key stands here twice"),
        ("topics:\n", "topics: [\n", "m.yaml:5: this is no YAML"),
        *(
            (
                "routing:\n",
                f"websub: {{callback: {callback!r}, listen: {listen!r}}}\nrouting:\n",
                f"m.yaml:15: websub.{problem}",
            )
            for callback, listen, problem in (
                ("https://", "h:1", "callback: 'https://' is no address that hubs can call: write one such as "),
                ("monitor.example", "h:1", "callback: 'monitor.example' is no address that hubs can call: "),
                (
                    "https://m.example/a b",
                    "h:1",
                    "callback: 'https://m.example/a b' is no address that hubs can call: ",
                ),
                ("https://m.example:x/", "h:1", "callback: 'https://m.example:x/' is no address that hubs can call: "),
                ("https://m.example/?x", "h:1", "callback: 'https://m.example/?x' has a query or a fragment, but "),
                (
                    "https://m.example/",
                    "8765",
                    "listen: '8765' is no place to listen at: write host and port, such as ",
                ),
                ("https://m.example/", "h:99999", "listen: 'h:99999' is no place to listen at: "),
                ("https://m.example/", "h:0", "listen: 'h:0' is no place to listen at: "),
                ("https://m.example/", "::1:80", "listen: '::1:80' is no place to listen at: "),
            )
        ),
        ("routing:\n", "websub: {}\nrouting:\n", "m.yaml:15: websub: the key 'callback' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_to_do(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert any(line.startswith(problem) for line in found), found


SLACK = GOOD.replace("type: console", 'type: slack\n    channel: "#deals"')


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"#deals"', "deals", "m.yaml:15: channels[0].channel: 'deals' is no Slack channel: write \"#name\""),
        ('"#deals"', "#deals", "m.yaml:15: channels[0].channel: None is no Slack channel"),
        ('"#deals"', '"#Deals"', "m.yaml:15: channels[0].channel: '#Deals' is no Slack channel"),
        (
            "https://own.example/feed",
            "https://36kr.com/feed",
            "m.yaml:9: sources[1]: https://36kr.com/feed is polled as '36kr'",
        ),
        ("https://own.example/feed", "http://[", "m.yaml:10: sources[1].url: "),
        ("every: 5m", "every: 0s", "m.yaml:11: sources[1].every: "),
        ("every: 5m", "every: 99999999999w", "m.yaml:11: sources[1].every: '99999999999w' is longer than ten years"),
        ("every: 5m", "max_size: 0KB", "m.yaml:11: sources[1].max_size: '0KB' must lie between 1KB and 2GB"),
        ("every: 5m", "language: cn", "m.yaml:11: sources[1].language: 'cn' is not known; known: zh, en"),
    ],
)
def test_what_a_site_or_slack_would_refuse_is_refused_at_once(old: str, new: str, problem: str) -> None:
    assert old in SLACK
    found = problems(SLACK.replace(old, new, 1))
    assert any(line.startswith(problem) for line in found), found


def test_a_token_in_place_of_its_variable_is_refused_and_not_shown() -> None:
    (found,) = problems(SLACK.replace('"#deals"', '"#deals"\n    token_env: xoxb-secret'))
    assert found.startswith("m.yaml:16: channels[0].token_env: ")
    assert "secret" not in found


def test_all_mistakes_are_told_at_once() -> None:
    found = problems(GOOD.replace("aliases:", "alias:").replace("5m", "often").replace("type: console", "type: x"))
    assert len(found) == 3


def test_a_missing_file_is_named_with_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="monitor config init"):
        config.load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "companies: &x [*x]", "companies: !!python/object:os.system {}", "\x00"]
)
def test_what_is_no_configuration_is_refused(text: str) -> None:
    assert all(line.startswith("m.yaml:") for line in problems(text))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    )
)
def test_any_values_are_refused_with_a_clear_error_or_read(value: object) -> None:
    with pytest.raises(ConfigError):
        config.parse(json.dumps({"companies": value, "sources": value, "channels": value}), Path("m.yaml"))


def test_dates_and_names_that_look_like_numbers_stay_what_was_written() -> None:
    assert read_yaml("a: 2024-06-07\nb: '36'\n", "m.yaml").data == {"a": "2024-06-07", "b": "36"}


def test_the_json_schema_knows_every_part() -> None:
    schema = json.loads(config.json_schema())
    assert {"companies", "topics", "sources", "channels", "routing", "schedule"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_an_added_source_leaves_comments_and_order_alone(tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text(GOOD.replace("channels:\n", "# where alerts go\nchannels:\n", 1), encoding="utf-8")
    add_source(path, Source(name="new", title="新站: 快讯", url="https://new.example/feed", checked="2026-03-02"))
    assert config.load(path).source("new").title == "新站: 快讯"
    written = path.read_text(encoding="utf-8")
    assert "    every: 5m\n  - name: new\n" in written
    assert "\n# where alerts go\nchannels:" in written


@pytest.mark.parametrize("last", ["  - 36kr\n", "  - 36kr", "- 36kr\n\n# the end\n", "  - 36kr # 36氪\n"])
def test_a_source_is_added_after_the_last_one_however_it_is_written(tmp_path: Path, last: str) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text("channels: [{name: a, type: console}]\ncompanies: [{name: b}]\nsources:\n" + last, encoding="utf-8")
    add_source(path, Source(name="new", url="https://new.example/feed"))
    assert [source.name for source in config.load(path).sources] == ["36kr", "new"]


def test_a_name_that_is_taken_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(ConfigError, match="'own' stands here a second time"):
        add_source(path, Source(name="own", url="https://new.example/feed"))
    assert path.read_text(encoding="utf-8") == GOOD


@given(st.integers(0, 500), st.sampled_from("smhdw"))
def test_a_duration_is_its_number_of_units(number: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    assert parse_duration(f"{number}{unit}").total_seconds() == number * seconds[unit]


def test_a_size_is_in_decimal_units() -> None:
    assert parse_size("64MB") == 64_000_000
    with pytest.raises(ValueError, match="is no size"):
        parse_size("64")


def test_words_added_to_detection_are_read_and_an_unknown_category_names_the_nearest() -> None:
    good = GOOD + "lexicon:\n  zh:\n    finish: [搞定]\n    bond: [永续票据]\n"
    assert config.parse(good, Path("m.yaml")).lexicon["zh"]["finish"] == ("搞定",)
    (problem,) = problems(GOOD + "lexicon:\n  en:\n    finsh: [wangles]\n")
    assert problem.startswith("m.yaml:")
    assert "lexicon.en.finsh" in problem
    assert "did you mean 'finish'?" in problem
    (problem,) = problems(GOOD + "lexicon:\n  fr:\n    finish: [lève]\n")
    assert "lexicon.fr" in problem


@pytest.mark.parametrize("word", ["", " ", " 搞定", "(?<![模])拟"])
def test_a_word_added_to_detection_is_a_word(word: str) -> None:
    (problem,) = problems(GOOD + f"lexicon:\n  zh:\n    finish: [{json.dumps(word)}]\n")
    assert "lexicon.zh.finish" in problem
