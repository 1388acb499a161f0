"""`monitor config`: write, check and describe the configuration."""

import json
import sys
from typing import Annotated

import typer

from monitor import config
from monitor.bootstrap import Application, environment, unconfigured
from monitor.cli.output import err, out, print_json
from monitor.config.reference import reference as config_reference
from monitor.crawling.rendering import rendering
from monitor.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Write, check and describe the configuration.")


@app.command()
def init(
    missing: Annotated[
        bool, typer.Option("--if-missing", help="Leave one that is there alone, without an error.")
    ] = False,
) -> None:
    """Write a commented monitor.yaml to begin with."""
    path = environment().config_path
    if path.exists():
        if missing:
            return
        raise ConfigError([f"{path}: this file is there already; remove it first to begin anew"])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(config.example(), encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from error
    err.print(f"{path} is written: put your companies into it.")


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="Result as JSON.")] = False) -> None:
    """Say whether the configuration can be used, and if not where and why (exit code 2)."""
    env = environment()
    try:
        found = config.load(env.config_path)
        rendering(found)
    except ConfigError as error:
        if not as_json:
            raise
        print_json({"valid": False, "problems": error.problems})
        raise typer.Exit(2) from None
    program = Application(found, env, sys.stdout)
    _ = program.channels  # raises when a secret cannot be one
    unset = [{"channel": name, "variable": variable} for name, variable in unconfigured(found, env)]
    if as_json:
        print_json({"valid": True, "problems": [], "unset": unset})
        return
    out.print(
        f"{found.path}: {len(found.companies)} companies, {len(found.topics)} own topics, "
        f"{len(found.sources)} sources, {len(found.channels)} channels: all right"
    )
    for item in unset:
        out.print(f"note: {item['variable']} is not set; alerts for channel {item['channel']} go to the console")


@app.command()
def reference() -> None:
    """Print every setting with its kind, default and meaning, as Markdown (docs/configuration.md)."""
    typer.echo(config_reference(), nl=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of monitor.yaml, with which editors complete and check."""
    typer.echo(json.dumps(json.loads(config.json_schema()), indent=2, ensure_ascii=False))
