"""Branches that the parser hung in the wrong place, hung where they belong."""

from __future__ import annotations

from dataclasses import replace

from agent.lexicon import Lexicon
from agent.sources import can_speak
from agent.syntax import Token, Tree

NOMINAL = frozenset({"PROPN", "NOUN", "DET", "ADJ", "ADP", "PART", "CCONJ", "NUM"})
QUOTES = frozenset({'"', "''"})
REASONS = frozenset({"because", "unless", "if", "until"})


def rehung(tree: Tree, lexicon: Lexicon) -> Tree:
    """Return the tree with its known mistakes mended."""
    return _titles(_second_verbs(_hyphenated(tree), lexicon), lexicon)


def _hyphenated(tree: Tree) -> Tree:
    """Return the tree with "counter-measures" as one compound where its parts were torn apart."""
    tokens = list(tree.tokens)
    for left, hyphen, right in zip(tokens, tokens[1:], tokens[2:], strict=False):
        joined = hyphen.text == "-" and left.end == hyphen.start and hyphen.end == right.start
        if joined and left.head == right.head and left.dep == right.dep != "ROOT":
            tokens[left.index] = replace(left, head=right.index, dep="compound")
            tokens[hyphen.index] = replace(hyphen, head=right.index, dep="punct")
    return Tree(tuple(tokens))


def _second_verbs(tree: Tree, lexicon: Lexicon) -> Tree:
    """Return the tree with "said A, and claimed B" coordinated on said where the parser took A.

    Only where tense tells: the second verb of saying goes with the first, not with A's verb.
    """
    tokens = list(tree.tokens)
    for token in tree.tokens:
        if token.dep == "punct" and token.index and any(ch.isalnum() for ch in token.text):
            tokens[token.index] = replace(token, head=token.index - 1, dep="npadvmod")  # "p.m."
            continue
        inner = tree.head(token)
        outer = tree.head(inner)
        if reason := _reason(tree, token, lexicon):
            tokens[token.index] = replace(token, head=reason.index)
            continue
        if token.dep != "conj" or inner.dep != "ccomp" or inner.index < outer.index:
            continue
        says = all(
            any(
                "clause" in sense.takes and not sense.weak
                for sense in lexicon.verbs.get(lexicon.lemma(t), ())
            )
            for t in (token, outer)
        )
        tense = (
            token.tag == outer.tag
            and token.tag in {"VBD", "VBZ"}
            and (
                _tense(tree, inner) != token.tag
                or not can_speak(tree, tree.subject(inner), lexicon)
            )
        )
        if says and tense and tree.subject(token) is None:
            tokens[token.index] = replace(token, head=outer.index)
    return Tree(tuple(tokens))


def _reason(tree: Tree, token: Token, lexicon: Lexicon) -> Token | None:
    """Return the content that a reason goes with, where the parser took it to the verb of saying.

    "She said the plan failed, because it was late": the reason is hers.
    """
    marks = {t.text.lower() for t in tree.of(token, "mark")}
    if token.dep != "advcl" or not marks & REASONS or tree.subject(token) is None:
        return None
    above = tree.head(token)
    says = any("clause" in sense.takes for sense in lexicon.verbs.get(lexicon.lemma(above), ()))
    clauses = [t for t in tree.of(above, "ccomp") if above.index < t.index < token.index]
    return clauses[-1] if says and clauses else None


def _tense(tree: Tree, verb: Token) -> str:
    """Return the tag of the verb or of its first auxiliary."""
    auxiliaries = tree.of(verb, "aux", "auxpass")
    return auxiliaries[0].tag if auxiliaries else verb.tag


def _titles(tree: Tree, lexicon: Lexicon) -> Tree:
    """Return the tree with the title in '"...," the keeper, Ann Lee, told us' hung on the name."""
    tokens = list(tree.tokens)
    for verb in tree.tokens:
        subject = tree.subject(verb)
        if subject is None or subject.pos != "PROPN" or lexicon.lemma(verb) not in lexicon.verbs:
            continue
        comma = tree.subtree(subject)[0].index - 1
        title = title_before(tree, comma)
        if not title:
            continue
        own = {t.index for t in title}
        for token in (*title, tree.tokens[comma]):
            if token.head not in own:
                dep = "punct" if token.index == comma else "appos"
                tokens[token.index] = replace(token, head=subject.index, dep=dep)
    return Tree(tuple(tokens))


def title_before(tree: Tree, comma: int) -> list[Token]:
    """Return the words of "the keeper of the lock" between a quotation and a comma, else none."""
    if comma < 1 or tree.tokens[comma].text != ",":
        return []
    first = comma
    while first and tree.tokens[first - 1].pos in NOMINAL:
        first -= 1
    words = list(tree.tokens[first:comma])
    named = bool(words) and words[-1].pos in {"NOUN", "PROPN"}
    return words if named and first and tree.tokens[first - 1].text in QUOTES else []
