"""Candidate reporting cues in a parsed sentence: who may be saying what, by which words.

High recall, no judgement: a candidate is what the lexicon and the tree allow. The model and
the rules downstream decide. Offsets are those of the tree's tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.complements import ABOUT_PREPS, QUOTES, Form, complement, noun_content
from agent.document import Extent
from agent.lexicon import Lexicon, Sense
from agent.sources import (
    ASPECTUAL,
    Source,
    can_speak,
    channels,
    cited,
    find_source,
    is_citable,
    noun_phrase,
    passing_on,
    relaying,
    verb_group,
)
from agent.syntax import VERBAL, Token, Tree, extent_of, is_negated

UNDOING = frozenset({"fail", "neglect", "forget", "omit", "decline", "refuse"})
VIEWS = frozenset("view opinion word telling account estimation judgment assessment".split())
MAX_LABEL, MIN_FRONT = 4, 4  # tokens after and before the colon of a headline
SILENT = frozenset(
    """say state comment confirm respond reply answer disclose reveal discuss specify elaborate name
    tell give""".split()
)
CLAUSAL = frozenset({"ccomp", "xcomp", "acl", "advcl", "relcl"})
WEAK_SUBJECTS = frozenset({"it", "this", "that", "there", "which", "these", "those", "what"})


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
            _according(tree, token, lexicon)
            or _in_view(tree, token, lexicon)
            or _clear(tree, token, lexicon)
            or _idiom(tree, token, lexicon)
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


def _according(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "According to X, ...": what it modifies is the content."""
    if token.text.lower() != "according" or token.index + 2 >= len(tree.tokens):
        return None
    to = tree.tokens[token.index + 1]
    if to.text.lower() != "to":
        return None
    objects = tree.of(to, "pobj") or tree.of(token, "pobj")
    if objects:
        noun = objects[0]
        named = noun_phrase(tree, noun, without=relaying(tree, noun, lexicon))
    else:  # the parser took the name for something else: the capitalised words are the source
        names = _capitalised(tree, to.index + 1)
        if not names:
            return None
        noun, named = names[-1], extent_of(names)
    extent = Extent(token.start, to.end)
    source = Source(named, noun.index, extent)
    governed = _governed(tree, token)
    return Cue(
        token.index,
        extent,
        ASSERT,
        "according",
        source,
        (governed,),
        passing_on(tree, noun, lexicon),
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
    cites = token.text.lower() == "citing" and tree.of(token, "dobj")
    if cites and is_citable(tree, cites[0], lexicon):
        return None  # "reported, citing officials": a source of that report
    if token.lemma == "rule" and tree.of(token, "prt"):
        return None  # "ruled out"
    matches = ((sense, complement(tree, token, sense)) for sense in senses)
    fitting = [(sense, match) for sense, match in matches if match is not None]
    # a bare verb of saying only where no sense finds what it takes
    fitting.sort(key=lambda pair: (pair[1][0] == "bare", pair[1][0] != "question"))
    for sense, (form, content, last) in fitting:
        source = find_source(tree, token)
        if _is_no_report(tree, token, sense, (form, content), source):
            continue
        extent = verb_group(tree, token, last)
        named = Source(source.extent, source.head, extent, "speaker", source.implicit)
        noun = _at(tree, source.head)
        relay = relaying(tree, noun, lexicon)
        if noun is not None and relay is not None:
            source = replace(source, extent=noun_phrase(tree, noun, without=relay))
            named = replace(named, extent=source.extent)
        outer = channels(tree, token, lexicon) + passing_on(tree, noun, lexicon)
        inner = cited(tree, token, lexicon)
        if inner:
            named = Source(named.extent, named.head, named.cue, "relay", named.implicit)
        return Cue(token.index, extent, sense, form, named, content, outer, inner)
    return None


def _is_verb(tree: Tree, token: Token) -> bool:
    """Tell whether the token is a verb, or a noun only by the tagger's mistake ("X notes, ...")."""
    return token.pos == "VERB" or (token.tag == "NNS" and bool(tree.of(token, "ccomp")))


def _is_no_report(
    tree: Tree, verb: Token, sense: Sense, fit: tuple[Form, tuple[int, ...]], source: Source
) -> bool:
    """Tell whether the verb tells of a deed ("was denied a visa") or of words not yet said."""
    form, content = fit
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
    passive = passive and not tree.of(verb, "agent") and len(content) < 2
    omits = verb.dep in {"xcomp", "conj"} and _is_left_undone(tree, verb)
    deed = form in {"object", "about"} and (passive or (purpose and not aspect) or given)
    deed = deed or (form == "as" and source.extent is None)
    occasion = verb.lemma == "ask" and verb.tag == "VBN" and tree.subject(verb) is None
    unspoken = modal and sense.act in {"request", "commit"}
    negated = is_negated(tree, verb) or _by_nobody(tree, source)
    silent = sense.negated and not negated
    undone = negated and sense.act in {"request", "commit", "congratulate", "question"}
    weak = (sense.weak and not _can_report(tree, source)) or _is_figure(tree, source)
    weak = weak or _is_free_relative(tree, verb)
    subject = tree.subject(verb)
    points = subject is not None and subject.tag == "DT" and subject.text.lower() in WEAK_SUBJECTS
    unsaid = (
        omits
        or unspoken
        or (purpose and bool(tree.of(verb, "auxpass")))
        or silent
        or undone
        or only_expected
    )
    return unsaid or points or weak or deed or occasion


def _is_left_undone(tree: Tree, verb: Token) -> bool:
    """Tell whether the verb stands in "failed to note", "declined to threaten or to declare"."""
    while verb.dep == "conj" and tree.subject(verb) is None:
        verb = tree.head(verb)
    above = tree.head(verb)
    return verb.dep == "xcomp" and above.lemma in UNDOING and tree.subject(verb) is None


def _quoting(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in '"...", he drawled' or "he surmised that ...": an unlisted verb."""
    subject = tree.subject(token)
    lemma = lexicon.lemma(token)
    if token.pos != "VERB" or lemma in lexicon.verbs or subject is None or lemma in lexicon.deeds:
        return None
    for clause in tree.of(token, "ccomp"):
        marked = any(t.text.lower() == "that" for t in tree.of(clause, "mark"))
        if marked and tree.subject(clause) and can_speak(tree, subject, lexicon):
            return _plain(tree, token, clause)
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
            return _plain(tree, token, clause)
    return None


def _plain(tree: Tree, verb: Token, clause: Token, last: Token | None = None) -> Cue:
    """Return the cue of a verb that asserts a clause."""
    source = find_source(tree, verb)
    extent = verb_group(tree, verb, last)
    named = Source(source.extent, source.head, extent, "speaker", source.implicit)
    return Cue(verb.index, extent, ASSERT, "clause", named, (clause.index,))


def _clear(tree: Tree, token: Token, _lexicon: Lexicon) -> Cue | None:
    """Return the cue in "made it clear that ...", "made clear that ..."."""
    if token.lemma != "make" or tree.subject(token) is None:
        return None
    for clear in tree.of(token, "ccomp", "acomp", "xcomp", "oprd"):
        if clear.text.lower() not in {"clear", "plain", "known"}:
            continue
        for clause in (*tree.of(clear, "advcl", "ccomp"), *tree.of(token, "ccomp", "advcl")):
            marked = any(t.text.lower() == "that" for t in tree.of(clause, "mark"))
            if marked and clause.index > clear.index:
                return _plain(tree, token, clause, clear)
    return None


def _idiom(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "took issue with ...", "spoke out against ..."."""
    if token.pos != "VERB":
        return None
    middles = tree.of(token, "dobj", "prt", "advmod")
    for middle in (t for t in middles if t.index > token.index):
        for prep in (*tree.of(token, "prep"), *tree.of(middle, "prep")):
            phrase = f"{token.lemma} {middle.lemma} {prep.text.lower()}"
            objects = tree.of(prep, "pobj", "pcomp")
            if phrase in lexicon.idioms and objects:
                source = find_source(tree, token)
                extent = verb_group(tree, token, prep)
                named = Source(source.extent, source.head, extent, "speaker", source.implicit)
                content = (objects[0].index,)
                return Cue(token.index, extent, ASSERT, "about", named, content)
    return None


def _in_view(tree: Tree, token: Token, _lexicon: Lexicon) -> Cue | None:
    """Return the cue in "In her view, ...": what it modifies is the content."""
    if token.text.lower() != "in":
        return None
    for noun in tree.of(token, "pobj"):
        owners = tree.of(noun, "poss")
        mine = any(o.text.lower() in {"my", "our"} for o in owners)
        if noun.lemma not in VIEWS or not owners or mine or tree.of(noun, "prep"):
            continue
        extent = Extent(token.start, noun.end)
        source = Source(noun_phrase(tree, owners[0]), owners[0].index, extent)
        return Cue(token.index, extent, ASSERT, "according", source, (_governed(tree, token),))
    return None


def _light(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "expressed his hope for ...": a light verb whose object names the act."""
    has = token.lemma == "have"
    if token.pos not in VERBAL or not (has or token.lemma in lexicon.light_verbs):
        return None
    for noun in tree.of(token, "dobj"):
        sense = lexicon.nouns.get(noun.lemma) or lexicon.nouns.get(noun.text.lower())
        if sense is None or sense.negated != has:
            continue
        if has and not (is_negated(tree, token) or is_negated(tree, noun)):
            continue
        content, last = noun_content(tree, noun)
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
        clausal = bool(content) and tree.tokens[content[0]].dep in CLAUSAL
        form: Form = "clause" if clausal else "about"
        return Cue(token.index, extent, sense, form, named, content or (noun.index,))
    return None


def _adjective(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in "is concerned that ...": an attitude after a copula."""
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


def after_colon(tree: Tree, lexicon: Lexicon) -> list[Cue]:
    """Return the source that a headline names after its colon ("...: report"), if it does."""
    colons = [t for t in tree.tokens if t.text == ":"]
    if not colons:
        return []
    colon = colons[-1]
    tail = [t for t in tree.tokens[colon.index + 1 :] if t.pos not in {"PUNCT", "SPACE"}]
    front = tree.tokens[: colon.index]
    if not 1 <= len(tail) <= MAX_LABEL or len(front) < MIN_FRONT:
        return []
    verbal = any(t.pos in VERBAL or t.tag in {"VBD", "VBZ"} for t in tail)
    known = tail[-1].text.lower() in lexicon.documents
    if (verbal and not known) or tail[0].pos in {"ADP", "ADV"}:
        return []
    tops = [t for t in front if t.head >= colon.index or t.head == t.index]
    extent = Extent(colon.start, colon.end)
    source = Source(extent_of(tail), tail[-1].index, extent)
    return [Cue(colon.index, extent, ASSERT, "according", source, (tops[0].index,))] if tops else []


# ---- small questions -------------------------------------------------------------------------


def _is_figure(tree: Tree, source: Source) -> bool:
    if source.head is None:
        return False
    head = tree.tokens[source.head]
    return head.pos == "NUM" or head.entity in {"DATE", "TIME", "CARDINAL", "MONEY", "PERCENT"}


def _is_free_relative(tree: Tree, verb: Token) -> bool:
    """Tell whether the verb only qualifies a word: "began what it said would be a strike"."""
    subject = tree.subject(verb)
    if verb.dep not in {"ccomp", "pcomp", "csubj"} or subject is None or subject.index > verb.index:
        return False
    return any(
        t.text.lower() == "what" and t.index < verb.index
        for clause in tree.of(verb, "ccomp")
        for t in tree.of(clause, "nsubj", "dobj", "attr")
    ) or any(
        t.text.lower() == "what" and t.index < verb.index for t in tree.of(verb, "dobj", "nsubj")
    )


def _by_nobody(tree: Tree, source: Source) -> bool:
    if source.head is None:
        return False
    head = tree.tokens[source.head]
    return head.text.lower() in {"nobody", "none", "neither"} or any(
        t.text.lower() == "no" for t in tree.of(head, "det")
    )


def _can_report(tree: Tree, source: Source) -> bool:
    if source.head is None:
        return False
    return tree.tokens[source.head].text.lower() not in WEAK_SUBJECTS


def _at(tree: Tree, index: int | None) -> Token | None:
    return None if index is None else tree.tokens[index]
