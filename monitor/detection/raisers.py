"""Who the raisers of an article are: pronouns resolved, and one name for each company."""

from collections.abc import Sequence
from dataclasses import replace

from monitor.detection.grouping import same_company
from monitor.detection.reading import Reading, Statement
from monitor.detection.sketch import PRONOUN


def named(readings: Sequence[Reading], *, roundup: bool) -> list[Reading]:
    """The readings with each raiser under one name, that of a watched company or else the one told first.

    What a sentence says of `the company` goes to the raiser named before it, in a round-up only within its paragraph;
    what a title says so to the first raiser of the text. Where nobody is named as raising, it is the company that the
    article introduces; without one the statement is dropped.
    """
    names: list[str] = [s.company for r in readings for s in r.statements if s.watched and s.company != PRONOUN]
    first = next((s for r in readings for s in r.statements if s.company != PRONOUN and not s.background), None)
    topic = next((r.introduced for r in readings if r.introduced), "") if not roundup else ""
    last: Statement | None = None
    resolved = []
    for reading in readings:
        statements = []
        for told in reading.statements:
            statement: Statement | None = told
            if told.company == PRONOUN:
                known = last or first if not roundup else last
                if roundup and known and known.sentence.paragraph != told.sentence.paragraph:
                    known = None
                if known is None and not topic:
                    continue
                company, watched = (known.company, known.watched) if known else (topic, False)
                statement = replace(told, company=_one(names, company), watched=watched)
            else:
                statement = told if told.watched else replace(told, company=_one(names, told.company))
                last = statement
            statements.append(statement)
        rejections = tuple(r for r in reading.rejections if r.company != PRONOUN)
        resolved.append(replace(reading, statements=tuple(statements), rejections=rejections))
    return resolved


def _one(names: list[str], told: str) -> str:
    """The name under which a raiser is known; a new one is added to `names`."""
    for name in names:
        if same_company(name, told):
            return name
    names.append(told)
    return told
