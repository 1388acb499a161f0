"""The demo is the acceptance test: the right alerts, and no others."""

import subprocess
import sys

from tests.demo import demo
from tests.fakes.program import ROOT
from tests.fakes.slack import pings


def test_the_demo_gives_the_right_alerts_and_no_others(database_url: str) -> None:
    with demo(database_url) as shown:
        done = shown.program.run("crawl")
        assert done.returncode == 0, done.stderr
        alerts = shown.program.ask("alerts", "list", "--state", "sent")
        told = sorted((a["company"], a["claim"]["status"], a["claim"]["round"] or "") for a in alerts)
        assert told == sorted((e["company"], e["status"], e.get("round", "")) for e in shown.expected)
        assert len(shown.slack.messages) == len(shown.expected)
        assert [pings(message) for message in shown.slack.messages] == [[]] * len(shown.expected)


def test_one_deal_on_three_sites_is_one_deal_with_three_articles(database_url: str) -> None:
    with demo(database_url) as shown:
        shown.program.run("crawl")
        (deal,) = shown.program.ask("deals", "--company", "星河智能")
        assert (deal["round"], deal["articles"], deal["lead_investors"][0]) == ("B", 3, "蓝湖资本")


def test_a_second_crawl_of_the_demo_changes_nothing(database_url: str) -> None:
    with demo(database_url) as shown:
        shown.program.run("crawl")
        before = (shown.program.ask("search"), shown.program.ask("deals"), shown.program.ask("alerts", "list"))
        again = shown.program.ask("crawl")
        assert again.get("new", 0) + again.get("alerts", 0) + again["sent"] == 0
        assert (shown.program.ask("search"), shown.program.ask("deals"), shown.program.ask("alerts", "list")) == before


def test_the_demo_command_shows_the_alerts_and_a_search() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.demo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "What Slack got: 6 messages" in done.stdout
    assert done.stdout.count("· 完成融资") == 4
