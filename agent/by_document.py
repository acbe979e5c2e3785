"""Reading in one call for a document or a chunk of it: the model lists the claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from agent.document import Document, Extent, Sentence
from agent.engine import Reply, Request
from agent.errors import BadReply
from agent.ground import Finder, Finding, FoundSource, Words
from agent.passages import Passage
from agent.prompt import Prompt
from agent.schema import ClaimDraft, DocumentDraft, Rejected
from agent.syntax import VERBAL, Token, Tree, extent_of

CHARS_PER_TOKEN = 3.0  # cautious for English prose
ANSWER_PER_TEXT = 3.0  # tokens of answer for a token of text; the prompt's examples need as much
PROMPT_TOKENS = 2400  # instructions, examples and what comes before the chunk
MIN_CHUNK = 600  # characters
BEFORE = 800  # characters of what comes before a chunk
SHARING = frozenset({"conj", "xcomp", "advcl"})
QUESTION_WORDS = frozenset("what who whom which when where why how whether if".split())


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
    """Return the question for one chunk, with what comes before it."""
    sentences = [s for s in document.readable() if s.extent in chunk]
    passage = _shown(document, sentences)
    room = context_tokens - PROMPT_TOKENS - int(len(passage) / CHARS_PER_TOKEN)
    return Request(
        messages=prompt.render({"before": _before(document, chunk), "passage": passage}),
        schema=DocumentDraft,
        max_tokens=max(MIN_CHUNK, min(prompt.max_tokens, room)),
        temperature=prompt.temperature,
    )


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
    finder: Finder, passages: Sequence[Passage], chunk: Extent, reply: Reply
) -> tuple[list[Finding], list[Rejected]]:
    """Return the claims of a chunk as findings in text order, and those that aren't of the chunk.

    Raises:
        BadReply: the answer isn't a DocumentDraft.
    """
    try:
        draft = DocumentDraft.model_validate_json(reply.text)
    except ValidationError as error:
        message = f"the answer doesn't fit the schema: {error.error_count()} errors"
        raise BadReply(message, raw=reply.text) from error
    found: list[Finding] = []
    strangers: list[Rejected] = []
    taken: set[tuple[int, str]] = set()
    cursor = chunk.start
    for claim in draft.claims:
        options = [(o[0].start, o[-1].end) for o in finder.options(claim.content, content=True)]
        inside = [Extent(*o) for o in options if Extent(*o) in chunk]
        if options and not inside:
            reason = "the words stand outside the part of the article that was asked about"
            strangers.append(Rejected(stage="reply", reason=reason, strings=[claim.content]))
            continue
        place = _likeliest(finder.document, claim, inside, taken, cursor)
        if place is not None:
            cursor = _sentence(finder.document, place.start).start
            taken.add((place.start, _names(claim)))
        found.append(_finding(finder.document, passages, claim, place, chunk))
    return sorted(found, key=lambda f: f.content[0].at or 0), strangers


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
        sentence = _sentence(document, place.start)
        unnamed = name not in sentence.of(document.text)
        again = (place.start, _names(claim)) in taken
        return again, unnamed, place.start < cursor, place.start

    return min(places, key=cost, default=None)


def _names(claim: ClaimDraft) -> str:
    return "\n".join(source.name for source in claim.sources)


def _finding(
    document: Document,
    passages: Sequence[Passage],
    claim: ClaimDraft,
    place: Extent | None,
    chunk: Extent,
) -> Finding:
    content = Words(claim.content, place.start if place else None)
    last = len(claim.sources) - 1
    tree, head = _head(passages, place) if place else (Tree(()), None)
    clausal = head is None or head.pos in VERBAL
    link = _link(claim, head) if clausal else ""
    told = link in {"that", "according to"}
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
        passage=_sentence(document, place.start) if place else chunk,
        act=claim.act,
        polarity=claim.polarity,
        confidence=claim.confidence,
        confidence_cues=(Words(claim.hedge),) if claim.hedge.strip() else (),
        topic=content if claim.act in {"decline", "disclaim", "question"} else None,
        clausal=clausal,
        subject=_missing_subject(document, tree, head, place) if told and head and place else None,
        link=link,
    )


def _sentence(document: Document, at: int) -> Extent:
    held = document.sentence_at(at)
    return held.extent if held else Extent(at, at + 1)


def _head(passages: Sequence[Passage], place: Extent) -> tuple[Tree, Token | None]:
    """Return the tree and the token that the words at a place hang on, a verb if there's one."""
    for passage in passages:
        if passage.sentence.extent.start <= place.start < passage.sentence.extent.end:
            tokens = passage.tree.within(place)
            inside = {t.index for t in tokens}
            tops = [t for t in tokens if t.head not in inside or t.head == t.index]
            verbs = [t for t in tops if t.pos in VERBAL]
            return passage.tree, next(iter((*verbs, *tops)), None)
    return Tree(()), None


def _link(claim: ClaimDraft, head: Token | None) -> str:
    """Return what joins cue and content in a sentence of our own."""
    if claim.sources and claim.sources[-1].cue.strip().lower() == "according to":
        return "according to"
    if head is not None and head.tag == "VB" and claim.act in {"request", "wish", "commit"}:
        return "to"
    first = claim.content.lower().split()[:1]
    return "" if QUESTION_WORDS & set(first) else "that"


def _missing_subject(document: Document, tree: Tree, head: Token, place: Extent) -> Words | None:
    """Return the subject that a clause leaves out or shares with the verb above it."""
    below = head
    while True:
        noun = tree.subject(below)
        if below.dep in {"relcl", "acl"} and (noun is None or noun.tag in {"WDT", "WP"}):
            noun = tree.head(below)
        if noun is not None:
            return None if place.start <= noun.start < place.end else _phrase(document, tree, noun)
        if below.dep not in SHARING:
            return None
        below = tree.head(below)


def _phrase(document: Document, tree: Tree, noun: Token) -> Words:
    apart = {"relcl", "appos", "punct", "acl"}
    extent = extent_of(tree.subtree(noun, lambda child: child.dep in apart))
    return Words(extent.of(document.text), extent.start)
