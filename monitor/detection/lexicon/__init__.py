"""The language of funding news, one YAML file a language: words, and patterns put together from them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import yaml

from monitor.text import fold

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

SIGNS = dict(zip("CIOMRDX", "\ue001\ue002\ue003\ue004\ue005\ue006\ue007", strict=True))
"""Private characters that stand for things in a sentence: a watched company, an investor, a company in passing, an
amount, a round, a date, a word that makes it no deal. Patterns name them <C>, <I>, <O>, <M>, <R>, <D>, <X>."""

COMPANY = SIGNS["C"]

BLOT = "\ue00f"
"""Stands for what means nothing here."""

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""Each process reads the lexicon: in Python alone this takes a tenth of a second."""

_PLACEHOLDER = re.compile(r"(?<!\?P)<([A-Z]|[a-z_]+)>")
_LOOK_BEHIND = re.compile(r"\(\?<!\[[^\]]+\]\)")


@dataclass(frozen=True, slots=True)
class Construction:
    """A way of saying that a company raises money; `status` is what it tells by itself."""

    rule: str
    status: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words by category, `not_deals` by the rule that a rejection names, and patterns by name.

    `added` holds the words that a configuration brings.
    """

    words: Mapping[str, tuple[str, ...]]
    not_deals: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Any] = field(default_factory=dict)
    added: tuple[str, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """What can be extended: categories of words, and the rules of what is no deal."""
        return (*self.words, *self.not_deals)

    def extended(self, more: Mapping[str, Sequence[str]]) -> "Lexicon":
        """The lexicon with words added to its categories.

        Raises:
            ValueError: when there is no such category.
        """
        unknown = next((name for name in more if name not in self.categories), None)
        if unknown is not None:
            raise ValueError(f"lexicon: there is no category {unknown!r}")
        folded = {name: tuple(fold(word) for word in words) for name, words in more.items()}
        return replace(
            self,
            words={name: (*words, *folded.get(name, ())) for name, words in self.words.items()},
            not_deals={rule: (*words, *folded.get(rule, ())) for rule, words in self.not_deals.items()},
            added=(*self.added, *(word for source in (more, folded) for words in source.values() for word in words)),
        )

    def plain(self, category: str) -> tuple[str, ...]:
        """The words of a category without those that begin with a look-behind."""
        return tuple(word for word in self.words[category] if not _LOOK_BEHIND.match(word))

    def compiled(self, source: str) -> re.Pattern[str]:
        """A pattern with its placeholders filled in.

        Raises:
            ValueError: when the pattern names an unknown category or part, or is malformed.
        """
        try:
            filled = self._filled(source)
            for word, before in self.sources.get("not_after", {}).items():
                filled = filled.replace(word, f"(?<![{before}]){word}")
            return re.compile(filled)
        except (KeyError, re.error) as error:
            raise ValueError(f"lexicon: pattern {source!r} cannot be used: {error}") from error

    def pattern(self, name: str) -> re.Pattern[str]:
        """The pattern of that name, or one for any word of that category."""
        return self.compiled(self.sources.get(name, f"<{name}>"))

    def patterns(self, name: str) -> tuple[re.Pattern[str], ...]:
        """The patterns of that name, in order."""
        return tuple(self.compiled(source) for source in self.sources[name])

    def constructions(self, name: str) -> tuple[Construction, ...]:
        """The constructions of that name, in order."""
        return tuple(Construction(rule, status, self.compiled(source)) for rule, status, source in self.sources[name])

    def predicates(self) -> tuple[re.Pattern[str], ...]:
        """The patterns before which a raiser's name may stand: those that do not hold it themselves (`who`)."""
        strong = (c.pattern for c in self.constructions("constructions") if "who" not in c.pattern.groupindex)
        weak = (c.pattern for c in self.constructions("weak"))
        return (*strong, *self.patterns("name_before"), *weak)

    def named(self, name: str) -> Mapping[str, re.Pattern[str]]:
        """The patterns of that name by their own names, in order."""
        return {key: self.compiled(source) for key, source in cast("dict[str, str]", self.sources[name]).items()}

    def pairs(self, name: str) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
        """Named pairs of patterns, in order."""
        pairs = cast("dict[str, list[str]]", self.sources[name])
        return tuple((key, self.compiled(before), self.compiled(after)) for key, (before, after) in pairs.items())

    def any_of(self, category: str) -> str:
        """The words of a category as one group of a pattern, the longest first."""
        return alternatives(self.words[category])

    def _filled(self, source: str) -> str:
        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name in SIGNS:
                return SIGNS[name]
            return self._filled(self.parts[name]) if name in self.parts else self.any_of(name)

        return _PLACEHOLDER.sub(fill, source)


def extended(more: Mapping[Language, Mapping[str, Sequence[str]]]) -> Mapping[Language, Lexicon]:
    """The built-in lexicons with words added, by language and category.

    Raises:
        ValueError: when a language has no such category.
    """
    return {language: words.extended(more.get(language, {})) for language, words in built_in().items()}


def hint(lexicons: Mapping[Language, Lexicon], name: str) -> re.Pattern[str]:
    """Finds, in text in lower case, what is worth reading in any language."""
    added = [re.escape(word.lower()) for one in lexicons.values() for word in one.added]
    return re.compile("|".join([*(one.sources["hints"][name] for one in lexicons.values()), *added]))


@cache
def built_in() -> Mapping[Language, Lexicon]:
    """The built-in lexicons."""
    return {language: _read(language) for language in LANGUAGES}


def _read(language: Language) -> Lexicon:
    text = files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=_LOADER)  # noqa: S506 - the safe one
    parts = read.pop("parts")
    not_deals = {rule: tuple(words) for rule, words in read.pop("not_deals").items()}
    patterns = {
        "raiser_roles",
        "investor_roles",
        "other_roles",
        "constructions",
        "weak",
        "leads",
        "investors",
        "amounts",
    }
    patterns |= {"name_before", "name_after", "clause_names"}
    words = {name: tuple(v) for name, v in read.items() if isinstance(v, list) and name not in patterns}
    return Lexicon(words, not_deals, parts, {name: v for name, v in read.items() if name not in words})


def bare(word: str) -> str:
    """A word without the look-behind that it may begin with."""
    return _LOOK_BEHIND.sub("", word, count=1)


def alternatives(words: Iterable[str]) -> str:
    """Words as one group of a pattern: the longest first, Latin words only whole.

    Words with the same first character share a branch, so that at most places one look at a character is enough. A
    word may begin with a look-behind, which stays one.
    """
    branches: dict[tuple[str, str], list[str]] = {}
    for word in sorted(set(words), key=lambda w: (-len(w), w)):
        found = _LOOK_BEHIND.match(word)
        plain = bare(word)
        whole = "(?![a-z])" if "a" <= plain[-1] <= "z" else ""
        branches.setdefault((found[0] if found else "", plain[0]), []).append(re.escape(plain[1:]) + whole)
    latin: list[str] = []
    others: list[str] = []
    for (behind, first), rest in branches.items():
        (latin if "a" <= first <= "z" else others).append(f"{behind}{re.escape(first)}(?:{'|'.join(rest)})")
    return f"(?:{'|'.join([*others, *([f'(?<![a-z])(?:{chr(124).join(latin)})'] if latin else [])])})"
