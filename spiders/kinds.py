"""The kinds of source, and who reads them."""

from collections.abc import Mapping

from monitor.settings.sources import Kind
from spiders.feed import read_feed
from spiders.reading import Reader

READERS: Mapping[Kind, Reader] = {"feed": read_feed}
