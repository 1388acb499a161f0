"""A Postgres server of a test's own, which can be restarted, killed and made to refuse."""

import os
import subprocess
from pathlib import Path
from typing import Self


class OwnPostgres:
    """Runs while it is entered; `url` is its database."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self._programs, self._folder = programs, folder / "data"
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self._options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
        # It refuses to run as root.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            for place in (folder, folder.parent, folder.parent.parent, folder.parent.parent.parent):
                if place.name.startswith(("pytest-", "postgres", "popen-")):
                    place.chmod(0o755)
            subprocess.run(["chown", "postgres", folder], check=True)

    @staticmethod
    def find() -> Path | None:
        """Where the programs of the newest Postgres of this machine are."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
        return found[-1].parent if found else None

    def start(self) -> None:
        self._ctl("start", "-w", "-l", str(self._folder.parent / "log"), "-o", self._options)

    def crash(self) -> None:
        """End it at once, without a word to anyone."""
        self._ctl("stop", "-m", "immediate")

    def __enter__(self) -> Self:
        self._run("initdb", "-D", str(self._folder), "-A", "trust", "-U", "postgres", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", str(self._folder), "stop", "-m", "immediate", check=False)

    def _ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder), *arguments)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [*self._as, str(self._programs / program), *arguments]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(command, env=environment, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
