"""Mentions to entities: full names, short names, titles, offices, pronouns.

Every source of a claim gets an entity. Rules only, over what the article itself says:
a short name belongs to the full name that holds it, a title to the name it stood with, a
pronoun to the nearest earlier source or subject that it can mean.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from agent.document import Document, Extent
from agent.ground import Grounded
from agent.kinds import HE_SHE, kind_of
from agent.lexicon import Lexicon
from agent.mentions import humans, is_only_spoken_of, names, pronouns, surnames
from agent.names import (
    Name,
    clean_name,
    fold_name,
    gender_of,
    head_noun,
    is_same_name,
    proper_words,
    surname,
)
from agent.passages import Passage
from agent.schema import Entity, EntityType, Span
from agent.sources import HUMAN
from agent.syntax import Token

THEY = frozenset("they them their theirs".split())
IT = frozenset("it its".split())
PRONOUNS = HE_SHE | THEY | IT | frozenset("i we me us who which that this one others".split())
DEFINITE = frozenset("the this that his her its their".split())
BODIES = frozenset({"company", "firm", "group", "agency", "organisation", "organization"})
NEAR = 900  # characters; a pronoun seldom reaches further back


@dataclass
class Known:
    """An entity in the making.

    words: of its proper name, in lower case. gender: "m", "f" or "" where the text hasn't told.
    salient: where it last stood as a source or a subject, -1 for never.
    """

    id: str
    name: str
    type: EntityType
    words: set[str]
    surname: str
    head: str
    plural: bool
    mentions: list[Span] = field(default_factory=list)
    proper: bool = True
    gender: str = ""
    salient: int = -1

    def called(self) -> Name:
        """Return its proper name."""
        return Name(self.name, frozenset(self.words), self.surname)


class Resolver:
    """Collects the entities of one document, in the order in which they're mentioned."""

    def __init__(self, document: Document, passages: Sequence[Passage], lexicon: Lexicon) -> None:
        self.document = document
        self.lexicon = lexicon
        self.passages = passages
        self.known: list[Known] = []
        self._by_place: dict[tuple[int, int], Known] = {}
        self._open: set[tuple[int, int]] = set()

    def read(self, grounded: Sequence[Grounded]) -> None:
        """Take in the sources, named persons and bodies, and subject pronouns, in text order."""
        sources = {(s.mention.start, s.mention.end) for g in grounded for s in g.chain if s.mention}
        places = set(sources)
        for extent in [
            *names(self.passages),
            *humans(self.passages, self.lexicon),
            *self._pronouns,
        ]:
            place = (extent.start, extent.end)
            if place in sources:
                continue
            if not any(start < extent.end and extent.start < end for start, end in sources):
                places.add(place)
        spoken_of: list[tuple[Known, int]] = []  # they count from the next sentence on
        sentence = -1
        for start, end in sorted(places):
            held = self.passage_at(start)
            begins = held.sentence.extent.start if held else start
            inside = self._spoken_of(held, Extent(start, end))
            if begins != sentence or (inside and all(inside) and (start, end) not in sources):
                for known, at in spoken_of:
                    known.salient = max(known.salient, at)
                spoken_of, sentence = [], begins
            span = Span(start=start, end=end, text=self.document.text[start:end])
            known = self._resolve(span)
            self._by_place[(start, end)] = known
            if (start, end) in sources or not all(inside):
                known.salient = start + 1
            elif inside:
                spoken_of.append((known, begins))

    def _spoken_of(self, passage: Passage | None, place: Extent) -> list[bool]:
        """Return of each subject in a stretch of a passage whether it's only spoken of."""
        if passage is None:
            return []
        subjects = [t for t in passage.tree.within(place) if "subj" in t.dep]
        return [is_only_spoken_of(passage, t) for t in subjects]

    def entity_of(self, mention: Span | None) -> Known:
        """Return the entity of a source; an agentless passive has the unspecified one."""
        if mention is None:
            return self._unspecified()
        return self._by_place[(mention.start, mention.end)]

    def entities(self, used: Iterable[str]) -> list[Entity]:
        """Return the entities that some claim uses, in the order of their first mention."""
        wanted = set(used)
        return [
            Entity(
                id=k.id,
                name=k.name,
                type=k.type,
                aliases=sorted(
                    {m.text for m in k.mentions if m.text.lower() not in PRONOUNS} - {k.name}
                ),
                mentions=k.mentions,
            )
            for k in self.known
            if k.id in wanted
        ]

    def with_names(self, span: Span) -> str:
        """Return the span's words with the name for each subject pronoun that can mean only it."""
        out, at = "", span.start
        first = bisect_left(self._pronouns, span.start, key=lambda extent: extent.start)
        for extent in islice(self._pronouns, first, None):
            if extent.end > span.end:
                break
            known = self._by_place.get((extent.start, extent.end))
            if known is None or not known.proper or (extent.start, extent.end) in self._open:
                continue
            out += self.document.text[at : extent.start] + known.name
            at = extent.end
        return out + self.document.text[at : span.end]

    @cached_property
    def _pronouns(self) -> list[Extent]:
        return pronouns(self.passages)

    @cached_property
    def _surnames(self) -> frozenset[str]:
        return surnames(self.passages)

    def passage_at(self, offset: int) -> Passage | None:
        """Return the passage whose sentence has the character at the offset."""
        place = bisect_right(self.passages, offset, key=lambda p: p.sentence.extent.end)
        passage = self.passages[place] if place < len(self.passages) else None
        return passage if passage and passage.sentence.extent.start <= offset else None

    def _unspecified(self) -> Known:
        found = next((k for k in self.known if k.id == "unspecified"), None)
        if found is None:
            found = Known(
                "unspecified", "unspecified source", "anonymous", set(), "", "", False, proper=False
            )
            self.known.append(found)
        return found

    def _tokens(self, span: Span) -> list[Token]:
        passage = self.passage_at(span.start)
        tokens = passage.tree.tokens if passage else ()
        return [t for t in tokens if span.start <= t.start and t.end <= span.end]

    def _resolve(self, span: Span) -> Known:
        tokens = self._tokens(span)
        lower = span.text.lower().strip()
        pronoun = lower in PRONOUNS
        found = self._antecedent(lower, span) if pronoun else self._same(span, tokens)
        if pronoun and self._is_open(lower, span):
            self._open.add((span.start, span.end))
        if found is None:
            found = self._new(span, tokens)
        found.gender = found.gender or gender_of(span.text)
        if gender_of(span.text) and not pronoun and found.type == "organization" and found.proper:
            found.type = "person"  # "Mr Volker", whom the parser took for a company
        if found.mentions and _fuller(tokens, found):
            found.name = clean_name(span.text, tokens)
            found.words |= proper_words(tokens)
            found.surname = found.surname or surname(tokens)
            found.proper = True
        found.mentions.append(span)
        return found

    def _antecedent(self, pronoun: str, span: Span) -> Known | None:
        """Return the nearest earlier entity that the pronoun can mean."""
        at, gender = span.start, gender_of(pronoun)
        if pronoun in HE_SHE:
            fits = [
                k
                for k in self.known
                if k.type == "person" or (k.type == "anonymous" and not k.plural)
            ]
            human = [k for k in fits if k.type == "person" or self._is_human(k)]
            fits = human or fits
            fits = [k for k in fits if not (k.gender and gender and k.gender != gender)]
        elif pronoun in THEY:
            several = [k for k in self.known if k.type != "person"]
            fits = [k for k in several if k.plural or k.type in {"group", "organization"}]
        elif pronoun in IT:
            fits = [k for k in self.known if k.type in {"organization", "document", "place"}]
        else:
            return None
        near = [k for k in fits if k.salient >= at - NEAR and k.salient >= 0]
        if near:
            body = pronoun in IT
            return max(near, key=lambda k: (body and k.type == "organization", k.salient))
        return max(
            (k for k in fits if k.mentions), key=lambda k: k.mentions[-1].start, default=None
        )

    def _is_human(self, known: Known) -> bool:
        """Tell whether its noun names a person, as "leadership" does not."""
        return known.head.endswith(HUMAN) or known.head in self.lexicon.persons

    def _is_open(self, pronoun: str, span: Span) -> bool:
        """Tell whether "he" or "she" may be either of two persons who were just spoken of.

        A wrong name in a claim's text does more harm than a pronoun that is left.
        """
        gender = gender_of(pronoun)
        near = [
            k
            for k in self.known
            if k.type == "person"
            and not k.plural
            and not (k.gender and k.gender != gender)
            and k.mentions
            and k.mentions[-1].start >= span.start - NEAR // 2
        ]
        return pronoun in HE_SHE and len(near) > 1

    def _same(self, span: Span, tokens: list[Token]) -> Known | None:
        words = proper_words(tokens)
        folded = fold_name(span.text)
        for known in self.known:
            if any(fold_name(m.text) == folded for m in known.mentions):
                return known
        if words:
            return next(
                (k for k in reversed(self.known) if k.proper and is_same_name(tokens, k.called())),
                None,
            )
        return self._office(tokens)

    def _office(self, tokens: list[Token]) -> Known | None:
        """Return whom a definite description means: all its words stood with an earlier name."""
        if not tokens or tokens[0].text.lower() not in DEFINITE:
            return None
        comma = next((n for n, t in enumerate(tokens) if t.text == ","), len(tokens))
        content = {t.text.lower() for t in tokens[:comma] if t.pos in {"NOUN", "PROPN", "ADJ"}}
        head = head_noun(tokens).lemma
        body = head in self.lexicon.bodies
        for known in reversed(self.known):
            if not known.proper and known.head != head:
                continue  # "the company" isn't "company executives"
            if known.type == "person" and body:
                continue  # nor is it "company spokesman Ann Roy"
            if content and any(content <= set(fold_name(m.text).split()) for m in known.mentions):
                return known
        if head in BODIES and len(content) == 1 and tokens[0].text.lower() == "the":
            near = [
                k
                for k in self.known
                if k.type == "organization"
                and k.proper
                and not k.words & self.lexicon.outlets
                and not k.plural
                and k.salient >= tokens[0].start - NEAR
                and k.salient >= 0
            ]
            return max(near, key=lambda k: k.salient, default=None)
        return None

    def _new(self, span: Span, tokens: list[Token]) -> Known:
        words = proper_words(tokens)
        name = clean_name(span.text, tokens)
        kind, plural = kind_of(span.text, tokens, self._surnames, self.lexicon)
        known = Known(
            id=self._id(name),
            name=name,
            type=kind,
            words=words,
            surname=surname(tokens),
            head=head_noun(tokens).lemma if tokens else "",
            plural=plural,
            proper=bool(words),
        )
        self.known.append(known)
        return known

    def _id(self, name: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", fold_name(name))[:40].strip("-") or "source"
        taken = {k.id for k in self.known}
        return (
            base
            if base not in taken
            else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in taken)
        )


def _fuller(tokens: Sequence[Token], known: Known) -> bool:
    """Tell whether the phrase names the entity more fully than any before."""
    words = proper_words(tokens)
    return words > known.words or bool(words and not known.proper)
