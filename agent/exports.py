"""The record for the web: W3C Web Annotations and schema.org claims, both as JSON-LD.

docs/output.md says what each form keeps and what it drops. Names of our own have the prefix
`urn:x-sayso:`, which stands for no address on the web.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from agent.audit import UNNAMED
from agent.links import text_link, web_address
from agent.rows import json_text
from agent.schema import Claim, Entity, EntityType, Extraction, Link, Review, Span
from agent.settings import VERSION

Node = dict[str, Any]

NAMESPACE = "urn:x-sayso:1:"
AROUND = 32  # characters before and after, by which a quotation is told from its like

# ---- names of things --------------------------------------------------------------------------


def record_name(extraction: Extraction) -> str:
    """Return a URN for this reading: another reading of the same text has another."""
    digest = hashlib.sha256(json_text(extraction).encode()).hexdigest()
    return f"urn:x-sayso:record:{digest[:32]}"


def text_name(extraction: Extraction) -> str:
    """Return the name of the text that offsets point into: its hash as a URI (RFC 6920)."""
    sha256 = extraction.document.sha256
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        return f"urn:x-sayso:text:{quote(sha256, safe='', errors='replace')}"
    value = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return f"ni:///sha-256;{value}"


def _part(record: str, id_: str) -> str:
    return f"{record}#{quote(id_, safe='', errors='replace')}"


# ---- W3C Web Annotation -----------------------------------------------------------------------

_LISTS = ("content", "chain", "confidence_cues", "differences")
_VALUES = (
    "match claim_id document_id zone kind act polarity confidence sourcing split_group score "
    "role implicit entity_type status by at note title date origin sha256 returned stands"
).split()
_NODES = ("sentence", "topic", "review", "entity", "mention", "cue", "document", "duplicate_of")
ANNOTATION_CONTEXT: list[Any] = [
    "http://www.w3.org/ns/anno.jsonld",
    {
        "sayso": NAMESPACE,
        "Claim": "sayso:Claim",
        **{name: f"sayso:{name}" for name in _VALUES},
        **{name: {"@id": f"sayso:{name}", "@type": "@id"} for name in _NODES},
        **{name: {"@id": f"sayso:{name}", "@container": "@list"} for name in _LISTS},
    },
]


def web_annotations(extraction: Extraction) -> Node:
    """Return an AnnotationCollection: an Annotation for each span of each claim.

    **Source**: Web Annotation Data Model, https://www.w3.org/TR/annotation-model/
    """
    record, document = record_name(extraction), extraction.document
    items = list(_annotations(extraction, record))
    about = document.model_dump(include={"title", "date", "origin", "sha256"}, exclude_none=True)
    return {
        "@context": ANNOTATION_CONTEXT,
        "id": record,
        "type": "AnnotationCollection",
        "label": document.title or document.id,
        "document": {
            "id": text_name(extraction),
            "type": "Text",
            "document_id": document.id,
            "language": document.language,
            **about,
        },
        "generator": {
            "id": f"urn:x-sayso:software:{VERSION}",
            "type": "Software",
            "name": f"sayso {VERSION}",
        },
        "total": len(items),
        "first": {"id": f"{record}#page", "type": "AnnotationPage", "startIndex": 0}
        | {"items": items},
    }


def _annotations(extraction: Extraction, record: str) -> Iterator[Node]:
    entities = {entity.id: entity for entity in extraction.entities}
    for claim in extraction.claims:
        name = _part(record, claim.id)
        for number, span in enumerate(claim.content, start=1):
            whole = number == 1  # further spans point to the same body
            yield {
                "id": f"{name}.{number}",
                "type": "Annotation",
                "motivation": "describing",
                "body": _body(claim, entities, extraction, record) if whole else name,
                "target": _targets(extraction, span),
            }


def _targets(extraction: Extraction, span: Span) -> Node | list[Node]:
    """Return the place in the text that was read; where it came from a web page, also that.

    Offsets hold in the text only: a page has menus and markup besides.
    """
    document = extraction.document
    quoted: Node = {"type": "TextQuoteSelector", "exact": span.text}
    if document.text is not None:
        quoted["prefix"] = document.text[max(0, span.start - AROUND) : span.start]
        quoted["suffix"] = document.text[span.end : span.end + AROUND]
    place = {"type": "TextPositionSelector", "start": span.start, "end": span.end}
    targets: list[Node] = [
        {"type": "SpecificResource", "source": name, "selector": selector}
        for name, selector in (
            (text_name(extraction), [quoted, place]),
            (web_address(document.origin), quoted),
        )
        if name
    ]
    return targets if len(targets) > 1 else targets[0]


def _body(claim: Claim, entities: dict[str, Entity], extraction: Extraction, record: str) -> Node:
    optional = {
        "topic": _span(claim.topic),
        "duplicate_of": _part(record, claim.duplicate_of) if claim.duplicate_of else None,
        "split_group": claim.split_group,
        "score": claim.score,
        "review": claim.review.model_dump() if claim.review else None,
    }
    return {
        "id": _part(record, claim.id),
        "type": ["TextualBody", "Claim"],
        "purpose": "describing",
        "format": "text/plain",
        "language": extraction.document.language,
        "value": claim.text,
        "claim_id": claim.id,
        "content": [_span(span) for span in claim.content],
        "sentence": _span(claim.sentence),
        "zone": claim.zone,
        "kind": claim.attribution.kind,
        "chain": [_link(link, entities, record) for link in claim.attribution.chain],
        "act": claim.act,
        "polarity": claim.polarity,
        "confidence": claim.confidence,
        "confidence_cues": [_span(span) for span in claim.confidence_cues],
        "differences": [each.model_dump() for each in claim.differences],
        "sourcing": claim.sourcing,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _link(link: Link, entities: dict[str, Entity], record: str) -> Node:
    entity = entities.get(link.entity)
    about = {"name": entity.name, "entity_type": entity.type} if entity else {}
    words = {"mention": _span(link.mention), "cue": _span(link.cue)}
    return {
        "entity": {"id": _part(record, f"entity-{link.entity}"), **about},
        "role": link.role,
        "implicit": link.implicit,
        **{name: value for name, value in words.items() if value},
    }


def _span(span: Span | None) -> Node | None:
    if span is None:
        return None
    types = ["TextPositionSelector", "TextQuoteSelector"]
    place = {"start": span.start, "end": span.end}
    return {"type": types, **place, "exact": span.text, "match": span.match}


# ---- schema.org -------------------------------------------------------------------------------

_TYPES: dict[EntityType, str] = {
    "person": "Person",
    "organization": "Organization",
    "place": "Organization",  # "Paris says": who governs there
    "document": "CreativeWork",
    "group": "Person",
    "anonymous": "Person",
    "other": "Thing",
}


def schema_claims(extraction: Extraction) -> Node:
    """Return the article and its claims in the terms of schema.org, with no rating of any.

    **Source**: https://schema.org/Claim
    """
    record, document = record_name(extraction), extraction.document
    address = web_address(document.origin)
    name = address.partition("#")[0] if address else text_name(extraction)
    optional = {"datePublished": document.date, "url": address}
    article: Node = {
        "@type": "NewsArticle",
        "@id": name,
        "identifier": text_name(extraction),
        "headline": document.title or document.id,
        "inLanguage": document.language,
        **{key: value for key, value in optional.items() if value},
    }
    entities = {entity.id: entity for entity in extraction.entities}
    found = [_schema_claim(claim, entities, extraction, record) for claim in extraction.claims]
    for claim in found:
        claim["appearance"]["isPartOf"] = name
    return {"@context": "https://schema.org", "@graph": [article, *found]}


def _schema_claim(
    claim: Claim, entities: dict[str, Entity], extraction: Extraction, record: str
) -> Node:
    document = extraction.document
    chain = [entities[link.entity] for link in claim.attribution.chain if link.entity in entities]
    appearance: Node = {"@type": "CreativeWork", "text": claim.sentence.text}
    if link := text_link(document.origin, document.text, claim.content):
        appearance["url"] = link
    work = None
    for place, entity in reversed([*enumerate(chain)]):
        if place < len(chain) - 1 or entity.type == "document":
            work = _work(entity, record) | ({"isBasedOn": work} if work else {})
    if work:
        appearance["isBasedOn"] = work
    found: Node = {
        "@type": "Claim",
        "@id": _part(record, claim.id),
        "identifier": claim.id,
        "text": claim.text,
        "inLanguage": document.language,
        "appearance": appearance,
    }
    if chain and chain[-1].type != "document":
        found["author"] = _agent(chain[-1], record)
    if claim.topic:
        found["about"] = {"@type": "Thing", "name": claim.topic.text}
    if claim.review:
        found["comment"] = _comment(claim.review)
    if claim.duplicate_of:
        found["sameAs"] = _part(record, claim.duplicate_of)
    return found


def _comment(review: Review) -> Node:
    """Return a person's verdict as a comment: it's about the reading, and rates nothing."""
    verdict = "read rightly" if review.status == "ok" else "read wrongly"
    text = f"{verdict}: {review.note}" if review.note else verdict
    comment: Node = {"@type": "Comment", "text": text}
    if review.by:
        comment["author"] = {"@type": "Person", "name": review.by}
    return comment | ({"dateCreated": review.at} if review.at else {})


def _work(entity: Entity, record: str) -> Node:
    """Return what a source put out: a document, or an unknown work of a person or a body."""
    if entity.type == "document":
        return {"@type": "CreativeWork", "name": entity.name}
    return {"@type": "CreativeWork", "author": _agent(entity, record)}


def _agent(entity: Entity, record: str) -> Node:
    name = _part(record, f"entity-{entity.id}")
    agent: Node = {"@type": _TYPES[entity.type], "@id": name, "name": entity.name}
    if entity.type in UNNAMED:
        agent["disambiguatingDescription"] = "not named in the article"
    return agent


def as_text(node: Node) -> str:
    """Return JSON-LD as text in ASCII, with a newline at its end."""
    return json.dumps(node, indent=2) + "\n"
