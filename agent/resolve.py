"""Mentions to entities: full names, short names, titles, offices, pronouns.

Every source of a claim gets an entity. Rules only, over what the article itself says:
a short name belongs to the full name that holds it, a title to the name it stood with, a
pronoun to the nearest earlier source or subject that it can mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agent.document import Document, Extent
from agent.ground import Grounded
from agent.lexicon import Lexicon
from agent.passages import Passage
from agent.schema import Entity, EntityType, Span
from agent.syntax import Token

HE_SHE = frozenset("he she him her his hers himself herself".split())
THEY = frozenset("they them their theirs".split())
IT = frozenset("it its".split())
PRONOUNS = HE_SHE | THEY | IT | frozenset("i we me us who which that this one others".split())
TITLES = frozenset(
    """mr mrs ms miss dr prof professor sir lord lady dame president minister senator governor mayor
    judge justice general colonel captain major sergeant officer king queen prince princess pope
    chancellor secretary spokesman spokeswoman spokesperson director chief chairman chairwoman chair
    founder manager coach rep representative congressman congresswoman prime deputy former ex vice
    the ceo cfo coo cto boss head leader attorney""".split()
)
DEFINITE = frozenset("the this that his her its their".split())
NAME_PARTS = frozenset({"compound", "nmod", "flat"})
MALE = frozenset(
    "he him his mr sir lord king prince man boy father son husband brother chairman".split()
) | {"spokesman"}
FEMALE = frozenset(
    """she her hers mrs ms miss lady dame queen princess woman girl mother daughter wife sister
    chairwoman spokeswoman""".split()
)
NEAR = 900  # characters; a pronoun seldom reaches further back
ORGANISATION = frozenset({"ORG", "GPE", "FAC", "PRODUCT", "WORK_OF_ART", "LOC"})


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


class Resolver:
    """Collects the entities of one document, in the order in which they're mentioned."""

    def __init__(self, document: Document, passages: Sequence[Passage], lexicon: Lexicon) -> None:
        self.document = document
        self.lexicon = lexicon
        self.passages = passages
        self.known: list[Known] = []
        self._by_place: dict[tuple[int, int], Known] = {}

    def read(self, grounded: Sequence[Grounded]) -> None:
        """Take in the sources, the named persons and the subject pronouns, in text order."""
        sources = {(s.mention.start, s.mention.end) for g in grounded for s in g.chain if s.mention}
        places = set(sources)
        subjects = {
            (t.start, t.end) for p in self.passages for t in p.tree.tokens if "subj" in t.dep
        }
        for extent in [*self._persons(), *self._pronouns()]:
            if not any(start < extent.end and extent.start < end for start, end in sources):
                places.add((extent.start, extent.end))
        for start, end in sorted(places):
            span = Span(start=start, end=end, text=self.document.text[start:end])
            known = self._resolve(span)
            self._by_place[(start, end)] = known
            if (start, end) in sources or any(start <= s < e <= end for s, e in subjects):
                known.salient = start

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
        """Return the span's words with the name for each pronoun that stands as a subject."""
        out, at = "", span.start
        for extent in self._pronouns():
            known = self._by_place.get((extent.start, extent.end))
            if extent.start < at or extent.end > span.end or known is None or not known.proper:
                continue
            out += self.document.text[at : extent.start] + known.name
            at = extent.end
        return out + self.document.text[at : span.end]

    def _pronouns(self) -> list[Extent]:
        """Return the subject pronouns of the third person outside direct speech, in text order."""
        return [
            Extent(t.start, t.end)
            for passage in self.passages
            for t in passage.tree.tokens
            if t.dep in {"nsubj", "nsubjpass"}
            and t.text.lower() in {"he", "she", "they"}
            and passage.run_of(t) is None
        ]

    def _unspecified(self) -> Known:
        found = next((k for k in self.known if k.id == "unspecified"), None)
        if found is None:
            found = Known(
                "unspecified", "unspecified source", "anonymous", set(), "", "", False, proper=False
            )
            self.known.append(found)
        return found

    def _persons(self) -> list[Extent]:
        found = []
        for passage in self.passages:
            run: list[Token] = []
            for token in [*passage.tree.tokens, None]:
                if (
                    token is not None
                    and token.entity == "PERSON"
                    and token.text.lower() not in {"'s", "’s", "s"}
                ):
                    run.append(token)
                elif run:
                    found.append(Extent(run[0].start, run[-1].end))
                    run = []
        return found

    def _tokens(self, span: Span) -> list[Token]:
        for passage in self.passages:
            if passage.sentence.extent.start <= span.start < passage.sentence.extent.end:
                return [
                    t for t in passage.tree.tokens if span.start <= t.start and t.end <= span.end
                ]
        return []

    def _resolve(self, span: Span) -> Known:
        tokens = self._tokens(span)
        lower = span.text.lower().strip()
        pronoun = lower in PRONOUNS
        found = self._antecedent(lower, span) if pronoun else self._same(span, tokens)
        if found is None:
            found = self._new(span, tokens)
        found.gender = found.gender or gender_of(span.text)
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
            fits = [k for k in fits if not (k.gender and gender and k.gender != gender)]
        elif pronoun in THEY:
            fits = [k for k in self.known if k.plural or k.type in {"group", "organization"}]
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

    def _same(self, span: Span, tokens: list[Token]) -> Known | None:
        words = proper_words(tokens)
        folded = fold_name(span.text)
        for known in self.known:
            if any(fold_name(m.text) == folded for m in known.mentions):
                return known
        if words:
            return next(
                (k for k in reversed(self.known) if k.proper and _same_name(words, tokens, k)), None
            )
        return self._office(tokens)

    def _office(self, tokens: list[Token]) -> Known | None:
        """Return whom a definite description means: all its words stood with an earlier name."""
        if not tokens or tokens[0].text.lower() not in DEFINITE:
            return None
        content = {t.text.lower() for t in tokens if t.pos in {"NOUN", "PROPN", "ADJ"}}
        for known in reversed(self.known):
            if content and any(content <= set(fold_name(m.text).split()) for m in known.mentions):
                return known
        return None

    def _new(self, span: Span, tokens: list[Token]) -> Known:
        words = proper_words(tokens)
        name = clean_name(span.text, tokens)
        kind, plural = self._type(span, tokens, words)
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

    def _type(self, span: Span, tokens: list[Token], words: set[str]) -> tuple[EntityType, bool]:
        if not tokens:
            return "other", False
        head = head_noun(tokens)
        plural = head.tag in {"NNS", "NNPS"} or any(t.dep == "conj" for t in tokens)
        named = next((t for t in tokens if t.dep == "appos" and t.pos == "PROPN"), None)
        if head.pos == "NOUN" and named is not None:
            head = named
        labels = {t.entity for t in tokens if t.text.lower() in words}
        if head.lemma in self.lexicon.documents and head.pos == "NOUN":
            return "document", plural
        if head.lemma in self.lexicon.bodies and head.pos == "NOUN":
            return "organization", plural
        if gender_of(span.text) and not plural and words:
            return "person", False
        if head.entity == "PERSON" or (head.pos == "PROPN" and "PERSON" in labels):
            return "person", plural
        if head.entity in ORGANISATION or (head.pos == "PROPN" and labels & ORGANISATION):
            return "organization", plural
        if span.text.lower() in HE_SHE:
            return "person", False
        if head.pos == "PROPN":
            return ("group" if head.entity == "NORP" else "organization"), plural
        if head.entity == "NORP" or (plural and words):
            return ("anonymous" if head.pos == "NOUN" else "group"), plural
        return ("anonymous" if head.pos in {"NOUN", "PRON"} else "other"), plural

    def _id(self, name: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", fold_name(name))[:40].strip("-") or "source"
        taken = {k.id for k in self.known}
        return (
            base
            if base not in taken
            else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in taken)
        )


def gender_of(text: str) -> str:
    """Return "m" or "f" where a word of the text tells, else "".

    >>> gender_of("Mrs Lind"), gender_of("Mayor Lind")
    ('f', '')
    """
    words = set(re.findall(r"[a-z]+", text.lower()))
    return "m" if words & MALE else "f" if words & FEMALE else ""


def fold_name(name: str) -> str:
    """Return the name without case, article, possessive and punctuation.

    >>> fold_name("The Ministry’s")
    'ministry'
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    text = re.sub(r"'s\\b", "", re.sub(r"'s\b", "", text))
    text = re.sub(r"[^\w\s-]", " ", text)
    words = text.split()
    return " ".join(words[1:] if words[:1] in (["the"], ["a"], ["an"]) else words)


def proper_words(tokens: Sequence[Token]) -> set[str]:
    """Return the words of the phrase's own name in lower case, titles and apposition aside."""
    if not tokens:
        return set()
    head = head_noun(tokens)
    if head.pos != "PROPN" or head.text.lower().rstrip(".") in TITLES:
        appos = [t for t in tokens if t.dep == "appos" and t.pos == "PROPN"]
        if not appos:
            return set()
        head = appos[0]
    words = {head.text.lower()}
    if head.entity in {"ORG", "PERSON", "GPE", "WORK_OF_ART"}:
        words |= {
            t.text.lower()
            for t in tokens
            if t.entity == head.entity and t.index < head.index and t.text[:1].isupper()
        }
    grown = True
    while grown:  # "New" hangs on "York", and that on "Times"
        heads = {t.index for t in tokens if t.text.lower() in words and t.pos == "PROPN"}
        more = {
            t.text.lower()
            for t in tokens
            if t.head in heads and t.dep in NAME_PARTS and t.pos == "PROPN"
        }
        grown = not more <= words
        words |= more
    return {w for w in words if w.rstrip(".") not in TITLES}


def surname(tokens: Sequence[Token]) -> str:
    """Return the last word of the proper name in lower case, or ""."""
    if not tokens:
        return ""
    words = proper_words(tokens)
    return next((t.text.lower() for t in reversed(tokens) if t.text.lower() in words), "")


def head_noun(tokens: Sequence[Token]) -> Token:
    """Return the token that the rest of the phrase hangs on."""
    inside = {t.index for t in tokens}
    return next((t for t in tokens if t.head not in inside or t.head == t.index), tokens[-1])


def clean_name(text: str, tokens: Sequence[Token]) -> str:
    """Return the shortest naming part: the proper name with its compounds, else the phrase."""
    if not tokens:
        return text
    words = proper_words(tokens)
    if not words:
        cut = next((t.start for t in tokens[1:] if t.tag in {"WP", "WDT"} or t.dep == "acl"), None)
        short = text if cut is None else text[: cut - tokens[0].start].rstrip(" ,")
        return re.sub(r"^(the|a|an)\s+", "", short, flags=re.IGNORECASE)
    named = [t for t in tokens if t.text.lower() in words and t.text[:1].isupper()]
    if not named:
        return text
    first, last = named[0], named[-1]
    for preposition in tokens:  # the Ministry of Health
        if preposition.text.lower() == "of" and preposition.head == head_noun(tokens).index:
            inner = [t for t in tokens if t.head == preposition.index and t.pos == "PROPN"]
            last = max([last, *inner], key=lambda t: t.index)
    start, end = first.start - tokens[0].start, last.end - tokens[0].start
    name = text[start:end]
    return name if len(name) <= 80 else " ".join(t.text for t in named)


def _fuller(tokens: Sequence[Token], known: Known) -> bool:
    """Tell whether the phrase names the entity more fully than any before."""
    words = proper_words(tokens)
    return words > known.words or bool(words and not known.proper)


def _same_name(words: set[str], tokens: Sequence[Token], known: Known) -> bool:
    """Tell whether one name is part of the other and ends like it, or abbreviates it."""
    if not known.words:
        return False
    last = surname(tokens)
    if (words <= known.words or known.words <= words) and (
        last == known.surname or words == known.words
    ):
        return True
    initials = "".join(w[0] for w in known.name.lower().split() if w[0].isalpha())
    return len(words) == 1 and len(next(iter(words))) >= 2 and next(iter(words)) == initials
