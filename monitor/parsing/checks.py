"""What a trial visit to a source found."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.models import Article, Entry
from monitor.settings import Way

_SHORT = 200
"""Characters; a page with less text is a newsflash, or was not read."""

_PREFERENCE = ("feed", "api", "sitemap", "listing")


@dataclass(frozen=True, slots=True)
class Checked:
    """A trial visit by one way: the entries, and the article made of the newest one, or what was wrong."""

    source: str
    url: str
    way: Way
    error: str | None = None
    entries: tuple[Entry, ...] = ()
    skipped: tuple[str, ...] = ()
    sample: Article | None = None
    full_text: bool = False

    @property
    def complaints(self) -> tuple[str, ...]:
        """What is wrong, in words; empty if nothing is."""
        if self.error:
            return (self.error,)
        found = [] if self.entries else ["no entries"]
        undated = sum(entry.published is None for entry in self.entries)
        if undated and self.way.kind != "sitemap":
            found.append(f"{undated} of {len(self.entries)} entries without a date")
        if self.skipped:
            found.append(f"{len(self.skipped)} entries cannot be used: {self.skipped[0]}")
        return (*found, *self._of_the_sample())

    def _of_the_sample(self) -> tuple[str, ...]:
        if self.sample is None:
            return ()
        named = ("title", self.sample.title), ("date", self.sample.published)
        missing = [f"no {name} in the newest article" for name, value in named if not value]
        if len(self.sample.text) < _SHORT:
            missing.append(f"only {len(self.sample.text)} characters of text in the newest article")
        return tuple(missing)


def best_of(found: Sequence[Checked]) -> Checked | None:
    """The visit that shows the best way to read a site: the kind that breaks least, then the one with most entries.

    Feeds of comments come last.
    """
    usable = [checked for checked in found if checked.entries]
    return min(
        usable,
        key=lambda c: ("comments" in c.url, bool(c.error), _PREFERENCE.index(c.way.kind), -len(c.entries)),
        default=None,
    )
