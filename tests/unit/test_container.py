"""The image and compose.yaml fit each other and the program; checked without an engine, from the files alone."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from monitor.archive import Archive
from monitor.bootstrap import Environment, environment
from monitor.cli.commands import app
from monitor.settings import parse_duration

ROOT = Path(__file__).parents[2]
SHUTDOWN = timedelta(seconds=8)
"""How long the program may take to end after SIGTERM."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile: its name and the rest."""

    name: str
    rest: str

    @property
    def exec_form(self) -> list[str]:
        """The command, which must be in exec form: without a shell, so that signals arrive."""
        command = json.loads(self.rest[self.rest.index("[") :])
        assert isinstance(command, list)
        return command


def stages() -> list[list[Instruction]]:
    """The Dockerfile's instructions by stage; what comes before the first stage is left out."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found: list[list[Instruction]] = []
    for line in code.replace("\\\n", " ").splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            found.append([])
        if name and found:
            found[-1].append(Instruction(name, rest.strip()))
    return found


def final(name: str) -> Instruction:
    """The last instruction of that name in the last stage: the one that counts."""
    return [instruction for instruction in stages()[-1] if instruction.name == name][-1]


def copied() -> list[str]:
    """Paths that are copied from the checkout."""
    return [
        source
        for stage in stages()
        for instruction in stage
        if instruction.name in ("COPY", "ADD") and "--from=" not in instruction.rest
        for source in instruction.rest.split()[:-1]
    ]


def image_environment() -> Environment:
    """What the program reads from the environment that the image sets."""
    settings = shlex.split(" ".join(i.rest for i in stages()[-1] if i.name == "ENV"))
    return environment(dict(setting.split("=", 1) for setting in settings))


def compose(name: str = "compose.yaml") -> Any:
    """What a compose file says."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


BOTH = pytest.mark.parametrize("file", ["compose.yaml", "compose.sqlite.yaml"])
"""What holds wherever the archive is."""


@cache
def _ignore_rules() -> tuple[tuple[re.Pattern[str], bool], ...]:
    rules = []
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            glob = line.removeprefix("!")
            pattern = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
            rules.append((re.compile(rf"{pattern}(?:/.*)?"), not line.startswith("!")))
    return tuple(rules)


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out of the build: the last rule that fits it or a folder above it decides."""
    return [ignores for pattern, ignores in _ignore_rules() if pattern.fullmatch(path)][-1]


def is_a_command(arguments: list[str]) -> bool:
    """Whether `monitor ARGUMENTS` is a command with such options."""
    return CliRunner().invoke(app, [*arguments, "--help"]).exit_code == 0


def test_the_image_runs_as_a_numbered_user_that_is_not_root() -> None:
    uid, gid = final("USER").rest.split(":")
    assert int(uid) >= 1000
    assert int(gid) >= 1000
    names = [instruction.name for instruction in stages()[-1]]
    assert "RUN" not in names[names.index("USER") :]


def test_the_image_starts_the_installed_program_without_a_shell_in_between() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    init, separator, program = final("ENTRYPOINT").exec_form
    assert (init, separator) == ("tini", "--")
    assert program in scripts
    assert is_a_command(final("CMD").exec_form)


def test_the_image_hands_on_the_signal_that_the_program_listens_for() -> None:
    assert final("STOPSIGNAL").rest == "SIGTERM"


def test_the_health_check_is_a_command_of_the_program_and_waits_for_the_start() -> None:
    check = final("HEALTHCHECK")
    assert check.exec_form[0] == "monitor"
    assert is_a_command(check.exec_form[1:])
    assert {"--interval", "--timeout", "--start-period"} <= set(re.findall(r"--[a-z-]+", check.rest))


def test_everything_the_image_keeps_lies_in_its_volume() -> None:
    volume = Path(final("VOLUME").rest)
    env = image_environment()
    assert env.config_path.parent == volume
    assert env.database_url.startswith(f"sqlite:///{volume}/")
    assert Path(final("WORKDIR").rest) == volume


def test_the_last_stage_takes_nothing_but_the_environment_that_was_built() -> None:
    copies = [instruction.rest.split() for instruction in stages()[-1] if instruction.name in ("COPY", "ADD")]
    assert copies == [["--from=builder", "/opt/monitor", "/opt/monitor"]]


def test_every_library_in_the_image_is_pinned_by_hash() -> None:
    installs = re.findall(r"pip install ([^&\n]*)", "\n".join(i.rest for stage in stages() for i in stage))
    assert installs
    assert all("--require-hashes" in options or "--no-deps" in options for options in installs)
    assert any("--no-build-isolation" in options for options in installs)


def test_what_is_copied_into_the_image_exists_and_is_not_ignored() -> None:
    for path in copied():
        assert (ROOT / path).exists(), path
        assert not ignored(path), path


def test_every_package_of_the_project_is_copied_into_the_image() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages
    assert packages <= set(copied())
    assert not ignored("monitor/config/monitor.example.yaml")
    assert not ignored("monitor/detection/lexicon/zh.yaml")


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".env",
        "monitor/.env",
        "monitor.yaml",
        "spiders/monitor.yaml",
        "monitor.db",
        "monitor.db-wal",
        "monitor/archive.db",
        "data/monitor.db",
        "tests/conftest.py",
        "monitor/__pycache__/errors.cpython-313.pyc",
        "id_rsa",
    ],
)
def test_secrets_archives_history_and_environments_stay_out_of_the_build(path: str) -> None:
    assert ignored(path)


@BOTH
def test_compose_puts_configuration_and_data_where_the_image_looks_for_them(file: str) -> None:
    mounts = compose(file)["services"]["monitor"]["volumes"]
    assert f"data:{final('VOLUME').rest}" in mounts
    (config,) = [mount for mount in mounts if isinstance(mount, dict)]
    assert Path(config["target"]) == image_environment().config_path
    assert config["read_only"]
    assert not config["bind"]["create_host_path"]


def test_compose_starts_the_program_when_its_database_answers() -> None:
    services = compose()["services"]
    archive = Archive(services["monitor"]["environment"]["DATABASE_URL"])
    assert archive.address == "postgresql+psycopg://monitor@postgres:5432/monitor"
    assert services["monitor"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert services["postgres"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert services["postgres"]["environment"]["POSTGRES_USER"] == "monitor"
    assert services["postgres"]["environment"]["POSTGRES_DB"] == "monitor"


def test_compose_holds_no_password_and_refuses_to_start_without_one() -> None:
    services = compose()["services"]
    for value in (
        services["monitor"]["environment"]["PGPASSWORD"],
        services["postgres"]["environment"]["POSTGRES_PASSWORD"],
    ):
        assert re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?.+\}", value)
    assert services["monitor"]["env_file"] == [{"path": ".env", "required": False}]


@BOTH
def test_compose_gives_the_program_no_rights_it_does_not_need(file: str) -> None:
    monitor = compose(file)["services"]["monitor"]
    assert monitor["read_only"]
    assert monitor["tmpfs"] == ["/tmp"]  # noqa: S108 - a folder of the container
    assert monitor["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in monitor["security_opt"]
    assert not {"user", "privileged", "cap_add", "ports", "network_mode"} & set(monitor)


@BOTH
def test_compose_gives_the_program_the_time_it_needs_to_stop(file: str) -> None:
    assert parse_duration(compose(file)["services"]["monitor"]["stop_grace_period"]) > SHUTDOWN


@BOTH
def test_compose_restarts_a_service_and_bounds_its_log(file: str) -> None:
    for found in compose(file)["services"].values():
        assert found["restart"] == "unless-stopped"
        assert {"max-size", "max-file"} <= set(found["logging"]["options"])


@BOTH
def test_compose_names_every_volume_that_it_uses(file: str) -> None:
    document = compose(file)
    used = {
        mount.partition(":")[0]
        for service in document["services"].values()
        for mount in service["volumes"]
        if isinstance(mount, str)
    }
    assert used == set(document["volumes"])


def snippets() -> Iterator[Any]:
    """The YAML that docs/deployment.md shows."""
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n([^`]*)```", text):
        yield yaml.safe_load(block)


def test_workers_are_the_same_container_with_another_command() -> None:
    services = compose("compose.workers.yaml")["services"]
    assert services["worker"]["extends"] == {"file": "compose.yaml", "service": "monitor"}
    for service in services.values():
        assert is_a_command(service["command"])
    assert is_a_command(services["worker"]["healthcheck"]["test"][2:])


def test_the_documented_probe_is_the_health_check_of_the_image() -> None:
    probe = next(document["livenessProbe"] for document in snippets() if "livenessProbe" in document)
    assert probe["exec"]["command"] == final("HEALTHCHECK").exec_form
