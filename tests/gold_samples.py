"""A small article with gold, written for the tests, and ways to build records about it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from agent.schema import Attribution, Claim, Entity, Extraction, Link, Rejected, Span
from evals.baselines import make_record
from evals.gold import Case
from evals.gold_form import GoldFile

TEXT = (
    "Bridge to reopen Monday\n\n"
    "Share this page\n\n"
    "Mayor Ana Ruiz said that the bridge will reopen on Monday. "
    "The bridge may close again in winter, according to engineers cited by the Harbour Post. "
    "The repair cost 4 million euros. "
    "She declined to say who would pay for it.\n"
)
SENTENCES = (
    "Bridge to reopen Monday",
    "Mayor Ana Ruiz said that the bridge will reopen on Monday.",
    "The bridge may close again in winter, according to engineers cited by the Harbour Post.",
    "The repair cost 4 million euros.",
    "She declined to say who would pay for it.",
)
ENTITIES = {"ruiz": "Ana Ruiz", "engineers": "engineers", "post": "Harbour Post"}


def place(words: str) -> dict[str, Any]:
    """Return the span of some words of the text."""
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "text": words}


def gold_claim(
    id_: str, words: str, chain: list[tuple[str, str, str]] | None = None, **fields: Any
) -> dict[str, Any]:
    """Return a gold claim on some words. chain: (entity, mention, cue), outermost first."""
    links = [
        {"entity": entity, "mention": place(mention), "cue": place(cue)}
        for entity, mention, cue in chain or []
    ]
    return {
        "id": id_,
        "status": "core",
        "text": words,
        "content": [place(words)],
        "sentence": place(next(s for s in SENTENCES if words in s)),
        "attribution": {"kind": "indirect" if links else "none", "chain": links},
        "act": "assert",
        "polarity": "positive",
        "confidence": "certain",
        **fields,
    }


def raw_gold() -> dict[str, Any]:
    """Return the gold file as it stands in JSON: four core claims and the headline."""
    return {
        "format": "sayso-gold/1",
        "document": {
            "id": "bridge",
            "file": "bridge.txt",
            "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        },
        "entities": [
            {
                "id": "ruiz",
                "name": "Ana Ruiz",
                "type": "person",
                "aliases": ["the mayor"],
                "mentions": [place("Mayor Ana Ruiz"), place("She")],
            },
            {"id": "engineers", "name": "engineers", "type": "anonymous"},
            {"id": "post", "name": "The Harbour Post", "type": "organization"},
        ],
        "zones": [{"type": "boilerplate", "span": place("Share this page")}],
        "claims": [
            gold_claim("c0", SENTENCES[0], status="optional", zone="headline", duplicate_of="c1"),
            gold_claim(
                "c1", "the bridge will reopen on Monday", [("ruiz", "Mayor Ana Ruiz", "said")]
            ),
            gold_claim(
                "c2",
                "The bridge may close again in winter",
                [
                    ("post", "the Harbour Post", "cited by"),
                    ("engineers", "engineers", "according to"),
                ],
                confidence="possible",
                accept={"chain": [["engineers"]], "confidence": ["probable"]},
            ),
            gold_claim("c3", "The repair cost 4 million euros"),
            gold_claim(
                "c4",
                "who would pay for it",
                [("ruiz", "She", "declined to say")],
                act="decline",
                polarity="unknown",
                confidence="uncommitted",
            ),
        ],
    }


def make_case(raw: dict[str, Any] | None = None) -> Case:
    """Return the sample as a case, or another gold of the same text."""
    return Case("bridge", GoldFile.model_validate(raw or raw_gold()), TEXT, Path("bridge.json"), "")


def claim(id_: str, words: str, chain: list[tuple[str, str]] | None = None, **fields: Any) -> Claim:
    """Return a predicted claim on some words. chain: (entity, mention), outermost first."""
    links = [Link(entity=entity, mention=Span(**place(mention))) for entity, mention in chain or []]
    sentence = next((s for s in SENTENCES if words in s), words)
    return Claim(
        id=id_,
        text=words,
        content=[Span(**place(words))],
        sentence=Span(**place(sentence)),
        attribution=Attribution(kind="indirect" if links else "none", chain=links),
        sourcing="unspecified",
        **fields,
    )


def record(*claims: Claim, rejected: int = 0) -> Extraction:
    """Return a record of the sample with some claims."""
    made = make_record(
        make_case(),
        "test",
        list(claims),
        [Entity(id=id_, name=name, type="other") for id_, name in ENTITIES.items()],
    )
    refused = [Rejected(stage="ground", reason="not in the text")] * rejected
    return made.model_copy(update={"rejected": refused})
