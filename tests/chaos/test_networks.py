"""Slack that is down for a day, names that cannot be resolved."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from tests.chaos.conftest import long_form, shortly_on, sound
from tests.fakes.program import ROOT, Program
from tests.fakes.site import Site
from tests.fakes.world import World
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles

DAY = 24 * 60


@shortly_on("sqlite")
def test_after_a_day_without_slack_each_deal_is_told_once_and_in_order(world: World, seed: int) -> None:
    """Every answer of a day is an error, or is lost; what was taken all the same is not sent again."""
    deals = 8
    world.slack.go_down(seed)
    for number in range(deals):
        world.tell("one", f"星河智能完成{number + 1}亿元{chr(65 + number)}轮融资", slug=f"deal-{number}")
        for _ in range(DAY // deals // 10):
            world.deliver(1)
            world.clock.advance(minutes=10)
    down = len(world.slack.messages)
    world.slack.come_back()
    for _ in range(120):
        world.deliver(2)
        world.clock.advance(minutes=1)
    numbers = [
        int(message.metadata["event_payload"]["alert_id"])
        for message in world.slack.messages
        if message.metadata is not None
    ]
    with world.archive.reading() as tables:
        assert tables.alerts.count() == {"sent": len(numbers)}
        assert all(finding.wrong == 0 for finding in tables.soundness.all())
    assert numbers == sorted(set(numbers))
    assert len(numbers) == deals
    assert down < deals


@long_form
def test_names_that_cannot_be_resolved_cost_a_visit_and_nothing_else(
    tmp_path: Path, site: Site, publish: Publish
) -> None:
    names = tmp_path / "names"
    path = f"{ROOT / 'tests' / 'fakes' / 'names'}:{ROOT}"
    program = Program(
        tmp_path,
        {"DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}", "PYTHONPATH": path, "MADE_UP_NAMES": str(names)},
    )
    port = urlsplit(site.url).port
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"http://news.example:{port}/feed"}],
        crawl={"private_hosts": ["127.0.0.1", "news.example"], "timeout": "5s"},
    )
    names.write_text("", encoding="utf-8")
    publish("deal", DEAL)
    failed = program.run("crawl")
    assert failed.returncode == 4, failed.stderr
    assert "news.example" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert titles(program) == []
    names.write_text("news.example", encoding="utf-8")
    program.let_pass(timedelta(hours=2))
    assert program.run("crawl", "--due").returncode == 0
    assert titles(program) == [DEAL]
    # The name fails between the poll and the pages.
    publish("later", "星河智能发布新模型")
    names.write_text("", encoding="utf-8")
    program.let_pass(timedelta(hours=2))
    assert program.run("crawl", "--due").returncode == 4
    names.write_text("news.example", encoding="utf-8")
    program.let_pass(timedelta(hours=2))
    assert program.run("crawl", "--due").returncode == 0
    assert titles(program) == sorted([DEAL, "星河智能发布新模型"])
    assert sound(program) == []
