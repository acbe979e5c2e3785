"""Reading in one call for a document or a chunk of it: the model lists the claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from agent.document import Document, Extent
from agent.engine import Reply, Request
from agent.errors import BadReply
from agent.ground import Finding, FoundSource, Words
from agent.passages import Passage
from agent.prompt import Prompt
from agent.schema import ClaimDraft, DocumentDraft
from agent.syntax import VERBAL

CHARS_PER_TOKEN = 3.0  # cautious for English prose
ANSWER_SHARE = 0.6  # part of the context that the answer may need
PROMPT_TOKENS = 1800  # instructions and example
MIN_CHUNK = 600


def chunks(document: Document, context_tokens: int) -> list[Extent]:
    """Return the parts to be read in a call each: whole sentences, cut between blocks if possible.

    A quotation run is never cut; what is left out is boilerplate and datelines only.
    """
    room = int((context_tokens - PROMPT_TOKENS) * (1 - ANSWER_SHARE) * CHARS_PER_TOKEN)
    limit = max(MIN_CHUNK, room)
    found: list[Extent] = []
    for extent in _pieces(document):
        if found and extent.end - found[-1].start <= limit:
            found[-1] = Extent(found[-1].start, extent.end)
        else:
            found.append(extent)
    return found


def _pieces(document: Document) -> Iterator[Extent]:
    """Yield the least parts that must stay together, in text order."""
    current: Extent | None = None
    for sentence in document.readable():
        run = document.quotation_at(sentence.extent)
        together = current is not None and run is not None and run.extent.start < current.end
        if current is not None and together:
            current = Extent(current.start, sentence.extent.end)
        else:
            if current is not None:
                yield current
            current = sentence.extent
    if current is not None:
        yield current


def request(document: Document, chunk: Extent, prompt: Prompt) -> Request:
    """Return the question for one chunk."""
    return Request(
        messages=prompt.render({"passage": chunk.of(document.text)}),
        schema=DocumentDraft,
        max_tokens=prompt.max_tokens,
        temperature=prompt.temperature,
    )


def findings(
    document: Document, passages: Sequence[Passage], chunk: Extent, reply: Reply
) -> list[Finding]:
    """Return the claims of a chunk as findings.

    Raises:
        BadReply: the answer isn't a DocumentDraft.
    """
    try:
        draft = DocumentDraft.model_validate_json(reply.text)
    except ValidationError as error:
        message = f"the answer doesn't fit the schema: {error.error_count()} errors"
        raise BadReply(message, raw=reply.text) from error
    found = []
    cursor = chunk.start
    for claim in draft.claims:
        at = document.text.find(claim.content.strip(), cursor, chunk.end)
        if at < 0:
            at = document.text.find(claim.content.strip(), chunk.start, chunk.end)
        near = _sentence(document, at) if at >= 0 else chunk
        cursor = max(cursor, near.start) if at >= 0 else cursor
        found.append(_finding(passages, claim, at, near))
    return found


def _finding(passages: Sequence[Passage], claim: ClaimDraft, at: int, near: Extent) -> Finding:
    content = Words(claim.content, at if at >= 0 else None)
    last = len(claim.sources) - 1
    return Finding(
        content=(content,),
        chain=tuple(
            FoundSource(
                Words(source.name) if source.name.strip() else None,
                Words(source.cue) if source.cue.strip() else None,
                "speaker" if number == last else "relay",
            )
            for number, source in enumerate(claim.sources)
        ),
        passage=near,
        act=claim.act,
        polarity=claim.polarity,
        confidence=claim.confidence,
        confidence_cues=(Words(claim.hedge),) if claim.hedge.strip() else (),
        topic=content if claim.act in {"decline", "disclaim", "question"} else None,
        clausal=_is_clause(passages, at, len(claim.content)),
    )


def _sentence(document: Document, at: int) -> Extent:
    held = document.sentence_at(at)
    return held.extent if held else Extent(at, at + 1)


def _is_clause(passages: Sequence[Passage], at: int, length: int) -> bool:
    """Tell whether the content is headed by a verb."""
    for passage in passages:
        if passage.sentence.extent.start <= at < passage.sentence.extent.end:
            tokens = passage.tree.within(Extent(at, at + length))
            inside = {t.index for t in tokens}
            return any(t.head not in inside or t.head == t.index for t in tokens if t.pos in VERBAL)
    return True
