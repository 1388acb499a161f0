"""A machine's clock that is put forward and back while the program runs."""

from pathlib import Path

from tests.chaos.conftest import FalseClock, sound
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles, wait_for
from tests.integration.test_run import running

HOUR = 3_600


def test_a_clock_that_jumps_stops_nothing_and_tells_nothing_twice(
    tmp_path: Path, site: Site, publish: Publish, false_clock: FalseClock
) -> None:
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}", **false_clock.variables}
    program = Program(tmp_path, variables)
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed", "every": "1s"}],
        schedule={"tick": "1s", "jitter": "0s", "fastest": "1s"},
    )
    said = [DEAL]
    publish("deal", DEAL)
    assert program.run("db", "upgrade").returncode == 0
    with running(program) as process:
        wait_for(lambda: titles(program) == said)
        for number, off in enumerate((26 * HOUR, 0)):
            false_clock.set(off)
            before = site.paths().count("/feed")
            wait_for(lambda before=before: site.paths().count("/feed") > before + 1)  # type: ignore[misc]
            said.append(f"第{number}条：海豚出行上线第{number}条线路")
            publish(f"story-{number}", said[-1])
            wait_for(lambda: titles(program) == sorted(said))
        process.terminate()
        out, err = process.communicate(timeout=30)
    assert out.count("星河智能 ·") == 1
    assert "Traceback" not in err
    assert sound(program) == []
