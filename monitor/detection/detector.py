"""The way from an article to mentions, matches of topics, and claims."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from monitor.detection import lexicon
from monitor.detection.claims import claims, tells_of_several
from monitor.detection.companies import Watchlist
from monitor.detection.known import KnownRaisers
from monitor.detection.lexicon import Language
from monitor.detection.reading import Reading, SentenceReader
from monitor.detection.topics import Topics
from monitor.detection.zones import Sentence, Zones
from monitor.models import Detection, Mention, Part
from monitor.settings import Company, Topic
from monitor.text import Folded, fold_with_positions

MOST_READ = 20_000
"""Characters of sentences about funding that are read of one article: bounds the time for hostile texts. A news article
has an eighth of it, and mentions and topics are found in all of the text."""


class Detector:
    """Finds in articles what a configuration watches for. Built once, used for any number of articles.

    `words` extend the lexicons, by language and category. With `everyone`, claims are found for every company that a
    text names as raising money, watched or not.

    Raises:
        ValueError: when a topic's pattern is refused, naming topic and pattern (see `topics.check_pattern`), or when
            the lexicon has no such category.
    """

    def __init__(
        self,
        companies: Sequence[Company],
        topics: Sequence[Topic],
        words: Mapping[Language, Mapping[str, Sequence[str]]] | None = None,
        *,
        everyone: bool = False,
    ) -> None:
        lexicons = lexicon.extended(words or {})
        self._in_article, self._in_title = lexicon.hint(lexicons, "article"), lexicon.hint(lexicons, "title")
        self._watchlist = Watchlist(companies)
        self._topics = Topics(topics)
        self._zones = Zones(lexicons.values())
        self._everyone = everyone
        self._sentences = SentenceReader(lexicons, everyone=everyone)

    def detect(self, title: str, text: str, *, published: datetime | None = None) -> Detection:
        """All that is found in one article, whose paragraphs are lines of `text`.

        `published` (aware) tells rounds of the past by their dates.
        """
        folded: dict[Part, Folded] = {"title": fold_with_positions(title), "text": fold_with_positions(text)}
        mentions = [mention for part, piece in folded.items() for mention in self._watchlist.find(piece, part)]
        if not mentions and not (self._everyone and self._may_tell(title, text)):
            return Detection()
        readings = self._read(title, text, mentions, published)
        found, rejections = claims(
            readings,
            headline=title,
            text=text,
            roundup=self._zones.is_roundup(title, text) or tells_of_several(readings, text),
            retrospect=self._zones.is_retrospect(title, text),
            title_denies=self._sentences.denies(title),
        )
        matches = self._topics.match(title, text, mentions, folded)
        return Detection(tuple(mentions), tuple(matches), found, rejections)

    def _may_tell(self, title: str, text: str) -> bool:
        title = title.lower()
        return bool(
            self._in_article.search(title) or self._in_title.search(title) or self._in_article.search(text.lower())
        )

    def _read(self, title: str, text: str, mentions: Sequence[Mention], published: datetime | None) -> list[Reading]:
        within: dict[Part, list[Mention]] = {"title": [], "text": []}
        for mention in mentions:
            within[mention.span.part].append(mention)
        readings = []
        budget = MOST_READ
        raisers = KnownRaisers()
        for sentence in self._zones.sentences(title, text):
            named = _inside(sentence, within[sentence.span.part])
            reading = self._sentences.read(sentence, named, raisers.find(sentence.text), published)
            if reading is not None:
                raisers.learn(reading)
                readings.append(reading)
                budget -= len(sentence.text)
                if budget < 0:
                    break
        return readings


_START = attrgetter("span.start")


def _inside(sentence: Sentence, mentions: Sequence[Mention]) -> Sequence[Mention]:
    """The mentions, sorted by place, that lie within a sentence."""
    first = bisect_right(mentions, sentence.span.start - 1, key=_START)
    last = bisect_right(mentions, sentence.span.end - 1, key=_START)
    return [mention for mention in mentions[first:last] if mention.span.end <= sentence.span.end]
