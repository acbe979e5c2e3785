"""Finds strings in a document: where each stands, how it matches, and what speaks against a place.

Nothing is accepted by similarity. A string is found exactly, or after a declared folding
(folding.py), or as several parts around an explicit ellipsis within one quotation run or one
sentence, or without what it has in brackets, or without a full stop or quotation marks around it;
else it is rejected. Where words may be cut, borders.py tells; what may be left out, elision.py.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent import elision
from agent.borders import is_denied, is_whole
from agent.document import Document, Extent
from agent.folding import fold
from agent.schema import Match, Span

MOST_PLACES = 1000  # of one string; a hostile article repeats one word
MOST_LEFT_OUT = 1000  # characters


@dataclass(frozen=True, slots=True)
class Words:
    """A string that is said to stand in the text. at: the offset where it's expected, or None."""

    text: str
    at: int | None = None


class Finder:
    """Finds strings in one document; the folded copy of its text is made once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self._folded, self._origin = fold(self.text)
        self._blocks = [block.extent.start for block in document.blocks]

    def span(self, extent: Extent, match: Match = "exact") -> Span:
        """Return the extent as a span of the record."""
        return Span(start=extent.start, end=extent.end, text=extent.of(self.text), match=match)

    def block_at(self, offset: int) -> int:
        """Return the number of the block that holds a character or is the last one before it."""
        return bisect_right(self._blocks, offset) - 1

    def is_quoted(self, hull: Extent) -> bool:
        """Tell whether a stretch lies within one quotation."""
        run = self.document.quotation_at(hull)
        return run is not None and hull in run.extent

    def first(
        self,
        words: Words | None,
        near: Extent,
        avoid: Sequence[Span] = (),
        room: Sequence[Extent] | None = None,
    ) -> Span | None:
        """Return the one place of the words, or None; avoid, room: as for find()."""
        found = self.find(words, near, avoid=avoid, room=room) if words else []
        return found[0] if found else None

    def find(
        self,
        words: Words,
        near: Extent,
        *,
        content: bool = False,
        avoid: Sequence[Span] = (),
        room: Sequence[Extent] | None = None,
    ) -> list[Span]:
        """Return the place of the words: one span, several if an ellipsis divides them, or none.

        The occurrence nearest to `words.at` is taken, else the first in `near`, else the one
        nearest to `near`; one that overlaps `avoid` only where there's no other; where there's a
        `room`, one within one of its extents.
        """
        text, at = words.text.strip(), words.at
        if not any(ch.isalnum() for ch in text):
            return [] if content else self._punctuation(text, at, near)
        if at is not None and self.text.startswith(text, at):
            extent = Extent(at, at + len(text))
            if is_whole(self.text, extent.start, extent.end):
                return [self.span(extent)]

        def distance(spans: list[Span]) -> tuple[bool, int, int]:
            start, end = spans[0].start, spans[-1].end
            taken = any(start < s.end and s.start < end for s in avoid)
            if at is not None:
                return taken, abs(start - at), start
            if near.start <= start and end <= near.end:
                return taken, 0, start
            return taken, min(abs(start - near.end), abs(near.start - end)) + 1, start

        options = self.options(text, content=content)
        if room is not None:
            options = [o for o in options if any(Extent(o[0].start, o[-1].end) in e for e in room)]
        return min(options, key=distance, default=[])

    def options(self, text: str, *, content: bool = False) -> list[list[Span]]:
        """Return every place of a string, in text order: as it is, else folded, else in parts.

        content: the string is a claim's: it may be in parts, and stands in a readable sentence.
        """
        return [spans for spans, objection in self._candidates(text, content) if not objection]

    def objection(self, text: str) -> str:
        """Return why the words of a content have no place in the article, "" where they have."""
        candidates = self._candidates(text, content=True)
        if any(not objection for _, objection in candidates):
            return ""
        reasons = (objection for _, objection in candidates)
        return next(reasons, "the words of the content don't stand in the article")

    # ---- ways to find a string -----------------------------------------------------------------

    def _candidates(self, text: str, content: bool) -> list[tuple[list[Span], str]]:
        """Return the places that the first way gives which gives any, each with what objects."""
        text = text.strip()
        if not any(ch.isalnum() for ch in text):
            return []
        if not content:
            return [(spans, "") for spans in self._in_one(text)]
        return self._of_content(text) or list(self._undressed(text))

    def _of_content(self, text: str) -> list[tuple[list[Span], str]]:
        found = [(spans, self._misplaced(spans)) for spans in self._in_one(text)]
        return found or list(self._capitalised(text)) or list(self._in_parts(text))

    def _in_one(self, text: str) -> list[list[Span]]:
        exact = (Extent(s, s + len(text)) for s in _occurrences(self.text, text))
        found = [[self.span(e)] for e in exact if is_whole(self.text, e.start, e.end)]
        if found:
            return found
        folded = self._folded_places(text, Extent(0, len(self.text)))
        return [[self.span(e, "normalised")] for e in folded]

    def _capitalised(self, text: str) -> Iterator[tuple[list[Span], str]]:
        """Yield the places of a string with a bracketed capital, without the brackets."""
        for reading in elision.readings(text):
            for spans, objection in self._of_content(reading):
                yield [span.model_copy(update={"match": "edited"}) for span in spans], objection

    def _in_parts(self, text: str) -> Iterator[tuple[list[Span], str]]:
        """Yield the places of a string's parts, in order within one quotation or one sentence."""
        for parts in elision.splits(text):
            match: Match = "elided" if parts.elided else "edited"
            against = self._against(parts)
            found = self._of_parts(parts)
            for extents in found:
                spans = [self.span(extent, match) for extent in extents]
                yield spans, against or self._left_out(extents, parts) or self._misplaced(spans)
            if found:
                return

    def _of_parts(self, parts: elision.Parts) -> list[list[Extent]]:
        """Return where all parts stand, each time as near to each other as can be."""
        if any(fold(part)[0].strip() not in self._folded for part in parts.texts):
            return []
        nearest: dict[int, list[Extent]] = {}  # by the end of the last part
        for first in self._folded_places(parts.texts[0], Extent(0, len(self.text))):
            for within in self._holding(first):
                found = self._after(first, parts.texts[1:], within)
                if found:
                    nearest[found[-1].end] = found
                    break
        return list(nearest.values())

    def _undressed(self, text: str) -> Iterator[tuple[list[Span], str]]:
        """Yield the places of a string without marks around it, full stop or sentence's capital."""
        for bare, marked, stopped in elision.undressed(text):
            found = self._of_content(bare)
            for spans, objection in found:
                hull = Extent(spans[0].start, spans[-1].end)
                after = self.text[hull.end : hull.end + 2].lstrip("”’\"'")
                against = [objection]
                if marked and not self.is_quoted(hull):
                    against.append("the words in quotation marks aren't quoted")
                if stopped and after.startswith("?"):
                    against.append("a question is given as a statement")
                yield [_normalised(span) for span in spans], next(filter(None, against), "")
            if found:
                return

    # ---- what speaks against a place -----------------------------------------------------------

    def _misplaced(self, spans: Sequence[Span]) -> str:
        """Return what speaks against a content's place, "" for nothing."""
        for span in spans:
            first, last = (self.document.sentence_at(at) for at in (span.start, span.end - 1))
            if first is None or any(
                s and s.zone in {"dateline", "boilerplate"} for s in (first, last)
            ):
                return "the words stand in a dateline, byline, notice or the like"
            extent = Extent(span.start, span.end)
            if self._crosses(extent) and not self.is_quoted(extent):
                return "the words go on past the end of a paragraph"
        if is_denied(self.text, spans[0].start, spans[-1].end):
            return "the words are cut off from the negation beside them"
        return ""

    def _against(self, parts: elision.Parts) -> str:
        """Return what speaks against a string in parts, wherever it stands."""
        if elision.is_scattered(parts):
            return "single words are put together"
        for added in parts.added:
            if not elision.is_bare_addition(added):
                return f"the brackets put in more than a name: {added}"
            if not self._stands(added):
                return f"words in brackets don't stand in the article: {added}"
        return ""

    def _stands(self, words: str) -> bool:
        """Tell whether words stand in the article, in capitals or not."""
        wanted, text = fold(words)[0].strip().lower(), self._folded.lower()
        places = _occurrences(text, wanted)
        return any(is_whole(text, place, place + len(wanted)) for place in places)

    def _left_out(self, found: Sequence[Extent], parts: elision.Parts) -> str:
        """Return what speaks against leaving out what stands between some places.

        Of whole sentences between them nothing does.
        """
        for number, (one, other) in enumerate(pairwise(found), 1):
            gap = Extent(one.end, other.start)
            objection = (
                self._cut(gap)
                if parts.is_elided(number)
                else elision.objection_to_edit(gap.of(self.text))
            )
            if objection:
                return objection
        return ""

    def _cut(self, gap: Extent) -> str:
        """Return what speaks against an ellipsis in the place of a stretch."""
        here, there = (self.document.sentence_at(at) for at in (gap.start - 1, gap.end))
        pieces = [gap]
        if here and there and here != there:
            pieces = [Extent(gap.start, here.extent.end), Extent(there.extent.start, gap.end)]
            if all(any(map(str.isalnum, piece.of(self.text))) for piece in pieces):
                return "halves of two sentences are joined"
        for piece in pieces:
            if piece.end - piece.start > MOST_LEFT_OUT:
                return "too much is left out of one sentence"
            beside = (
                self.text[max(0, piece.start - 3) : piece.start],
                self.text[piece.end : piece.end + 3],
            )
            if objection := elision.objection_to_cut(beside[0], piece.of(self.text), beside[1]):
                return objection
        return ""

    # ---- places --------------------------------------------------------------------------------

    def _punctuation(self, text: str, at: int | None, near: Extent) -> list[Span]:
        """Return the place of a mark (a colon may be a cue): only exactly where it's expected."""
        if not text or at is None or self.text[at : at + len(text)] != text:
            return []
        return [self.span(Extent(at, at + len(text)))] if near.start <= at <= near.end else []

    def _holding(self, first: Extent) -> Iterator[Extent]:
        """Yield the sentence and the quotation run that hold the extent."""
        sentence = self.document.sentence_at(first.start)
        run = self.document.quotation_at(first)
        for held in (sentence, run):
            if held is not None and first in held.extent:
                yield held.extent

    def _after(self, first: Extent, parts: Sequence[str], within: Extent) -> list[Extent]:
        """Return the first part's place and the next one of each further part, or nothing."""
        found = [first]
        for part in parts:
            places = self._folded_places(part, Extent(found[-1].end, within.end))
            place = next(places, None)
            if place is None:
                return []
            found.append(place)
        return found

    def _folded_places(self, text: str, within: Extent) -> Iterator[Extent]:
        """Yield the places of a string made uniform, each within one block."""
        wanted, origin = fold(text)[0].strip(), self._origin
        first, last = (bisect_left(origin, at) for at in (within.start, within.end))
        for s in _occurrences(self._folded, wanted, first, last) if wanted else ():
            e = s + len(wanted)
            start, end = origin[s], origin[e - 1] + 1
            split = (s and origin[s - 1] == start) or (e < len(origin) and origin[e] == end - 1)
            if split or ("\n" not in text and self._crosses(Extent(start, end))):
                continue  # half of a character, or a paragraph's end that passes for a blank
            if is_whole(self.text, start, end):
                yield Extent(start, end)

    def _crosses(self, extent: Extent) -> bool:
        """Tell whether a stretch goes from one paragraph into another; a broken line is none."""
        first, last = self.block_at(extent.start), self.block_at(extent.end - 1)
        return any(not self.text[self._blocks[n]].islower() for n in range(first + 1, last + 1))


def _normalised(span: Span) -> Span:
    return span.model_copy(update={"match": "normalised"}) if span.match == "exact" else span


def _occurrences(text: str, part: str, start: int = 0, end: int | None = None) -> Iterator[int]:
    end = len(text) if end is None else end
    start = text.find(part, start, end)
    for _ in range(MOST_PLACES):
        if start < 0:
            return
        yield start
        start = text.find(part, start + 1, end)
