"""Words of the article as places of a gold claim: found, cut and joined."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.document import Document, Extent
from agent.errors import ConfigError
from agent.ground import Finder, Finding, Grounded, GroundedSource, Words
from agent.quotation import trim
from agent.record import MARKS, kind_of
from agent.schema import Attribution, Claim, Kind, Span

DOTS = re.compile(r"\s*(?:\.\.\.|…)\s*")
STOPS, DOUBLE = frozenset(".,;:!?"), frozenset('“”"')
_JOINT = r"[\s,;–—-]*(?:\b(?:and|but|or|while)\b)?[\s,;–—-]*"
_LEADING, _TRAILING, _BETWEEN = (
    re.compile(pattern, re.IGNORECASE) for pattern in (_JOINT, rf"{_JOINT}\Z", rf"{_JOINT}\Z")
)


def locate(document: Document, words: str, near: int, *, parts: bool = True) -> list[Span]:
    """Return the place of some words, the nearest one to an offset.

    parts: they are a content, in which " ... " stands for words that are left out.

    Raises:
        ConfigError: they don't stand in the text.
    """
    finder = Finder(document)
    pieces = DOTS.split(words.strip()) if parts else [words]
    sentence = document.sentence_at(near)
    first = finder.first(Words(pieces[0]), sentence.extent if sentence else Extent(near, near))
    found = [first] if first and (not parts or document.sentence_at(first.start)) else []
    for piece in pieces[1:] if found else ():
        after = [spans[0] for spans in finder.options(piece) if spans[0].start >= found[-1].end]
        found += after[:1]
    if len(found) < len(pieces):
        where = "in a sentence of the article" if parts else "in the article"
        raise ConfigError(f"these words don't stand {where}: {words!r}; copy them from it")
    return [span.model_copy(update={"match": "exact"}) for span in found]


def kind_by_marks(document: Document, content: Sequence[Span], attribution: Attribution) -> Kind:
    """Return the kind by quotation marks; whether the words are a clause is as it was."""
    clausal = attribution.kind != "paraphrase"
    finding = Finding(content=(), chain=(), passage=Extent(0, 0), clausal=clausal)
    chain = tuple(
        GroundedSource(link.mention, link.cue, link.role, link.implicit)
        for link in attribution.chain
    )
    return kind_of(document, Grounded(finding, tuple(content), chain, (), None, None))


def with_content(claim: Claim, document: Document, spans: Sequence[Span]) -> Claim:
    """Return the claim with another content, and what follows from it: sentence, kind, text.

    The sentence is stretched where the content goes on after its end.
    """
    held = document.sentence_at(spans[0].start)
    start = min(held.extent.start if held else spans[0].start, spans[0].start)
    end = max(held.extent.end if held else spans[-1].end, spans[-1].end)
    attribution = claim.attribution
    kind = kind_by_marks(document, spans, attribution)
    words = " ".join(" ".join(span.text.split()) for span in spans)
    end_mark = "" if words.endswith(("?", "!", ".")) else "."
    return claim.model_copy(
        update={
            "content": list(spans),
            "sentence": Span(start=start, end=end, text=document.text[start:end]),
            "attribution": attribution.model_copy(update={"kind": kind}),
            "text": f"{words[:1].upper()}{words[1:]}{end_mark}",
        }
    )


def cut(text: str, start: int, end: int) -> list[Span]:
    """Return the stretch as a span, without what joins it to others, marks and stops around it.

    [] if nothing is left.
    """
    if start >= end:
        return []
    lead = _LEADING.match(text, start, end)
    start = lead.end() if lead else start
    tail = _TRAILING.search(text, start, end)
    extent = trim(text, start, tail.start() if tail else end)
    extent = _without_marks(text, extent)
    words = extent.of(text)
    if not any(map(str.isalnum, words)):
        return []
    return [Span(start=extent.start, end=extent.end, text=words)]


def _without_marks(text: str, extent: Extent) -> Extent:
    """Return the stretch without stops at its end, and without marks that enclose it."""
    start, end = extent.start, extent.end
    while start < end and text[end - 1] in STOPS and not text[end : end + 1].isalnum():
        end -= 1
    paired = any(char in DOUBLE for char in text[start + 1 : end - 1])
    opens, closes = (start < end and text[at] in MARKS for at in (start, end - 1))
    start += opens and (closes or not paired)
    end -= closes and (opens or not paired)
    return trim(text, start, end)


def joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans in text order, those made one that only a joining word parts."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        last = found[-1] if found else None
        if last and (span.start <= last.end or _BETWEEN.match(text[last.end : span.start])):
            start, end = last.start, max(last.end, span.end)
            found[-1] = Span(start=start, end=end, text=text[start:end])
        else:
            found.append(span)
    return found
