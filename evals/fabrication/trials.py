"""What is tried: a Trial is one claim as a reading would return it; Piece is what it's made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from agent.document import Article, Document, Extent, read_document
from evals.gold import Case
from evals.gold_form import GoldClaim

Target = Literal["content", "source", "cue", "hedge"]
_LETTERS = re.compile(r"\w+")
_CAPITALS = re.compile(r"(?<=[a-z] )[A-Z][a-z]+(?: [A-Z][a-z]+)*(?![\w-])")
_WIDTHLESS = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Trial:
    """One claim as strings. target: which of them is tried; the others are true, or empty.

    truth: for a string that is true in other dress, the words of the article that it stands for.
    """

    kind: str
    document: str
    text: str
    content: str
    source: str = ""
    cue: str = ""
    hedge: str = ""
    outer: str = ""
    target: Target = "content"
    truth: str = ""

    @property
    def string(self) -> str:
        """The string that is tried."""
        return {
            "content": self.content,
            "source": self.source,
            "cue": self.cue,
            "hedge": self.hedge,
        }[self.target]


@dataclass(frozen=True, slots=True)
class Piece:
    """True words of an article: a gold claim's content, or the sentence that it stands in."""

    page: Page
    extent: Extent
    claim: GoldClaim

    @property
    def words(self) -> str:
        """The words as they stand."""
        return self.extent.of(self.page.text)

    @property
    def quoted(self) -> bool:
        """Tell whether the words lie within a quotation."""
        run = self.page.document.quotation_at(self.extent)
        return run is not None and self.extent in run.extent

    @property
    def block(self) -> int:
        """The number of the block in which the words begin."""
        return self.page.block_at(self.extent.start)


@dataclass(frozen=True)
class Page:
    """A gold article, and what of it can be spoilt."""

    case: Case
    document: Document

    @property
    def text(self) -> str:
        """The article."""
        return self.case.text

    @cached_property
    def contents(self) -> list[Piece]:
        """The contents of claims that stand in one place, of four words or more, each once."""
        spans = [
            (c.content[0].start, c.content[0].end, c)
            for c in self.case.gold.claims
            if len(c.content) == 1
        ]
        return self._pieces(spans)

    @cached_property
    def sentences(self) -> list[Piece]:
        """The sentences that hold claims, each once, if they're one and without a dateline."""
        datelines = {z.span.start for z in self.case.gold.zones or [] if z.type == "dateline"}
        spans = [c.sentence for c in self.case.gold.claims]
        held = [self.document.sentence_at(span.start) for span in spans]
        return self._pieces(
            (span.start, span.end, claim)
            for claim, span, sentence in zip(self.case.gold.claims, spans, held, strict=True)
            if sentence
            and Extent(span.start, span.end) in sentence.extent
            and span.start not in datelines
        )

    def _pieces(self, places: Iterable[tuple[int, int, GoldClaim]]) -> list[Piece]:
        found: dict[Extent, Piece] = {}
        for start, end, claim in places:
            piece = Piece(self, Extent(start, end), claim)
            if len(piece.words.split()) >= 4:
                found.setdefault(piece.extent, piece)
        return list(found.values())

    def block_at(self, offset: int) -> int:
        """Return the number of the block that a character belongs to."""
        starts = [block.extent.start for block in self.document.blocks]
        return max(sum(start <= offset for start in starts) - 1, 0)

    def places(self, words: str) -> list[int]:
        """Return where words stand, whole ones only."""
        pattern = rf"(?<!\w){re.escape(words)}(?!\w)"
        return [match.start() for match in re.finditer(pattern, self.text)] if words else []

    @cached_property
    def names(self) -> list[str]:
        """Return the names of its sources as they're written, else other capitalised words."""
        names = [n for e in self.case.gold.entities for n in (e.name, *e.aliases)]
        here = [name for name in names if name[:1].isupper() and self.places(name)]
        return list(dict.fromkeys(here or _CAPITALS.findall(self.text)))


def read_pages(cases: Sequence[Case]) -> list[Page]:
    """Return the articles with their zones, sentences and quotations."""
    return [Page(case, as_document(case.text)) for case in cases]


def as_document(text: str) -> Document:
    """Return a text as a document."""
    return read_document(Article(text), "en")


def letters(text: str) -> str:
    """Return the words of a text, one blank between two, and one on either side.

    >>> letters("“It’s on,” he said.")
    ' it s on he said '
    """
    plain = _WIDTHLESS.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return f" {' '.join(_LETTERS.findall(plain))} "
