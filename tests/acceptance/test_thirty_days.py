"""Thirty simulated days of polling, judged by the server: one full fetch, and never early."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.program import ROOT, Program, free_port


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'archive.db'}"})


def test_over_thirty_days_with_restarts_one_request_is_unconditional_none_is_wrong_and_none_early(
    program: Program,
) -> None:
    port = free_port()
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"http://127.0.0.1:{port}/feed", "full_text": "always"}],
    )
    state = program.folder / "judge.json"
    ours = {**program.variables, "SITE_PORT": str(port), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    for hours in (1, 1, 70, 168, 480):
        subprocess.run(
            [sys.executable, "-m", "tests.fakes.thirty_days", str(state), str(hours)],
            cwd=program.folder,
            env={**os.environ, **ours, "no_proxy": "127.0.0.1"},
            check=True,
            timeout=300,
        )
    judged = json.loads(state.read_text(encoding="utf-8"))
    assert judged["skipped"] >= 719  # the rest passes by itself
    assert judged["counts"]["conditional"] > 150
    assert (judged["counts"]["unconditional"], judged["counts"]["wrong"], judged["counts"]["early"]) == (1, 0, 0)
