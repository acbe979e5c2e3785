"""The lines of a PDF's pages as paragraphs, without what is printed around each page."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_ENDED = re.compile(r"[.!?…:;][\"”’')\]]*\Z")
_BULLETS = "•▪◦‣●■"
# What browsers print around a page, and page numbers.
_PRINTED = re.compile(
    r"(?:page )?\d+(?: ?(?:/|of) ?\d+)?|[-–—] ?\d+ ?[-–—]|(?:https?|file)://\S+(?: \d+/\d+)?"
    r"|\d\d?[/.]\d\d?[/.]\d\d(?:\d\d)?, \d\d?:\d\d\b.*",
    re.IGNORECASE,
)
# Words that a hyphen at the end of a line is taken to belong to.
_PREFIX = re.compile(
    r"\b(?:anti|co|ex|far|half|high|long|low|mid|multi|non|one|post|pre|pro|self|semi|short|so|two"
    r"|then|three|vice|well)-\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page. x, y: where it starts, in points from the page's left and lower edge."""

    text: str
    x: float
    y: float
    size: float


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the pages without page numbers, and without short lines that most of them have."""
    seen = Counter(form for page in pages for form in {_form(line.text) for line in page})
    often = max(1.0, len(pages) / 2)
    return [
        [
            line
            for line in page
            if not _PRINTED.fullmatch(line.text)
            and (seen[_form(line.text)] <= often or len(line.text) > 120)
        ]
        for page in pages
    ]


def _form(text: str) -> str:
    """Return a line as it's compared with those of other pages: all numbers are equal."""
    return re.sub(r"\d+", "#", text)


def paragraphs(pages: Sequence[Sequence[Line]]) -> list[str]:
    """Return the paragraphs; one that goes on over the end of a page stays one."""
    words = {word for page in pages for line in page for word in re.findall(r"[\w-]+", line.text)}
    blocks: list[str] = []
    last: Line | None = None
    for page in pages:
        usual, width = _usual(page)
        for line in page:
            if last is None or _begins(last, line, usual, width):
                blocks.append(line.text)
            else:
                blocks[-1] = _joined(blocks[-1], line.text, words)
            last = line
    return blocks


def _usual(page: Sequence[Line]) -> tuple[float, int]:
    """Return how far lines are apart, in sizes of their type, and how many chars a long one has."""
    lengths = sorted(len(line.text) for line in page)
    width = lengths[len(lengths) * 9 // 10] if page else 0
    ways = [(_down(above, below), below) for above, below in pairwise(page)]
    down = [way for way, _ in ways if way > 0]
    within = [way for way, below in ways if way > 0 and below.text[0].islower()]  # a sentence
    return statistics.median(within or down or [0.0]), width


def _down(above: Line, below: Line) -> float:
    return (above.y - below.y) / (below.size or 1.0)


def _begins(last: Line, line: Line, usual: float, width: int) -> bool:
    """Tell whether a line begins a paragraph, given the one before it."""
    if abs(last.size - line.size) > 0.5 or line.text[0] in _BULLETS:
        return True
    ended = bool(_ENDED.search(last.text))
    short = len(last.text) < 0.6 * width
    fresh = not line.text[0].islower()
    down = _down(last, line)
    if not 0 <= down <= 4 * usual:  # a new column or page
        return fresh and (ended or short)
    if down > 1.3 * usual:
        return True
    indented = 0.5 * line.size < line.x - last.x < 6 * line.size
    return fresh and (short or (ended and indented))


def _joined(block: str, line: str, words: set[str]) -> str:
    """Return a block with its next line, a word that was parted at the border made whole."""
    if block.endswith("\u00ad"):
        return block[:-1] + line
    parted = re.search(r"(\w+)-\Z", block)
    rest = re.match(r"\w+", line)
    if not parted or not rest:
        return f"{block} {line}"
    whole, hyphened = parted[1] + rest[0], f"{parted[1]}-{rest[0]}"
    keeps = not line[0].islower() or _PREFIX.search(block) or hyphened in words
    return block + line if keeps and whole not in words else block[:-1] + line
