"""An article as data: zones, sentences, quotations, date, language.

Every offset counts Unicode code points into the text as it was given; nothing is cleaned in
place. `read_document` is the way in.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from agent.addressed import ADDRESSED, is_addressed_to_machine, mixes_alphabets
from agent.dates import parse_day
from agent.furniture import after_dateline, after_kicker
from agent.quotation import Extent, Quotation, find_quotations, trim
from agent.schema import ZoneName
from agent.sentences import cut_overlong, is_ended, split_sentences
from agent.zones import plain_zones, settle_zones, written_day

__all__ = [
    "Article",
    "Block",
    "Document",
    "Extent",
    "Quotation",
    "Sentence",
    "parse_day",
    "read_document",
]


@dataclass(frozen=True, slots=True)
class Article:
    """What comes in: a text and what is known about it."""

    text: str
    id: str = "article"
    title: str | None = None
    date: str | None = None
    origin: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading or a row of buttons, without the white space around it."""

    extent: Extent
    zone: ZoneName


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, without the white space around it. block: index into Document.blocks."""

    extent: Extent
    zone: ZoneName
    block: int


@dataclass(frozen=True, slots=True)
class Document:
    """An article with its parts. Blocks, sentences and quotations are in text order.

    A dateline ("MOSCOW:") is left out of its sentence. date: ISO 8601 day or None. language:
    ISO 639-1 or "und". flags: what a reader of the record should know about the text.
    """

    article: Article
    blocks: tuple[Block, ...]
    sentences: tuple[Sentence, ...]
    quotations: tuple[Quotation, ...]
    date: str | None
    language: str
    flags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text as it was given."""
        return self.article.text

    def readable(self) -> Iterator[Sentence]:
        """Yield the sentences in which claims are looked for: all but datelines and boilerplate."""
        return (s for s in self.sentences if s.zone not in ("dateline", "boilerplate"))

    def quotation_at(self, extent: Extent) -> Quotation | None:
        """Return the first quotation run that shares a character with the extent."""
        place = bisect_right(self.quotations, extent.start, key=lambda run: run.extent.end)
        if place < len(self.quotations) and self.quotations[place].extent.overlaps(extent):
            return self.quotations[place]
        return None

    def sentence_at(self, offset: int) -> Sentence | None:
        """Return the sentence that the character at `offset` belongs to; None between sentences."""
        place = bisect_right(self.sentences, offset, key=lambda sentence: sentence.extent.end)
        if place < len(self.sentences) and self.sentences[place].extent.start <= offset:
            return self.sentences[place]
        return None


def read_document(article: Article, language: str = "und") -> Document:
    r"""Return the article with its zones, sentences, quotation runs and date.

    language: ISO 639-1, as detected by the caller; it is kept, not looked at.

    >>> document = read_document(Article("Rain ends\n\nBONN: It is dry. “Good,” said Ann."))
    >>> [(s.zone, s.extent.of(document.text)) for s in document.sentences]
    [('headline', 'Rain ends'), ('body', 'It is dry.'), ('body', '“Good,” said Ann.')]
    """
    text = article.text
    paragraphs = _paragraphs(text)
    plain = plain_zones(text, paragraphs)
    # A quotation goes on past a notice, or a caption that quotes nothing.
    quotable = [
        paragraph
        for paragraph, zone in zip(paragraphs, plain, strict=True)
        if zone is None or (zone == "caption" and re.search('["“”‘«»]', paragraph.of(text)))
    ]
    quotations, balanced = find_quotations(text, quotable)
    zones = settle_zones(text, paragraphs, plain, quotations, article.title)
    blocks = tuple(map(Block, paragraphs, zones))
    day = parse_day(article.date or "") or written_day(text, paragraphs, zones)
    whole = _sentences(text, blocks, quotations)
    sentences = tuple(
        replace(sentence, extent=piece)
        for sentence in whole
        for piece in cut_overlong(text, sentence.extent)
    )
    flags = _flags(article, blocks, balanced=balanced, cut=len(sentences) > len(whole))
    return Document(article, blocks, sentences, quotations, day, language, flags)


_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "(?<=.)\ufeff|[\u00ad\u180e\u200b\u2060-\u2064\U000e0000-\U000e01ef]"
    "|(?<=[A-Za-z])[\u200c\u200d]",
    re.DOTALL,
)


def _flags(
    article: Article, blocks: Sequence[Block], *, balanced: bool, cut: bool
) -> tuple[str, ...]:
    """Return what a reader of the record should know about the text, sorted.

    balanced: all quotation marks have their partner. cut: some sentence was cut for its length.
    extra["hidden"]: such a flag about what the article's file holds and doesn't show.
    """
    text = article.text
    found = {
        "NUL characters": "\0" in text,
        "bidirectional control characters": bool(_CONTROLS.search(text)),
        "invisible characters": bool(_INVISIBLE.search(text)),
        "look-alike letters of another alphabet": mixes_alphabets(text),
        "no body text": all(block.zone != "body" for block in blocks),
        "overlong sentence cut": cut,
        ADDRESSED: article.extra.get("hidden") == ADDRESSED or is_addressed_to_machine(text),
        "unbalanced quotation marks": not balanced,
    }
    return tuple(flag for flag, present in found.items() if present)


def _sentences(
    text: str, blocks: Sequence[Block], quotations: Sequence[Quotation]
) -> tuple[Sentence, ...]:
    """Return the sentences of all blocks; headings, datelines and buttons are one each."""
    sentences: list[Sentence] = []
    bodies = 0
    run = 0
    for number, block in enumerate(blocks):
        extent = block.extent
        while run < len(quotations) and quotations[run].extent.end <= extent.start:
            run += 1
        if block.zone in ("body", "caption", "pull_quote"):
            if block.zone == "body":
                bodies += 1
                extent = Extent(after_dateline(text, extent, bodies == 1), extent.end)
            last = run
            while last < len(quotations) and quotations[last].extent.start < extent.end:
                last += 1
            parts = split_sentences(text, extent, quotations[run:last])
        elif block.zone == "headline":
            parts = [Extent(after_kicker(text, extent), extent.end)]
        else:
            parts = [extent]
        sentences.extend(Sentence(part, block.zone, number) for part in parts)
    return tuple(sentences)


# ---- paragraphs -----------------------------------------------------------------------------

_LINE = re.compile("[^\n\r\x0b\x0c\x85\u2028\u2029]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]|\\Z)")


def _paragraphs(text: str) -> list[Extent]:
    """Return the paragraphs: lines, where a text wrapped at a fixed width has them joined."""
    groups: list[list[Extent]] = [[]]
    for match in _LINE.finditer(text):
        line = trim(text, *match.span())
        if line.start < line.end:
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    width = _wrap_width(text, groups)
    paragraphs: list[Extent] = []
    for group in groups:
        for number, line in enumerate(group):
            if number and _is_wrapped(text, group[number - 1], line, width):
                paragraphs[-1] = Extent(paragraphs[-1].start, line.end)
            else:
                paragraphs.append(line)
    return paragraphs


def _wrap_width(text: str, groups: Sequence[Sequence[Extent]]) -> int:
    """Return the column at which the lines of the text are wrapped, 0 if they aren't.

    Wrapped text shows in lines that stop within a sentence, before a word in lower case.
    """
    breaks = 0
    lengths: list[int] = []
    for group in groups:
        for line, after in pairwise(group):
            breaks += 1
            length = line.end - line.start
            if length <= 120 and text[after.start].islower() and not is_ended(text, line):
                lengths.append(length)
    width = max(lengths, default=0)
    return width if width >= 40 and len(lengths) >= 0.3 * breaks else 0


def _is_wrapped(text: str, line: Extent, after: Extent, width: int) -> bool:
    """Tell whether the line goes on in the one after it: the next word didn't fit any more."""
    if not width:
        return False
    word = re.match(r"\S{1,40}", text[after.start : after.end][:40])
    room = width - (line.end - line.start) - 1
    if room + 1 < 0:
        return False
    return room < (len(word.group()) if word else 0)
