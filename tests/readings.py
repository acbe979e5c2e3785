"""Short texts read with the real parser and a scripted model, and what comes out of it."""

from __future__ import annotations

import json
from typing import Any

from agent.document import Article, Document, read_document
from agent.engine import Abilities
from agent.engines.scripted import Answer, ScriptedEngine
from agent.extract import Resources, extract
from agent.schema import Claim, Extraction, Span

REMOTE = Abilities(grammar=False, logprobs=False, context_tokens=32_768)


def document(text: str, date: str | None = None) -> Document:
    """Return the text as a document."""
    return read_document(Article(text, date=date), "en")


def by_tree(resources: Resources, text: str, date: str | None = None) -> Extraction:
    """Return what the passage way finds when the model has nothing to add."""
    return extract(document(text, date), resources, ScriptedEngine(lambda request: "none"))


def by_list(
    resources: Resources, text: str, *claims: dict[str, Any], date: str | None = None
) -> Extraction:
    """Return what the document way makes of the claims that the model lists."""
    return extract(document(text, date), resources, listing(*claims))


def listing(*claims: dict[str, Any]) -> ScriptedEngine:
    """Return an engine that lists these claims, whatever the text."""
    answer: Answer = json.dumps({"claims": claims})
    return ScriptedEngine(lambda request: answer, abilities=REMOTE)


def draft(content: str, *sources: tuple[str, str], **fields: str) -> dict[str, Any]:
    """Return a claim as a model writes it; sources: (name, cue), outermost first."""
    labels = {"act": "assert", "polarity": "positive", "confidence": "certain", "hedge": ""}
    named = [{"name": name, "cue": cue} for name, cue in sources]
    return {"content": content, "sources": named, **labels, **fields}


def words(spans: list[Span]) -> str:
    """Return the spans' words, the gaps between them as dots."""
    return " ... ".join(span.text for span in spans)


def attribution(claim: Claim) -> str:
    """Return the chain as "outer (cue) > inner (cue)", "" for the article's own voice."""
    links = [
        f"{link.mention.text if link.mention else '-'} ({link.cue.text if link.cue else '-'})"
        for link in claim.attribution.chain
    ]
    return " > ".join(links)


def claims_of(extraction: Extraction) -> list[tuple[str, str]]:
    """Return attribution and content of each claim."""
    return [(attribution(c), words(c.content)) for c in extraction.claims]


def labels_of(extraction: Extraction) -> list[tuple[str, str, str]]:
    """Return act, polarity and confidence of each claim."""
    return [(c.act, c.polarity, c.confidence) for c in extraction.claims]
