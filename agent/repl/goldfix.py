"""A field of a gold claim put right: labels, words of the text, sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from agent.document import Document
from agent.errors import ConfigError
from agent.repl.goldplaces import DOTS, kind_by_marks, locate, with_content
from agent.repl.goldwork import Work, place_of
from agent.repl.parse import VALUES, check_value
from agent.schema import Attribution, Claim, Entity, Link, Span

FIELDS = (
    "content text source cue type kind act polarity confidence hedge topic status same note"
).split()
NOBODY = frozenset({"", "none", "nobody", "article", "-"})
_ARROW = re.compile(r"\s*(?:←|<-|<)\s*")


def fix(work: Work, document: Document, field: str, value: str) -> Work:
    """Return the work with a field of the present claim put right; a name may be cut short.

    value: for content, cue, hedge and topic words of the text, with " ... " between parts of a
    content and between hedges; for source names, outermost first, with < between them; for type
    that of the innermost source. "none" empties a field.

    Raises:
        ConfigError: there's no such field or value, or the words don't stand in the text.
    """
    name, value = _field(field), value.strip()
    claim = work.item.claim
    if name == "status":
        return work.changed(optional=check_value(name, value) == "optional")
    if name == "note":
        return work.changed(note=value)
    if name == "source":
        return _with_source(work, document, value)
    if name == "type":
        return _with_type(work, value)
    if name == "text" and not value:
        raise ConfigError("the text can't be empty: write the claim as a sentence of its own")
    if name == "content":
        spans = locate(document, value, claim.content[0].start)
        return work.changed(claim=with_content(claim, document, spans))
    if name == "kind":
        kind = check_value(name, value)
        if (kind == "none") == bool(claim.attribution.chain):
            raise ConfigError("kind none goes with no source, and only with it: fix the source")
        return work.with_claim(attribution=claim.attribution.model_copy(update={"kind": kind}))
    if name == "same":
        return work.with_claim(duplicate_of=_other(work, value))
    if name in VALUES:
        return work.with_claim(**{name: check_value(name, value)})
    if name == "text":
        return work.with_claim(text=value)
    return work.with_claim(**_words_of(claim, document, name, value))


def _field(field: str) -> str:
    begun = [name for name in FIELDS if name.startswith(field.casefold())] if field else []
    if field.casefold() in FIELDS:
        return field.casefold()
    if len(begun) != 1:
        raise ConfigError(f"there's no field {field!r} to fix; known: {', '.join(FIELDS)}")
    return begun[0]


def _other(work: Work, word: str) -> str | None:
    if word.casefold() in NOBODY:
        return None
    place = place_of(work, word)
    if place == work.at:
        raise ConfigError("a claim can't repeat itself: name the one that it repeats")
    return work.items[place].claim.id


def _words_of(claim: Claim, document: Document, name: str, value: str) -> dict[str, Any]:
    """Return what changes in a claim when its cue, hedges or topic are set."""
    near = claim.content[0].start
    parts = [] if value.casefold() in NOBODY else DOTS.split(value) if name == "hedge" else [value]
    spans = [span for part in parts for span in locate(document, part, near, parts=False)]
    if name == "hedge":
        return {"confidence_cues": spans}
    span = spans[0] if spans else None
    if name == "topic":
        return {"topic": span}
    chain = list(claim.attribution.chain)
    if not chain:
        raise ConfigError("the article's own claim has no cue: fix its source first")
    chain[-1] = chain[-1].model_copy(update={"cue": span})
    return {"attribution": claim.attribution.model_copy(update={"chain": chain})}


# ---- sources ----------------------------------------------------------------------------------


def _with_source(work: Work, document: Document, value: str) -> Work:
    """Return the work with another chain in the present claim; links that stay keep their cue."""
    claim = work.item.claim
    if value.casefold() in NOBODY:
        return work.with_claim(attribution=Attribution(kind="none"))
    entities = list(work.entities)
    before = {link.entity: link for link in claim.attribution.chain}
    chain = []
    for name in _ARROW.split(value):
        entity = _entity(entities, document, name, claim.content[0].start)
        if entity not in entities:
            entities.append(entity)
        mention = _nearest(entity.mentions, claim)
        chain.append(before.get(entity.id) or Link(entity=entity.id, mention=mention))
    attribution = claim.attribution.model_copy(update={"chain": chain})
    kind = kind_by_marks(document, claim.content, attribution)
    work = work.model_copy(update={"entities": tuple(entities)})
    return work.with_claim(attribution=attribution.model_copy(update={"kind": kind}))


def _entity(entities: Sequence[Entity], document: Document, name: str, near: int) -> Entity:
    """Return the entity with a name, or a new one for words of the text."""
    wanted = name.casefold()
    for known in entities:
        if wanted in {known.id, known.name.casefold(), *(a.casefold() for a in known.aliases)}:
            return known
    begun = [known for known in entities if wanted and wanted in known.name.casefold()]
    if len(begun) == 1:
        return begun[0]
    span = locate(document, name, near, parts=False)[0]
    taken = {known.id for known in entities}
    stem = re.sub(r"\W+", "-", wanted).strip("-") or "source"
    id_ = next(i for i in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if i not in taken)
    return Entity(id=id_, name=span.text, type="other", mentions=[span])


def _with_type(work: Work, value: str) -> Work:
    chain = work.item.claim.attribution.chain
    if not chain:
        raise ConfigError("the article's own claim has no source: fix that first")
    type_ = check_value("type", value)
    entities = [
        entity.model_copy(update={"type": type_}) if entity.id == chain[-1].entity else entity
        for entity in work.entities
    ]
    return work.model_copy(update={"entities": tuple(entities)})


def _nearest(mentions: Sequence[Span], claim: Claim) -> Span | None:
    at = claim.content[0].start
    return min(mentions, key=lambda span: abs(span.start - at), default=None)
