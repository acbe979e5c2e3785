"""Claims as the aligner sees them: gold and prediction in one form, an Item.

Source: docs/metrics.md 2.0. Whether accepted alternatives count is settled here, so nothing
further down asks for the mode.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from agent.schema import Claim, Extraction, Span
from evals.entities import Resolve, make_resolver
from evals.gold import Case
from evals.gold_form import GoldClaim

Chars = frozenset[int]
Chain = tuple[str, ...]
FIELDS = ("kind", "act", "polarity", "confidence")

_LEAD = re.compile(r"\W*\b(?:that|to|whether)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")


class HasExtent(Protocol):
    """Anything with offsets: a span of gold or of the record."""

    @property
    def start(self) -> int:
        """First code point."""

    @property
    def end(self) -> int:
        """One past the last code point."""


@dataclass(frozen=True, slots=True)
class Item:
    """A claim as the aligner sees it, of gold or predicted.

    contents, chains and each of labels hold the label first, then what else is accepted (lenient
    gold only). room: characters of its sentence, within which a located prediction must stay.
    mentions, cues: one per chain link, outermost first. cue_key: claims that share it belong to
    one attribution; None for the article's own voice. spokesmen: pairs of entities of which one
    speaks for the other.
    """

    id: str
    text: str
    words: Counter[str]
    contents: tuple[Chars, ...]
    room: Chars
    chains: tuple[Chain, ...]
    labels: dict[str, tuple[str, ...]]
    mentions: tuple[Chars | None, ...]
    cues: tuple[Chars | None, ...]
    cue_key: tuple[int, int] | str | None
    zone: str
    core: bool = True
    split_group: str | None = None
    spokesmen: frozenset[frozenset[str]] = frozenset()
    score: float | None = None

    @property
    def chars(self) -> Chars:
        """Characters of the content as labelled."""
        return self.contents[0]

    @property
    def chain(self) -> Chain:
        """Entity ids as labelled, outermost first."""
        return self.chains[0]

    def accepts(self, field: str, other: Item) -> bool:
        """Tell whether `other` has this label or an accepted one."""
        return other.labels[field][0] in self.labels[field]

    def accepts_source(self, other: Item) -> bool:
        """Tell whether the innermost sources are the same; no source equals no source."""
        return other.chain[-1:] in {chain[-1:] for chain in self.chains}

    def source_credit(self, other: Item) -> float:
        """Return 1 for the same innermost source, a half for one that speaks for the other."""
        if self.accepts_source(other):
            return 1.0
        ends = (self.chain[-1:], other.chain[-1:])
        return 0.5 if all(ends) and frozenset((ends[0][0], ends[1][0])) in self.spokesmen else 0.0

    def accepts_chain(self, other: Item) -> bool:
        """Tell whether the whole chains are the same."""
        return other.chain in self.chains


def find_chars(text: str, spans: Iterable[HasExtent]) -> Chars:
    """Return the offsets of the letters and digits in some spans.

    >>> from agent.document import Extent
    >>> sorted(find_chars("'Yes.'", [Extent(0, 6)]))
    [1, 2, 3]
    """
    return frozenset(
        i
        for span in spans
        for i in range(span.start, min(span.end, len(text)))
        if text[i].isalnum()
    )


def find_content(text: str, spans: Sequence[HasExtent]) -> Chars:
    """Return the characters of a content, without a leading that, to or whether."""
    chars = find_chars(text, spans)
    first = min(spans, key=lambda span: span.start)
    lead = _LEAD.match(text, first.start, first.end)
    trimmed = frozenset(i for i in chars if i >= lead.end()) if lead else chars
    return trimmed or chars


def keep_verbatim(text: str, span: Span | None) -> Span | None:
    """Return a span that stands in the text as it says; any other one is as good as none."""
    return span if span is not None and text[span.start : span.end] == span.text else None


def count_words(text: str) -> Counter[str]:
    """Return the casefolded words of a text with their number."""
    return Counter(_WORD.findall(text.casefold()))


def gold_items(case: Case, *, lenient: bool = False) -> list[Item]:
    """Return the gold claims as items, in file order; lenient ones carry their `accept` lists."""
    spokesmen = frozenset(
        frozenset((entity.id, entity.speaks_for))
        for entity in case.gold.entities
        if entity.speaks_for
    )
    items = (_gold_item(case.text, claim, lenient) for claim in case.gold.claims)
    return [replace(item, spokesmen=spokesmen) for item in items]


def _gold_item(text: str, claim: GoldClaim, lenient: bool) -> Item:
    accept = claim.accept
    chain = tuple(link.entity for link in claim.attribution.chain)
    labels: dict[str, tuple[str, ...]] = {
        "kind": (claim.attribution.kind, *(accept.kind if lenient else ())),
        "act": (claim.act, *(accept.act if lenient else ())),
        "polarity": (claim.polarity, *(accept.polarity if lenient else ())),
        "confidence": (claim.confidence, *(accept.confidence if lenient else ())),
    }
    contents = [claim.content, *(accept.content if lenient else ())]
    links = claim.attribution.chain
    return Item(
        id=claim.id,
        text=claim.text,
        words=count_words(claim.text),
        contents=tuple(find_content(text, content) for content in contents),
        room=find_chars(text, [claim.sentence, *(span for part in contents for span in part)]),
        chains=(chain, *(tuple(other) for other in (accept.chain if lenient else ()))),
        labels=labels,
        mentions=tuple(find_chars(text, [x.mention]) if x.mention else None for x in links),
        cues=tuple(find_chars(text, [x.cue]) if x.cue else None for x in links),
        cue_key=_cue_key(claim),
        zone=claim.zone,
        core=claim.status == "core",
        split_group=claim.split_group,
    )


def predicted_items(case: Case, extraction: Extraction) -> list[Item]:
    """Return the claims of a record as items, in an order that the record's doesn't influence.

    A fixed order makes ties in the assignment fall the same way for any order of the claims.
    """
    resolve = make_resolver(case)
    names = {entity.id: entity.name for entity in extraction.entities}
    items = [_predicted_item(case.text, claim, names, resolve) for claim in extraction.claims]
    return sorted(items, key=_order)


def _predicted_item(text: str, claim: Claim, names: dict[str, str], resolve: Resolve) -> Item:
    links = claim.attribution.chain
    mentions = [keep_verbatim(text, link.mention) for link in links]
    cues = [keep_verbatim(text, link.cue) for link in links]
    sources = zip(mentions, links, strict=True)
    return Item(
        id=claim.id,
        text=claim.text,
        words=count_words(claim.text),
        contents=(find_content(text, claim.content),),
        room=find_chars(text, [claim.sentence, *claim.content]),
        chains=(tuple(resolve(m, names.get(x.entity, "")) for m, x in sources),),
        labels={
            "kind": (claim.attribution.kind,),
            "act": (claim.act,),
            "polarity": (claim.polarity,),
            "confidence": (claim.confidence,),
        },
        mentions=tuple(find_chars(text, [m]) if m else None for m in mentions),
        cues=tuple(find_chars(text, [c]) if c else None for c in cues),
        cue_key=_cue_key(claim),
        zone=claim.zone,
        split_group=claim.split_group,
        score=claim.score,
    )


def _cue_key(claim: GoldClaim | Claim) -> tuple[int, int] | str | None:
    """Return the place of the innermost cue; a source without a cue stands alone."""
    if not claim.attribution.chain:
        return None
    cue = claim.attribution.chain[-1].cue
    return (cue.start, cue.end) if cue else claim.id


def _order(item: Item) -> tuple[object, ...]:
    """Return a sort key made of all that can change a score, the id left out."""
    labels = tuple(item.labels[field][0] for field in FIELDS)
    links = tuple(tuple(sorted(part or ())) for part in (*item.mentions, *item.cues))
    score = -1.0 if item.score is None else item.score
    return (sorted(item.chars), item.text, item.chain, labels, links, item.zone, score)
