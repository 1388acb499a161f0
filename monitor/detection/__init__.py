"""Article and watch list in; mentions, matches of topics and claims out."""

from monitor.detection.detector import Detector

__all__ = ["Detector"]
