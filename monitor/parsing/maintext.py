"""The text of an article among all that a page holds: where the prose is, less what stands around it.

Prose is text in blocks that are long enough and hold few links. From the root the walk goes down as long as one child
holds nearly all prose of its parent; what is left is the article's element. Boxes in it are told by their tags, roles
and the words in their class and id (share bars, related links, boxes about the author …), unless they hold much of the
prose themselves: a body of class "with-sidebar" is no side bar.
"""

import re
from dataclasses import dataclass, field
from itertools import accumulate

from lxml import etree
from lxml.html import HtmlElement

from monitor.parsing.markup import DROPPED, INLINE
from monitor.text import clean

_BLANKS = re.compile(r"\s+")
_BOX_TAGS = frozenset({"nav", "footer", "aside", "form", "button", "select", "textarea", "dialog", "menu"})
_BOX_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu", "alert"})
_BOX = re.compile(
    r"(?:^|[\s_-])(?:"
    r"nav(?:bar|igation)?|menu|bread-?crumbs?|crumbs?|foot(?:er)?|side-?bar|aside|masthead|"
    r"shar(?:e|es|ing)(?:-?bar)?|social|sns|addthis|bdshare|"
    r"relat(?:ed|e)|recommend(?:ed|ation|ations)?|more-?(?:posts|articles|news|stories)|also-?(?:read|like)|"
    r"popular|trending|hot-?(?:news|list)|you-?may|outbrain|taboola|next-?(?:post|prev)|prev-?next|pager|pagination|"
    r"(?:author|writer)-?(?:box|bio|info|card|about)|about-?(?:the-?)?author|bio|byline|"
    r"tag-?list|post-?tags|categories|"
    r"newsletter|subscri(?:be|ption)|sign-?up|login|paywall|promo(?:tion)?|advert(?:isement|ising)?|ads?|sponsor(?:ed)?|"
    r"copyright|disclaimer|shengming|skip-?(?:link|to)|screen-reader-text|sr-only|visually-hidden|"
    r"toolbar|rating|votes?|qrcode|erweima|tooltip|dropdown"
    r")(?:$|[\s_-])",
    re.IGNORECASE,
)
# What is no part of an article even where it is most of the page's text: layers over the page, and its readers' words.
_NEVER = re.compile(
    r"cookie|consent|gdpr|popup|modal|lightbox|disqus|pinglun|(?:^|[\s_-])(?:comments?|commentlist|respond|replies)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"content|article|main|body|entry", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NO_TEXT = DROPPED | {"pre", "audio", "video", "canvas"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_GROUPS = frozenset({"ul", "ol", "dl", "table", "div", "section", "p", "center"})

PROSE = 50
"""Weight from which a block counts as prose; a Chinese character weighs 2, another 1: a sentence, not a label."""

KEPT_SHARE = 0.85
"""A child with so much of its parent's prose is where the article goes on."""

MUCH = 0.4
"""A box with so much of the page's prose is none, whatever it is called."""

LITTLE, ALL_BUT = 0.15, 0.9
"""The same for one that is called content as well, and for what is no part of an article for certain."""

MISLED = 0.2
"""If boxes leave less of the page's prose than this, their names mislead, and only tags and roles count."""


@dataclass(slots=True, eq=False)
class Block:
    """Text without a break in it, in an element of the name `tag`; `weight` of it all, and of what stands in links."""

    text: str
    weight: int
    linked: int
    tag: str

    @property
    def prose(self) -> int:
        """Its weight if it is prose, else 0."""
        own = self.weight - self.linked
        long = own >= PROSE or (2 * own >= PROSE and self.text[-1] in "。！？.!?")
        return own if long and self.linked < own and self.tag not in _HEADINGS else 0

    @property
    def sentence(self) -> bool:
        """True for prose, and for what is short but ends as a sentence does."""
        return self.weight >= PROSE or (self.text[-1] in "。！？.!?" and 2 * self.weight >= PROSE > 2 * self.linked)


@dataclass(slots=True, eq=False)
class Node:
    """An element with the range of its blocks."""

    element: HtmlElement
    start: int
    end: int = 0
    children: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Layout:
    """A page as its blocks in order, and the elements over them."""

    root: Node
    blocks: list[Block]
    nodes: dict[HtmlElement, Node]

    def place(self, element: HtmlElement) -> int:
        """The index of the block in which an element begins."""
        for one in (element, *element.iterancestors()):
            if (node := self.nodes.get(one)) is not None:
                return node.start
        return 0

    def prose(self, boxed: list[bool]) -> list[int]:
        """Running sums of the prose outside boxes: that of blocks i to j is [j] - [i]."""
        return [0, *accumulate(0 if box else b.prose for b, box in zip(self.blocks, boxed, strict=True))]

    def boxed(self, *, named: bool = True) -> list[bool]:
        """For each block whether it stands in a box beside the article; `named` looks at class and id too."""
        prose = [0, *accumulate(block.prose for block in self.blocks)]
        found = [False] * len(self.blocks)
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            held = prose[node.end] - prose[node.start]
            if node.end > node.start and held < _box_share(node.element, named=named) * prose[-1]:
                found[node.start : node.end] = [True] * (node.end - node.start)
            else:
                waiting.extend(node.children)
        return found


@dataclass(frozen=True, slots=True)
class MainText:
    """The article's text, a line for each paragraph, and the range of blocks it was taken from; "" without prose."""

    text: str = ""
    start: int = 0
    end: int = 0


def main_text(layout: Layout) -> MainText:
    """The text of the article on a page."""
    boxed = layout.boxed()
    prose = layout.prose(boxed)
    if prose[-1] < MISLED * sum(block.prose for block in layout.blocks):
        boxed = layout.boxed(named=False)
        prose = layout.prose(boxed)
    if not prose[-1]:
        return MainText()
    node = _article(layout.root, prose)
    kept = _kept(layout, node, boxed)
    if not kept:
        return MainText()
    return MainText(clean("\n".join(layout.blocks[i].text for i in kept)), kept[0], kept[-1] + 1)


def _article(node: Node, prose: list[int]) -> Node:
    while True:
        whole = KEPT_SHARE * (prose[node.end] - prose[node.start])
        heir = next((child for child in node.children if prose[child.end] - prose[child.start] >= whole), None)
        if heir is None:
            return node
        node = heir


def _kept(layout: Layout, node: Node, boxed: list[bool]) -> list[int]:
    """The blocks of the article's element that are its text."""
    inside = _without_link_lists(layout, node, [i for i in range(node.start, node.end) if not boxed[i]])
    prose = [i for i in inside if layout.blocks[i].prose]
    told: set[str] = set()
    kept = []
    for i in inside:
        block = layout.blocks[i]
        if not prose or block.tag == "h1" or i > prose[-1] or (i < prose[0] and not block.sentence):
            continue  # what stands before and after the prose in short lines: date, author, labels, buttons
        if block.prose and block.text in told:
            continue  # pages hold their text once more for another width of screen
        told.add(block.text)
        if block.linked * 2 <= block.weight or block.tag in _HEADINGS or block.weight >= 2 * PROSE:
            kept.append(i)
    return kept


def _without_link_lists(layout: Layout, node: Node, kept: list[int]) -> list[int]:
    """Without groups of blocks that are mostly links: lists of other articles, of tags, of sections."""
    dropped: set[int] = set()
    waiting = list(node.children)
    while waiting:
        child = waiting.pop()
        blocks = layout.blocks[child.start : child.end]
        weight, linked = sum(b.weight for b in blocks), sum(b.linked for b in blocks)
        if len(blocks) > 1 and child.element.tag in _GROUPS and linked * 2 > weight:
            dropped.update(range(child.start, child.end))
        else:
            waiting.extend(child.children)
    return [i for i in kept if i not in dropped]


def laid_out(tree: HtmlElement) -> Layout:
    """The blocks and elements of a page, scripts and the like left out."""
    builder = _Builder(tree)
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            builder.end(element)
        elif element.tag in _NO_TEXT or (element.tag not in INLINE and _is_hidden(element)):
            walk.skip_subtree()
        else:
            builder.start(element)
    return builder.done()


class _Builder:
    """Collects text until a block ends."""

    def __init__(self, tree: HtmlElement) -> None:
        self._root = Node(tree, 0)
        self._nodes = {tree: self._root}
        self._stack = [self._root]
        self._blocks: list[Block] = []
        self._pieces: list[str] = []
        self._links = 0
        self._linked = 0

    def start(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "a":
            self._links += 1
        if tag not in INLINE:
            self._break()
            if tag != "br":
                node = Node(element, len(self._blocks))
                self._nodes[element] = node
                self._stack[-1].children.append(node)
                self._stack.append(node)
        self._take(element.text, tag)

    def end(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "a":
            self._links = max(0, self._links - 1)
        if self._stack[-1].element is element and len(self._stack) > 1:
            self._break()
            self._stack.pop().end = len(self._blocks)
        self._take(element.tail, tag)

    def _take(self, text: str | None, tag: str) -> None:
        if tag == "time":
            self._pieces.append(" ")  # two dates side by side are two dates
        if text:
            self._pieces.append(text)
            if self._links:
                self._linked += weigh(text.strip())

    def _break(self) -> None:
        text = _BLANKS.sub(" ", "".join(self._pieces)).strip()
        self._pieces.clear()
        if text:
            self._blocks.append(Block(text, weigh(text), self._linked, str(self._stack[-1].element.tag)))
        self._linked = 0

    def done(self) -> Layout:
        self._break()
        self._root.end = len(self._blocks)
        return Layout(self._root, self._blocks, self._nodes)


def weigh(text: str) -> int:
    """How much `text` says: a Chinese character counts for two others (three bytes of UTF-8 to their one)."""
    return len(text) if text.isascii() else (len(text) + len(text.encode("utf-8", "replace"))) // 2


def _is_hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    return bool(style and _HIDDEN.search(style))


def _box_share(element: HtmlElement, *, named: bool) -> float:
    """The share of a page's prose below which the element is a box; 0 if nothing says that it is one."""
    if element.tag in _BOX_TAGS or element.get("role") in _BOX_ROLES:
        return MUCH
    names = f"{element.get('class') or ''} {element.get('id') or ''}" if named else ""
    if len(names) < 3:
        return 0.0
    if _NEVER.search(names):
        return ALL_BUT
    if not _BOX.search(names):
        return 0.0
    return LITTLE if _CONTENT.search(names) else MUCH
