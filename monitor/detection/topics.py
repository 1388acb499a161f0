"""Configured topics: keywords and patterns near a mention of a watched company."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

# The standard library's `re` has no time-out and cannot be stopped; `regex` has one for each search and the same
# syntax. RE2 would need none, but is one more binary package and knows no lookaround.
import regex  # type: ignore[import-untyped]

from monitor import text as texts
from monitor.detection.automaton import Automaton
from monitor.models import Evidence, Mention, Part, Span, TopicMatch
from monitor.settings import Topic

PATTERN_SECONDS = 0.05
"""Longest time for one search of a user's pattern; one that takes longer is left out for the rest of the article."""

# Texts on which patterns that backtrack badly take their time: what they repeat, then something they do not end with.
_PROBES = tuple(unit * 200 + "!\n~" for unit in ("a", "0", "ab ", "融资", "x=", " "))


def check_pattern(pattern: str) -> None:
    """Refuses a pattern that is malformed, matches without any text, or takes too long on texts made to hang it.

    Passing is no promise: each later search has a time limit too.

    Raises:
        ValueError: naming the pattern and what is wrong.
    """
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"pattern {pattern!r} is no regular expression: {error}") from error
    own = pattern.strip("^$()[]*+?.\\|{}")[:20] or "a"
    try:
        if compiled.search("", timeout=PATTERN_SECONDS):
            raise ValueError(f"pattern {pattern!r} matches where there is no text: it would match everywhere")
        for probe in (*_PROBES, own * 100 + "!\n~"):
            compiled.search(probe, timeout=PATTERN_SECONDS)
    except TimeoutError as error:
        raise ValueError(
            f"pattern {pattern!r} takes too long on hostile text: write it without nested repeats"
        ) from error


@dataclass(frozen=True, slots=True)
class Scope:
    """A piece of an article, in which a topic's words must stand."""

    part: Part
    start: int
    end: int


Place = tuple[int, int, int]
"""Number of a word (-1: a pattern's match), start and end in the original."""


class Document:
    """An article with its sentences and the topics' words found, positions in the original."""

    def __init__(self, title: str, text: str, words: Mapping[Part, Sequence[Place]]) -> None:
        self._parts: dict[Part, str] = {"title": title, "text": text}
        self._words = {part: sorted(found, key=itemgetter(1)) for part, found in words.items()}
        self._sentences = {part: list(texts.sentences(piece)) for part, piece in self._parts.items()}

    def piece(self, scope: Scope) -> str:
        """The text of a scope."""
        return self._parts[scope.part][scope.start : scope.end]

    def words(self, scope: Scope) -> list[Place]:
        """The words that lie within a scope."""
        found = self._words[scope.part]
        first = bisect_left(found, scope.start, key=itemgetter(1))
        last = bisect_left(found, scope.end, key=itemgetter(1))
        return [place for place in found[first:last] if place[2] <= scope.end]

    def sentence(self, span: Span) -> Scope:
        """The sentence in which `span` begins."""
        sentences = self._sentences[span.part]
        number = bisect_right(sentences, span.start, key=itemgetter(0)) - 1
        if number >= 0 and span.start < sentences[number][1]:
            return Scope(span.part, *sentences[number])
        return Scope(span.part, span.start, span.end)

    def scopes(self, within: str, span: Span) -> tuple[Scope, ...]:
        """Where the words must stand for a mention at `span`; none if the mention itself stands elsewhere."""
        title = Scope("title", 0, len(self._parts["title"]))
        if within == "article":
            return title, Scope("text", 0, len(self._parts["text"]))
        if within == "title":
            return (title,) if span.part == "title" else ()
        if within == "sentence":
            return (self.sentence(span),)
        if span.part == "title":
            return (title,)
        text = self._parts["text"]
        end = text.find("\n", span.end)
        return (Scope("text", text.rfind("\n", 0, span.start) + 1, len(text) if end < 0 else end),)


class _Matcher:
    """One configured topic."""

    def __init__(self, topic: Topic, numbers: Mapping[str, int]) -> None:
        self.topic = topic
        self._any = {numbers[word] for word in topic.any}
        self._all = {numbers[word] for word in topic.all}
        self._not = {numbers[word] for word in topic.not_}
        self._patterns = []
        for pattern in topic.patterns:
            try:
                check_pattern(pattern)
            except ValueError as error:
                raise ValueError(f"topic {topic.name!r}: {error}") from error
            self._patterns.append(regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE))

    def places(self, document: Document, scopes: Sequence[Scope], spent: set[str]) -> dict[Scope, list[Place]] | None:
        """Where the topic's words stand, by scope; None if it does not match.

        Patterns in `spent` are left out; those that take too long are added to it.
        """
        inside = {scope: document.words(scope) for scope in scopes}
        present = {number for found in inside.values() for number, *_ in found}
        if not scopes or present & self._not or not self._all <= present:
            return None
        if not present & self._any and (self._any or self._patterns or not self._all):
            found = self._search(document, scopes, spent)
            if not found:
                return None
            inside[found[0]].append(found[1])
        wanted = self._any | self._all | {-1}
        return {scope: [place for place in found if place[0] in wanted] for scope, found in inside.items()}

    def _search(self, document: Document, scopes: Sequence[Scope], spent: set[str]) -> tuple[Scope, Place] | None:
        for pattern in self._patterns:
            for scope in scopes:
                if pattern.pattern in spent:
                    break
                try:
                    found = pattern.search(document.piece(scope), timeout=PATTERN_SECONDS)
                except TimeoutError:
                    spent.add(pattern.pattern)
                    break
                if found and found.end() > found.start():
                    return scope, (-1, scope.start + found.start(), scope.start + found.end())
        return None


class Topics:
    """All configured topics, ready for any number of articles.

    Raises:
        ValueError: when a pattern is refused by `check_pattern`, naming topic and pattern.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        words = list(dict.fromkeys(word for t in topics for word in (*t.any, *t.all, *t.not_)))
        self._matchers = [_Matcher(topic, {word: n for n, word in enumerate(words)}) for topic in topics]
        self._automaton = Automaton(words)

    def match(
        self, title: str, text: str, mentions: Sequence[Mention], folded: Mapping[Part, texts.Folded]
    ) -> list[TopicMatch]:
        """At most one match for each topic and company: at its first mention that fits."""
        if not self._matchers or not mentions:
            return []
        # Words of different roles may overlap (raise, raise money), so each is looked at on its own.
        words: dict[Part, list[Place]] = {
            part: [(hit.word, *piece.original(hit.start, hit.end)) for hit in self._automaton.hits(piece.text)]
            for part, piece in folded.items()
        }
        document = Document(title, text, words)
        return [match for matcher in self._matchers for match in _matches(matcher, document, mentions)]


def _matches(matcher: _Matcher, document: Document, mentions: Sequence[Mention]) -> Iterator[TopicMatch]:
    spent: set[str] = set()
    matched: set[str] = set()
    tried: dict[tuple[Scope, ...], dict[Scope, list[Place]] | None] = {}
    for mention in mentions:
        if mention.company in matched:
            continue
        scopes = document.scopes(matcher.topic.within, mention.span)
        if scopes not in tried:
            tried[scopes] = matcher.places(document, scopes, spent)
        places = tried[scopes]
        if places is not None:
            matched.add(mention.company)
            yield TopicMatch(matcher.topic.name, mention.company, _evidence(document, mention, places))


def _evidence(document: Document, mention: Mention, places: Mapping[Scope, Sequence[Place]]) -> Evidence:
    """The company's sentence, or that of the first word where the words stand in another."""
    spans = [(scope.part, start, end) for scope, found in places.items() for _, start, end in found]
    spans.append((mention.span.part, mention.span.start, mention.span.end))
    sentence = document.sentence(mention.span)
    if not any(_within(sentence, span) for span in spans[:-1]):
        sentence = document.sentence(Span(*spans[0]))
    inside = {(start, end) for part, start, end in spans if _within(sentence, (part, start, end))}
    marks = tuple(sorted((start - sentence.start, end - sentence.start) for start, end in inside))
    return Evidence(document.piece(sentence), Span(sentence.part, sentence.start, sentence.end), marks)


def _within(sentence: Scope, span: tuple[Part, int, int]) -> bool:
    part, start, end = span
    return part == sentence.part and sentence.start <= start and end <= sentence.end
