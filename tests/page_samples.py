"""Records for the tests of pages: tangled claims, and one in which every string is an attack."""

from __future__ import annotations

import hashlib
from typing import Any

from agent.schema import (
    Attribution,
    Claim,
    Difference,
    DocumentRecord,
    Entity,
    Extraction,
    Link,
    PromptRef,
    Provenance,
    Rejected,
    Review,
    Span,
)
from sample_records import sample, span

ATTACK = (
    "</script></style></p>\"'><script>document.title='owned'</script><img src=x onerror=alert(1)>"
)
TURN = "\u202eevil\u202c \x1b[31m\x00 \u200f"
PAGE = "https://example.org/news/tunnel?a=1&b=2"


def part(words: str, text: str, start: int = 0) -> Span:
    """Return the first place of the words from an offset on."""
    at = text.index(words, start)
    return Span(start=at, end=at + len(words), text=words)


def make_claim(number: int, content: list[Span], chain: list[Link], **fields: Any) -> Claim:
    """Return a claim about the places given."""
    return Claim(
        **{
            "id": f"c{number:02}",
            "text": "A claim.",
            "content": content,
            "sentence": content[0],
            "attribution": Attribution(kind="indirect" if chain else "none", chain=chain),
            "sourcing": "named_on_record" if chain else "article_voice",
            **fields,
        }
    )


def tangled() -> Extraction:
    """Return the sample with claims inside one another, in two parts, and through two relays."""
    record = sample()
    chain = [
        Link(entity="courier", role="relay", mention=span("the Tarnholm Courier")),
        Link(entity="lind", implicit=True, cue=span("quoted by")),
        Link(entity="engineers", mention=span("city engineers"), cue=span("According to")),
    ]
    more = [
        make_claim(11, [span("the repairs could take months"), span("opened in 1974")], chain),
        make_claim(12, [span("the repairs could")], [], confidence="probable",
                   differences=[Difference(match="elided", returned=" … ", stands=" roof", at=9)]),
        make_claim(13, [span("repairs could take months")], [], confidence="uncommitted"),
    ]  # fmt: skip
    review = Review(status="wrong", by="ann", at="2025-01-02", note="that’s the headline")
    claims = [*record.claims, *more]
    claims[0] = claims[0].model_copy(update={"duplicate_of": "c10", "review": review})
    document = record.document.model_copy(update={"origin": PAGE})
    return record.model_copy(update={"claims": claims, "document": document})


def hostile() -> Extraction:
    """Return a record in which every string that an article or a model gives is an attack."""
    text = f"Headline {ATTACK}\n\nBONN: It is {ATTACK} and {TURN} here, {'x' * 400}. <!--a--> Ann."
    bad = f"{ATTACK}{TURN}"
    words = [part(ATTACK, text, 20), part(TURN, text)]
    links = [
        Link(entity=bad, mention=words[0], cue=words[1]),
        Link(entity="unknown", role="relay", implicit=True, cue=words[0]),
    ]
    claims = [
        make_claim(1, [words[0]], links, id=bad, text=bad, topic=words[0], confidence="possible",
                   confidence_cues=words, duplicate_of=bad, split_group=bad,
                   differences=[Difference(match="edited", returned=bad, stands=bad, at=0)],
                   review=Review(status="ok", by=bad, at=bad, note=bad)),
        make_claim(2, [Span(start=5, end=10**6, text=bad)], [], act="deny"),
        make_claim(3, [Span(start=9, end=9, text="")], links[:1], act="decline"),
    ]  # fmt: skip
    return Extraction(
        document=DocumentRecord(
            id=bad,
            title=bad,
            date=bad,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            origin=f"javascript:{bad}",
            language=bad,
            text=text,
            extra={bad: bad, "n": [1, {bad: None}]},
        ),
        entities=[Entity(id=bad, name=bad, type="person", aliases=[bad])],
        claims=claims,
        rejected=[Rejected(stage="ground", reason=bad, strings=[bad], passage=words[0])],
        flags=[bad],
        provenance=Provenance(
            engine=bad,
            model=bad,
            prompts=[PromptRef(name=bad, version=1, hash=bad)],
            reading="passage",
            reply_mode=bad,
        ),
    )


def long() -> Extraction:
    """Return the sample without its text, and with a title of one endless word."""
    record = sample()
    document = record.document.model_copy(update={"text": None, "title": "w" * 300})
    return record.model_copy(update={"document": document})


def numbered(count: int) -> list[Extraction]:
    """Return records of one text under several ids."""
    one = sample()
    return [
        one.model_copy(update={"document": one.document.model_copy(update={"id": f"Über/{n}"})})
        for n in range(1, count + 1)
    ]
