"""A made-up news site of 60 to 80 KB a page, for a process of its own: `python -m benchmarks.site PAGES HOSTS PORT`."""

import asyncio
import json
import random
import sys
from datetime import UTC, datetime, timedelta

from benchmarks.texts import article

_ENGLISH = """
    the company today announced new product model market growth robot chip data platform research team customers factory
    service abroad founders investors round valuation engineers office software industry supply delivery
    """.split()  # noqa: SIM905
NOW = datetime.now(UTC)


def page(number: int) -> bytes:
    """One article page: navigation, scripts, styles, related links and footer around some 2,000 characters of text."""
    chance = random.Random(number)  # noqa: S311 - repeatable texts, not secrets
    chinese = number % 2 == 0
    paragraphs = [_chinese(chance) if chinese else _english(chance) for _ in range(chance.randint(8, 14))]
    title = f"第{number}号：{paragraphs[0][:18]}" if chinese else f"Story {number}: {paragraphs[0][:60]}"
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": (NOW - timedelta(minutes=number)).isoformat(),
        "author": {"@type": "Person", "name": "林溪" if chinese else "Ann Lee"},
    }
    links = "".join(
        f"<li class='menu-item'><a href='/section/{i}' title='{article(chance, 12)}'>{article(chance, 8)}</a></li>"
        for i in range(90)
    )
    related = "".join(
        f"<div class='card'><a href='/p/{i}'><img src='/i/{i}.jpg' alt=''><h4>{article(chance, 20)}"
        f"</h4></a><span class='time'>2026-01-0{i % 9 + 1}</span></div>"
        for i in range(25)
    )
    filler = "".join(f".c{i}{{margin:{i}px;padding:{i}px;color:#{i:06x}}}" for i in range(400))
    state = json.dumps({"state": [{"id": i, "name": article(chance, 10)} for i in range(90)]}, ensure_ascii=False)
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title} - 示例站</title><style>{filler}</style>"
        f"<script type='application/ld+json'>{json.dumps(data, ensure_ascii=False)}</script>"
        f"<script>window.__STATE__={state}</script></head><body><header><nav><ul>{links}</ul></nav></header>"
        f"<main><article><h1>{title}</h1><div class='meta'>{'林溪' if chinese else 'By Ann Lee'}</div>"
        f"<div class='content'>{text}</div></article><aside class='sidebar'>{related}</aside></main>"
        f"<script>{'var a=1;function f(x){return x+a};' * 300}</script><footer><ul>{links}</ul></footer></body></html>"
    ).encode()


def _chinese(chance: random.Random) -> str:
    return "，".join(article(chance, chance.randint(12, 30)) for _ in range(6)) + "。"


def _english(chance: random.Random) -> str:
    return " ".join(chance.choice(_ENGLISH) for _ in range(chance.randint(40, 70))).capitalize() + "."


def feed(first: int, count: int) -> bytes:
    """A feed of some pages, teasers only."""
    items = "".join(f"<item><title>Story {i}</title><link>/p/{i}</link></item>" for i in range(first, first + count))
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


class Server:
    """Answers `/feed` of a host with its share of the pages, and `/p/N` with one of a hundred pages made beforehand."""

    def __init__(self, share: int) -> None:
        self._share = share
        self._pages = [page(number) for number in range(100)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept open."""
        host = int(writer.get_extra_info("sockname")[0].rpartition(".")[2]) - 1
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            path = line.split()[1].decode()
            status, body = "200 OK", b""
            if path == "/feed":
                body = feed(host * self._share, self._share)
            elif path.startswith("/p/"):
                body = self._pages[int(path[3:]) % len(self._pages)]
            else:
                status = "404 Not Found"
            kind = "text/xml" if path == "/feed" else "text/html; charset=utf-8"
            head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()


async def main(pages: int, hosts: int, port: int) -> None:
    """Serve until killed, on 127.0.1.1, 127.0.1.2 …"""
    server = Server(pages // hosts)
    for host in range(1, hosts + 1):
        await asyncio.start_server(server.serve, f"127.0.1.{host}", port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
