"""Sentences made ready for reading: tree, cues, claim units, and who speaks each quotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.clauses import Unit, cut
from agent.complements import QUOTES
from agent.cue import Cue
from agent.cues import declines, propose
from agent.document import Document, Extent, Quotation, Sentence
from agent.headlines import drops_auxiliary, headline_cues
from agent.lexicon import Lexicon
from agent.sources import Source
from agent.syntax import VERBAL, Parser, Token, Tree
from agent.trees import parsed

QUOTABLE = frozenset({"clause", "bare", "question", "as"})
CLAUSES = frozenset(
    {"ccomp", "parataxis", "advcl", "conj", "relcl", "ROOT", "dep", "xcomp", "appos", "acl", "prep"}
)
WHOLE = frozenset({"deny", "decline", "disclaim", "question"})  # what is denied is one proposition
OWN = frozenset("he she they it we i his her its their our my".split())
FAR = 40  # characters; two verbs further apart are no one cue
CLOSERS = ",.?!"


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence with what was found in it. speech: quotation runs that are somebody's words."""

    sentence: Sentence
    tree: Tree
    cues: tuple[Cue, ...]
    units: tuple[Unit, ...]
    speech: tuple[Quotation, ...]
    connectives: frozenset[str] = frozenset()

    def run_of(self, token: Token) -> Quotation | None:
        """Return the speech run that the token stands in."""
        for run in self.speech:
            if run.extent.start <= token.start and token.end <= run.extent.end:
                return run
        return None


def prepare(document: Document, parse: Parser, lexicon: Lexicon) -> list[Passage]:
    """Return the readable sentences as passages, in order."""
    sentences = list(document.readable())
    trees = parsed(document, [s.extent for s in sentences], parse, lexicon)
    return [
        _passage(document, sentence, tree, lexicon)
        for sentence, tree in zip(sentences, trees, strict=True)
    ]


def _passage(document: Document, sentence: Sentence, tree: Tree, lexicon: Lexicon) -> Passage:
    runs = [q for q in document.quotations if q.extent.overlaps(sentence.extent)]
    speech = tuple(q for q in runs if is_speech(document.text, q, tree))
    cues = propose(tree, lexicon)
    if sentence.zone == "headline":
        beside = headline_cues(document, sentence.extent, tree, lexicon)
        cues = [c for c in cues if not any(b.extent.overlaps(c.extent) for b in beside)]
        cues = [c for c in cues if not drops_auxiliary(tree, c)] + beside
    bare = Passage(sentence, tree, (), (), speech, lexicon.connectives)
    return with_cues(bare, _merged(cues, bare, document.text))


def with_cues(passage: Passage, cues: Sequence[Cue]) -> Passage:
    """Return the passage with other cues, cut into units anew."""

    def apart(child: Token, head: Token) -> bool:
        run = passage.run_of(child)
        if run is passage.run_of(head):
            return False
        return child.dep in CLAUSES or (run is not None and _is_answer(passage, run, child))

    units = cut(passage.tree, cues, apart)
    return replace(passage, cues=tuple(cues), units=tuple(units))


def _is_answer(passage: Passage, run: Quotation, token: Token) -> bool:
    """Tell whether the token is the head of a few words without a verb: He said: "Not at all"."""
    colon = any(t.text == ":" for t in passage.tree.tokens if t.end <= run.extent.start)
    inside = [t for t in passage.tree.tokens if passage.run_of(t) is run]
    return colon and token.pos != "PUNCT" and not any(t.pos in VERBAL for t in inside)


def _merged(cues: Sequence[Cue], passage: Passage, text: str) -> list[Cue]:
    """Return the cues, those joined by which one source only goes on speaking.

    "He said he thinks X": one claim by him, whole; the inner cue keeps no content and colours it.
    "He said he did not know whether X": the act is the inner one's, its cue both verbs.
    """
    found = list(cues)
    dropped: set[int] = set()
    for number, cue in enumerate(cues):
        if cue.form == "according" or not cue.content:
            continue
        if cue.source.head is None:
            verb = passage.tree.tokens[cue.head]
            told = {t.text.lower() for t in passage.tree.of(verb, "nsubjpass")}
            if told & {"i", "we"} and passage.run_of(verb) is not None:
                dropped.add(number)  # "I was asked to leave": the speaker's own story
            if cue.sense.act == "congratulate" and passage.run_of(verb) is not None:
                found[number] = replace(cue, content=())  # "Thank you for ...", he said
            if cue.sense.commitment in {"probable", "possible"}:
                found[number] = replace(cue, content=())  # "is thought to": a hedge, nobody's
            continue
        if any(o.form == "infinitive" and cue.head in o.content for o in cues):
            found[number] = replace(cue, content=())  # "urged them to ask": nobody has asked yet
            continue
        source = passage.tree.tokens[cue.source.head].text.lower()
        run = passage.run_of(passage.tree.tokens[cue.head])
        if source in {"i", "we"} or (run is not None and _is_asked(text, run, passage)):
            found[number] = replace(cue, content=())
            continue
        if run is not None and not _is_retold(passage.tree, cue):
            if cue.source.implicit:
                found[number] = replace(cue, content=())  # "Hoping for rain", she wrote: her own
            else:
                dropped.add(number)  # "They want war", she said: what she says of them
            continue
        outer = _nearest(passage.tree, found, cue)
        if outer is not None and found[outer].sense.act in WHOLE:
            dropped.add(number)
            continue
        same = outer is not None and found[outer].source.head == cue.source.head
        if outer is None or not (source in OWN or same or cue.sense.weak):
            continue
        if not same and _is_other(passage.tree, found[outer].source.head, source):
            continue
        if run is not None and _speaks_of(passage, found[outer], cue):
            continue
        tells = cue.sense.act == "assert" and not declines(passage.tree, cue)
        far = cue.extent.start - found[outer].extent.end > FAR
        if tells or run is not None or cue.sense.weak or far:
            found[number] = replace(cue, content=())
        else:
            above = found[outer]
            extent = Extent(min(above.extent.start, cue.extent.start), cue.extent.end)
            joined = replace(above.source, cue=extent)
            found[number] = replace(cue, extent=extent, source=joined, outer=above.outer)
            found[outer] = replace(above, content=(), form="bare")
    return [cue for number, cue in enumerate(found) if number not in dropped]


def _is_other(tree: Tree, outer: int | None, pronoun: str) -> bool:
    """Tell whether a pronoun can't mean the outer source: "sources say he wants to leave"."""
    if outer is None:
        return False
    noun = tree.tokens[outer]
    several = noun.tag in {"NNS", "NNPS"} and noun.entity not in {"ORG", "GPE", "PERSON"}
    return several and pronoun in {"he", "she", "it", "his", "her", "its"}


def _nearest(tree: Tree, cues: Sequence[Cue], inner: Cue) -> int | None:
    """Return the number of the innermost cue whose content holds another cue."""
    numbers = [i for i, o in enumerate(cues) if o is not inner and _governs(tree, o, inner)]
    return max(
        numbers,
        key=lambda i: sum(1 for _ in tree.ancestors(tree.tokens[cues[i].head])),
        default=None,
    )


def _is_retold(tree: Tree, cue: Cue) -> bool:
    """Tell whether a cue inside a quotation tells what somebody else said, and not just thinks."""
    says = cue.sense.act in {"assert", "deny"} and not cue.sense.weak
    return says and tree.tokens[cue.head].pos != "AUX"


def _speaks_of(passage: Passage, outer: Cue, inner: Cue) -> bool:
    """Tell whether a quotation retells what he or she said, who isn't its speaker."""
    told = inner.source.extent is not None and not inner.source.implicit
    quoting = passage.run_of(passage.tree.tokens[outer.head]) is None
    clause = inner.form == "clause" and inner.content[0] > inner.head
    return told and quoting and clause and _is_retold(passage.tree, inner)


def _governs(tree: Tree, outer: Cue, inner: Cue) -> bool:
    return outer.form != "according" and any(
        _below(tree, inner.head, index) for index in outer.content
    )


def _is_asked(text: str, run: Quotation, passage: Passage) -> bool:
    """Tell whether the passage's part of the quotation ends in a question mark."""
    end = min(run.extent.end, passage.sentence.extent.end)
    return text[:end].rstrip("\"”’'» ").endswith("?")


def _below(tree: Tree, index: int, above: int) -> bool:
    token = tree.tokens[index]
    return index == above or (
        any(a.index == above for a in tree.ancestors(token))
        and not any(a.dep in {"relcl", "acl"} for a in (token,))
    )


def is_speech(text: str, run: Quotation, tree: Tree) -> bool:
    """Tell whether a quotation is somebody's words rather than a title or a scare quote."""
    inner = [t for extent in run.inner for t in tree.within(extent) if t.pos != "PUNCT"]
    if not inner:
        return True
    whole = " ".join(extent.of(text) for extent in run.inner).strip()
    tensed = any(t.pos in VERBAL and t.tag in {"VBD", "VBZ", "VBP", "MD", "VB"} for t in inner)
    if len(run.inner) > 1 or (len(inner) >= 4 and tensed):
        return True
    before = [t for t in tree.tokens if t.end <= run.extent.start and t.text not in QUOTES]
    if len(before) > 1 and before[-1].text == ":" and before[-2].tag in {"VBD", "VBZ"}:
        return True  # He said: "Not at all"
    opens = all(t.start >= run.extent.start for t in tree.tokens)
    if opens and whole[-1:] in ",?!":
        return True
    return whole[-1:] in CLOSERS and (tensed or len(inner) >= 2)


# ---- who speaks a quotation ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Voice:
    """The chain that stands behind a quotation run, outermost first.

    cue: the cue that voices it, None where a signature or the model does.
    """

    chain: tuple[Source, ...]
    cue: Cue | None = None


def voices(document: Document, passages: Sequence[Passage]) -> dict[Quotation, Voice]:
    """Return who speaks each run; a run without any clue is left out."""
    found: dict[Quotation, Voice] = {}
    last: tuple[int, Voice] | None = None  # block, voice
    for passage in passages:
        block = passage.sentence.block
        for run in passage.speech:
            if run in found:
                continue
            voice = (
                _own(run, passages) or _signed(document, run) or _following(passage, run, passages)
            )
            if voice is None and last is not None and _goes_on(document, last[0], block, run):
                carried = tuple(replace(source, implicit=True) for source in last[1].chain)
                voice = Voice(carried, last[1].cue)
            if voice is not None:
                found[run] = voice
                last = (block, voice)
        cue = _speaking(passage)
        if cue is not None:
            last = (block, Voice(cue.chain(), cue))
    return found


def _own(run: Quotation, passages: Sequence[Passage]) -> Voice | None:
    """Return the voice of the nearest cue outside the run, in a sentence that the run touches."""
    best: tuple[int, Cue] | None = None
    for each in passages:
        if not run.extent.overlaps(each.sentence.extent):
            continue
        for cue in each.cues:
            if cue.extent.overlaps(run.extent) or cue.source.extent is None:
                continue
            if cue.form not in QUOTABLE and cue.form != "according":
                continue
            if any(q.extent.overlaps(cue.extent) for q in each.speech):
                continue
            edge = min(
                abs(run.extent.start - cue.extent.end), abs(cue.extent.start - run.extent.end)
            )
            if best is None or edge < best[0]:
                best = (edge, cue)
    return Voice(best[1].chain(), best[1]) if best else None


def _following(passage: Passage, run: Quotation, passages: Sequence[Passage]) -> Voice | None:
    """Return the voice of a sentence after the quotation that tells who spoke: "..." X wrote."""
    after = next(
        (
            p
            for p in passages
            if p.sentence.block == passage.sentence.block
            and 0 <= p.sentence.extent.start - run.extent.end <= 2
        ),
        None,
    )
    if after is None:
        return None
    cue = next((c for c in after.cues if c.form == "bare" and c.source.extent), None)
    first = after.sentence.extent.start
    near = (
        cue is not None and cue.source.extent is not None and cue.source.extent.start - first <= 2
    )
    return Voice(cue.chain(), cue) if cue is not None and near else None


def _signed(document: Document, run: Quotation) -> Voice | None:
    """Return the name that signs a quotation: "..." - Jane Doe."""
    block = next((b for b in document.blocks if run.extent in b.extent), None)
    if block is None:
        return None
    tail = document.text[run.extent.end : block.extent.end]
    name = tail.strip()
    if name[:1] not in {"-", "–", "—"} or len(name) > 120:
        return None
    at = run.extent.end + tail.index(name[0])
    start = at + 1 + len(name[1:]) - len(name[1:].lstrip())
    end = min(block.extent.end, start + len(name[1:].strip().split(",")[0]))
    return Voice((Source(Extent(start, end), None, Extent(at, at + 1)),))


def _goes_on(document: Document, last_block: int, block: int, run: Quotation) -> bool:
    """Tell whether the last speaker may go on: same block, or a block of quotation only."""
    if last_block == block:
        return True
    if block == last_block + 1:
        before = document.blocks[last_block].extent.of(document.text).rstrip()
        if before.endswith((":", ",")):  # "He stated," and then the quotation
            return True
    whole = document.blocks[block].extent
    return (
        block == last_block + 1
        and run.extent.start <= whole.start + 1
        and whole.end - run.extent.end <= 1
    )


def _speaking(passage: Passage) -> Cue | None:
    """Return the last cue by which somebody speaks outside quotations in the passage."""
    cues = [
        c
        for c in passage.cues
        if c.form in QUOTABLE
        and c.source.extent
        and not any(q.extent.overlaps(c.extent) for q in passage.speech)
    ]
    return cues[-1] if cues else None
