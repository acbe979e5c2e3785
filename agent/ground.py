"""Locate what a reading found: every string at its place in the text, or rejected with a reason.

Nothing is accepted by similarity. A string is found exactly, or after a declared folding
(quotation marks, dashes, white space, soft hyphens), or as several parts around an explicit
ellipsis within one quotation run or one sentence, or with bracketed words left out; else it is
rejected.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.document import Document, Extent
from agent.schema import Act, Confidence, Match, Polarity, Rejected, SourceRole, Span

_FOLDS = {
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
_DROPPED = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f")
_ELLIPSIS = re.compile(
    r"\s*(?:\[\s*(?:\.\s?\.\s?\.|…)\s*\]|\(\s*(?:\.\s?\.\s?\.|…)\s*\)|\.\s?\.\s?\.|…)\s*"
)
_BRACKETS = re.compile(r"\s*\[[^\]]*\]\s*")
_JOINT = re.compile(f"{_ELLIPSIS.pattern}|{_BRACKETS.pattern}")
_NOT = re.compile(r"['’]t\b")
_NUMBER_LEFT = re.compile(r"\d[.,:/]$|[-−$€£]$")
_NUMBER_RIGHT = re.compile(r"[.,:/]\d|%")
_SINGLE = frozenset(" -")  # one stands for several in a row: "--" is a dash


@dataclass(frozen=True, slots=True)
class Words:
    """A string that is said to stand in the text. at: the offset where it's expected, or None."""

    text: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class FoundSource:
    """One source of a finding, as strings."""

    mention: Words | None
    cue: Words | None
    role: SourceRole = "speaker"
    implicit: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim as a reading found it: strings, labels, and where they're expected.

    clausal: the content is a clause (said that ...), not a noun phrase (denied the charge).
    subject: what a content without a subject is about. link: what joins cue and content in a
    sentence of our own ("that", "to", "", "according to").
    """

    content: tuple[Words, ...]
    chain: tuple[FoundSource, ...]
    passage: Extent
    act: Act = "assert"
    polarity: Polarity = "positive"
    confidence: Confidence = "certain"
    confidence_cues: tuple[Words, ...] = ()
    topic: Words | None = None
    clausal: bool = True
    subject: Words | None = None
    split_group: str | None = None
    link: str = "that"


@dataclass(frozen=True, slots=True)
class GroundedSource:
    """A source with its places."""

    mention: Span | None
    cue: Span | None
    role: SourceRole
    implicit: bool


@dataclass(frozen=True, slots=True)
class Grounded:
    """A finding whose every string has its place."""

    finding: Finding
    content: tuple[Span, ...]
    chain: tuple[GroundedSource, ...]
    confidence_cues: tuple[Span, ...]
    topic: Span | None
    subject: Span | None


def ground(
    findings: Sequence[Finding], document: Document
) -> tuple[list[Grounded], list[Rejected]]:
    """Return the findings with places, in order, and those rejected with their reasons."""
    finder = Finder(document)
    kept: list[Grounded] = []
    rejected: list[Rejected] = []
    for finding in findings:
        outcome = _ground_one(finding, finder)
        if isinstance(outcome, Rejected):
            rejected.append(outcome)
        else:
            kept.append(outcome)
    return kept, rejected


def _ground_one(finding: Finding, finder: Finder) -> Grounded | Rejected:
    passage = finding.passage
    content: list[Span] = []
    for words in finding.content:
        spans = finder.find(words, passage, content=True)
        if not spans:
            return _reject(
                finding, finder, "the words of the content don't stand in the article", [words]
            )
        content.extend(spans)
    chain: list[GroundedSource] = []
    for source in finding.chain:
        mention = finder.first(source.mention, passage, content)
        if source.mention is not None and mention is None:
            return _reject(
                finding, finder, "the source doesn't stand in the article", [source.mention]
            )
        cue = finder.first(_beside(source.cue, mention, passage), passage, content)
        chain.append(GroundedSource(mention, cue, source.role, source.implicit))
    whole = Extent(content[0].start, content[-1].end)
    hedges = [span for words in finding.confidence_cues if (span := finder.first(words, whole))]
    return Grounded(
        finding,
        tuple(content),
        tuple(chain),
        tuple(hedges),
        finder.first(finding.topic, passage),
        finder.first(finding.subject, passage),
    )


def _beside(cue: Words | None, mention: Span | None, passage: Extent) -> Words | None:
    """Return the cue, expected beside its source where nothing else tells its place."""
    if cue is None or cue.at is not None or mention is None:
        return cue
    inside = passage.start <= mention.start and mention.end <= passage.end
    return Words(cue.text, mention.start) if inside else cue


def _reject(finding: Finding, finder: Finder, reason: str, words: list[Words]) -> Rejected:
    return Rejected(
        stage="ground",
        reason=reason,
        strings=[w.text for w in words] + [w.text for w in finding.content if w not in words],
        passage=finder.span(finding.passage),
    )


class Finder:
    """Finds strings in one document; the folded copy of its text is made once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self._folded, self._origin = fold(self.text)

    def span(self, extent: Extent, match: Match = "exact") -> Span:
        """Return the extent as a span of the record."""
        return Span(start=extent.start, end=extent.end, text=extent.of(self.text), match=match)

    def first(self, words: Words | None, near: Extent, avoid: Sequence[Span] = ()) -> Span | None:
        """Return the one place of the words, or None; avoid: as for find()."""
        found = self.find(words, near, avoid=avoid) if words else []
        return found[0] if found else None

    def find(
        self, words: Words, near: Extent, *, content: bool = False, avoid: Sequence[Span] = ()
    ) -> list[Span]:
        """Return the place of the words: one span, several if an ellipsis divides them, or none.

        The occurrence nearest to `words.at` is taken, else the first in `near`, else the one
        nearest to `near`; one that overlaps `avoid` only where there's no other.
        """
        text, at = words.text.strip(), words.at
        if not any(ch.isalnum() for ch in text):
            return [] if content else self._punctuation(text, at, near)
        if at is not None and self.text.startswith(text, at) and self._whole(at, at + len(text)):
            return [self.span(Extent(at, at + len(text)))]

        def distance(spans: list[Span]) -> tuple[bool, int, int]:
            start, end = spans[0].start, spans[-1].end
            taken = any(start < s.end and s.start < end for s in avoid)
            if at is not None:
                return taken, abs(start - at), start
            if near.start <= start and end <= near.end:
                return taken, 0, start
            return taken, min(abs(start - near.end), abs(near.start - end)) + 1, start

        return min(self.options(text, content=content), key=distance, default=[])

    def options(self, text: str, *, content: bool = False) -> list[list[Span]]:
        """Return every place of a string, in text order: as it is, else folded, else in parts.

        content: the string is a claim's: it may be in parts, and stands in a readable sentence.
        """
        text = text.strip()
        if not any(ch.isalnum() for ch in text):
            return []
        exact = (Extent(s, s + len(text)) for s in _occurrences(self.text, text))
        found = [[self.span(e)] for e in exact if self._whole(e.start, e.end)]
        if not found:
            folded = self._folded_places(text, Extent(0, len(self.text)))
            found = [[self.span(e, "normalised")] for e in folded]
        if content:
            found = found or list(self._in_parts(text))
            found = [spans for spans in found if all(self._readable(s) for s in spans)]
        return found

    def _punctuation(self, text: str, at: int | None, near: Extent) -> list[Span]:
        """Return the place of a mark (a colon may be a cue): only exactly where it's expected."""
        if not text or at is None or self.text[at : at + len(text)] != text:
            return []
        return [self.span(Extent(at, at + len(text)))] if near.start <= at <= near.end else []

    def _in_parts(self, text: str) -> Iterator[list[Span]]:
        """Yield the places of a string's parts, in order within one quotation or one sentence."""
        parts = [part for part in _JOINT.split(text) if any(ch.isalnum() for ch in part)]
        elided, edited = bool(_ELLIPSIS.search(text)), bool(_BRACKETS.search(text))
        if not parts or not (edited or (elided and len(parts) > 1)):
            return
        everywhere = Extent(0, len(self.text))
        for first in self._folded_places(parts[0], everywhere):
            for within in self._holding(first):
                found = self._after(first, parts[1:], within)
                if found:
                    yield [self.span(e, "elided" if elided else "edited") for e in found]
                    break

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
        wanted = fold(text)[0].strip()
        first, last = (bisect_left(self._origin, at) for at in (within.start, within.end))
        for s in _occurrences(self._folded, wanted, first, last) if wanted else ():
            extent = Extent(self._origin[s], self._origin[s + len(wanted) - 1] + 1)
            if self._whole(extent.start, extent.end):
                yield extent

    def _readable(self, span: Span) -> bool:
        sentence = self.document.sentence_at(span.start)
        return sentence is not None and sentence.zone not in {"dateline", "boilerplate"}

    def _whole(self, start: int, end: int) -> bool:
        """Tell whether the stretch cuts no word or number at its ends."""
        text = self.text
        cut_left = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
        cut_right = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
        not_cut = text[end - 1] in "nN" and _NOT.match(text, end)  # "can" of "can't"
        number_left = text[start].isdigit() and _NUMBER_LEFT.search(text[max(0, start - 2) : start])
        number_right = text[end - 1].isdigit() and _NUMBER_RIGHT.match(text, end)
        return not (cut_left or cut_right or not_cut or number_left or number_right)


def fold(text: str) -> tuple[str, list[int]]:
    r"""Return the text with marks, dashes and white space made uniform, and each one's origin.

    >>> fold("“a \u00a0b”")
    ('"a b"', [0, 1, 2, 4, 5])
    """
    out: list[str] = []
    origin: list[int] = []
    for index, ch in enumerate(text):
        if ch in _DROPPED:
            continue
        folded = " " if ch.isspace() else _FOLDS.get(ch, ch)
        if folded in _SINGLE and out and out[-1] == folded:
            continue
        out.append(folded)
        origin.append(index)
    return "".join(out), origin


def _occurrences(text: str, part: str, start: int = 0, end: int | None = None) -> list[int]:
    found: list[int] = []
    end = len(text) if end is None else end
    start = text.find(part, start, end)
    while start >= 0 and len(found) < 1000:  # bound: a hostile article repeats one word
        found.append(start)
        start = text.find(part, start + 1, end)
    return found
