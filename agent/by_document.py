"""Reading in one call for a document or a chunk of it: the model lists the claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from pydantic import Field, ValidationError, create_model

from agent.document import Document, Extent, Sentence
from agent.engine import Reply, Request
from agent.errors import BadReply
from agent.folding import turned
from agent.ground import Finder, Finding
from agent.listed import as_finding, sentence_at
from agent.passages import Passage
from agent.prompt import Prompt, rearmed
from agent.reconcile import reconcile
from agent.schema import ClaimDraft, DocumentDraft, Rejected

CHARS_PER_TOKEN = 3.0  # cautious for English prose
ANSWER_PER_TEXT = 3.0  # tokens of answer for a token of text; the prompt's examples need as much
PROMPT_TOKENS = 2400  # instructions, examples and what comes before the chunk
MIN_CHUNK = 600  # characters
MIN_ANSWER = 1000  # tokens; a short text may be dense
MIN_CLAIMS, CHARS_PER_CLAIM = (
    8,
    60,
)  # a list may have the first, and one for so much text; news: 100
BEFORE = 800  # characters of what comes before a chunk


# ---- what is asked ----------------------------------------------------------------------------


def chunks(document: Document, context_tokens: int, answer_tokens: int) -> list[Extent]:
    """Return the parts to be read in a call each: whole sentences, cut between blocks if possible.

    A quotation run is never cut; what is left out is boilerplate and datelines only.
    """
    tokens = min(
        (context_tokens - PROMPT_TOKENS) / (1 + ANSWER_PER_TEXT), answer_tokens / ANSWER_PER_TEXT
    )
    limit = max(MIN_CHUNK, int(tokens * CHARS_PER_TOKEN))
    found: list[Extent] = []
    for extent in _pieces(document, limit):
        if found and extent.end - found[-1].start <= limit:
            found[-1] = Extent(found[-1].start, extent.end)
        else:
            found.append(extent)
    return found


def _pieces(document: Document, limit: int) -> Iterator[Extent]:
    """Yield what should stay together, in text order: blocks, of a longer one its sentences.

    Sentences that a quotation run goes over, from block to block too, are one part.
    """
    held: list[tuple[Extent, int, int]] = []  # extent, first and last block
    for sentence in document.readable():
        extent, block = sentence.extent, sentence.block
        run = document.quotation_at(extent)
        if held and run is not None and run.extent.start < held[-1][0].end:
            before, first, _ = held.pop()
            held.append((Extent(before.start, extent.end), first, block))
        else:
            held.append((extent, block, block))
    together: list[Extent] = []
    last_block = -1
    for extent, first, last in held:
        if together and first != last_block:
            yield from _within(together, limit)
            together = []
        together.append(extent)
        last_block = last
    yield from _within(together, limit)


def _within(extents: Sequence[Extent], limit: int) -> Sequence[Extent]:
    """Return the extents as one if that is no longer than the limit, else as they are."""
    if not extents or extents[-1].end - extents[0].start > limit:
        return extents
    return [Extent(extents[0].start, extents[-1].end)]


def request(document: Document, chunk: Extent, prompt: Prompt, context_tokens: int) -> Request:
    """Return the question for one chunk, with what comes before it.

    The answer's tokens and the length of its list are bound by the text: a small model may repeat
    itself without end.
    """
    sentences = [s for s in document.readable() if s.extent in chunk]
    passage = _shown(document, sentences)
    tokens = int(len(passage) / CHARS_PER_TOKEN)
    enough = MIN_ANSWER + int(ANSWER_PER_TEXT * tokens)
    room = context_tokens - PROMPT_TOKENS - tokens
    return Request(
        messages=prompt.render({"before": _before(document, chunk), "passage": passage}),
        schema=_draft(most=MIN_CLAIMS + len(passage) // CHARS_PER_CLAIM),
        max_tokens=max(MIN_CHUNK, min(prompt.max_tokens, enough, room)),
        temperature=prompt.temperature,
    )


@cache
def _draft(most: int) -> type[DocumentDraft]:
    """Return the draft whose JSON Schema ends the list after so many claims.

    A model that isn't held to it may list more, which is no error.
    """
    bound = Field(json_schema_extra={"maxItems": most})
    name, doc = DocumentDraft.__name__, DocumentDraft.__doc__
    return create_model(name, __base__=DocumentDraft, __doc__=doc, claims=(list[ClaimDraft], bound))


def _shown(document: Document, sentences: Sequence[Sentence]) -> str:
    """Return the sentences as they stand, with a blank line between blocks."""
    blocks: dict[int, Extent] = {}
    for sentence in sentences:
        first = blocks.setdefault(sentence.block, sentence.extent)
        blocks[sentence.block] = Extent(first.start, sentence.extent.end)
    return "\n\n".join(extent.of(document.text) for extent in blocks.values())


def _before(document: Document, chunk: Extent) -> str:
    """Return the last sentences before a chunk, which tell who goes on speaking and who "she" is.

    Where they begin within a quotation, the sentence in which that opens comes first.
    """
    earlier = [s for s in document.readable() if s.extent.end <= chunk.start]
    near = [s for s in earlier if chunk.start - s.extent.start <= BEFORE] or earlier[-1:]
    shown = _shown(document, near)[-BEFORE:]
    run = document.quotation_at(near[0].extent) if near else None
    if run is not None and run.extent.start < near[0].extent.start:
        opening = document.sentence_at(run.extent.start)
        if opening is not None and opening not in near:
            shown = f"{opening.extent.of(document.text)[:BEFORE]}\n[...]\n{shown}"
    return shown


# ---- what is answered -------------------------------------------------------------------------


def findings(
    finder: Finder,
    passages: Sequence[Passage],
    drawn: Sequence[Finding],
    chunk: Extent,
    reply: Reply,
) -> tuple[list[Finding], list[Rejected]]:
    """Return the claims of a chunk as findings in text order, and those that can't be meant.

    drawn: what the trees tell by themselves, of the whole document.

    Raises:
        BadReply: the answer isn't a DocumentDraft.
    """
    try:
        read = DocumentDraft.model_validate_json
        # Written anew, it has no escapes for the look-alikes of brackets.
        draft = read(rearmed(read(reply.text).model_dump_json(), finder.text))
    except ValidationError as error:
        message = f"the answer doesn't fit the schema: {error.error_count()} errors"
        raise BadReply(message, raw=reply.text) from error
    found: list[Finding] = []
    strangers: list[Rejected] = []
    taken: set[tuple[int, str]] = set()
    cursor = chunk.start
    for claim in draft.claims:
        found_at = finder.options(claim.content, content=True)
        options = [Extent(option[0].start, option[-1].end) for option in found_at]
        inside = [option for option in options if option in chunk]
        if options and not inside:
            reason = "the words stand outside the part of the article that was asked about"
            strangers.append(Rejected(stage="reply", reason=reason, strings=[claim.content]))
            continue
        place = _likeliest(finder.document, claim, inside, taken, cursor)
        if place is not None:
            cursor = sentence_at(finder.document, place.start).start
            taken.add((place.start, _names(claim)))
        found.append(as_finding(finder, passages, claim, place, chunk))
    here = [finding for finding in drawn if finding.passage in chunk]
    mended, refused = reconcile(finder, passages, here, found)
    return mended, strangers + refused


def _likeliest(
    document: Document,
    claim: ClaimDraft,
    places: Sequence[Extent],
    taken: set[tuple[int, str]],
    cursor: int,
) -> Extent | None:
    """Return the place that the claim means, where its words stand more than once.

    A place of which the same was claimed before comes last; one whose sentence names the source
    goes before others, then one that isn't before the last claim's sentence.
    """
    name = claim.sources[-1].name.strip() if claim.sources else ""

    def cost(place: Extent) -> tuple[bool, bool, bool, int]:
        sentence = sentence_at(document, place.start)
        words = sentence.of(document.text)
        unnamed = name not in words and turned(name) not in words
        again = (place.start, _names(claim)) in taken
        return again, unnamed, place.start < cursor, place.start

    return min(places, key=cost, default=None)


def _names(claim: ClaimDraft) -> str:
    return "\n".join(source.name for source in claim.sources)
