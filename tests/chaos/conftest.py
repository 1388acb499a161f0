"""What faults need: seeds, a Postgres of their own, a small disk, a clock that can be set."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libfaketime
import pytest

from tests.fakes.ownpostgres import OwnPostgres
from tests.fakes.program import Program, free_port
from tests.integration.conftest import clock, program, publish, site, slack, world

__all__ = ["clock", "program", "publish", "site", "slack", "world"]

RUNS = int(os.environ.get("CHAOS_RUNS", "1"))
"""How often each fault is tried with a seed of its own."""


def shortly_on(kind: str) -> pytest.MarkDecorator:
    """On both kinds of database; on one alone in the short form of continuous integration."""
    kinds = ["sqlite", "postgres"] if RUNS > 1 else [kind]
    return pytest.mark.parametrize("database_url", kinds, indirect=True)


long_form = pytest.mark.skipif(RUNS == 1, reason="takes long: make chaos runs it")
"""For faults of which a faster test shows the same in the short form."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each fault that takes a seed is tried with so many."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(1, RUNS + 1))


@pytest.fixture
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnPostgres]:
    """A Postgres that a test may end as it likes."""
    found = OwnPostgres.find()
    if found is None:
        pytest.skip("no Postgres is installed here")
    folder = Path(str(tmp_path_factory.mktemp("postgres")))
    with OwnPostgres(found, folder, free_port()) as server:
        yield server


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder, mount = tmp_path / "disk", shutil.which("mount")
    folder.mkdir()
    if mount is None or _run(mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)):
        pytest.skip("no file system can be mounted here")
    yield folder
    _run("umount", "--lazy", str(folder))


class FalseClock:
    """A clock for processes, some seconds off, which may change while they run; monotonic time goes on as it does."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set(0)

    def set(self, seconds: float) -> None:
        part = self._file.with_suffix(".new")
        part.write_text(f"{seconds:+}\n", encoding="ascii")
        part.replace(self._file)

    @property
    def variables(self) -> dict[str, str]:
        (library,) = Path(libfaketime.__file__).parent.rglob("libfaketime.so.1")
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def works(self) -> bool:
        self.set(86_400)
        asked = ["python3", "-c", "import time; print(time.time())"]
        environment = {**os.environ, **self.variables}
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
        plain = subprocess.run(asked, capture_output=True, text=True, check=False)
        self.set(0)
        return not done.returncode and float(done.stdout) - float(plain.stdout) > 80_000


@pytest.fixture
def false_clock(tmp_path: Path) -> FalseClock:
    """A clock that a test sets."""
    found = FalseClock(tmp_path)
    if not found.works():
        pytest.skip("the clock cannot be set for a process here")
    return found


def _run(*command: str) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


def sound(program: Program) -> Any:
    """What `monitor db check` finds wrong: nothing is wanted."""
    return [finding for finding in json.loads(program.run("db", "check", "--json").stdout) if finding["wrong"]]
