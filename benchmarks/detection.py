"""Speed of detection: against length of text, size of the watch list, kind of article, and hostile text."""

import random
import resource
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context

from benchmarks.texts import Row, article, companies, rate
from monitor.detection.detector import Detector

_DEAL = "{}宣布完成B轮融资，金额2亿元，由蓝湖资本领投，老股东跟投。"
_HOSTILE = ("星河智能完成融资", "led by ", "投资方包括、", "(", "1", "亿", "完成A轮融资", "$1M in A ", "的A轮", "在里")


def rows(chance: random.Random) -> list[Row]:
    """All of detection's rows."""
    ordinary = [article(chance, 2500) for _ in range(100)]
    double = [f"{piece}\n{piece}" for piece in ordinary]
    deals = [f"{_DEAL.format('企业7')}\n{piece}" for piece in ordinary]
    dense = ["\n".join(_DEAL.format(f"企业{n}") for n in range(60)) + piece[:600] for piece in ordinary[:20]]
    few, many = Detector(companies(100), ()), Detector(companies(10_000), ())
    everyone = Detector(companies(10_000), (), everyone=True)

    def pace(detector: Detector, texts: list[str]) -> float:
        return rate(lambda: [detector.detect("标题", piece) for piece in texts], len(texts))

    base = pace(few, ordinary)
    measured = [
        ("articles of 2,500 characters, 100 companies", base),
        ("the same, 10,000 companies", pace(many, ordinary)),
        ("articles of 5,000 characters", pace(many, double)),
        ("a deal in each", pace(many, deals)),
        ("a deal in each, companies on no list too", pace(everyone, deals)),
        ("60 deals in each", pace(many, dense)),
    ]
    return [
        *((what, f"{got:,.0f}/s", f"{got / base:.2f}") for what, got in measured),
        ("hostile texts of 1 MB, the slowest", f"{_slowest(everyone):.2f} s", ""),
        *_loading(),
    ]


def _slowest(detector: Detector) -> float:
    texts = [piece * (1_000_000 // len(piece)) for piece in _HOSTILE]
    return max(_seconds(partial(detector.detect, "", text)) for text in texts)


def _loading() -> list[Row]:
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:  # a process of its own, whose memory can be told
        seconds, megabytes = pool.apply(_load, (10_000,))
    return [
        ("a watch list of 10,000 companies, 40,000 names, loaded", f"{seconds:.2f} s", f"{megabytes:,.0f} MB in all")
    ]


def _load(number: int) -> tuple[float, float]:
    watched = companies(number)
    seconds = _seconds(partial(Detector, watched, ()))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
