"""What a batch of records shows together: who speaks, who isn't named, who gave no answer.

A row tells where it comes from by document and claim number, so that a page can link there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.schema import Claim, Confidence, Entity, EntityType, Extraction, Sourcing

UNNAMED: frozenset[EntityType] = frozenset({"anonymous", "group", "other"})
Answer = Literal["declined", "denied", "doesn't know", "not reached"]


@dataclass(frozen=True, slots=True)
class Place:
    """A claim: its document's number in the batch and its own in the record, both from 1."""

    document: int
    claim: int


@dataclass(slots=True)
class Source:
    """A source with what it says. via: who passes it on. One entity, or several of one name."""

    name: str
    type: EntityType
    confidence: Counter[Confidence] = field(default_factory=Counter)
    relayed: int = 0
    via: dict[str, None] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)

    @property
    def documents(self) -> int:
        """In how many documents the source stands."""
        return len({place.document for place in self.places})


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Somebody who was asked, or accused, and didn't confirm. topic: of what, "" if not told."""

    who: str
    answer: Answer
    topic: str
    words: str
    place: Place


@dataclass(frozen=True, slots=True)
class Audit:
    """One document. table: claims by sourcing and confidence. sources: in order of appearance."""

    number: int
    id: str
    title: str
    date: str | None
    table: Counter[tuple[Sourcing, Confidence]]
    sources: dict[str, Source]
    unanswered: list[Unanswered]
    rejected: int

    @property
    def claims(self) -> int:
        """How many claims there are."""
        return self.table.total()

    @property
    def attributed(self) -> int:
        """How many claims have a source."""
        return sum(n for (basis, _), n in self.table.items() if basis != "article_voice")

    @property
    def unnamed(self) -> int:
        """How many claims rest on somebody who isn't named."""
        bases = ("anonymous", "anonymous_via_outlet", "unspecified")
        return sum(n for (basis, _), n in self.table.items() if basis in bases)

    def sure(self, confidence: Confidence) -> int:
        """Return how many claims are put with this confidence."""
        return sum(n for (_, sure), n in self.table.items() if sure == confidence)


def audit(extraction: Extraction, number: int = 1) -> Audit:
    """Return what one record shows. number: of its document in the batch."""
    document = extraction.document
    entities = {entity.id: entity for entity in extraction.entities}
    unanswered = (
        _unanswered(claim, entities, Place(number, place))
        for place, claim in enumerate(extraction.claims, 1)
    )
    return Audit(
        number=number,
        id=document.id,
        title=document.title or document.id,
        date=document.date,
        table=Counter((claim.sourcing, claim.confidence) for claim in extraction.claims),
        sources=_sources(extraction.claims, entities, number),
        unanswered=[found for found in unanswered if found],
        rejected=len(extraction.rejected),
    )


def _sources(
    claims: Sequence[Claim], entities: dict[str, Entity], number: int
) -> dict[str, Source]:
    """Return the sources by entity id; the innermost one says a claim, the others pass it on."""
    sources: dict[str, Source] = {}
    for place, claim in enumerate(claims, start=1):
        outer: list[str] = []
        for depth, link in enumerate(claim.attribution.chain, start=1):
            entity = entities.get(link.entity)
            name = entity.name if entity else link.entity
            source = sources.setdefault(
                link.entity, Source(name, entity.type if entity else "other")
            )
            here = Place(number, place)
            if here not in source.places[-1:]:  # a chain may name somebody twice
                source.places.append(here)
            if depth == len(claim.attribution.chain):
                source.confidence[claim.confidence] += 1
                source.via.update(dict.fromkeys(each for each in outer if each != name))
            else:
                source.relayed += 1
            outer.append(name)
    return sources


# ---- who gave no answer -----------------------------------------------------------------------

_ANSWERS: dict[str, Answer] = {"decline": "declined", "deny": "denied", "disclaim": "doesn't know"}
_NOT = r"(?:n['’]t|\ not|\ never)"
_NO_REPLY = re.compile(
    rf"""\b(?:(?:could{_NOT}|can['’]t|can\ ?not)\ (?:immediately\ |yet\ )?be\ (?:reached|contacted)
    |(?:did|does|do|had|has|have){_NOT}\ (?:immediately\ |yet\ )*
        (?:respond|repl|return|answer)\w*
    |(?:was|were|is|are)(?:{_NOT}\ (?:immediately\ )?|\ un)available)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_TRIED = re.compile(
    r"\b(?:attempts|efforts) to (?:reach|contact) (?P<who>.+?) (?:were|have|had|failed|by)\b"
    r"|^(?P<asked>.+?) (?:has|have|had) been (?:contacted|approached|asked) for (?:a )?comment\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:comment|requests?|questions?|(?:phone )?calls?|messages?|e-?mails?|inquir|enquir)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:comment|comments|questions?|requests?|inquir\w+|enquir\w+|calls?|messages?|e-?mails?)"
    r" (?:on|about|regarding|over) (?P<topic>[^.;]+)",
    re.IGNORECASE,
)


def _unanswered(claim: Claim, entities: dict[str, Entity], place: Place) -> Unanswered | None:
    """Return who gave no answer in a claim, None where nobody is asked."""
    chain, sentence = claim.attribution.chain, claim.sentence.text
    words = " … ".join(span.text for span in claim.content)
    if chain and claim.act in _ANSWERS:
        entity = entities.get(chain[-1].entity)
        cue = chain[-1].cue.text if chain[-1].cue else ""
        answer = "not reached" if _NO_REPLY.search(cue) else _ANSWERS[claim.act]
        topic = claim.topic.text if claim.topic else words
        told = _ABOUT.search(topic)
        return Unanswered(
            entity.name if entity else chain[-1].entity,
            answer,
            told["topic"] if told else "" if answer == "not reached" else topic,
            sentence,
            place,
        )
    who = _who_is_silent(words) if _ASKED.search(words) or _TRIED.search(words) else None
    if who is None:
        return None
    told = _ABOUT.search(words)
    return Unanswered(who, "not reached", told["topic"] if told else "", sentence, place)


def _who_is_silent(words: str) -> str | None:
    """Return who couldn't be reached or didn't answer.

    >>> _who_is_silent("Ann could not be reached for comment")
    'Ann'
    >>> _who_is_silent("Attempts to reach the owner failed")
    'the owner'
    """
    if tried := _TRIED.search(words):
        return tried["who"] or tried["asked"]
    found = _NO_REPLY.search(words)
    return words[: found.start()].strip(" ,") or None if found else None


# ---- a batch ----------------------------------------------------------------------------------


def named_sources(audits: Iterable[Audit]) -> list[Source]:
    """Return the named sources of a batch, most claims first.

    Those of one name and type are taken for one; common nouns ("the company") for one in each
    document.
    """
    merged: dict[tuple[str, EntityType, int], Source] = {}
    for each in audits:
        for source in each.sources.values():
            if source.type in UNNAMED:
                continue
            common = source.name.islower()
            key = (source.name.casefold(), source.type, each.number if common else 0)
            whole = merged.setdefault(key, Source(source.name, source.type))
            whole.confidence.update(source.confidence)
            whole.relayed += source.relayed
            whole.via.update(source.via)
            whole.places += source.places
    return sorted(merged.values(), key=lambda source: -len(source.places))


def unnamed_sources(audits: Iterable[Audit]) -> Iterator[Source]:
    """Yield the sources that are no named person or body, document by document."""
    for each in audits:
        yield from (source for source in each.sources.values() if source.type in UNNAMED)
