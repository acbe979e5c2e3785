"""Locate what a reading found: every string at its place in the text, or rejected with a reason.

Nothing is accepted by similarity. A string is found exactly, or after a declared folding
(quotation marks, dashes, white space, soft hyphens), or as several parts around an explicit
ellipsis within one quotation run or one sentence, or with bracketed words left out; else it is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
        spans = finder.find(words, passage, elided=True)
        if not spans:
            return _reject(
                finding, finder, "the words of the content don't stand in the text", [words]
            )
        content.extend(spans)
    chain: list[GroundedSource] = []
    for source in finding.chain:
        mention = finder.first(source.mention, passage)
        if source.mention is not None and mention is None:
            return _reject(
                finding, finder, "the source doesn't stand in the text", [source.mention]
            )
        cue = finder.first(source.cue, passage)
        chain.append(GroundedSource(mention, cue, source.role, source.implicit))
    hedges = [span for words in finding.confidence_cues if (span := finder.first(words, passage))]
    return Grounded(
        finding,
        tuple(content),
        tuple(chain),
        tuple(hedges),
        finder.first(finding.topic, passage),
        finder.first(finding.subject, passage),
    )


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

    def first(self, words: Words | None, near: Extent) -> Span | None:
        """Return the one place of the words, or None."""
        if words is None:
            return None
        found = self.find(words, near)
        return found[0] if len(found) == 1 else None

    def find(self, words: Words, near: Extent, *, elided: bool = False) -> list[Span]:
        """Return the place of the words: one span, several if an ellipsis divides them, or none.

        The occurrence nearest to `words.at` is taken, else the first in `near`, else the one
        nearest to `near`.
        """
        text = words.text.strip()
        if not any(ch.isalnum() for ch in text):
            return self._punctuation(words, near)
        exact = self._exact(text, words.at, near)
        if exact:
            return [self.span(exact)]
        folded = self._normalised(text, words.at, near)
        if folded:
            return [self.span(folded, "normalised")]
        if not elided:
            return []
        parts = [part for part in _ELLIPSIS.split(text) if any(ch.isalnum() for ch in part)]
        if len(parts) > 1:
            return self._parts(parts, near, "elided")
        parts = [part for part in _BRACKETS.split(text) if any(ch.isalnum() for ch in part)]
        if _BRACKETS.search(text) and parts:
            return self._parts(parts, near, "edited")
        return []

    def _punctuation(self, words: Words, near: Extent) -> list[Span]:
        """Return the place of a mark (a colon may be a cue): only exactly where it's expected."""
        text, at = words.text.strip(), words.at
        if not text or at is None or self.text[at : at + len(text)] != text:
            return []
        return [self.span(Extent(at, at + len(text)))] if near.start <= at <= near.end else []

    def _exact(self, text: str, at: int | None, near: Extent) -> Extent | None:
        if at is not None and self.text.startswith(text, at) and self._whole(at, at + len(text)):
            return Extent(at, at + len(text))
        places = (Extent(s, s + len(text)) for s in _occurrences(self.text, text))
        return _nearest((e for e in places if self._whole(e.start, e.end)), at, near)

    def _normalised(self, text: str, at: int | None, near: Extent) -> Extent | None:
        wanted, _ = fold(text)
        wanted = wanted.strip()
        if not wanted:
            return None
        places = (
            Extent(self._origin[s], self._origin[s + len(wanted) - 1] + 1)
            for s in _occurrences(self._folded, wanted)
        )
        return _nearest((e for e in places if self._whole(e.start, e.end)), at, near)

    def _parts(self, parts: list[str], near: Extent, match: Match) -> list[Span]:
        """Return the parts in text order within one quotation run or one sentence, or nothing."""
        found: list[Extent] = []
        for part in parts:
            after = Extent(found[-1].end if found else near.start, len(self.text))
            place = self._from(part, after.start)
            if place is None:
                return []
            found.append(place)
        whole = Extent(found[0].start, found[-1].end)
        run = self.document.quotation_at(whole)
        sentence = self.document.sentence_at(whole.start)
        held = (run is not None and whole in run.extent) or (
            sentence is not None and whole in sentence.extent
        )
        return [self.span(e, match) for e in found] if held else []

    def _from(self, part: str, start: int) -> Extent | None:
        wanted, _ = fold(part)
        wanted = wanted.strip()
        for s in _occurrences(self._folded, wanted):
            extent = Extent(self._origin[s], self._origin[s + len(wanted) - 1] + 1)
            if extent.start >= start and self._whole(extent.start, extent.end):
                return extent
        return None

    def _whole(self, start: int, end: int) -> bool:
        """Tell whether the stretch cuts no word or number at its ends."""
        text = self.text
        cut_left = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
        cut_right = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
        number_left = text[start].isdigit() and re.search(
            r"\d[.,]$|[-−$€£]$", text[max(0, start - 2) : start]
        )
        number_right = text[end - 1].isdigit() and re.match(r"[.,]\d|%", text[end : end + 2])
        return not (cut_left or cut_right or number_left or number_right)


def fold(text: str) -> tuple[str, list[int]]:
    """Return the text with marks, dashes and white space made uniform, and each character's origin.

    >>> fold("“a \\u00a0b”")
    ('"a b"', [0, 1, 2, 4, 5])
    """
    out: list[str] = []
    origin: list[int] = []
    for index, ch in enumerate(text):
        if ch in _DROPPED:
            continue
        folded = " " if ch.isspace() else _FOLDS.get(ch, ch)
        if folded == " " and out and out[-1] == " ":
            continue
        out.append(folded)
        origin.append(index)
    return "".join(out), origin


def _occurrences(text: str, part: str) -> list[int]:
    found: list[int] = []
    start = text.find(part)
    while start >= 0 and len(found) < 1000:  # bound: a hostile article repeats one word
        found.append(start)
        start = text.find(part, start + 1)
    return found


def _nearest(places: object, at: int | None, near: Extent) -> Extent | None:
    """Return the place nearest to `at`; without it the first in `near`, else the nearest to it."""

    def distance(extent: Extent) -> tuple[int, int]:
        if at is not None:
            return abs(extent.start - at), extent.start
        if extent in near:
            return 0, extent.start
        return min(abs(extent.start - near.end), abs(near.start - extent.end)) + 1, extent.start

    return min(places, key=distance, default=None)  # type: ignore[call-overload, no-any-return]
