"""Speed of the whole way of an article: fetched, read, searched for deals, stored; and of reading alone, beside others.

`python -m benchmarks.crawl [PAGES]` measures it alone, with the memory of the crawl process over time.
"""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks.site import page
from benchmarks.texts import Row
from monitor.parsing.pages import parse_page

ROOT = Path(__file__).parents[1]
HOSTS = 16
OTHERS = {
    "fundus": "from fundus import PublisherCollection as P\nparser = P.us.TechCrunch.parser()\n"
    "read = lambda h: parser.parse(h, error_handling='suppress')",
    "news-please": "from newsplease import NewsPlease as N\nread = lambda h: N.from_html(h, url='https://b.example/p')",
    "newspaper4k": "import newspaper\ndef read(h):\n a = newspaper.Article('https://b.example/p')\n"
    " a.download(input_html=h)\n a.parse()",
    "trafilatura": "import trafilatura\nread = lambda h: trafilatura.bare_extraction(h, with_metadata=True)",
}
"""Other extractors and how each reads a page; each is measured if an environment of its own is in .cache/bench/NAME.

fundus has a parser for each site it knows and none for others: one of these is measured, and finds no text here.
"""


def rows(pages: int = 1_000) -> list[Row]:
    """The whole way, then reading alone."""
    whole, memory = crawled(pages)
    found = [
        (f"pages of {len(page(1)) // 1000} KB fetched, read, stored ({pages:,})", f"{whole:,.0f}/s", ""),
        ("memory of the crawl process at its end and at half", f"{memory[-1]} MB", f"{memory[-1] / memory[0]:.2f}"),
    ]
    own = reading()
    found.append(("pages read, one core", f"{own:,.0f}/s", "1.00"))
    rates = {name: rate for name in OTHERS if (rate := other(name)) is not None}
    return found + [(f"the same by {name}", f"{rate:,.0f}/s", f"{rate / own:.2f}") for name, rate in rates.items()]


def crawled(pages: int) -> tuple[float, list[int]]:
    """Pages a second over a crawl of a local site, and the process's memory in MB at half of it and at its end."""
    with socket.socket() as free:
        free.bind(("127.0.1.1", 0))
        port = free.getsockname()[1]
    serve = [sys.executable, "-m", "benchmarks.site", str(pages), str(HOSTS), str(port)]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(serve, cwd=ROOT, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()
            return _crawl(Path(folder), pages, port)
        finally:
            server.kill()


def _crawl(folder: Path, pages: int, port: int) -> tuple[float, list[int]]:
    sources = [{"name": f"s{i}", "url": f"http://127.0.1.{i}:{port}/feed"} for i in range(1, HOSTS + 1)]
    configuration = {
        "companies": [{"name": "星河智能"}],
        "sources": sources,
        "channels": [{"name": "screen", "type": "console"}],
        "crawl": {"private_hosts": ["127.0.1.0/24"], "processes": os.cpu_count()},
    }
    (folder / "monitor.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}"}
    command = [sys.executable, "-m", "monitor", "crawl", "--json"]
    begun, sizes = time.perf_counter(), []
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE) as run:
        while run.poll() is None:
            sizes.append(_size(run.pid))
            time.sleep(0.2)
        spent = time.perf_counter() - begun
        assert run.stdout is not None
        report = json.loads(run.stdout.read())
    assert report["new"] >= pages // HOSTS * HOSTS, report
    sizes = [size for size in sizes if size]
    return report["new"] / spent, [sizes[len(sizes) // 2], sizes[-1]]


def _size(process: int) -> int:
    """Resident memory in MB, 0 when the process is gone."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize() // 1_000_000


def reading() -> float:
    """Pages a second that our own extraction reads, on one core."""
    bodies = [page(number) for number in range(60)]
    begun = time.process_time()
    for body in bodies:
        parse_page(body, "https://b.example/p", timezone="Asia/Shanghai")
    return len(bodies) / (time.process_time() - begun)


def other(name: str) -> float | None:
    """Pages a second that another extractor reads, on one core; None if its environment is not there."""
    python = ROOT / ".cache" / "bench" / name / "bin" / "python"
    if not python.exists():
        return None
    code = (
        f"import json, sys, time\n{OTHERS[name]}\npages = json.load(sys.stdin)\nread(pages[0])\n"
        "b = time.process_time()\nfor p in pages: read(p)\nprint(len(pages) / (time.process_time() - b))"
    )
    pages = json.dumps([page(number).decode() for number in range(60)])
    done = subprocess.run([python, "-c", code], input=pages, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        print(f"{name} could not be measured: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    rate, memory = crawled(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
    print(f"{rate:.1f} pages/s; memory at half {memory[0]} MB, at the end {memory[1]} MB")
