"""`monitor init` asks five questions and writes a configuration that works."""

import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor import config
from monitor.config.setup import Answers, written
from tests.fakes.program import Program


@pytest.fixture
def fresh(tmp_path: Path) -> Program:
    return Program(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'archive.db'}"})


def answered(program: Program, *answers: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return program.run("init", *options, given="".join(f"{answer}\n" for answer in answers))


def test_five_answers_make_a_configuration_that_works(fresh: Program) -> None:
    done = answered(fresh, "智谱AI=智谱=Zhipu AI, Mistral AI", "zh", "#deals", "zh", "ops@example.com")
    assert done.returncode == 0, done.stderr
    checked = fresh.run("config", "check")
    assert checked.returncode == 0, checked.stderr
    found = config.load(fresh.folder / "monitor.yaml")
    assert [(company.name, company.aliases) for company in found.companies] == [
        ("智谱AI", ("智谱", "Zhipu AI")),
        ("Mistral AI", ()),
    ]
    assert {source.language for source in found.sources} == {"zh"}
    assert found.channels[0].type == "slack"
    assert found.crawl.contact == "ops@example.com"


def test_the_defaults_print_on_the_console(fresh: Program) -> None:
    assert answered(fresh, "OpenAI", "", "", "", "").returncode == 0
    found = config.load(fresh.folder / "monitor.yaml")
    assert found.channels[0].type == "console"
    assert {source.language for source in found.sources} == {"zh", "en"}


def test_an_answer_that_is_none_of_the_choices_is_asked_for_again(fresh: Program) -> None:
    done = answered(fresh, "OpenAI", "french", "en", "webhook", "en", "")
    assert done.returncode == 0
    assert "please answer one of zh, en, both" in done.stderr


def test_nothing_is_written_that_cannot_be_used_or_over_what_is_there(fresh: Program) -> None:
    wrong = answered(fresh, "OpenAI", "en", "Deals Channel", "en", "")
    assert wrong.returncode == 2
    assert "is no Slack channel" in wrong.stderr
    assert not (fresh.folder / "monitor.yaml").exists()
    assert answered(fresh, "OpenAI", "en", "", "en", "").returncode == 0
    again = answered(fresh, "Mistral", "en", "", "en", "")
    assert again.returncode == 2
    assert "--force replaces it" in again.stderr
    assert answered(fresh, "Mistral", "en", "", "en", "", options=("--force",)).returncode == 0
    assert [one.name for one in config.load(fresh.folder / "monitor.yaml").companies] == ["Mistral"]


NAMES = st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters=",，、;；=＝|"), min_size=2)


@given(
    st.lists(NAMES.map(str.strip).filter(lambda name: len(name) > 1), min_size=1, max_size=5, unique_by=str.casefold)
)
def test_names_are_kept_as_they_were_said(names: list[str]) -> None:
    text = written(Answers(", ".join(names), ("zh",), "", "zh"))
    assert [company["name"] for company in yaml.safe_load(text)["companies"]] == names
