"""Imported once where processes of `tests.fakes.chaos` are forked: what all of them need is ready."""

from monitor.detection.detector import Detector
from monitor.settings import Company
from tests.fakes import chaos

__all__ = ["chaos"]

Detector((Company(name="星河智能"),), ()).detect("星河智能完成2亿元B轮融资", "星河智能完成2亿元B轮融资。")
