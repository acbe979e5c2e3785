"""An article cut where claims begin and end, zone by zone, so that a page can mark them.

Claims are known by their number: their place in the record, from 1. Nothing is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from agent.document import Article, Block, Extent, read_document
from agent.schema import Claim, DocumentRecord, Span, ZoneName

Part = Literal["content", "source", "cue", "hedge"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text under the same claims.

    content, source, cue and hedge: the claims to which these words are that. opens: the claims
    that begin here; resumes: those that go on here after a gap.
    """

    text: str
    content: tuple[int, ...]
    source: tuple[int, ...]
    cue: tuple[int, ...]
    hedge: tuple[int, ...]
    opens: tuple[int, ...]
    resumes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CutBlock:
    """A block of an article in segments."""

    zone: ZoneName
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The words of the block."""
        return "".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A span of a claim's part. first: it's where the part begins."""

    start: int
    end: int
    part: Part
    claim: int
    first: bool


def cut_article(document: DocumentRecord, claims: Sequence[Claim]) -> list[CutBlock]:
    """Return an article's blocks in segments, in text order; [] where the record has no text.

    The white space between blocks is left out, nothing else.
    """
    if not document.text:
        return []
    text = document.text
    found = read_document(Article(text, title=document.title)).blocks
    borders = [*_tile(text, found)]
    segments = cut_text(text, claims, [extent.start for extent, _ in borders])
    blocks, at = [], 0
    for extent, zone in borders:
        inside = []
        while at < len(segments) and segments[at][0] < extent.end:
            inside.append(segments[at][1])
            at += 1
        if not extent.of(text).isspace():
            blocks.append(CutBlock(zone, tuple(inside)))
    return blocks


def _tile(text: str, blocks: Sequence[Block]) -> Iterator[tuple[Extent, ZoneName]]:
    """Yield the blocks and what lies between them, so that nothing of the text is missing."""
    at = 0
    for block in blocks:
        if at < block.extent.start:
            yield Extent(at, block.extent.start), "body"
        yield block.extent, block.zone
        at = block.extent.end
    if at < len(text):
        yield Extent(at, len(text)), "body"


def cut_text(
    text: str, claims: Sequence[Claim], borders: Iterable[int] = ()
) -> list[tuple[int, Segment]]:
    """Return the segments with their offsets; they're also cut at the borders.

    >>> from agent.schema import Attribution, Span
    >>> spans = [Span(start=0, end=2, text="ab"), Span(start=1, end=3, text="bc")]
    >>> claims = [
    ...     Claim(id=s.text, text="", content=[s], sentence=s, sourcing="article_voice",
    ...           attribution=Attribution(kind="none"))
    ...     for s in spans
    ... ]
    >>> [(at, s.text, s.content, s.opens) for at, s in cut_text("abcd", claims)]
    [(0, 'a', (1,), (1,)), (1, 'b', (1, 2), (2,)), (2, 'c', (2,), ()), (3, 'd', (), ())]
    """
    marks = [mark for n, claim in enumerate(claims, 1) for mark in _marks(n, claim, len(text))]
    ends = {at for mark in marks for at in (mark.start, mark.end)}
    places = sorted({0, len(text), *ends, *(at for at in borders if at < len(text))})
    starting = {
        at: list(group)
        for at, group in groupby(sorted(marks, key=lambda m: m.start), key=lambda m: m.start)
    }
    active: list[_Mark] = []
    segments = []
    for start, end in pairwise(places):
        new = starting.get(start, [])
        active = [mark for mark in active if mark.end > start] + new
        segments.append((start, _segment(text[start:end], active, new)))
    return segments


def _segment(text: str, active: Sequence[_Mark], new: Sequence[_Mark]) -> Segment:
    def claims(part: Part) -> tuple[int, ...]:
        return tuple(sorted({mark.claim for mark in active if mark.part == part}))

    starts = [mark for mark in new if mark.part == "content"]
    return Segment(
        text,
        claims("content"),
        claims("source"),
        claims("cue"),
        claims("hedge"),
        tuple(sorted(mark.claim for mark in starts if mark.first)),
        tuple(sorted(mark.claim for mark in starts if not mark.first)),
    )


def _marks(number: int, claim: Claim, length: int) -> Iterator[_Mark]:
    """Yield the places of one claim; those that lie outside the text are passed over."""
    links = claim.attribution.chain
    parts: list[tuple[Part, Iterable[Span | None]]] = [
        ("content", claim.content),
        ("source", (link.mention for link in links)),
        ("cue", (link.cue for link in links)),
        ("hedge", claim.confidence_cues),
    ]
    for part, spans in parts:
        for place, span in enumerate(spans):
            if span is not None and span.start < span.end <= length:
                yield _Mark(span.start, span.end, part, number, first=not place)
