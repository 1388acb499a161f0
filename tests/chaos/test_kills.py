"""SIGKILL at any moment, of crawl runs and upgrades; that of ingest and delivery is in tests/acceptance."""

import random
import signal
import subprocess
from contextlib import suppress

from sqlalchemy import text

from monitor.archive import Archive
from monitor.archive.engine import open_engine
from monitor.archive.schema import head
from tests.chaos.conftest import shortly_on, sound
from tests.fakes.older import older_archive
from tests.fakes.program import Program
from tests.integration.conftest import Publish
from tests.integration.test_crawl import titles

KILLS = 4


def killed_within(program: Program, arguments: tuple[str, ...], seconds: float) -> None:
    process = program.start(*arguments)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@shortly_on("sqlite")
def test_crawls_killed_at_any_moment_lose_and_double_nothing(program: Program, publish: Publish, seed: int) -> None:
    chance = random.Random(seed)
    said = [f"星河智能完成{number}亿元{round_}轮融资" for number, round_ in ((1, "A"), (2, "B"), (3, "C"), (4, "D"))]
    said += [f"第{number}条：海豚出行上线第{number}条线路" for number in range(40)]
    chance.shuffle(said)
    for number, title in enumerate(said):
        publish(f"story-{number}", title)
    assert program.run("db", "upgrade").returncode == 0
    for _ in range(KILLS):
        killed_within(program, ("crawl", "--due", "--quiet"), chance.uniform(0.9, 2.5))
    program.let_retries_come_due()
    told = program.run("crawl")
    assert told.returncode == 0, told.stderr
    assert titles(program) == sorted(said)
    assert sound(program) == []
    assert told.stdout.count("星河智能 ·") == 4
    assert [alert["state"] for alert in program.ask("alerts", "list")] == ["sent"] * 4


@shortly_on("postgres")
def test_upgrades_killed_at_any_moment_go_on_from_where_they_began(
    program: Program, database_url: str, seed: int
) -> None:
    """An upgrade is one transaction: what is killed has not been, and the next one does all of it."""
    chance, number = random.Random(seed), 600
    older_archive(database_url, chance.choice(["0001", "0003", "0005"]), more=number)
    for _ in range(KILLS):
        killed_within(program, ("db", "upgrade"), chance.uniform(0.5, 2.5))
        engine = open_engine(database_url)
        with engine.connect() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            articles = connection.execute(text("SELECT count(*) FROM articles")).scalar_one()
        engine.dispose()
        assert articles == number + 1
        if version == head():
            Archive(database_url).check_version()
    assert program.run("db", "upgrade").returncode == 0
    assert Archive(database_url).drift() == []
    what = {finding["what"] for finding in sound(program)}
    assert what <= {"each text is what was stored", "what was read stands in its article"}  # made up without hashes
    assert len(program.ask("search", "第7篇报道")) == 1
