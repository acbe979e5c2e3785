"""Locate what a reading found: every string at its place in the text, or rejected with a reason.

A source must stand where it can be meant: before its words or soon after, and not in them alone.
A cue stands in the paragraph of its content or its source, a hedge in one of the claim's
sentences. Whether the source that is named there is the right one, strings can't tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.difference import differences
from agent.document import Document, Extent
from agent.finder import Finder, Words
from agent.schema import Act, Confidence, Difference, Polarity, Rejected, SourceRole, Span

BLOCKS_AHEAD = 2  # a body claim's source is named before it, or that soon after it
__all__ = ["Finder", "Finding", "FoundSource", "Grounded", "GroundedSource", "Words", "ground"]


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

    returned: the content as a model listed it, where it may have become the article's own words.
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
    returned: tuple[Words, ...] = ()
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
    """A finding whose every string has its place. differences: of its strings from the text."""

    finding: Finding
    content: tuple[Span, ...]
    chain: tuple[GroundedSource, ...]
    confidence_cues: tuple[Span, ...]
    topic: Span | None
    subject: Span | None
    differences: tuple[Difference, ...] = ()


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
            return _reject(finding, finder, finder.objection(words.text), [words])
        content.extend(spans)
    chain: list[GroundedSource] = []
    for source in finding.chain:
        mention = _source(source.mention, finder, passage, content)
        if source.mention is not None and mention is None:
            reason = "the source doesn't stand in the article"
            if finder.options(source.mention.text):
                reason = "the source stands only where it can't be meant"
            return _reject(finding, finder, reason, [source.mention])
        sought = _beside(source.cue, mention, passage)
        cue = finder.first(sought, passage, content, _cue_room(finder, content, mention))
        chain.append(GroundedSource(mention, cue, source.role, source.implicit))
    hedges = _hedges(finding, finder, content, chain)
    topic, subject = (finder.first(w, passage) for w in (finding.topic, finding.subject))
    pairs = [*zip(finding.confidence_cues, hedges, strict=True), (finding.topic, topic)]
    for asked, found in zip(finding.chain, chain, strict=True):
        pairs += [(asked.mention, found.mention), (asked.cue, found.cue)]
    told = [*_of_content(finding, finder, content), *_of_others(pairs, finder.text)]
    return Grounded(
        finding,
        tuple(content),
        tuple(chain),
        tuple(span for span in hedges if span),
        topic,
        subject,
        tuple(dict.fromkeys(told)),
    )


def _of_content(finding: Finding, finder: Finder, content: Sequence[Span]) -> Iterator[Difference]:
    """Yield how the content that was returned differs from the article, within the claim."""
    start, end = content[0].start, content[-1].end
    for words in finding.returned or finding.content:
        spans = finder.find(words, finding.passage, content=True)
        for each in differences(words.text, spans, finder.text) if spans else ():
            if start <= each.at <= end:
                yield each


def _of_others(
    pairs: Sequence[tuple[Words | None, Span | None]], text: str
) -> Iterator[Difference]:
    """Yield how other strings differ from the places that were found for them."""
    for words, span in pairs:
        if words is not None and span is not None and span.match != "exact":
            yield from differences(words.text, [span], text)


def _source(
    words: Words | None, finder: Finder, passage: Extent, content: Sequence[Span]
) -> Span | None:
    """Return the place of a source: named before its words, or soon after them.

    Headings stand before everybody's name. Who is named by a quotation only isn't its speaker.
    """
    if words is None or words.at is not None:
        return finder.first(words, passage, content)
    hull = Extent(content[0].start, content[-1].end)
    blocks = finder.document.blocks
    number = finder.block_at(hull.start)
    room = None
    if number >= 0 and blocks[number].zone == "body":
        room = [Extent(0, blocks[min(number + BLOCKS_AHEAD, len(blocks) - 1)].extent.end)]
    found = finder.first(words, passage, content, room)
    if found and finder.is_quoted(hull) and hull.overlaps(Extent(found.start, found.end)):
        return None
    return found


def _cue_room(finder: Finder, content: Sequence[Span], mention: Span | None) -> list[Extent]:
    """Return where a cue may stand: its content's paragraphs, and its source's if that's near.

    Of a quotation that goes over several: before it in its first one, after it in its last.
    """
    blocks = finder.document.blocks
    numbers = {finder.block_at(span.start) for span in content}
    source = finder.block_at(mention.start) if mention else -1
    if any(abs(source - number) <= BLOCKS_AHEAD for number in numbers):
        numbers.add(source)
    room = [blocks[number].extent for number in sorted(numbers) if number >= 0]
    run = finder.document.quotation_at(Extent(content[0].start, content[-1].end))
    if run is not None:
        first, last = (finder.block_at(at) for at in (run.extent.start, run.extent.end - 1))
        room.append(Extent(blocks[first].extent.start, run.extent.start))
        room.append(Extent(run.extent.end, blocks[last].extent.end))
    return room


def _hedges(
    finding: Finding, finder: Finder, content: Sequence[Span], chain: Sequence[GroundedSource]
) -> list[Span | None]:
    """Return the words that decided the confidence, in the sentences of the claim."""
    whole = Extent(content[0].start, content[-1].end)
    spans = [*content, *(source.cue or source.mention for source in chain)]
    held = [finder.document.sentence_at(span.start) for span in spans if span]
    room = [finding.passage, whole, *(sentence.extent for sentence in held if sentence)]
    return [finder.first(words, whole, room=room) for words in finding.confidence_cues]


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
