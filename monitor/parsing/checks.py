"""What a trial visit to a source found."""

from dataclasses import dataclass

from monitor.models import Article, Entry


@dataclass(frozen=True, slots=True)
class Checked:
    """A trial visit: the entries of the source, and the article made of the newest one, or what was wrong."""

    source: str
    url: str
    error: str | None = None
    title: str = ""
    entries: tuple[Entry, ...] = ()
    skipped: tuple[str, ...] = ()
    sample: Article | None = None
    full_text: bool = False

    @property
    def complaints(self) -> tuple[str, ...]:
        """What is wrong with the source, in words; empty if nothing is."""
        if self.error:
            return (self.error,)
        found = [] if self.entries else ["no entries"]
        undated = sum(entry.published is None for entry in self.entries)
        if undated:
            found.append(f"{undated} of {len(self.entries)} entries without a date")
        if self.sample is not None and len(self.sample.text) < 200:
            found.append(f"only {len(self.sample.text)} characters of text in the newest article")
        return tuple(found)
