"""Texts and watch lists to measure with, and how rates are taken."""

import random
import time
from collections.abc import Callable

from monitor.settings import Company

WORDS = [
    "公司",
    "今天",
    "发布",
    "新品",
    "模型",
    "市场",
    "用户",
    "增长",
    "机器人",
    "芯片",
    "数据",
    "平台",
    "研发",
    "团队",
    "杭州",
    "上海",
    "行业",
    "客户",
    "产线",
    "工厂",
    "服务",
    "海外",
]

Row = tuple[str, str, str]
"""What was measured, its rate, and the ratio to the first line of its group."""


def companies(number: int) -> list[Company]:
    """A watch list in which each company has four names."""
    return [
        Company(name=f"企业{i}", aliases=(f"企业{i}科技", f"Company {i}", f"上海企业{i}科技有限公司"))
        for i in range(number)
    ]


def article(chance: random.Random, length: int) -> str:
    """An ordinary article of so many characters."""
    sentences: list[str] = []
    while sum(len(sentence) for sentence in sentences) < length:
        sentences.append("".join(chance.choices(WORDS, k=12)) + "。" + ("\n" if chance.random() < 0.2 else ""))
    return "".join(sentences)[:length]


def rate(work: Callable[[], object], items: int, seconds: float = 1.0) -> float:
    """Items a second, over at least `seconds`."""
    work()
    done, begun = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < seconds:
        work()
        done += items
    return done / elapsed
