"""The whole way without a network: made-up sites, one crawl, a stand-in for Slack, a search.

`make demo` runs it for people; the acceptance test runs the same and checks the outcome.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.fakes import feeds
from tests.fakes.feeds import Story
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.fakes.slack import FakeSlack, render_text

SITES = Path(__file__).parent / "sites" / "demo.yaml"
_FORMS = {"rss": feeds.rss, "atom": feeds.atom, "json": feeds.json_feed}


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: the program, the stand-in for Slack, the sites by name, and the alerts that are expected."""

    program: Program
    slack: FakeSlack
    sites: dict[str, Site]
    expected: list[dict[str, Any]]


@contextmanager
def demo(database_url: str = "sqlite:///monitor.db") -> Iterator[Demo]:
    """The made-up sites and Slack, served until the end, and a configuration that watches them."""
    described = yaml.safe_load(SITES.read_text(encoding="utf-8"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="monitor-demo-")))
        slack = stack.enter_context(FakeSlack(clock=lambda: datetime.now(UTC).timestamp()))
        sites = {site["name"]: stack.enter_context(_served(site)) for site in described["sites"]}
        program = Program(
            folder,
            {"DATABASE_URL": database_url, "SLACK_BOT_TOKEN": slack.token, "SLACK_API_URL": slack.api},
        )
        program.configure(
            companies=described["companies"],
            sources=[
                {"name": site["name"], "title": site["title"], "url": f"{sites[site['name']].url}/feed"}
                for site in described["sites"]
            ],
            channels=[{"name": "deals", "type": "slack", "channel": "#deals", "language": "zh"}],
        )
        yield Demo(program, slack, sites, described["expected"])


@contextmanager
def _served(described: dict[str, Any]) -> Iterator[Site]:
    now = datetime.now(UTC)
    with Site() as site:
        stories = [
            Story(
                url=f"{site.url}/{story['slug']}.html",
                title=story["title"],
                body=story["body"],
                published=now - timedelta(hours=story["hours"]),
                extra=story.get("extra", ""),
            )
            for story in described["stories"]
        ]
        for story in stories:
            site.put(story.url.removeprefix(site.url), feeds.page(described["title"], story))
        more = {"full_text": True} if described.get("full_text") else {}
        site.put(
            "/feed", _FORMS[described["form"]](described["title"], stories, **more), content_type="application/xml"
        )
        yield site


def main() -> int:
    """Show it; returns 1 if the alerts are not the expected ones."""
    with demo() as shown:
        _say("One crawl over four made-up sites: `monitor crawl`")
        crawl = shown.program.run("crawl")
        print(crawl.stderr.strip())
        if crawl.returncode:
            return 1
        _say(f"What Slack got: {len(shown.slack.messages)} messages")
        for message in shown.slack.messages:
            print(render_text(message), end="\n\n")
        for title, arguments in (
            ("What was found: `monitor deals`", ("deals",)),
            (
                "What was held back, and why: `monitor alerts list --state suppressed`",
                ("alerts", "list", "--state", "suppressed"),
            ),
            ("A search: `monitor search 获投`", ("search", "获投")),
            ("A second crawl finds nothing new: `monitor crawl`", ("crawl",)),
        ):
            _say(title)
            done = shown.program.run(*arguments)
            print((done.stdout + done.stderr).strip())
        return 0 if len(shown.slack.messages) == len(shown.expected) else 1


def _say(title: str) -> None:
    print(f"\n── {title}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
