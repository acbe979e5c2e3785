"""Verbs that report: which of their senses fits, and when none does."""

from __future__ import annotations

from dataclasses import replace

from agent.complements import HEARSAY, QUOTES, THINKING, Form, complement
from agent.cue import Cue, plain_cue
from agent.lexicon import Lexicon, Sense
from agent.sources import (
    ASPECTUAL,
    Source,
    as_saying,
    can_speak,
    channels,
    cited,
    cites,
    find_source,
    is_citable,
    noun_phrase,
    passing_on,
    relaying,
    verb_group,
)
from agent.syntax import Token, Tree, is_negated

UNDOING = frozenset({"fail", "neglect", "forget", "omit", "decline", "refuse"})
WEAK_SUBJECTS = frozenset({"it", "this", "that", "there", "which", "these", "those", "what"})


def verb_cue(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue of a verb in the lexicon, if one of its senses fits what it takes."""
    senses = lexicon.verbs.get(lexicon.lemma(token))
    if not senses or not _is_verb(tree, token) or token.dep in {"compound", "amod"}:
        return None
    cited_now = token.text.lower() == "citing" and tree.of(token, "dobj")
    if cited_now and is_citable(tree, cited_now[0], lexicon):
        return None  # "reported, citing officials": a source of that report
    if token.lemma == "rule" and tree.of(token, "prt"):
        return None  # "ruled out"
    if cites(tree, token, lexicon):
        return None  # "the Herald, which cited officials": so do they
    matches = ((sense, complement(tree, token, sense)) for sense in senses)
    fitting = [(sense, match) for sense, match in matches if match is not None]
    # a bare verb of saying only where no sense finds what it takes
    fitting.sort(key=lambda pair: (pair[1][0] == "bare", pair[1][0] != "question"))
    for sense, (form, content, last) in fitting:
        source = find_source(tree, token)
        if _is_no_report(tree, token, sense, (form, content), source):
            continue
        if sense.only_subjects and not _is_headed(tree, source, sense.only_subjects):
            continue
        if source.implicit and token.dep == "pcomp" and (sense.weak or sense.only_subjects):
            continue  # "the chances of finding anyone alive"
        if form == "infinitive" and _is_gap(tree, token, content):
            continue
        if sense.weak and sense.act == "commit" and not _is_somebody(tree, source, lexicon):
            continue
        extent = verb_group(tree, token, last or as_saying(tree, token))
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
    both = verb.dep == "conj" and verb.lemma == "deny" and above.lemma == "confirm"
    only_expected = (
        purpose
        and verb.dep == "xcomp"
        and (bool(tree.of(above, "auxpass")) or above.pos == "ADJ")
        and not (verb.lemma in THINKING and above.lemma in HEARSAY)  # "is said to believe that"
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
    asked = verb.lemma == "ask" and verb.tag == "VBN"
    asked = asked or (verb.lemma in {"press", "push", "quiz", "question"} and verb.dep == "advcl")
    occasion = asked and tree.subject(verb) is None
    unspoken = modal and (sense.act in {"request", "commit"} or form == "object")
    negated = is_negated(tree, verb) or _by_nobody(tree, source)
    silent = sense.negated and not negated
    nobodys = _by_nobody(tree, source) and sense.act == "assert"
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
        or nobodys
        or (both and is_negated(tree, above))  # "would not confirm or deny"
    )
    return unsaid or points or weak or deed or occasion


def _is_left_undone(tree: Tree, verb: Token) -> bool:
    """Tell whether the verb stands in "failed to note", "declined to threaten or to declare"."""
    while verb.dep == "conj" and tree.subject(verb) is None:
        verb = tree.head(verb)
    above = tree.head(verb)
    return verb.dep == "xcomp" and above.lemma in UNDOING and tree.subject(verb) is None


def _is_figure(tree: Tree, source: Source) -> bool:
    if source.head is None:
        return False
    head = tree.tokens[source.head]
    if head.lemma == "one":
        return False
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


def _is_gap(tree: Tree, verb: Token, content: tuple[int, ...]) -> bool:
    """Tell whether the infinitive lacks its object: "the degrees that she claimed to own"."""
    subject = tree.subject(verb)
    relative = verb.dep == "relcl" and subject is not None and subject.tag not in {"WP", "WDT"}
    deed = tree.tokens[content[0]]
    return relative and deed.lemma != "be" and not tree.of(deed, "dobj", "prep", "ccomp")


def _by_nobody(tree: Tree, source: Source) -> bool:
    if source.head is None:
        return False
    head = tree.tokens[source.head]
    return head.text.lower() in {"nobody", "none", "neither"} or any(
        t.text.lower() == "no" for t in tree.of(head, "det")
    )


def _is_somebody(tree: Tree, source: Source, lexicon: Lexicon) -> bool:
    return source.head is not None and can_speak(tree, tree.tokens[source.head], lexicon)


def _is_headed(tree: Tree, source: Source, words: frozenset[str]) -> bool:
    return source.head is not None and tree.tokens[source.head].lemma in words


def _can_report(tree: Tree, source: Source) -> bool:
    if source.head is None:
        return False
    return tree.tokens[source.head].text.lower() not in WEAK_SUBJECTS


def _at(tree: Tree, index: int | None) -> Token | None:
    return None if index is None else tree.tokens[index]


def unlisted_cue(tree: Tree, token: Token, lexicon: Lexicon) -> Cue | None:
    """Return the cue in '"...", he drawled' or "he surmised that ...": an unlisted verb."""
    subject = tree.subject(token)
    lemma = lexicon.lemma(token)
    if token.pos != "VERB" or lemma in lexicon.verbs or subject is None or lemma in lexicon.deeds:
        return None
    for clause in tree.of(token, "ccomp"):
        marked = any(t.text.lower() == "that" for t in tree.of(clause, "mark"))
        if marked and tree.subject(clause) and can_speak(tree, subject, lexicon):
            return plain_cue(tree, token, clause)
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
            return plain_cue(tree, token, clause)
    return None
