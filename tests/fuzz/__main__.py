"""`python -m tests.fuzz --seconds 60 [TARGET …]`: each target for so long, guided by coverage (atheris).

An input that breaks one is printed and kept in build/fuzz; it belongs into a test of its own. Exit code 1 then.
"""

import argparse
import subprocess
import sys
from pathlib import Path

FOUND = Path("build") / "fuzz"


def main() -> None:
    """Fuzz each target in a process of its own, as atheris takes the process over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="all of them if none is named")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        _fuzz(given.targets[0], given.seconds)
        return
    from tests.fuzz.targets import TARGETS

    broken = []
    for name in given.targets or TARGETS:
        command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", str(given.seconds), "--here"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = [line for line in done.stderr.splitlines() if line.startswith(("Done", "stat::number_of_executed"))]
        print(f"{name}: {'broken' if done.returncode else 'holds'}; {'; '.join(runs)}", flush=True)
        if done.returncode:
            broken.append(name)
            print(done.stdout[-3000:] + done.stderr[-3000:])
    sys.exit(bool(broken))


def _fuzz(name: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["monitor"]):
        from tests.fuzz.targets import TARGETS
    corpus = FOUND / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-timeout=10", "-max_len=4096", f"-artifact_prefix={FOUND}/{name}-"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[name].read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
