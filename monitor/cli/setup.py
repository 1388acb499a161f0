"""`monitor init`: five questions, and a monitor.yaml that works."""

from typing import Annotated

import typer

from monitor import config
from monitor.bootstrap import environment
from monitor.cli.output import err
from monitor.config.setup import Answers, written
from monitor.errors import ConfigError
from monitor.settings import Language

_NEWS: dict[str, tuple[Language, ...]] = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


def init(
    force: Annotated[bool, typer.Option("--force", help="Replace a monitor.yaml that is there.")] = False,
) -> None:
    """Ask five questions and write a monitor.yaml that works."""
    path = environment().config_path
    if path.exists() and not force:
        raise ConfigError([f"{path}: this file is there already; --force replaces it"])
    text = written(_asked())
    config.parse(text, path)  # what the answers make is told before anything is written
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    err.print(f"{path} is written. `monitor doctor` says what is still to be done, `monitor run` begins.")


def _asked() -> Answers:
    err.print("1. Which companies? Apart by commas, aliases after =, as in: 智谱AI=智谱=Zhipu AI, Mistral AI")
    companies = typer.prompt("Companies", err=True)
    news = _one_of("2. News in Chinese (zh), English (en) or both?", tuple(_NEWS), "both")
    err.print("3. Where do alerts go? A Slack channel as #name, `webhook` for an incoming webhook, else the console")
    channel = typer.prompt("Channel", default="", show_default=False, err=True).strip()
    chinese = _one_of("4. Alerts in Chinese (zh) or English (en)?", ("zh", "en"), "en") == "zh"
    err.print("5. Your e-mail address or page, named to the sites that are read (may be empty)")
    contact = typer.prompt("Contact", default="", show_default=False, err=True).strip()
    return Answers(companies, _NEWS[news], channel, "zh" if chinese else "en", contact)


def _one_of(question: str, choices: tuple[str, ...], default: str) -> str:
    err.print(question)
    while True:
        said: str = typer.prompt("/".join(choices), default=default, err=True).strip().lower()
        if said in choices:
            return said
        err.print(f"please answer one of {', '.join(choices)}")
