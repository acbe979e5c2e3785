"""Grounded findings to the record: entities, kinds, sourcing, duplicates, stand-alone text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.document import Document, Extent
from agent.ground import Grounded, GroundedSource
from agent.lexicon import Lexicon
from agent.names import fold_name
from agent.passages import Passage
from agent.resolve import PRONOUNS, Known, Resolver
from agent.schema import (
    Attribution,
    Claim,
    ClaimZone,
    DocumentRecord,
    Extraction,
    Kind,
    Link,
    Provenance,
    Rejected,
    Sourcing,
    Span,
)
from agent.standalone import date_in, joining, lowered, predicate, sentence
from agent.syntax import Token

MARKS = frozenset("\"“”‘’'")
MOST_MENTIONS = 100  # of a source, among which one that isn't a pronoun is looked for
SAME_WORDS = 0.8  # share of a headline's words that its body claim must hold


@dataclass(frozen=True, slots=True)
class _Builder:
    document: Document
    resolver: Resolver

    def claim(self, number: int, grounded: Grounded) -> Claim:
        finding, document = grounded.finding, self.document
        known = [self.resolver.entity_of(source.mention) for source in grounded.chain]
        held = document.sentence_at(grounded.content[0].start)
        extent = held.extent if held else finding.passage
        kind = kind_of(document, grounded)
        return Claim(
            id=f"c{number:02}",
            text=self._text(grounded, known, kind),
            content=list(grounded.content),
            sentence=Span(start=extent.start, end=extent.end, text=extent.of(document.text)),
            zone=_zone(held.zone if held else "body"),
            attribution=Attribution(
                kind=kind,
                chain=[
                    Link(
                        entity=entity.id,
                        role=source.role,
                        implicit=source.implicit,
                        mention=source.mention,
                        cue=source.cue,
                    )
                    for source, entity in zip(grounded.chain, known, strict=True)
                ],
            ),
            act=finding.act,
            polarity=finding.polarity,
            confidence=finding.confidence,
            confidence_cues=list(grounded.confidence_cues),
            topic=grounded.topic,
            differences=list(grounded.differences),
            sourcing=sourcing_of(known),
            split_group=finding.split_group,
        )

    def _text(self, grounded: Grounded, known: Sequence[Known], kind: Kind) -> str:
        """Return the claim as a sentence that stands alone."""
        finding, text = grounded.finding, self.document.text
        spoken = kind == "direct"
        names = [self._name(s, k) for s, k in zip(grounded.chain, known, strict=True)]
        link = self._link(grounded, spoken=spoken)
        spans = self._beyond_cue(grounded)
        if grounded.subject is not None and not (spoken and not grounded.chain):
            spans.insert(0, grounded.subject)
        pieces = [span.text if spoken else self._named(span, names) for span in spans]
        if names and not spoken and pieces:
            pieces[0] = lowered(pieces[0], self._first(spans[0]))
        body = " ".join(pieces)
        end = grounded.content[-1].end
        if text[end : end + 1] == "?" and (spoken or not names):
            body += "?"
        if not spoken:
            ahead = True if link.endswith("to") and link != "according to" else None
            body = date_in(body, self.document.date, future=ahead)
        cue = self._predicate(grounded.chain[-1], known[-1]) if grounded.chain else ""
        if finding.link == "according to":
            link = finding.link
        elif spoken and link in {"", "that"}:
            link = ":" if finding.clausal else ""
        return sentence(body, names=names, cue=cue, link=link, spoken=spoken)

    def _beyond_cue(self, grounded: Grounded) -> list[Span]:
        """Return the content without what the cue says already ("would not discuss it")."""
        cue = grounded.chain[-1].cue if grounded.chain else None
        if cue is None:
            return list(grounded.content)
        found = []
        for span in grounded.content:
            start = cue.end if cue.start <= span.start < cue.end else span.start
            words = self.document.text[start : span.end]
            start += len(words) - len(words.lstrip())
            if start < span.end:
                found.append(span.model_copy(update={"start": start, "text": words.strip()}))
        return found

    def _name(self, source: GroundedSource, known: Known) -> str:
        """Return the source as it's named in a sentence of our own, its determiner kept."""
        spans = [source.mention] if source.mention else []
        if not known.proper:
            spans += known.mentions[:MOST_MENTIONS]
        for span in spans:
            folded = fold_name(span.text)
            if folded in PRONOUNS or (known.proper and folded != fold_name(known.name)):
                continue
            return lowered(re.sub("['’]s?$", "", span.text), self._first(span))
        return known.name

    def _named(self, span: Span, names: Sequence[str]) -> str:
        """Return the span's words with names for subject pronouns, but for the source's own."""
        named = self.resolver.with_names(span)
        first = span.text.split(maxsplit=1)[0]
        own = names and named.startswith(f"{names[-1]} ") and first.lower() in PRONOUNS
        return first + named[len(names[-1]) :] if own else named

    def _predicate(self, source: GroundedSource, known: Known) -> str:
        if source.cue is None:
            return "said"
        tokens = self._tokens(source.cue.start, source.cue.end)
        before = self.document.text[: source.mention.start] if source.mention else ""
        by = before.endswith("by ")
        return predicate(source.cue.text, tokens, plural=known.plural, by=by)

    def _link(self, grounded: Grounded, *, spoken: bool) -> str:
        """Return what joins cue and content: the words between the two, where they do only that."""
        default, start = grounded.finding.link, grounded.content[0].start
        source = grounded.chain[-1] if grounded.chain else None
        held = self.document.sentence_at(start)
        if source is None or source.cue is None or held is None:
            return default
        gap = Extent(source.cue.end, start)
        named = source.mention is not None and gap.start <= source.mention.start < gap.end
        if named or gap.start > gap.end or gap not in held.extent:
            return default
        between = self._tokens(gap.start, gap.end)
        if not between:
            return "that" if default == "that" and not spoken else ""
        words = joining([t for t in between if t.text not in MARKS])
        return default if words is None else words

    def _tokens(self, start: int, end: int) -> list[Token]:
        passage = self.resolver.passage_at(start)
        return passage.tree.within(Extent(start, end)) if passage else []

    def _first(self, span: Span) -> Token | None:
        """Return the span's first token if it begins its sentence, where capitals mean nothing."""
        held = self.document.sentence_at(span.start)
        opens = held is not None and span.start - held.extent.start <= 1
        return next(iter(self._tokens(span.start, span.end)), None) if opens else None


def assemble(
    document: Document,
    passages: Sequence[Passage],
    lexicon: Lexicon,
    grounded: Sequence[Grounded],
    rejected: Sequence[Rejected],
    provenance: Provenance,
) -> Extraction:
    """Return the record of the document."""
    resolver = Resolver(document, passages, lexicon)
    resolver.read(grounded)
    builder = _Builder(document, resolver)
    claims = [builder.claim(number, each) for number, each in enumerate(_distinct(grounded), 1)]
    claims = _with_duplicates(claims)
    used = {link.entity for claim in claims for link in claim.attribution.chain}
    article = document.article
    return Extraction(
        document=DocumentRecord(
            id=article.id,
            title=article.title or _headline(document),
            date=document.date,
            sha256=hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest(),
            origin=article.origin,
            language=document.language,
            text=document.text,
            extra=article.extra,
        ),
        entities=resolver.entities(used),
        claims=claims,
        rejected=list(rejected),
        flags=list(document.flags),
        provenance=provenance,
    )


def kind_of(document: Document, grounded: Grounded) -> Kind:
    """Return how the claim is attributed, by how much of its content stands in quotation marks."""
    if not grounded.chain:
        return "none"
    text = document.text
    at = [i for s in grounded.content for i in range(s.start, s.end) if text[i].isalnum()]
    quoted = sum(_quoted(document, i) for i in at)
    if quoted == len(at):
        return "direct"
    if quoted:
        return "mixed"
    return "indirect" if grounded.finding.clausal else "paraphrase"


def _quoted(document: Document, at: int) -> bool:
    run = document.quotation_at(Extent(at, at + 1))
    return run is not None and any(inner.start <= at < inner.end for inner in run.inner)


def sourcing_of(chain: Sequence[Known]) -> Sourcing:
    """Return how good the basis is, from who stands in the chain."""
    if not chain:
        return "article_voice"
    inner = chain[-1]
    if inner.id == "unspecified":
        return "unspecified"
    if inner.type == "anonymous":
        return "anonymous_via_outlet" if len(chain) > 1 else "anonymous"
    if inner.type == "document":
        return "official_document"
    return "named_on_record" if inner.type == "person" else "named_institution"


def _zone(zone: str) -> ClaimZone:
    return zone if zone in {"headline", "subheading", "pull_quote", "caption"} else "body"  # type: ignore[return-value]


def _headline(document: Document) -> str | None:
    first = next((b for b in document.blocks if b.zone == "headline"), None)
    return first.extent.of(document.text) if first else None


def _distinct(grounded: Sequence[Grounded]) -> list[Grounded]:
    """Return the findings without exact repetitions of place and source."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for each in grounded:
        inner = each.chain[-1].mention if each.chain else None
        key = (
            *((s.start, s.end) for s in each.content),
            inner.start if inner else None,
            len(each.chain),
        )
        if key not in seen:
            seen.add(key)
            kept.append(each)
    return kept


def _with_duplicates(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims, each heading or pull quote linked to the body claim that it repeats."""
    body = [c for c in claims if c.zone == "body"]
    linked = []
    for claim in claims:
        twin = None
        if claim.zone in {"headline", "subheading", "pull_quote"}:
            twin = max(body, key=lambda other: _shared(claim, other), default=None)
            twin = twin if twin and _shared(claim, twin) >= SAME_WORDS else None
        linked.append(claim.model_copy(update={"duplicate_of": twin.id}) if twin else claim)
    return linked


def _shared(claim: Claim, other: Claim) -> float:
    words = _words(claim)
    return len(words & _words(other)) / len(words) if words else 0.0


def _words(claim: Claim) -> set[str]:
    text = " ".join(span.text for span in claim.content).casefold()
    return {word.strip("’'s") for word in text.split() if len(word) > 3}
