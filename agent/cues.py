"""Candidate reporting cues in a parsed sentence: who may be saying what, by which words.

High recall, no judgement: a candidate is what the lexicon and the tree allow. The model and
the rules downstream decide. Offsets are those of the tree's tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.document import Extent
from agent.lexicon import Lexicon, Sense
from agent.schema import SourceRole
from agent.syntax import VERBAL, Token, Tree, extent_of

Form = Literal[
    "clause",
    "question",
    "infinitive",
    "object",
    "as",
    "about",
    "gerund",
    "bare",
    "according",
    "colon",
]
PERSONAL = frozenset({"i", "we", "he", "she", "they", "it"})
ASPECTUAL = frozenset({"start", "begin", "continue", "keep", "go", "stop"})
FOR_VERBS = frozenset({"call", "appeal", "press", "push", "plead", "ask", "hope", "wish", "beg"})
ABOUT_PREPS = frozenset({"of", "about", "against", "over", "on", "to", "for", "at", "with"})
CLAUSAL = frozenset({"ccomp", "xcomp", "acl", "advcl", "relcl"})
QUOTES = frozenset({'"', "'", "``", "''"})
WEAK_SUBJECTS = frozenset({"it", "this", "that", "there", "which", "these", "those", "what"})


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it stands in the sentence. extent: None for an agentless passive.

    head: index of the noun phrase's head token. implicit: understood, not the cue's own subject.
    """

    extent: Extent | None
    head: int | None
    cue: Extent | None
    role: SourceRole = "speaker"
    implicit: bool = False


@dataclass(frozen=True, slots=True)
class Cue:
    """A candidate. head: index of the cue's main token; content: indices of what it governs.

    outer, inner: relays around the source ("told the Herald") and sources that it cites.
    """

    head: int
    extent: Extent
    sense: Sense
    form: Form
    source: Source
    content: tuple[int, ...] = ()
    outer: tuple[Source, ...] = ()
    inner: tuple[Source, ...] = ()

    def chain(self) -> tuple[Source, ...]:
        """Return the sources of this cue, outermost first."""
        return (*self.outer, self.source, *self.inner)


def propose(tree: Tree, lexicon: Lexicon) -> list[Cue]:
    """Return the candidates of a sentence, in the order of their cue words."""
    found: list[Cue] = []
    used: set[int] = set()
    for token in tree.tokens:
        if token.index in used:
            continue
        cue = (
            _according(tree, token)
            or _light(tree, token, lexicon)
            or _verb(tree, token, lexicon)
            or _adjective(tree, token, lexicon)
            or _quoting(tree, token, lexicon)
            or _noun(tree, token, lexicon)
        )
        if cue:
            found.append(cue)
            used |= {t.index for t in tree.within(cue.extent)}
    return found


# ---- the kinds of cue ------------------------------------------------------------------------


ASSERT = Sense("assert", "certain", frozenset({"clause"}))


def _according(tree: Tree, token: Token) -> Cue | None:
    """ "According to X, ...": the clause that it modifies is the content."""
    if token.text.lower() != "according" or token.index + 2 >= len(tree.tokens):
        return None
    to = tree.tokens[token.index + 1]
    if to.text.lower() != "to":
        return None
    objects = tree.of(to, "pobj") or tree.of(token, "pobj")
    if objects:
        noun, named = objects[0], noun_phrase(tree, objects[0])
    else:  # the parser took the name for something else: the capitalised words are the source
        names = _capitalised(tree, to.index + 1)
        if not names:
            return None
        noun, named = names[-1], extent_of(names)
    extent = Extent(token.start, to.end)
    source = Source(named, noun.index, extent)
    governed = _governed(tree, token)
    return Cue(
        token.index, extent, ASSERT, "according", source, (governed,), _passing_on(tree, noun)
    )


def _capitalised(tree: Tree, first: int) -> list[Token]:
    found: list[Token] = []
    for token in tree.tokens[first:]:
        if not (token.text[:1].isupper() or (found and token.text.lower() in {"of", "the", "and"})):
            break
        found.append(token)
    while found and not found[-1].text[:1].isupper():
        found.pop()
    return found


def _governed(tree: Tree, token: Token) -> int:
    """Return the index of the verb that the frame modifies, else of the largest tree's root."""
    for above in tree.ancestors(token):
        if above.pos in VERBAL:
            return above.index
    return max(tree.roots(), key=lambda root: len(tree.subtree(root))).index


def _verb(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    senses = lexicon.verbs.get(lexicon.lemma(token))
    if not senses or not _is_verb(tree, token) or token.dep in {"compound", "amod"}:
        return None
    matches = ((sense, _complement(tree, token, sense)) for sense in senses)
    fitting = [(sense, match) for sense, match in matches if match is not None]
    # a bare verb of saying only where no sense finds what it takes
    fitting.sort(key=lambda pair: (pair[1][0] == "bare", pair[1][0] != "question"))
    for sense, (form, content, last) in fitting:
        source = find_source(tree, token)
        if _is_no_report(tree, token, sense, form, source):
            continue
        extent = verb_group(tree, token, last)
        named = Source(source.extent, source.head, extent, "speaker", source.implicit)
        outer = _channels(tree, token, lexicon) + _passing_on(tree, _at(tree, source.head))
        inner = _cited(tree, token)
        if inner:
            named = Source(named.extent, named.head, named.cue, "relay", named.implicit)
        return Cue(token.index, extent, sense, form, named, content, outer, inner)
    return None


def _is_verb(tree: Tree, token: Token) -> bool:
    """Tell whether the token is a verb, or a noun only by the tagger's mistake ("X notes, ...")."""
    return token.pos == "VERB" or (token.tag == "NNS" and bool(tree.of(token, "ccomp")))


def _is_no_report(tree: Tree, verb: Token, sense: Sense, form: Form, source: Source) -> bool:
    """Tell whether the verb tells of a deed ("was denied a visa") or of what may be said one day."""
    passive = bool(tree.of(verb, "auxpass"))
    purpose = any(t.text.lower() == "to" for t in tree.of(verb, "aux"))
    above = tree.head(verb)
    only_expected = (
        purpose and verb.dep == "xcomp" and (bool(tree.of(above, "auxpass")) or above.pos == "ADJ")
    )
    given = bool(tree.of(verb, "dative")) and sense.act == "deny"
    modal = any(
        t.tag == "MD" and t.lemma in {"could", "may", "might"} for t in tree.of(verb, "aux")
    )
    aspect = verb.dep == "xcomp" and above.lemma in ASPECTUAL
    deed = form in {"object", "about"} and (passive or (purpose and not aspect) or given)
    deed = deed or (form == "as" and source.extent is None)
    occasion = verb.lemma == "ask" and verb.tag == "VBN" and tree.subject(verb) is None
    unspoken = modal and sense.act in {"request", "commit"}
    negated = is_negated(tree, verb) or _by_nobody(tree, source)
    silent = sense.negated and not negated
    undone = negated and sense.act in {"request", "commit", "congratulate", "question"}
    weak = sense.weak and not _can_report(tree, source)
    return weak or deed or only_expected or occasion or unspoken or silent or undone


def _quoting(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """ "...", he drawled: a verb that no lexicon knows, beside a quotation that is its clause."""
    subject = tree.subject(token)
    if token.pos != "VERB" or lexicon.lemma(token) in lexicon.verbs or subject is None:
        return None
    for clause in tree.of(token, "ccomp"):
        inside = tree.subtree(clause)
        marks = [
            t
            for t in tree.tokens[max(0, inside[0].index - 1) : inside[-1].index + 3]
            if t.text in QUOTES
        ]
        between = tree.tokens[
            min(inside[-1].index, token.index) : max(inside[0].index, token.index)
        ]
        if len(marks) >= 1 and any(t.text in QUOTES for t in between):
            source = find_source(tree, token)
            extent = verb_group(tree, token)
            named = Source(source.extent, source.head, extent, "speaker", source.implicit)
            return Cue(token.index, extent, ASSERT, "clause", named, (clause.index,))
    return None


def _light(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """ "expressed his hope for ...": a light verb whose object names the act."""
    has = token.lemma == "have"
    if token.pos not in VERBAL or not (has or token.lemma in lexicon.light_verbs):
        return None
    for noun in tree.of(token, "dobj"):
        sense = lexicon.nouns.get(noun.lemma) or lexicon.nouns.get(noun.text.lower())
        if sense is None or sense.negated != has:
            continue
        if has and not (is_negated(tree, token) or is_negated(tree, noun)):
            continue
        content, last = _noun_content(tree, noun)
        content = (
            content
            or tuple(
                t.index
                for prep in tree.of(token, "prep", "dative")
                for t in tree.of(prep, "pobj")
                if prep.text.lower() in {"for", "on", "over", "about"}
            )[:1]
        )
        source = find_source(tree, token)
        extent = verb_group(tree, token, last or noun)
        named = Source(source.extent, source.head, extent, "speaker", source.implicit)
        return Cue(token.index, extent, sense, "about", named, content or (noun.index,))
    return None


def _adjective(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """ "is concerned that ...", "was critical of ...": an attitude after a copula."""
    sense = lexicon.adjectives.get(token.text.lower())
    if sense is None:
        return None
    copula = tree.head(token) if token.dep in {"acomp", "oprd"} else token
    if token.text.lower() in {"sure", "aware", "certain"} and is_negated(tree, copula):
        sense = lexicon.adjectives["unsure"]
    passive = token.pos == "VERB" and bool(tree.of(token, "auxpass"))
    if copula is token and not passive:
        return None
    clauses = tree.of(token, "ccomp") or tree.of(copula, "ccomp")
    content = tuple(t.index for t in clauses[:1])
    last = token
    if not content:
        for prep in tree.of(token, "prep"):
            objects = tree.of(prep, "pobj", "pcomp")
            if objects and prep.text.lower() in ABOUT_PREPS:
                content, last = (objects[0].index,), prep
                break
    subject = tree.subject(copula)
    if not content or subject is None or subject.text.lower() in WEAK_SUBJECTS:
        return None
    extent = verb_group(tree, copula, last)
    source = Source(noun_phrase(tree, subject), subject.index, extent)
    return Cue(copula.index, extent, sense, "clause" if clauses else "about", source, content)


def _noun(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """ "Smith's claim that ...": a noun of saying with its owner and a clause."""
    sense = lexicon.nouns.get(token.lemma)
    if sense is None or token.pos != "NOUN":
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
    if not clauses or not owners:
        return None
    extent = Extent(token.start, token.end)
    source = Source(noun_phrase(tree, owners[0]), owners[0].index, extent)
    return Cue(token.index, extent, sense, "clause", source, (clauses[0].index,))


# ---- complements -----------------------------------------------------------------------------


def _complement(
    tree: Tree, verb: Token, sense: Sense
) -> tuple[Form, tuple[int, ...], Token | None] | None:
    """Return the form, the heads of the content and the cue's last token, or None if none fits."""
    takes = sense.takes
    clause = _clause(tree, verb)
    if clause and "question" in takes and _is_question(tree, clause):
        return "question", (clause.index,), None
    if clause and "clause" in takes and not _is_bare_infinitive(tree, clause):
        return "clause", (clause.index,), None
    whens = [t for t in tree.of(verb, "advmod") if t.tag == "WRB" and t.index > verb.index]
    if whens and "clause" in takes and is_negated(tree, verb):
        return "question", (whens[0].index,), None
    if "infinitive" in takes and (found := _infinitive(tree, verb, sense)):
        return found
    if "gerund" in takes:
        gerunds = [t for t in tree.of(verb, "xcomp", "pcomp") if t.tag == "VBG"]
        if gerunds:
            return "gerund", (gerunds[0].index,), None
    if "as" in takes and (heads := _predicated(tree, verb)):
        return "as", heads, None
    if "object" in takes and (found := _object(tree, verb, sense)):
        return found
    if "about" in takes:
        for prep in tree.of(verb, "prep"):
            objects = tree.of(prep, "pobj", "pcomp")
            if objects and prep.text.lower() in ABOUT_PREPS:
                return "about", (objects[0].index,), prep
    if "clause" in takes and not sense.weak and tree.subject(verb):
        return "bare", (), None
    return None


def _clause(tree: Tree, verb: Token) -> Token | None:
    """Return the head of the verb's clausal complement, before or after it."""
    found = [
        t
        for t in tree.of(verb, "ccomp")
        if t.pos in VERBAL or tree.subject(t) or t.index < verb.index
    ]
    if found:
        return found[-1]
    as_said = verb.dep == "advcl" and any(
        t.text.lower() == "as" for t in tree.of(verb, "mark", "advmod")
    )
    above = tree.head(verb)
    fronted = as_said and (verb.index < above.index or above.head == above.index)
    if (verb.dep == "parataxis" or fronted) and above.pos in VERBAL:
        return above
    return None


def _is_question(tree: Tree, clause: Token) -> bool:
    marks = {t.text.lower() for t in tree.of(clause, "mark", "advmod", "nsubj", "dobj", "attr")}
    return bool(marks & {"whether", "if", "who", "what", "when", "where", "why", "how", "which"})


def _is_bare_infinitive(tree: Tree, clause: Token) -> bool:
    return any(t.text.lower() == "to" for t in tree.of(clause, "aux"))


def _infinitive(
    tree: Tree, verb: Token, sense: Sense
) -> tuple[Form, tuple[int, ...], Token | None] | None:
    for clause in tree.of(verb, "xcomp", "ccomp", "advcl"):
        to = next((t for t in tree.of(clause, "aux") if t.text.lower() == "to"), None)
        if to is None or clause.index < verb.index:
            continue
        if sense.only_infinitives:
            if clause.lemma not in sense.only_infinitives:
                continue
            objects = tree.of(clause, "dobj", "ccomp") or [
                o for prep in tree.of(clause, "prep") for o in tree.of(prep, "pobj", "pcomp")
            ]
            asked = [
                c
                for a in tree.tokens
                if a.lemma == "ask" and a.tag == "VBN"
                for c in tree.of(a, "ccomp", "advcl", "xcomp")
                if _is_question(tree, c)
            ]
            return (
                "object",
                tuple(o.index for o in (*objects, *asked)[:1]) or (clause.index,),
                clause,
            )
        return "infinitive", (clause.index,), None
    return None


def _object(
    tree: Tree, verb: Token, sense: Sense
) -> tuple[Form, tuple[int, ...], Token | None] | None:
    if verb.lemma in FOR_VERBS:
        for prep in tree.of(verb, "prep"):
            objects = tree.of(prep, "pobj", "pcomp")
            if prep.text.lower() in {"for", "on"} and objects:
                return "object", (objects[0].index,), prep
        if verb.lemma not in {"wish"}:
            return None
    objects = [
        t
        for t in tree.of(verb, "dobj")
        if t.pos != "PRON" or (sense.act == "deny" and t.text.lower() in {"it", "this", "that"})
    ]
    if sense.only_objects:
        objects = [t for t in objects if t.lemma in sense.only_objects]
    if not objects:
        return None
    grounds = [t.index for t in tree.of(verb, "prep") if t.text.lower() in {"for", "of"}]
    blamed = "as" in sense.takes and grounds
    return "object", (objects[0].index, *(grounds if blamed else ())), None


def _predicated(tree: Tree, verb: Token) -> tuple[int, ...]:
    """Return the heads of "call X Y", "describe X as Y": the object and its predicate."""
    objects = tree.of(verb, "dobj", "nsubjpass")
    predicates = tree.of(verb, "oprd", "xcomp", "acomp")
    link = "at" if verb.lemma == "put" else "as"
    predicates += [t for t in tree.of(verb, "prep") if t.text.lower() == link]
    if link == "at" and not any(n.pos == "NUM" for p in predicates for n in tree.subtree(p)):
        return ()
    if objects and predicates:
        return (objects[0].index, *(t.index for t in predicates))
    small = [t for t in tree.of(verb, "ccomp") if tree.of(t, "nsubj") and t.pos not in VERBAL]
    return tuple(t.index for t in small[:1])


def _noun_content(tree: Tree, noun: Token) -> tuple[tuple[int, ...], Token | None]:
    clauses = tree.of(noun, "ccomp", "acl")
    if clauses:
        return (clauses[0].index,), None
    for prep in tree.of(noun, "prep"):
        objects = tree.of(prep, "pobj", "pcomp")
        if objects and prep.text.lower() in ABOUT_PREPS:
            return (objects[0].index,), prep
    return (), None


# ---- sources ---------------------------------------------------------------------------------


def find_source(tree: Tree, verb: Token) -> Source:
    """Return who does the verb: its subject, its agent, or the subject that it shares."""
    agent = [o for a in tree.of(verb, "agent") for o in tree.of(a, "pobj")]
    if agent:
        return Source(noun_phrase(tree, agent[0]), agent[0].index, None)
    subject = tree.subject(verb)
    if subject is not None:
        if subject.dep == "nsubjpass":
            return Source(None, None, None, implicit=True)
        return _named(tree, verb, subject)
    bare_passive = verb.tag == "VBN" and not tree.of(verb, "aux") and verb.dep in {"conj", "advcl"}
    if tree.of(verb, "auxpass") or bare_passive:
        return Source(None, None, None, implicit=True)
    return _shared(tree, verb)


def _named(tree: Tree, verb: Token, subject: Token) -> Source:
    """Return the subject, or what a relative pronoun stands for."""
    if subject.tag in {"WP", "WDT"} and verb.dep == "relcl":
        noun = tree.head(verb)
        return Source(noun_phrase(tree, noun), noun.index, None)
    return Source(noun_phrase(tree, subject), subject.index, None)


def _shared(tree: Tree, verb: Token) -> Source:
    """Return the subject that a verb without one shares with a verb above it, or the noun it modifies."""
    below = verb
    for above in tree.ancestors(verb):
        if below.dep in {"acl", "relcl"} and above.pos in {"NOUN", "PROPN", "PRON"}:
            return Source(noun_phrase(tree, above), above.index, None)
        if above.pos in VERBAL:
            subject = tree.subject(above)
            if subject is not None:
                named = _named(tree, above, subject)
                return Source(named.extent, named.head, None, implicit=below.dep != "conj")
        below = above
    return Source(None, None, None, implicit=True)


def noun_phrase(tree: Tree, noun: Token) -> Extent:
    """Return the full noun phrase: determiner, modifiers, apposition; no later relative clause."""

    def apart(child: Token) -> bool:
        if child.dep in {"relcl", "acl"}:
            first = tree.subtree(child)[0]
            before = tree.tokens[first.index - 1].text if first.index else ""
            return before in {",", "-", "–", "—"} or _passes_on(tree, child)
        return (
            child.dep in {"punct", "cc", "preconj"}
            and child.index > noun.index
            and not tree.of(noun, "conj", "appos")
            or child.dep in {"advcl", "parataxis", "ccomp"}
        )

    tokens = tree.subtree(noun, apart)
    while (
        len(tokens) > 1
        and tokens[-1].pos == "PUNCT"
        and tokens[-1].text not in {'"', "”", ")", "'", "’"}
    ):
        tokens.pop()
    while len(tokens) > 1 and (
        tokens[0].pos == "PUNCT" and tokens[0].text == "," or tokens[0].dep == "cc"
    ):
        tokens.pop(0)
    return extent_of(tokens)


def _passes_on(tree: Tree, participle: Token) -> bool:
    return participle.tag == "VBN" and bool(tree.of(participle, "agent"))


def _passing_on(tree: Tree, noun: Token | None) -> tuple[Source, ...]:
    """Return the relays in "officials cited by the Herald": the agents of participles on the noun."""
    if noun is None:
        return ()
    found = []
    for participle in tree.of(noun, "acl"):
        for by in tree.of(participle, "agent"):
            for agent in tree.of(by, "pobj"):
                extent = Extent(participle.start, by.end)
                found.append(Source(noun_phrase(tree, agent), agent.index, extent, "relay"))
    return tuple(found)


def _channels(tree: Tree, verb: Token, lexicon: Lexicon) -> tuple[Source, ...]:
    """Return the relays in "told the Herald", "in a message relayed by X", "in remarks to X"."""
    found: list[Source] = []
    for obj in tree.of(verb, "dobj", "dative"):
        if verb.lemma == "tell" and is_outlet(tree, obj, lexicon):
            found.append(Source(noun_phrase(tree, obj), obj.index, verb_group(tree, verb), "relay"))
    for prep in tree.of(verb, "prep"):
        for noun in tree.of(prep, "pobj"):
            if (
                noun.lemma not in lexicon.relay_nouns
                and noun.text.lower() not in lexicon.relay_nouns
            ):
                continue
            found.extend(_passing_on(tree, noun))
            for to in (t for t in tree.of(noun, "prep") if t.text.lower() in {"to", "with"}):
                for obj in tree.of(to, "pobj"):
                    if is_outlet(tree, obj, lexicon):
                        extent = Extent(prep.start, to.end)
                        found.append(Source(noun_phrase(tree, obj), obj.index, extent, "relay"))
    return tuple(found)


def _cited(tree: Tree, verb: Token) -> tuple[Source, ...]:
    """Return the sources in "reported, citing officials"."""
    subject = tree.subject(verb)
    hosts = tree.of(verb, "advcl", "prep", "conj") + (tree.of(subject, "acl") if subject else [])
    return tuple(
        Source(noun_phrase(tree, obj), obj.index, Extent(host.start, host.end))
        for host in hosts
        if host.text.lower() in {"citing", "quoting"}
        for obj in tree.of(host, "dobj", "pobj")
    )


def is_outlet(tree: Tree, noun: Token, lexicon: Lexicon) -> bool:
    """Tell whether the noun phrase names a news outlet or an organisation, not an audience."""
    words = {t.text.lower() for t in tree.subtree(noun)} | {noun.lemma}
    if words & lexicon.audience:
        return False
    named = any(t.entity in {"ORG", "PRODUCT", "WORK_OF_ART"} for t in tree.subtree(noun))
    return named or bool(words & lexicon.outlets)


# ---- small questions -------------------------------------------------------------------------


def verb_group(tree: Tree, verb: Token, last: Token | None = None) -> Extent:
    """Return the cue's words: auxiliaries and what stands between them, the verb, its particle."""
    tokens = [verb, *tree.of(verb, "aux", "auxpass", "neg")]
    tokens = [t for t in tokens if t.index <= verb.index]
    above = tree.head(verb)
    if verb.dep == "xcomp" and above.lemma in ASPECTUAL and above.index < verb.index:
        tokens += [above, *(t for t in tree.of(above, "aux") if t.index < above.index)]
    tokens += [t for t in tree.of(verb, "prt", "acomp") if t.index > verb.index]
    first, final = min(t.index for t in tokens), max(t.index for t in tokens)
    if last is not None:
        final = max(final, last.index)
    subject = tree.subject(verb)
    if subject is not None and first <= subject.index < verb.index:
        first = verb.index
    return Extent(tree.tokens[first].start, tree.tokens[final].end)


def _by_nobody(tree: Tree, source: Source) -> bool:
    if source.head is None:
        return False
    head = tree.tokens[source.head]
    return head.text.lower() in {"nobody", "none", "neither"} or any(
        t.text.lower() == "no" for t in tree.of(head, "det")
    )


def is_negated(tree: Tree, token: Token) -> bool:
    """Tell whether "not", "never" or "no" stands directly on the token."""
    words = {t.text.lower() for t in tree.of(token, "neg", "det", "advmod")}
    return bool(words & {"not", "n't", "no", "never"})


def _can_report(tree: Tree, source: Source) -> bool:
    if source.head is None:
        return False
    return tree.tokens[source.head].text.lower() not in WEAK_SUBJECTS


def _at(tree: Tree, index: int | None) -> Token | None:
    return None if index is None else tree.tokens[index]
