"""`monitor extract INDEX.json`: saved pages in, a line of JSON each out; the interface others build on."""

import gzip
import json
from pathlib import Path

import pytest

from tests.fakes.program import Program

TEXT = "镕辉科技今日宣布完成两亿元人民币的新一轮融资，本轮融资由远山资本领投，多家老股东跟投。"
MORE = "公司创始人表示，这笔资金将主要用于下一代产品的研发以及海外市场的拓展，团队规模也会扩大。"
PAGE = f"""<html><head><meta charset="gb2312"><title>镕辉科技完成融资_示例网</title></head>
<body><h1>镕辉科技完成融资</h1><p>2024年6月7日 10:30 作者：李四维</p>
<div><p>{TEXT}</p><p>{MORE}</p></div></body></html>"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, {})


def index(program: Program, entries: object) -> str:
    pages = program.folder / "pages"
    pages.mkdir()
    (pages / "a.html").write_bytes(PAGE.encode("gb18030"))
    (pages / "b.html.gz").write_bytes(gzip.compress(PAGE.encode("gb18030")))
    (pages / "empty.html").write_bytes(b"")
    (program.folder / "index.json").write_text(json.dumps(entries), encoding="utf-8")
    return "index.json"


def test_each_page_is_a_line_in_the_order_of_the_index(program: Program) -> None:
    files = ["pages/a.html", "pages/none.html", "pages/empty.html", "pages/b.html.gz"]
    done = program.run(
        "extract", index(program, [{"file": f, "url": "https://s.example/p/1", "more": 1} for f in files])
    )
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"] for line in lines] == files
    expected = {
        "title": "镕辉科技完成融资",
        "author": "李四维",
        "published": "2024-06-07T10:30:00+08:00",
        "text": f"{TEXT}\n{MORE}",
        "language": "zh",
    }
    for line in (lines[0], lines[3]):
        assert {key: value for key, value in line.items() if key != "file"} == expected
    for line in lines[1:3]:
        assert (line["title"], line["text"], line["published"]) == ("", "", None)
    assert "pages/none.html: No such file" in done.stderr


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"file": "x"}, "index.json: the file: "),
        ([{"file": "pages/a.html"}, {"url": "https://s.example/"}], "index.json: [1].file: Field required"),
        ([{"file": 17}], "index.json: [0].file: "),
    ],
)
def test_an_index_of_another_form_is_refused_with_the_place(program: Program, entries: object, said: str) -> None:
    done = program.run("extract", index(program, entries))
    assert done.returncode != 0
    assert said in done.stderr
    assert done.stdout == ""
