"""Candidate reporting cues in a parsed sentence: who may be saying what, by which words.

High recall, no judgement: a candidate is what the lexicon and the tree allow. The model and
the rules downstream decide. Offsets are those of the tree's tokens.
"""

from __future__ import annotations

from agent.complements import ABOUT_PREPS
from agent.cue import ASSERT, Cue
from agent.document import Extent
from agent.frames import according, clear, idiom, in_view, light, no_comment
from agent.lexicon import Lexicon
from agent.reports import WEAK_SUBJECTS, unlisted_cue, verb_cue
from agent.sources import Source, can_speak, noun_phrase, verb_group
from agent.syntax import Token, Tree, is_negated

SEEMING = frozenset({"seem", "appear", "look"})
SILENT = frozenset(
    """say state comment confirm respond reply answer disclose reveal discuss specify elaborate name
    tell give speculate""".split()
)


def propose(tree: Tree, lexicon: Lexicon) -> list[Cue]:
    """Return the candidates of a sentence, in the order of their cue words."""
    found: list[Cue] = []
    used: set[int] = set()
    for token in tree.tokens:
        if token.index in used:
            continue
        cue = (
            according(tree, token, lexicon)
            or in_view(tree, token, lexicon)
            or clear(tree, token, lexicon)
            or idiom(tree, token, lexicon)
            or light(tree, token, lexicon)
            or no_comment(tree, token, lexicon)
            or verb_cue(tree, token, lexicon)
            or _adjective(tree, token, lexicon)
            or unlisted_cue(tree, token, lexicon)
            or _noun(tree, token, lexicon)
        )
        if cue:
            found.append(cue)
            used |= {t.index for t in tree.within(cue.extent)}
    return found


def _adjective(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "is concerned that ...": an attitude after a copula."""
    sense = lexicon.adjectives.get(token.text.lower())
    if sense is None:
        return None
    copula = tree.head(token) if token.dep in {"acomp", "oprd"} else token
    if token.text.lower() in {"sure", "aware", "certain"} and is_negated(tree, copula):
        sense = lexicon.adjectives["unsure"]
    passive = token.pos == "VERB" and bool(tree.of(token, "auxpass"))
    if (copula is token and not passive) or copula.lemma in SEEMING:
        return None
    clauses = tree.of(token, "ccomp") or tree.of(copula, "ccomp")
    content = tuple(t.index for t in clauses[:1])
    last = token
    if not content:
        for prep in tree.of(token, "prep"):
            objects = tree.of(prep, "pobj", "pcomp")
            if objects and prep.text.lower() in ABOUT_PREPS - {"for"} | _for(token):
                content, last = (objects[0].index,), prep
                break
    subject = tree.subject(copula)
    if not content or subject is None or subject.text.lower() in WEAK_SUBJECTS:
        return None
    extent = verb_group(tree, copula, last)
    source = Source(noun_phrase(tree, subject), subject.index, extent)
    return Cue(copula.index, extent, sense, "clause" if clauses else "about", source, content)


def _for(adjective: Token) -> frozenset[str]:
    """Return "for" where the attitude's object may follow it, as not in "positive for a virus"."""
    return frozenset() if adjective.text.lower() in {"positive", "clear"} else frozenset({"for"})


def _noun(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "Smith's claim that ...": a noun of saying with its owner and a clause."""
    sense = lexicon.nouns.get(token.lemma)
    if token.pos != "NOUN":
        return None
    clauses = [
        c for c in tree.of(token, "ccomp", "acl") if tree.of(c, "mark", "nsubj", "nsubjpass")
    ]
    owners = tree.of(token, "poss") or [
        o
        for prep in tree.of(token, "prep")
        if prep.text.lower() in {"of", "by", "from"}
        for o in tree.of(prep, "pobj")
    ]
    if sense and clauses and not owners and _is_in_the_air(tree, token, clauses[0]):
        extent = Extent(token.start, token.end)
        nobody = Source(None, None, extent, implicit=True)
        return Cue(token.index, extent, sense, "clause", nobody, (clauses[0].index,))
    if not clauses or not owners:
        return None
    if sense is None:  # "his repeated emphasis that ..."
        marked = any(t.text.lower() == "that" for t in tree.of(clauses[0], "mark"))
        subject = tree.subject(clauses[0])
        told = marked and subject is not None and subject.text.lower() != "that"
        if not told or token.lemma in lexicon.deeds or not can_speak(tree, owners[0], lexicon):
            return None
        sense = ASSERT
    extent = Extent(token.start, token.end)
    source = Source(noun_phrase(tree, owners[0]), owners[0].index, extent)
    return Cue(token.index, extent, sense, "clause", source, (clauses[0].index,))


def _is_in_the_air(tree: Tree, noun: Token, clause: Token) -> bool:
    """Tell whether nobody is named for it: "there are fears that ...", "amid claims that ..."."""
    marked = any(t.text.lower() == "that" for t in tree.of(clause, "mark", "dobj"))
    above = tree.head(noun)
    exists = noun.dep in {"attr", "nsubj"} and bool(tree.of(above, "expl"))
    amid = noun.dep == "pobj" and above.text.lower() in {"amid", "amidst", "despite"}
    return marked and (exists or amid)


def declines(tree: Tree, cue: Cue) -> bool:
    """Tell whether the cue is a verb of saying that is negated: "would not say"."""
    verb = tree.tokens[cue.head]
    return verb.lemma in SILENT and is_negated(tree, verb)
