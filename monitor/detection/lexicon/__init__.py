"""The language of funding news, one YAML file a language: words, and patterns put together from them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import yaml

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

SIGNS = dict(zip("CIOMRDX", "\ue001\ue002\ue003\ue004\ue005\ue006\ue007", strict=True))
"""Private characters that stand for things in a sentence: a watched company, an investor, a company in passing, an
amount, a round, a date, a word that makes it no deal. Patterns name them <C>, <I>, <O>, <M>, <R>, <D>, <X>."""

_PLACEHOLDER = re.compile(r"(?<!\?P)<([A-Z]|[a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Construction:
    """A way of saying that a company raises money; `status` is what it tells by itself."""

    rule: str
    status: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words by category, `not_deals` by the rule that a rejection names, and patterns by name."""

    words: Mapping[str, tuple[str, ...]]
    not_deals: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Any] = field(default_factory=dict)

    def compiled(self, source: str) -> re.Pattern[str]:
        """A pattern with its placeholders filled in.

        Raises:
            ValueError: when the pattern names an unknown category or part, or is malformed.
        """
        try:
            return re.compile(self._filled(source).replace("融资", "(?<!金)融资"))  # not in 金融资产
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


@cache
def built_in() -> Mapping[Language, Lexicon]:
    """The built-in lexicons."""
    return {language: _read(language) for language in LANGUAGES}


def _read(language: Language) -> Lexicon:
    read = yaml.safe_load(files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8"))
    parts = read.pop("parts")
    not_deals = {rule: tuple(words) for rule, words in read.pop("not_deals").items()}
    patterns = {"investor_roles", "other_roles", "constructions", "weak", "leads", "investors", "amounts"}
    patterns |= {"name_before", "name_after"}
    words = {name: tuple(v) for name, v in read.items() if isinstance(v, list) and name not in patterns}
    return Lexicon(words, not_deals, parts, {name: v for name, v in read.items() if name not in words})


def alternatives(words: Iterable[str]) -> str:
    """Words as one group of a pattern: the longest first, Latin words only whole.

    Words with the same first character share a branch, so that at most places one look at a character is enough.
    """
    branches: dict[str, list[str]] = {}
    for word in sorted(set(words), key=lambda w: (-len(w), w)):
        branches.setdefault(word[0], []).append(re.escape(word[1:]) + ("(?![a-z])" if "a" <= word[-1] <= "z" else ""))
    latin = [_branch(first, rest) for first, rest in branches.items() if "a" <= first <= "z"]
    others = [_branch(first, rest) for first, rest in branches.items() if not "a" <= first <= "z"]
    return f"(?:{'|'.join([*others, *([f'(?<![a-z])(?:{chr(124).join(latin)})'] if latin else [])])})"


def _branch(first: str, rest: Iterable[str]) -> str:
    guard = "(?<![模虚])" if first == "拟" else ""  # 模拟芯片, 虚拟
    return f"{guard}{re.escape(first)}(?:{'|'.join(rest)})"
