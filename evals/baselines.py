"""Readings that need no model: the floor that a system must clear, and the oracle at the top.

They catch a fault in a metric at once. Source: docs/metrics.md, the harness, 14.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.document import Document, Extent, Quotation, Sentence
from agent.schema import (
    Attribution,
    Claim,
    DocumentRecord,
    Entity,
    Extraction,
    Link,
    Provenance,
    Span,
)
from evals.gold import Case
from evals.gold_form import GoldSpan


def read_oracle(case: Case) -> Extraction:
    """Return the gold as a record: every figure must be 1.0, or the metric has a fault."""
    claims = [
        Claim(
            id=claim.id,
            text=claim.text,
            content=[_span(span) for span in claim.content],
            sentence=_span(claim.sentence),
            zone=claim.zone,
            attribution=Attribution(
                kind=claim.attribution.kind,
                chain=[
                    Link(
                        entity=link.entity,
                        role=link.role,
                        implicit=link.implicit,
                        mention=_span(link.mention) if link.mention else None,
                        cue=_span(link.cue) if link.cue else None,
                    )
                    for link in claim.attribution.chain
                ],
            ),
            act=claim.act,
            polarity=claim.polarity,
            confidence=claim.confidence,
            confidence_cues=[_span(span) for span in claim.confidence_cues],
            topic=_span(claim.topic) if claim.topic else None,
            sourcing=claim.sourcing or "unspecified",
            duplicate_of=claim.duplicate_of,
            split_group=claim.split_group,
        )
        for claim in case.gold.claims
    ]
    entities = [
        Entity(id=e.id, name=e.name, type=e.type, aliases=e.aliases) for e in case.gold.entities
    ]
    return make_record(case, "oracle", claims, entities)


def make_record(
    case: Case, name: str, claims: list[Claim], entities: list[Entity] | None = None
) -> Extraction:
    """Return a record of some claims, made without a model."""
    return Extraction(
        document=DocumentRecord(
            id=case.id, sha256=case.gold.document.sha256, title=case.gold.document.title
        ),
        entities=entities or [],
        claims=claims,
        provenance=Provenance(engine="baseline", model=name, reading="document"),
    )


def read_all_certain(case: Case) -> Extraction:
    """Return the gold with every claim certain: what confidence figures give for no reading."""
    gold = read_oracle(case)
    claims = [claim.model_copy(update={"confidence": "certain"}) for claim in gold.claims]
    return make_record(case, "all certain", claims, gold.entities)


def read_nothing(case: Case, _: Document) -> Extraction:
    """Return a record without a claim."""
    return make_record(case, "empty", [])


def read_headline(case: Case, document: Document) -> Extraction:
    """Return the headline as the only claim, in the article's own voice."""
    found = [s for s in document.readable() if s.zone == "headline"]
    return make_record(case, "headline", _own_voice(document, found))


def read_sentences(case: Case, document: Document) -> Extraction:
    """Return each sentence as a claim in the article's own voice."""
    return make_record(case, "sentences", _own_voice(document, list(document.readable())))


def read_quotations(case: Case, document: Document) -> Extraction:
    """Return each quoted sentence as a claim of whoever is named nearest in the paragraph."""
    claims: list[Claim] = []
    names: dict[str, Entity] = {}
    for quotation in document.quotations:
        for sentence in document.readable():
            for inner in quotation.inner:
                content = _meet(inner, sentence.extent)
                name = _nearest_name(document, sentence, quotation) if content else None
                if content and name:
                    speaker = name.of(document.text)
                    known = Entity(id=f"e{len(names) + 1}", name=speaker, type="person")
                    link = Link(
                        entity=names.setdefault(speaker, known).id, mention=_cut(document, name)
                    )
                    claims.append(_claim(document, len(claims), sentence, content, link))
    return make_record(case, "quotations", claims, list(names.values()))


BASELINES: dict[str, Callable[[Case, Document], Extraction]] = {
    "empty": read_nothing,
    "headline": read_headline,
    "sentences": read_sentences,
    "quotations": read_quotations,
    "all certain": lambda case, _: read_all_certain(case),
    "oracle": lambda case, _: read_oracle(case),
}

_NAME = re.compile(r"\b[A-Z][\w.’'-]*(?:\s+[A-Z][\w.’'-]*)*")
_NOT_NAMES = re.compile(
    r"The|An?|In|On|At|For|But|And|It|Its|He|She|They|We|I|This|That|These|Those|There|When|While"
    r"|However|After|Before|As|If|According|Mr|Mrs|Ms|Dr"
)


def _nearest_name(document: Document, sentence: Sentence, quotation: Quotation) -> Extent | None:
    """Return the capitalised words nearest to a quotation, outside of it, in its paragraph."""
    block = document.blocks[sentence.block].extent
    found = (Extent(*m.span()) for m in _NAME.finditer(document.text, block.start, block.end))
    names = [
        name
        for name in found
        if not name.overlaps(quotation.extent) and not _NOT_NAMES.fullmatch(name.of(document.text))
    ]
    quoted = quotation.extent
    return min(
        names, key=lambda n: max(n.start - quoted.end, quoted.start - n.end, 0), default=None
    )


def _own_voice(document: Document, sentences: list[Sentence]) -> list[Claim]:
    return [_claim(document, i, s, s.extent, None) for i, s in enumerate(sentences)]


def _claim(
    document: Document, index: int, sentence: Sentence, content: Extent, link: Link | None
) -> Claim:
    """Return a flat assertion about some words of a sentence."""
    zone = sentence.zone
    return Claim(
        id=f"c{index + 1}",
        text=content.of(document.text),
        content=[_cut(document, content)],
        sentence=_cut(document, sentence.extent),
        zone=zone if zone != "dateline" and zone != "boilerplate" else "body",  # noqa: PLR1714
        attribution=Attribution(kind="direct" if link else "none", chain=[link] if link else []),
        sourcing="named_on_record" if link else "article_voice",
    )


def _meet(a: Extent, b: Extent) -> Extent | None:
    """Return what two extents share."""
    return Extent(max(a.start, b.start), min(a.end, b.end)) if a.overlaps(b) else None


def _cut(document: Document, extent: Extent) -> Span:
    return Span(start=extent.start, end=extent.end, text=extent.of(document.text))


def _span(span: GoldSpan) -> Span:
    return Span(start=span.start, end=span.end, text=span.text)
