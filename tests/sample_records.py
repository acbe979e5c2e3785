"""A record made by hand, with every kind of source and every way to put a claim."""

from __future__ import annotations

from typing import Any

from agent.schema import (
    Attribution,
    Claim,
    DocumentRecord,
    Entity,
    Extraction,
    Link,
    Provenance,
    Rejected,
    Span,
    UsageRecord,
)

TEXT = """Harbour tunnel may close until May

TARNHOLM: The harbour tunnel was shut on Sunday after water came through the roof. It opened in \
1974. According to city engineers quoted by the Tarnholm Courier, the repairs could take months.

“We will not gamble with lives,” Mayor Asta Lind said. She denied that the leak had been known \
for years, declined to confirm the cost of the works, and said the ferry was “a fine way” to \
cross. The mayor stressed the long service of the crew. It was reported that a second tunnel is \
likely to be built.
"""
ENTITIES = (
    Entity(id="lind", name="Asta Lind", type="person"),
    Entity(id="courier", name="Tarnholm Courier", type="organization"),
    Entity(id="engineers", name="city engineers", type="anonymous"),
    Entity(id="unspecified", name="unspecified source", type="anonymous"),
)


def span(words: str, text: str = TEXT) -> Span:
    """Return the first place of the words."""
    start = text.index(words)
    return Span(start=start, end=start + len(words), text=words)


def claim(number: int, content: str, chain: list[tuple[str, str]], **fields: Any) -> Claim:
    """Return a claim; chain: (entity, cue) of each source, outermost first."""
    kind = fields.pop("kind", "indirect" if chain else "none")
    links = [Link(entity=entity, cue=span(cue) if cue else None) for entity, cue in chain]
    standard = {"sourcing": "named_on_record" if chain else "article_voice"}
    return Claim(
        id=f"c{number:02}",
        text=fields.pop("text", f"{content[:1].upper()}{content[1:]}."),
        content=[span(content)],
        sentence=span(content),
        attribution=Attribution(kind=kind, chain=links),
        **{**standard, **fields},
    )


def sample() -> Extraction:
    """Return the record."""
    open_ = {"polarity": "unknown", "confidence": "uncommitted"}
    claims = [
        claim(
            1,
            "Harbour tunnel may close until May",
            [],
            zone="headline",
            confidence="possible",
            confidence_cues=[span("may")],
        ),
        claim(2, "The harbour tunnel was shut on Sunday after water came through the roof", []),
        claim(3, "opened in 1974", [], text="The harbour tunnel opened in 1974."),
        claim(
            4,
            "the repairs could take months",
            [("courier", "quoted by"), ("engineers", "According to")],
            confidence="possible",
            confidence_cues=[span("could")],
            sourcing="anonymous_via_outlet",
        ),
        claim(
            5,
            "We will not gamble with lives",
            [("lind", "said")],
            kind="direct",
            polarity="negative",
            confidence_cues=[span("will")],
        ),
        claim(
            6,
            "the leak had been known for years",
            [("lind", "denied")],
            act="deny",
            polarity="negative",
        ),
        claim(
            7,
            "the cost of the works",
            [("lind", "declined to confirm")],
            act="decline",
            topic=span("the cost of the works"),
            **open_,
        ),
        claim(8, "the ferry was “a fine way” to cross", [("lind", "said")], kind="mixed"),
        claim(9, "the long service of the crew", [("lind", "stressed")], kind="paraphrase"),
        claim(
            10,
            "a second tunnel is likely to be built",
            [("unspecified", "reported")],
            confidence="probable",
            confidence_cues=[span("likely")],
            sourcing="unspecified",
            score=0.61,
        ),
    ]
    return Extraction(
        document=DocumentRecord(
            id="tunnel",
            title="Harbour tunnel may close until May",
            date="2024-03-04",
            sha256="0" * 64,
            origin="news/tunnel.txt",
            text=TEXT,
        ),
        entities=list(ENTITIES),
        claims=claims,
        rejected=[Rejected(stage="ground", reason="content isn't in the text", strings=["x"])] * 2,
        flags=["unbalanced quotation marks"],
        provenance=Provenance(
            engine="scripted",
            model="script",
            reading="passage",
            usage=UsageRecord(calls=6, input_tokens=900, output_tokens=80),
            seconds=4.2,
        ),
    )
