"""From prepared passages to findings: which units are claims, whose they are, how they're put."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.clauses import Unit, spans
from agent.commitment import OPEN_ACTS, Stance, judge
from agent.cue import Cue
from agent.document import Document, Extent, Quotation
from agent.ground import Finding, FoundSource, Words
from agent.lexicon import Lexicon
from agent.lineage import lineage
from agent.passages import Passage, Voice
from agent.sources import DAYS, Source
from agent.syntax import VERBAL, Token, Tree

CLAUSAL = frozenset({"clause", "question", "infinitive", "gerund", "bare", "according"})
CONTROL = frozenset({"xcomp", "pcomp", "prep", "acomp", "dobj", "conj", "ccomp"})
QUALIFYING = frozenset({"relcl", "acl", "advcl"})
RELATIVE = frozenset({"WDT", "WP"})
FINITE = frozenset({"VBD", "VBP", "VBZ", "MD"})


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to read one document's passages."""

    document: Document
    passages: Sequence[Passage]
    speakers: Mapping[Quotation, Voice]
    lexicon: Lexicon

    def findings(self) -> list[Finding]:
        """Return the claims, in text order."""
        found = [f for passage in self.passages for f in self._of_passage(passage)]
        return sorted(found, key=lambda f: f.content[0].at or 0)

    def _of_passage(self, passage: Passage) -> Iterator[Finding]:
        voicing = {id(v.cue) for v in self.speakers.values()}
        for index, unit in enumerate(passage.units):
            if not _reports(passage, unit, voicing):
                finding = self._of_unit(passage, index, unit)
                if finding is not None:
                    yield finding

    def _of_unit(self, passage: Passage, index: int, unit: Unit) -> Finding | None:
        tree, head = passage.tree, passage.tree.tokens[unit.head]
        tokens = own_tokens(passage, unit)
        run = passage.run_of(head)
        cues = lineage(passage, index)
        chain = self._chain(run, cues)
        if not chain and not _asserts(passage, unit, tokens):
            return None
        content = [e for e in spans(tree, tokens) if any(c.isalnum() for c in self._of(e))]
        if not content or _is_pronoun(tree, tokens) or _only_names_source(passage, unit, tokens):
            return None
        if _is_label(passage, tokens):
            return None
        stance = self._stance(passage, unit, tokens, cues, run)
        topic = self._topic(passage, stance, content)
        return Finding(
            content=tuple(self._words(e) for e in content),
            chain=tuple(self._source(s) for s in chain),
            passage=passage.sentence.extent,
            act=stance.act,
            polarity=stance.polarity,
            confidence=stance.confidence,
            confidence_cues=tuple(self._words(e) for e in stance.cues),
            topic=topic,
            clausal=not cues or cues[-1].form in CLAUSAL,
            subject=self._missing_subject(passage, unit),
            link=_link(cues),
        )

    def _chain(self, run: Quotation | None, cues: Sequence[Cue]) -> tuple[Source, ...]:
        """Return the sources, outermost first; a quotation that no cue governs has its voice's."""
        chain = tuple(source for cue in cues for source in cue.chain())
        voice = self.speakers.get(run) if run else None
        governed = run is None or any(not c.extent.overlaps(run.extent) for c in cues)
        return chain if governed or voice is None else (*voice.chain, *chain)

    def _stance(
        self,
        passage: Passage,
        unit: Unit,
        tokens: Sequence[int],
        cues: Sequence[Cue],
        run: Quotation | None,
    ) -> Stance:
        tree = passage.tree
        governing = [c for c in cues if c.form != "according"][-1:]
        own = [
            c
            for c in passage.cues
            if not c.content
            and c.form != "bare"
            and c.head in tokens
            and not _stands_apart(tree, tree.tokens[c.head], unit.head)
        ]
        senses = [(c.sense, tree.tokens[c.head], c.extent) for c in (*governing, *own)]
        head = tree.tokens[unit.head]
        stance = judge(tree, tokens, head, self.lexicon, senses, spoken=run is not None)
        if stance.act in {"assert", "request"} and self._asks(passage, unit) and (run or not cues):
            return Stance("question", "unknown", "uncommitted", stance.cues)
        return stance

    def _asks(self, passage: Passage, unit: Unit) -> bool:
        """Tell whether the unit ends in a question mark."""
        words = [
            passage.tree.tokens[i] for i in unit.tokens if passage.tree.tokens[i].pos != "PUNCT"
        ]
        last = max((t.end for t in words), default=0)
        return self.document.text[last : last + 1] == "?"

    def _topic(self, passage: Passage, stance: Stance, content: Sequence[Extent]) -> Words | None:
        """Return what a non-answer is about: its content, or what the speaker was asked about."""
        if stance.act not in OPEN_ACTS:
            return None
        tree = passage.tree
        for verb in tree.tokens:
            if verb.lemma != "ask" or passage.run_of(verb) is not None:
                continue
            for about in tree.of(verb, "prep"):
                for noun in tree.of(about, "pobj", "pcomp"):
                    if about.text.lower() in {"about", "on", "over"}:
                        tokens = tree.subtree(noun)
                        found = spans(tree, [t.index for t in tokens])
                        return self._words(found[0]) if found else None
        return self._words(content[0])

    def _missing_subject(self, passage: Passage, unit: Unit) -> Words | None:
        """Return the subject that a unit without one shares with the units above it."""
        tree = passage.tree
        head = tree.tokens[unit.head]
        subject = tree.subject(head)
        relative = subject is not None and subject.tag in RELATIVE
        if head.pos not in VERBAL or unit.cue is not None or (subject and not relative):
            return None
        if unit.relation == "relcl" and relative:
            noun = tree.head(head)
            return self._phrase(passage, noun)
        parent = unit.parent
        while parent is not None:
            above = passage.units[parent]
            subject = tree.subject(tree.tokens[above.head])
            if subject is not None and passage.run_of(subject) is passage.run_of(head):
                return self._phrase(passage, subject)
            parent = above.parent
        return None

    def _phrase(self, passage: Passage, noun: Token) -> Words:
        apart = {"relcl", "appos", "punct", "acl"}
        tokens = passage.tree.subtree(noun, lambda child: child.dep in apart)
        return self._words(Extent(tokens[0].start, tokens[-1].end))

    def _source(self, source: Source) -> FoundSource:
        mention = None if source.extent is None else self._words(source.extent)
        cue = None if source.cue is None else self._words(source.cue)
        return FoundSource(mention, cue, source.role, source.implicit)

    def _words(self, extent: Extent) -> Words:
        return Words(self._of(extent), extent.start)

    def _of(self, extent: Extent) -> str:
        return extent.of(self.document.text)


def _stands_apart(tree: Tree, token: Token, head: int) -> bool:
    """Tell whether the token stands in a clause that only qualifies a word of the head's clause."""
    while token.index not in (head, token.head):
        if token.dep in QUALIFYING:
            return True
        token = tree.head(token)
    return False


def _is_pronoun(tree: Tree, tokens: Sequence[int]) -> bool:
    """Tell whether only a pronoun is left ("said it"); "denied that" names its proposition."""
    words = [tree.tokens[i] for i in tokens if tree.tokens[i].pos not in {"PUNCT", "SPACE"}]
    return all(t.pos == "PRON" and t.text.lower() not in {"that", "this"} for t in words)


def _only_names_source(passage: Passage, unit: Unit, tokens: Sequence[int]) -> bool:
    """Tell whether the unit is only who says the next ("noted reports alleging that ...")."""
    if unit.cue is None:
        return False
    inside = set(tokens)
    return any(
        cue.content
        and cue.source.head == unit.head
        and cue.head in inside
        and any(passage.tree.tokens[i].dep in {"ccomp", "xcomp"} for i in cue.content)
        for cue in passage.cues
    )


def _is_label(passage: Passage, tokens: Sequence[int]) -> bool:
    """Tell whether the unit is only the source that a headline names beside its content."""
    words = [t for t in (passage.tree.tokens[i] for i in tokens) if t.pos not in {"PUNCT", "SPACE"}]
    return any(
        cue.form == "according"
        and passage.sentence.zone == "headline"
        and cue.source.extent is not None
        and all(
            Extent(t.start, t.end) in cue.source.extent or Extent(t.start, t.end) in cue.extent
            for t in words
        )
        for cue in passage.cues
    )


def _link(cues: Sequence[Cue]) -> str:
    """Return what joins the innermost cue and its content in a sentence of our own."""
    if not cues:
        return "that"
    form = cues[-1].form
    return {"according": "according to", "infinitive": "to", "clause": "that"}.get(form, "")


def own_tokens(passage: Passage, unit: Unit) -> list[int]:
    """Return the unit's tokens without frames of attribution and what only links."""
    tree, head = passage.tree, passage.tree.tokens[unit.head]
    left_out: set[int] = set()
    for cue in passage.cues:
        if cue.form == "according" and cue.source.extent:
            frame = Extent(cue.extent.start, max(cue.extent.end, cue.source.extent.end))
            left_out |= {t.index for t in tree.within(frame)}
        for source in (*cue.outer, *cue.inner):
            if source.cue and source.extent:
                left_out |= {t.index for t in tree.within(source.cue)}
                left_out |= {t.index for t in tree.within(source.extent)}
    if unit.relation == "relcl":
        pronouns = tree.of(head, "nsubj", "nsubjpass", "dobj")
        left_out |= {t.index for t in pronouns if t.tag in RELATIVE}
    if unit.relation == "prep" or (head.text.lower() == "meaning" and tree.of(head, "ccomp")):
        left_out.add(unit.head)
    if unit.cue is not None:
        left_out |= _before_infinitive(tree, head, passage.cues[unit.cue])
    tokens = [i for i in unit.tokens if i not in left_out]
    return _without_opening(passage, unit, tokens)


def _before_infinitive(tree: Tree, head: Token, cue: Cue) -> set[int]:
    """Return the tokens before the content of "urged them to leave", "hopes to leave".

    "expects it to fall", "wants it to be mended" and "asked not to be named" lose nothing.
    """
    if cue.form != "infinitive" or cue.sense.act == "assert" or tree.of(head, "neg"):
        return set()
    marks = {t.index for t in tree.of(head, "mark") if t.text.lower() == "for"}
    if marks and tree.of(head, "auxpass"):
        return marks  # "asked for its start to be delayed"
    subjects = {t.index for s in tree.of(head, "nsubj", "nsubjpass") for t in tree.subtree(s)}
    subjects |= marks
    if subjects and cue.sense.act != "request":
        return set()
    return subjects | {t.index for t in tree.of(head, "aux") if t.text.lower() == "to"}


def _without_opening(passage: Passage, unit: Unit, tokens: list[int]) -> list[int]:
    """Leave out a connective that only links the sentence to the last one."""
    while len(tokens) > 1:
        first = passage.tree.tokens[tokens[0]]
        speaks = unit.cue is not None and passage.cues[unit.cue].head == first.index - 1
        if speaks and first.text in DAYS:  # "said Thursday the dam may break"
            tokens = tokens[1:]
            continue
        links = first.text.lower() in passage.connectives and first.dep in {"advmod", "cc"}
        links = links and first.head in {unit.head, first.index}
        if first.pos != "PUNCT" and not links:
            break
        tokens = tokens[1:]
    return tokens


def _reports(passage: Passage, unit: Unit, voicing: set[int]) -> bool:
    """Tell whether the unit is itself the clause that attributes ("X said"), so no claim."""
    tree = passage.tree
    for number, cue in enumerate(passage.cues):
        if cue.form == "according" or cue.head not in unit.tokens:
            continue
        if not cue.content and cue.form != "bare":
            continue  # "told them he thinks X": his words, not the clause that attributes them
        speaks = id(cue) in voicing or _introduces(passage, cue)
        if not any(u.cue == number for u in passage.units) and not speaks:
            continue
        token = tree.tokens[cue.head]
        while token.index != unit.head and token.dep in CONTROL:
            if token.dep == "ccomp" and tree.head(token).pos == "ADJ" and tree.subject(token):
                break  # "so angry that they argued about it"
            token = tree.head(token)
        if token.index == unit.head:
            return True
    return False


def _introduces(passage: Passage, cue: Cue) -> bool:
    """Tell whether a bare cue's clause ends where a quotation begins: "writing to members: ..."."""
    if cue.form != "bare":
        return False
    verb = passage.tree.tokens[cue.head]
    if _as_said(passage.tree, verb):
        return True
    for other in passage.cues:  # "wrote to her insisting that"
        clause = passage.tree.tokens[other.head]
        same = other.source.head == cue.source.head and bool(other.content)
        if same and clause.dep == "advcl" and clause.head == cue.head:
            return True
    outside = [t.end for t in passage.tree.subtree(verb) if passage.run_of(t) is None]
    end = max(outside, default=-9)
    return any(0 <= run.extent.start - end <= 3 for run in passage.speech)


def _as_said(tree: Tree, verb: Token) -> bool:
    """Tell whether it's the "claimed" of "the deal was dead, as the Herald claimed"."""
    marks = tree.of(verb, "mark", "advmod")
    return verb.dep == "advcl" and any(t.text.lower() == "as" for t in marks)


def _asserts(passage: Passage, unit: Unit, tokens: Sequence[int]) -> bool:
    """Tell whether a unit in the article's voice states something that can be checked."""
    tree = passage.tree
    if passage.sentence.zone == "caption":
        return False
    if passage.sentence.zone == "headline":
        return unit.parent is None
    if passage.sentence.zone == "subheading":  # "Hostage swap" only names what follows
        return unit.parent is None and any(tree.tokens[i].tag in FINITE for i in tokens)
    head = tree.tokens[unit.head]
    if head.text.lower() == "referring" and unit.relation == "advcl":
        return False  # "..., he said, referring to the vote": what was meant
    if head.lemma == "ask" and tree.subject(head) is None:
        return False  # "when asked about ...": the occasion of an answer
    apposed = unit.relation in {"appos", "npadvmod", "prep"}
    apposed = apposed and any(tree.tokens[i].pos in VERBAL for i in tokens)
    if tree.tokens[unit.head].pos in VERBAL or apposed:
        return len(tokens) >= 2
    verbs = (tree.tokens[i] for i in tokens)
    return len(tokens) >= 4 and any(t.pos in VERBAL and t.dep != "amod" for t in verbs)
