"""Who stands behind a cue: the subject, the agent, the shared subject, and who passes words on."""

from __future__ import annotations

from dataclasses import dataclass

from agent.document import Extent
from agent.lexicon import Lexicon
from agent.schema import SourceRole
from agent.syntax import VERBAL, Token, Tree, extent_of, is_yet_to

PERSONAL = frozenset("he she they i we who him her his their my our".split())
HUMAN = ("er", "or", "ist", "man", "woman", "people", "official", "ian")  # endings of lemmas
HAVING = frozenset({"trouble", "difficulty", "problem", "time", "qualm", "hesitation"})
OUTLET_ENDINGS = ("TV", "News", "Radio", "FM")  # of names in one word
DAYS = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
ISSUING = frozenset("issue release publish send post make put give write".split())
PAPERS = frozenset("report statement letter message note notice post release bulletin".split())
ASPECTUAL = frozenset({"start", "begin", "continue", "keep", "go", "stop", "appear", "seem", "try"})


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


def find_source(tree: Tree, verb: Token) -> Source:
    """Return who does the verb: its subject, its agent, or the subject that it shares."""
    quoted = _quoted_as(tree, verb)
    if quoted is not None:
        return Source(noun_phrase(tree, quoted), quoted.index, None)
    said = as_saying(tree, verb) and tree.of(verb, "ccomp")
    quoted_now = (tree.of(verb, "nsubjpass") or tree.of(verb, "dobj")) if said else []
    if quoted_now:  # "...," she was quoted as saying
        return Source(noun_phrase(tree, quoted_now[0]), quoted_now[0].index, None)
    agent = [o for a in tree.of(verb, "agent") for o in tree.of(a, "pobj")]
    if agent:
        role = as_of_agent(tree, verb)
        return Source(noun_phrase(tree, agent[0], without=role), agent[0].index, None)
    subject = tree.subject(verb) or inverted_subject(tree, verb)
    if subject is not None:
        if subject.dep == "nsubjpass":
            return Source(None, None, None, implicit=True)
        return _named(tree, verb, subject)
    bare_passive = verb.tag == "VBN" and not tree.of(verb, "aux") and verb.dep in {"conj", "advcl"}
    if tree.of(verb, "auxpass") or bare_passive:
        return Source(None, None, None, implicit=True)
    return _shared(tree, verb)


def as_of_agent(tree: Tree, verb: Token) -> Token | None:
    """Return the "as" in "described by analysts as a gift", which the parser gives to analysts."""
    agents = [o for by in tree.of(verb, "agent") for o in tree.of(by, "pobj")]
    roles = (t for o in agents for t in tree.of(o, "prep") if t.text.lower() == "as")
    return next(roles, None)


def inverted_subject(tree: Tree, verb: Token) -> Token | None:
    """Return the speaker in "...?" asked the mayor, which the parser takes for an object."""
    if verb.tag not in {"VBD", "VBZ"} or not verb.index or tree.subject(verb) is not None:
        return None
    before = tree.tokens[verb.index - 1].text
    objects = [t for t in tree.of(verb, "dobj") if t.index > verb.index]
    return objects[0] if before in {'"', "''", "'"} and objects else None


def _named(tree: Tree, verb: Token, subject: Token) -> Source:
    """Return the subject, or what a relative pronoun stands for."""
    if subject.tag in {"WP", "WDT"} and verb.dep == "relcl":
        noun = tree.head(verb)
        return Source(noun_phrase(tree, noun, without=verb), noun.index, None)
    return Source(noun_phrase(tree, subject), subject.index, None)


def _quoted_as(tree: Tree, verb: Token) -> Token | None:
    """Return the person in "quoted the minister as saying", "was quoted as saying"."""
    above = tree.head(verb)
    if verb.dep != "pcomp" or above.text.lower() != "as":
        return None
    objects = tree.of(tree.head(above), "dobj", "nsubjpass")
    return objects[0] if objects and tree.head(above).pos == "VERB" else None


def _shared(tree: Tree, verb: Token) -> Source:
    """Return the subject that a verb shares with a verb above it, or the noun that it modifies."""
    below = verb
    for above in tree.ancestors(verb):
        if below.dep == "acl" and above.lemma in HAVING and above.dep == "dobj":
            below = above
            continue  # "had no trouble endorsing him"
        if below.dep == "acl" and above.lemma in {"time", "record"}:
            below = above
            continue  # "has said many times, adding that ..."
        if below.dep == "acl" and below.tag == "VBG" and _is_issued(tree, above):
            below = above
            continue  # "issued a statement saying": its words are whose statement it is
        if below.dep in {"acl", "relcl"} and above.pos in {"NOUN", "PROPN", "PRON"}:
            return Source(noun_phrase(tree, above, without=below), above.index, None)
        if above.pos in VERBAL:
            subject = tree.subject(above)
            if subject is not None:
                named = _named(tree, above, subject)
                return Source(named.extent, named.head, None, implicit=below.dep != "conj")
        below = above
    return Source(None, None, None, implicit=True)


def _is_issued(tree: Tree, noun: Token) -> bool:
    """Tell whether it's the "statement" of "issued a statement" or "said in a statement"."""
    verb = tree.head(noun)
    while verb.dep in {"prep", "pobj"} and verb.pos == "ADP":
        verb = tree.head(verb)
    issued = noun.dep == "dobj" and verb.lemma in ISSUING
    return issued and noun.lemma in PAPERS


def noun_phrase(tree: Tree, noun: Token, without: Token | None = None) -> Extent:
    """Return the full noun phrase: determiner, modifiers, apposition; no later relative clause.

    without: a clause on the noun that isn't part of its name ("officials who said ...").
    """

    def apart(child: Token) -> bool:
        if child is without:
            return True
        if child.dep in {"relcl", "acl"}:
            first = tree.subtree(child)[0]
            before = tree.tokens[first.index - 1].text if first.index else ""
            return before in {",", "-", "–", "—"}
        return (
            child.dep in {"punct", "cc", "preconj"}
            and child.index > noun.index
            and not tree.of(noun, "conj", "appos")
        ) or child.dep in {"advcl", "parataxis", "ccomp"}

    tokens = tree.subtree(noun, apart)
    if without is not None:  # what follows the clause is no part of the name either
        first = tree.subtree(without)[0].index
        tokens = [t for t in tokens if t.index < first or first < noun.index] or tokens
    tokens = _within_dashes(tree, tokens, noun)
    while (
        len(tokens) > 1
        and tokens[-1].pos == "PUNCT"
        and tokens[-1].text not in {'"', "”", ")", "'", "’"}
    ):
        tokens.pop()
    while len(tokens) > 1 and tokens[0].text in DAYS and noun.text not in DAYS:
        tokens.pop(0)  # "On Monday Mr Hall wrote"
    while len(tokens) > 1 and (
        (tokens[0].pos == "PUNCT" and tokens[0].text == ",")
        or tokens[0].dep == "cc"
        or (tokens[0].text == '"' and sum(t.text == '"' for t in tokens) % 2)  # of what's before
    ):
        tokens.pop(0)
    return extent_of(tokens)


def _within_dashes(tree: Tree, tokens: list[Token], noun: Token) -> list[Token]:
    """Return the tokens on the noun's side of a dash between blanks, which ends a phrase."""
    dashes = [
        t.index
        for t in tokens
        if t.text in {"-", "–", "—", "--"}
        and tree.tokens[t.index - 1].end < t.start
        and t.end < tree.tokens[min(t.index + 1, len(tree.tokens) - 1)].start
    ]
    first = max((i for i in dashes if i < noun.index), default=-1)
    last = min((i for i in dashes if i > noun.index), default=len(tree.tokens))
    return [t for t in tokens if first < t.index < last]


def relaying(tree: Tree, noun: Token | None, lexicon: Lexicon) -> Token | None:
    """Return the participle in "engineers quoted by the Herald", or None."""
    if noun is None:
        return None
    participles = (
        t
        for t in tree.subtree(noun)
        if t.dep == "acl" and t.tag == "VBN" and t.lemma in lexicon.relay_verbs
        if t.head == noun.index or t.lemma in {"cite", "quote"}  # "people in the know cited by X"
    )
    return next((t for t in participles if _relays(tree, t)), None)


def _relays(tree: Tree, participle: Token) -> list[tuple[Token, Token]]:
    return [
        (by, agent)
        for by in tree.of(participle, "agent")
        for agent in tree.of(by, "pobj")
        if is_named(tree, agent)
    ]


def passing_on(tree: Tree, noun: Token | None, lexicon: Lexicon) -> tuple[Source, ...]:
    """Return the relays of a source: the agents of participles on it."""
    participle = relaying(tree, noun, lexicon)
    if participle is None:
        return ()
    return tuple(
        Source(noun_phrase(tree, agent), agent.index, Extent(participle.start, by.end), "relay")
        for by, agent in _relays(tree, participle)
    )


def channels(tree: Tree, verb: Token, lexicon: Lexicon) -> tuple[Source, ...]:
    """Return the relays in "told the Herald", "in a letter released by X", "in remarks to X"."""
    found: list[Source] = []
    if _quoted_as(tree, verb) is not None:
        quoting = tree.head(tree.head(verb))
        outer = find_source(tree, quoting)
        if outer.extent is not None:
            found.append(Source(outer.extent, outer.head, verb_group(tree, quoting), "relay"))
    saying = as_saying(tree, verb)
    quoter = tree.subject(verb) if saying is not None and tree.of(verb, "ccomp", "dobj") else None
    if quoter is not None and quoter.dep == "nsubj" and tree.of(verb, "ccomp"):
        found.append(
            Source(noun_phrase(tree, quoter), quoter.index, verb_group(tree, verb), "relay")
        )
    if saying is not None and tree.of(verb, "nsubjpass"):
        by = [*tree.of(verb, "agent"), *tree.of(saying, "agent", "prep")]
        found.extend(
            Source(noun_phrase(tree, noun), noun.index, verb_group(tree, verb), "relay")
            for agent in by
            if agent.text.lower() in {"by", "in"}
            for noun in tree.of(agent, "pobj")
        )
    hearers = tree.of(verb, "dobj", "dative") if verb.lemma == "tell" else []
    found.extend(
        Source(noun_phrase(tree, hearer), hearer.index, verb_group(tree, verb), "relay")
        for hearer in hearers
        if is_outlet(tree, hearer, lexicon)
    )
    for prep in tree.of(verb, "prep", "dative"):
        for noun in tree.of(prep, "pobj"):
            if prep.text.lower() == "to" and is_outlet(tree, noun, lexicon):
                extent = Extent(verb.start, prep.end)
                found.append(Source(noun_phrase(tree, noun), noun.index, extent, "relay"))
            if (
                noun.lemma not in lexicon.relay_nouns
                and noun.text.lower() not in lexicon.relay_nouns
            ):
                continue
            found.extend(passing_on(tree, noun, lexicon))
            for to in (t for t in tree.of(noun, "prep") if t.text.lower() in {"to", "with"}):
                for obj in tree.of(to, "pobj"):
                    if is_outlet(tree, obj, lexicon):
                        extent = Extent(prep.start, to.end)
                        found.append(Source(noun_phrase(tree, obj), obj.index, extent, "relay"))
    return tuple(found)


def cited(tree: Tree, verb: Token, lexicon: Lexicon) -> tuple[Source, ...]:
    """Return the sources in "reported, citing officials"."""
    subject = tree.subject(verb)
    hosts = tree.of(verb, "advcl", "prep", "conj") + (tree.of(subject, "acl") if subject else [])
    found = cited_beside(tree, subject, lexicon) if subject else ()
    return found + tuple(
        Source(noun_phrase(tree, obj), obj.index, Extent(host.start, host.end))
        for host in hosts
        if host.text.lower() in {"citing", "quoting"}
        for obj in tree.of(host, "dobj", "pobj")
        if is_citable(tree, obj, lexicon)
    )


def cited_beside(tree: Tree, noun: Token, lexicon: Lexicon) -> tuple[Source, ...]:
    """Return the sources in "the Herald, which cited officials"."""
    return tuple(
        Source(noun_phrase(tree, obj), obj.index, Extent(clause.start, clause.end))
        for clause in tree.subtree(noun)
        if cites(tree, clause, lexicon)
        for obj in tree.of(clause, "dobj")
    )


def cites(tree: Tree, verb: Token, lexicon: Lexicon) -> bool:
    """Tell whether it's the "cited" of "which cited officials"."""
    subject = tree.subject(verb)
    relative = verb.dep == "relcl" and subject is not None and subject.tag in {"WDT", "WP"}
    whom = tree.of(verb, "dobj")
    speaks = relative and verb.lemma in {"cite", "quote"} and not as_saying(tree, verb)
    return speaks and bool(whom) and can_speak(tree, whom[0], lexicon)


def as_saying(tree: Tree, verb: Token) -> Token | None:
    """Return the "saying" of "was quoted as saying"."""
    if verb.lemma not in {"quote", "cite"}:
        return None
    said = (t for a in tree.of(verb, "prep") if a.text == "as" for t in tree.of(a, "pcomp"))
    return next((t for t in said if t.tag == "VBG"), None)


def is_citable(tree: Tree, noun: Token, lexicon: Lexicon) -> bool:
    """Tell whether "citing X" names a source, and not a reason or a fact."""
    own = any(t.pos == "PRON" for t in tree.of(noun, "poss"))
    return noun.lemma not in lexicon.reasons and not own


def can_speak(tree: Tree, noun: Token | None, lexicon: Lexicon) -> bool:
    """Tell whether the noun may stand for somebody who says things."""
    if noun is None:
        return False
    named = noun.entity in {"PERSON", "ORG", "NORP", "GPE"} or noun.text.lower() in PERSONAL
    human = noun.lemma.endswith(HUMAN) or noun.lemma in lexicon.persons
    apposed = any(t.entity in {"PERSON", "ORG"} for t in tree.of(noun, "appos", "compound"))
    return named or human or noun.lemma in lexicon.bodies or apposed


def is_named(tree: Tree, noun: Token) -> bool:
    """Tell whether the phrase names somebody else than the article's own outlet or author."""
    return not {t.text.lower() for t in tree.subtree(noun)} & {"this", "me", "us"}


def is_outlet(tree: Tree, noun: Token, lexicon: Lexicon) -> bool:
    """Tell whether the noun phrase names a news outlet or an organisation, not an audience."""
    words = {t.text.lower() for t in tree.subtree(noun)} | {noun.lemma}
    if not is_named(tree, noun):
        return False
    if words & lexicon.audience:
        return False
    named = any(t.entity in {"ORG", "PRODUCT", "WORK_OF_ART"} for t in tree.subtree(noun))
    return named or bool(words & lexicon.outlets) or noun.text.endswith(OUTLET_ENDINGS)


def verb_group(tree: Tree, verb: Token, last: Token | None = None) -> Extent:
    """Return the cue's words: auxiliaries and what stands between them, the verb, its particle."""
    tokens = [verb, *tree.of(verb, "aux", "auxpass", "neg")]
    tokens = [t for t in tokens if t.index <= verb.index]
    above = tree.head(verb)
    joins = above.lemma in ASPECTUAL or is_yet_to(tree, verb)
    if verb.dep == "xcomp" and joins and above.index < verb.index:
        tokens += [above, *(t for t in tree.of(above, "aux") if t.index < above.index)]
    tokens += [t for t in tree.of(verb, "prt", "acomp") if t.index > verb.index]
    first, final = min(t.index for t in tokens), max(t.index for t in tokens)
    if last is not None:
        final = max(final, last.index)
    subject = tree.subject(verb)
    if subject is not None and first <= subject.index < verb.index:
        first = verb.index
    return Extent(tree.tokens[first].start, tree.tokens[final].end)
