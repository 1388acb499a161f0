"""Charts as data: drawn by Chart.js in the browser, and a table for those who would rather read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Chart:
    """Series of numbers, by name, over common labels; `stacked` adds them up."""

    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    kind: Literal["bar", "line"] = "bar"
    stacked: bool = False

    @property
    def data(self) -> str:
        """As JSON, for the element that it is drawn in."""
        return json.dumps(asdict(self), ensure_ascii=False)
