"""How a claim is put: speech act, polarity, and how firmly its source commits to it.

GUIDELINES rules 8 and 9 as rules on words and tree. The strongest hedge wins; hedges don't add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.cues import SEEMING, SILENT
from agent.document import Extent
from agent.lexicon import Lexicon, Sense
from agent.schema import Act, Confidence, Polarity
from agent.syntax import Token, Tree, extent_of, is_yet_to

RANK: dict[Confidence, int] = {"uncommitted": 0, "possible": 1, "probable": 2, "certain": 3}
OPEN_ACTS: frozenset[Act] = frozenset({"decline", "disclaim", "question"})
UNCOMMITTED_ACTS: frozenset[Act] = OPEN_ACTS | {"wish", "request"}
RAISING = frozenset("believe think expect want hope wish suppose feel plan intend".split())
EMBEDDING = frozenset({"relcl", "acl", "advcl", "ccomp", "pcomp", "csubj"})


@dataclass(frozen=True, slots=True)
class Stance:
    """The labels of one claim and the words that decided the confidence."""

    act: Act
    polarity: Polarity
    confidence: Confidence
    cues: tuple[Extent, ...] = ()


def judge(
    tree: Tree,
    tokens: Sequence[int],
    head: Token,
    lexicon: Lexicon,
    senses: Sequence[tuple[Sense, Token, Extent]],
    *,
    spoken: bool = False,
) -> Stance:
    """Return the stance of one claim unit.

    senses: the cue that governs it, then the cues inside it that share its source ("I think"),
    each with its head and its words. spoken: the unit stands in direct speech.
    """
    act: Act = "assert"
    level: Confidence = "certain"
    deciding: list[Extent] = []
    turned = False
    for number, (sense, verb, extent) in enumerate(senses):
        if number and sense.act != "assert" and verb.tag in {"VBD", "VBN"} and spoken:
            continue  # "I begged them to stay": told, not done by saying so
        negated = _negated(tree, verb, lexicon)
        unable = any(t.lemma in {"can", "could"} for t in tree.of(verb, "aux"))
        act, commitment = _act(sense, verb, act, negated=negated, unable=unable)
        turned ^= (negated and verb.lemma in RAISING) or sense.reverses
        if RANK[commitment] < RANK[level]:
            level, deciding = commitment, [extent]
    members = [tree.tokens[i] for i in tokens]
    if act == "assert":
        act, said = _act_by_words(members, lexicon, spoken=spoken)
        deciding = said or deciding
    found = _hedges(tree, members, head, lexicon)
    open_case = _not_ruled_out(tree, members)
    if open_case is not None:
        found.append((open_case, "possible"))
    boosters = [extent for extent, hedge in found if hedge == "certain"]
    for extent, hedge in found:
        if RANK[hedge] < RANK[level] or (RANK[hedge] == RANK[level] and hedge != "certain"):
            deciding = [extent] if RANK[hedge] < RANK[level] else [*deciding, extent]
            level = hedge
    if act in UNCOMMITTED_ACTS:
        level = "uncommitted"
    elif level == "certain":
        deciding = boosters
    denied = open_case is None and _denies(tree, members, head, lexicon)
    negative = turned != (denied or act == "deny")
    polarity: Polarity = "unknown" if act in OPEN_ACTS else "negative" if negative else "positive"
    return Stance(act, polarity, level, _outermost(deciding))


def _outermost(extents: Sequence[Extent]) -> tuple[Extent, ...]:
    """Return the extents in text order without those that lie in another."""
    found = sorted(set(extents))
    return tuple(e for e in found if not any(e in other and e != other for other in found))


def _act(
    sense: Sense, verb: Token, so_far: Act, *, negated: bool, unable: bool
) -> tuple[Act, Confidence]:
    """Return the act and commitment that a cue gives; an inner assertion leaves an outer act be."""
    if negated and (verb.lemma in SILENT or sense.act == "deny"):
        return ("disclaim" if unable else "decline"), "uncommitted"
    if sense.act == "assert" and so_far != "assert":
        return so_far, sense.commitment
    return sense.act, sense.commitment


def _act_by_words(
    members: list[Token], lexicon: Lexicon, *, spoken: bool
) -> tuple[Act, list[Extent]]:
    """Return the act that the claim's own words perform, and those words."""
    tables: list[tuple[Act, tuple[str, ...]]] = [("disclaim", lexicon.open_phrases)]
    tables.append(("decline", lexicon.decline_phrases))
    if spoken:
        tables.append(("disclaim", lexicon.disclaim_phrases))
    for act, phrases in tables:
        for phrase in phrases:
            found = _locate(members, phrase)
            if found:
                return act, found
    return ("request" if spoken and _is_imperative(members) else "assert"), []


def _is_imperative(members: list[Token]) -> bool:
    """Tell whether the words open with a bare verb ("Stay inside", "Please call", "Don't go")."""
    words = [t for t in members if t.pos not in {"PUNCT", "SPACE"}]
    opening = ("please", "let", "do", "not", "n't", "never", "always", "just")
    while words and words[0].text.lower() in opening and len(words) > 1:
        words = words[1:]
    subjects = {t.head for t in members if t.dep in {"nsubj", "nsubjpass"}}
    return bool(words) and words[0].tag == "VB" and words[0].index not in subjects


def _not_ruled_out(tree: Tree, members: list[Token]) -> Extent | None:
    """Return the words of "could not be ruled out", which leaves a thing possible, or None."""
    for token in members:
        if token.lemma != "rule" or not any(t.text.lower() == "out" for t in tree.of(token, "prt")):
            continue
        negations = tree.of(token, "neg")
        if negations:
            parts = [token, *negations, *tree.of(token, "aux", "auxpass", "prt")]
            return extent_of(sorted(parts, key=lambda t: t.index))
    return None


def _locate(members: list[Token], phrase: str) -> list[Extent]:
    """Return the place of the phrase among the tokens, blanks and clitics aside."""
    wanted = phrase.replace(" ", "").replace("'", "")
    for first in range(len(members)):
        joined = ""
        for last in range(first, len(members)):
            joined += members[last].text.lower().replace("’", "").replace("'", "")
            if joined == wanted:
                return [extent_of(members[first : last + 1])]
            if not wanted.startswith(joined):
                break
    return []


def _hedges(
    tree: Tree, members: list[Token], head: Token, lexicon: Lexicon
) -> list[tuple[Extent, Confidence]]:
    """Return the hedges and boosters that bear on the unit's own predicate."""
    found: list[tuple[Extent, Confidence]] = []
    for phrase, level in lexicon.hedge_phrases.items():
        found.extend((extent, level) for extent in _locate(members, phrase))
    for token in members:
        level_or_none = lexicon.hedges.get(token.text.lower()) or lexicon.hedges.get(token.lemma)
        if token.text.lower() in lexicon.unlikely:
            level_or_none = "probable"
        if level_or_none is None or not _bears(tree, token, head):
            continue
        named = token.pos in {"NOUN", "PROPN"} and token.lemma in {*RAISING, *lexicon.verbs, "will"}
        literal = token.lemma in SEEMING and not tree.of(token, "xcomp", "ccomp", "acomp", "oprd")
        literal = literal or (token.lemma == "feel" and not tree.of(token, "ccomp"))
        unable = token.text.lower() == "could" and bool(tree.of(tree.head(token), "neg"))
        had = any(t.text.lower() == "had" for t in tree.of(token, "aux"))
        done = token.lemma == "plan" and had and bool(tree.of(token, "dobj"))
        done = done or (token.text.lower() == "planned" and token.dep == "amod")
        passive = bool(tree.of(token, "auxpass")) and not tree.of(token, "xcomp", "ccomp")
        done = done or (token.lemma == "plan" and passive)  # "denied that a sale was planned"
        done = done or (token.lemma == "intend" and bool(tree.of(token, "auxpass")))
        if named or literal or unable or done:
            continue  # "the plan"; "appeared in court"; "could not be reached"; "had planned it"
        month = token.text == "May" and (token.pos == "PROPN" or token.dep not in {"aux", "ROOT"})
        if month or token.dep in {"compound", "pobj", "dobj"}:
            continue
        found.append((_word(tree, token), level_or_none))
    return found


def _word(tree: Tree, token: Token) -> Extent:
    """Return the word, with the "n't" that the parser cuts off."""
    after = tree.tokens[token.index + 1 : token.index + 2]
    last = after[0] if after and after[0].start == token.end and after[0].dep == "neg" else token
    return Extent(token.start, last.end)


def _bears(tree: Tree, token: Token, head: Token) -> bool:
    """Tell whether the token belongs to the head's clause and not to one inside it."""
    while token.index != head.index:
        if token.dep in EMBEDDING or token.head == token.index:
            return token.head == token.index
        token = tree.head(token)
    return True


def _negated(tree: Tree, verb: Token, lexicon: Lexicon) -> bool:
    words = {t.text.lower() for t in tree.of(verb, "neg", "advmod", "preconj")}
    for subject in tree.of(verb, "nsubj"):
        if subject.index < verb.index:
            before = {t.text.lower() for t in tree.of(subject, "preconj", "det")} & {"neither"}
            words |= {subject.text.lower(), *before}
    longer = any(
        t.text.lower() == "longer" and tree.of(t, "neg", "det") for t in tree.of(verb, "advmod")
    )
    return longer or is_yet_to(tree, verb) or bool(words & (lexicon.negation | {"n't", "n’t"}))


def _denies(tree: Tree, members: list[Token], head: Token, lexicon: Lexicon) -> bool:
    """Tell whether the unit's own predicate is negated, by verb, subject, object or adverb."""
    inside = {t.index for t in members}
    words = lexicon.negation | {"n't", "n’t"} | lexicon.unlikely
    chain = [
        head,
        *(t for t in tree.of(head, "xcomp", "acomp", "attr", "oprd") if t.index in inside),
    ]
    for verb in chain:
        for child in tree.children[verb.index]:
            if child.index not in inside:
                continue
            if child.text.lower() in words and child.dep != "cc":
                if _is_only(tree, child):
                    continue
                return True
            if child.dep in {"nsubj", "nsubjpass", "dobj", "attr", "advmod"} and any(
                t.text.lower() in {"no", "neither", "not"} and not _is_only(tree, t)
                for t in tree.of(child, "det", "neg", "preconj", "advmod")
            ):
                return True
    first = min(inside)
    fronted = [p for p in tree.of(head, "prep") if first <= p.index <= first + 1]
    none = any(t.text.lower() == "no" for p in fronted for t in tree.subtree(p)[1:2])
    auxiliaries = [t.index for t in tree.of(head, "aux", "auxpass")]
    between = tree.tokens[min(auxiliaries, default=head.index) : head.index]
    stray = any(
        t.text.lower() in {"not", "n't", "n’t", "never"} and not _is_only(tree, t)
        for t in between
        if t.index in inside
    )
    return none or stray or head.text.lower() in words


def _is_only(tree: Tree, word: Token) -> bool:
    """Tell whether it's the "not" of "not only" or the "no" of "no choice but": no negation."""
    after = [t.text.lower() for t in tree.tokens[word.index + 1 : word.index + 3]]
    return after[:1] in (["only"], ["just"], ["merely"], ["simply"]) or after[1:] == ["but"]
