"""Branches that the parser hung in the wrong place, hung where they belong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.complements import STATEMENTS
from agent.lexicon import Lexicon
from agent.sources import can_speak
from agent.syntax import VERBAL, Parser, Token, Tree

NOMINAL = frozenset({"PROPN", "NOUN", "DET", "ADJ", "ADP", "PART", "CCONJ", "NUM"})
QUOTES = frozenset({'"', "''"})
TELLING = frozenset({"tell", "inform", "assure", "remind", "warn", "notify", "promise"})
REASONS = frozenset({"because", "unless", "if", "until"})


def knowing_verbs(parse: Parser, lexicon: Lexicon) -> Parser:
    """Return a parser that parses again where the first one took a verb of saying for a noun.

    "Police allege Ann Lee lied" is parsed as "Police say    Ann Lee lied".
    """

    def mistaken(tree: Tree) -> list[Token]:
        return [
            t
            for t in tree.tokens
            if t.pos in {"NOUN", "PROPN", "ADJ"}
            and (
                t.text in lexicon.only_verbs
                or _is_plain_verb(tree, t, lexicon)
                or _has_subject(tree, t, lexicon)
            )
        ]

    def again(texts: Sequence[str]) -> list[Tree]:
        trees = list(parse(texts))
        wrong = {number: found for number, tree in enumerate(trees) if (found := mistaken(tree))}
        plain = [_said(texts[number], found) for number, found in wrong.items()]
        for (number, found), tree in zip(wrong.items(), parse(plain), strict=True):
            trees[number] = _unsaid(tree, found, lexicon)
        return trees

    return again


def _has_subject(tree: Tree, token: Token, lexicon: Lexicon) -> bool:
    """Tell whether it's the "recalled" of '"...," a man recalled', taken for a noun."""
    lemma = lexicon.forms.get(token.text, "")
    past = token.text.endswith("ed") and token.dep == "ROOT" and not tree.of(token, "cop", "aux")
    senses = lexicon.verbs.get(lemma, ())
    return past and bool(tree.of(token, "nsubj")) and any("clause" in s.takes for s in senses)


def _is_plain_verb(tree: Tree, token: Token, lexicon: Lexicon) -> bool:
    """Tell whether it's the "show" of "..., the papers show", taken for one thing with papers."""
    before = tree.tokens[token.index - 1] if token.index else token
    plural = before.tag == "NNS" and before.dep == "compound" and before.head == token.index
    last = all(t.pos == "PUNCT" for t in tree.tokens[token.index + 1 :])
    first = next(t.index for t in tree.subtree(token) if t.pos != "PUNCT")
    ends = last and first > 0 and tree.tokens[first - 1].text == ","
    says = lexicon.lemma(token) in lexicon.verbs
    return plural and says and (ends or bool(tree.of(token, "ccomp")))


def _said(text: str, verbs: Sequence[Token]) -> str:
    """Return the text with the verbs as "say" or "says" and blanks."""
    for verb in verbs:
        plain = "says" if verb.text.endswith("s") else "said" if verb.text.endswith("ed") else "say"
        text = text[: verb.start] + plain.ljust(verb.end - verb.start) + text[verb.end :]
    return text


def _unsaid(tree: Tree, verbs: Sequence[Token], lexicon: Lexicon) -> Tree:
    """Return the tree with the verbs as they stand in the text."""
    tokens = list(tree.tokens)
    stands = {verb.start: verb for verb in verbs}
    for token in tree.tokens:
        if verb := stands.get(token.start):
            known = replace(token, end=verb.end, text=verb.text)
            tokens[token.index] = replace(known, lemma=lexicon.forms.get(verb.text, verb.text))
    return Tree(tuple(tokens))


def rehung(tree: Tree, lexicon: Lexicon) -> Tree:
    """Return the tree with its known mistakes mended."""
    for mended in (
        _hyphenated,
        _quoted_words,
        _lost_subjects,
        _said_if,
        _second_verbs,
        _gerunds,
        _charges,
        _titles,
    ):
        better = mended(tree, lexicon)
        if _has_no_circle(better):  # else what was hung stands above where it was hung
            tree = better
    return tree


def _has_no_circle(tree: Tree) -> bool:
    """Tell whether each token leads to a root."""
    safe: set[int] = {root.index for root in tree.roots()}
    for token in tree.tokens:
        path: list[int] = []
        at = token
        while at.index not in safe:
            if len(path) > len(tree.tokens):
                return False
            path.append(at.index)
            at = tree.head(at)
        safe.update(path)
    return True


def _hyphenated(tree: Tree, _lexicon: Lexicon) -> Tree:
    """Return the tree with "counter-measures" as one compound where its parts were torn apart."""
    tokens = list(tree.tokens)
    for left, hyphen, right in zip(tokens, tokens[1:], tokens[2:], strict=False):
        joined = hyphen.text == "-" and left.end == hyphen.start and hyphen.end == right.start
        if joined and left.head == right.head and left.dep == right.dep != "ROOT":
            tokens[left.index] = replace(left, head=right.index, dep="compound")
            tokens[hyphen.index] = replace(hyphen, head=right.index, dep="punct")
    return Tree(tuple(tokens))


def _quoted_words(tree: Tree, _lexicon: Lexicon) -> Tree:
    """Return the tree with a “can do” spirit as one noun phrase, its words no clause."""
    tokens = list(tree.tokens)
    for mark, noun in zip(tree.tokens, tree.tokens[1:], strict=False):
        verb = tree.head(noun)
        opened = [t.index for t in tree.tokens[: verb.index] if t.tag == "``"]
        if mark.tag != "''" or noun.pos != "NOUN" or noun.dep != "dobj" or not opened:
            continue
        article = tree.tokens[opened[-1] - 1]
        if article.pos != "DET" or opened[-1] == 0 or not opened[-1] < verb.index < mark.index:
            continue
        before = tree.tokens[article.index - 1]
        above = (before.index, "pobj") if before.pos == "ADP" else (verb.head, verb.dep)
        tokens[noun.index] = replace(noun, head=above[0], dep=above[1])
        tokens[verb.index] = replace(verb, head=noun.index, dep="compound")
        for child in tree.children[verb.index]:
            if child.index > mark.index + 1:
                tokens[child.index] = replace(child, head=noun.index)
        tokens[article.index] = replace(article, head=noun.index)
    return Tree(tuple(tokens))


def _lost_subjects(tree: Tree, _lexicon: Lexicon) -> Tree:
    """Return the tree with "it saw a fall and Peru saw a rise" as two clauses, not one object."""
    tokens = list(tree.tokens)
    for last, first in zip(tree.tokens, tree.tokens[1:], strict=False):
        verb = tree.head(first) if first.dep in {"aux", "auxpass"} else first
        finite = first.tag in {"VBD", "VBZ", "VBP"} and verb.dep not in {"relcl", "acl"}
        if not finite or tree.subject(verb) is not None or last.pos not in {"NOUN", "PROPN"}:
            continue
        up = (last, *tree.ancestors(last))
        joined = [t for t in up if t.dep == "conj" and t.pos in {"NOUN", "PROPN"}]
        joined = [t for t in joined if tree.subtree(t)[-1].index == last.index]
        above = next((t for t in tree.ancestors(last) if t.pos in VERBAL), None)
        if not joined or above is None or above.index > last.index:
            continue
        noun = joined[-1]
        if above.head == verb.index:
            tokens[above.index] = replace(above, head=verb.head, dep=verb.dep)
        tokens[verb.index] = replace(verb, head=above.index, dep="conj")
        tokens[noun.index] = replace(noun, head=verb.index, dep="nsubj")
        for link in tree.of(tree.head(noun), "cc"):
            tokens[link.index] = replace(link, head=above.index)
    return Tree(tuple(tokens))


def _said_if(tree: Tree, lexicon: Lexicon) -> Tree:
    """Return the tree with the clause of "said if A, B", "said B, who did A, did C" under said."""
    tokens = list(tree.tokens)
    roots = tree.roots()
    for verb in tree.tokens:
        bare = not tree.of(verb, "ccomp", "auxpass", "neg") and tree.subject(verb) is not None
        if not bare or not _tells(verb, lexicon):
            continue
        for clause in tree.of(verb, "advcl"):
            if any(t.index == verb.index + 1 for t in tree.of(clause, "mark")):
                tokens[clause.index] = replace(clause, dep="ccomp")
        named = [t for t in tree.of(verb, "dobj") if tree.of(t, "relcl") and t.pos == "PROPN"]
        if not named or verb.index != roots[0].index or len(roots) != 2:
            continue
        second = roots[1]
        if second.pos in VERBAL and tree.subject(second) is None and second.index > verb.index:
            passive = "nsubjpass" if tree.of(second, "auxpass") else "nsubj"
            tokens[named[0].index] = replace(named[0], head=second.index, dep=passive)
            tokens[second.index] = replace(second, head=verb.index, dep="ccomp")
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
        if outer.lemma in TELLING and _is_told(tree, token):
            tokens[token.index] = replace(token, head=outer.index, dep="ccomp")
            continue
        if _adds(tree, token, lexicon):
            tokens[token.index] = replace(token, head=outer.index)
            continue
        if token.dep != "conj" or inner.dep != "ccomp" or inner.index < outer.index:
            continue
        says = _tells(outer, lexicon, weakly=True) and any(
            not sense.weak for sense in lexicon.verbs.get(lexicon.lemma(token), ())
        )
        tense = (
            token.tag == outer.tag
            and token.tag in {"VBD", "VBZ"}
            and (inner.tag != token.tag or not can_speak(tree, tree.subject(inner), lexicon))
        )
        if tree.subject(token) is None and ((says and tense) or _turns_back(tree, token)):
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


def _is_told(tree: Tree, token: Token) -> bool:
    """Tell whether it's the "feared" of "told the jury he feared", taken for the jury's clause."""
    hearer, subject = tree.head(token), tree.subject(token)
    told = token.dep in {"relcl", "acl"} and hearer.dep in {"dobj", "dative"}
    told = told and (hearer.pos != "PRON" or hearer.tag == "PRP")  # no "everything he knew"
    if not told or subject is None or subject.tag in {"WP", "WDT"} or tree.of(token, "mark"):
        return False
    first = tree.subtree(token)[0]
    return tree.subtree(subject)[0].index == first.index and subject.index > hearer.index


def _adds(tree: Tree, token: Token, lexicon: Lexicon) -> bool:
    """Tell whether it's the "insisting" of "said A, insisting B", which the parser gave to A."""
    inner = tree.head(token)
    outer = tree.head(inner)
    below = inner.dep == "ccomp" and outer.index < inner.index < token.index
    added = token.tag == "VBG" and token.dep == "advcl" and tree.subject(token) is None
    if not (below and added and tree.tokens[token.index - 1].text == ","):
        return False
    subject = tree.subject(inner)
    same = subject is not None and subject.text.lower() in {"he", "she", "they", "it"}
    senses = lexicon.verbs.get(lexicon.lemma(token), ())
    reports = any(not sense.weak for sense in senses) and same
    clausal = _tells(token, lexicon) and bool(tree.of(token, "ccomp"))
    clausal = clausal and not can_speak(tree, subject, lexicon)
    return _tells(outer, lexicon) and (reports or clausal)


def _turns_back(tree: Tree, token: Token) -> bool:
    """Tell whether it's the "have found" of "Police think fire was lit but have found nothing"."""
    inner = tree.head(token)
    outer = tree.head(inner)
    present = outer.tag in {"VBZ", "VBP"}
    turns = any(t.text.lower() == "but" or present for t in tree.of(inner, "cc"))
    subject = tree.subject(inner)
    others = subject is not None and subject.pos != "PRON"
    return turns and others and _tense(tree, token) == outer.tag != _tense(tree, inner)


def _tense(tree: Tree, verb: Token) -> str:
    """Return the tag of the verb or of its first auxiliary."""
    auxiliaries = tree.of(verb, "aux", "auxpass")
    return auxiliaries[0].tag if auxiliaries else verb.tag


def _tells(verb: Token, lexicon: Lexicon, *, weakly: bool = False) -> bool:
    senses = lexicon.verbs.get(lexicon.lemma(verb), ())
    return any("clause" in sense.takes and (weakly or not sense.weak) for sense in senses)


def _gerunds(tree: Tree, _lexicon: Lexicon) -> Tree:
    """Return the tree with "accused of holding A and hiding B" coordinated on "holding"."""
    tokens = list(tree.tokens)
    for token in tree.tokens:
        above = tree.head(token)
        bare = token.tag == "VBG" and not tree.of(token, "aux", "nsubj")
        if token.dep != "conj" or not bare or above.tag not in {"VBD", "VBZ", "VBP"}:
            continue
        between = tree.tokens[above.index + 1 : token.index]
        gerunds = [
            t
            for t in between
            if (t.tag == "VBG" and t.dep in {"pcomp", "xcomp"})
            or (t.text.endswith("ing") and tree.tokens[t.index - 1].dep == "prep")
        ]
        if gerunds:
            for moved in (token, *(t for t in tree.of(above, "cc") if t in between)):
                tokens[moved.index] = replace(moved, head=gerunds[-1].index)
    return Tree(tuple(tokens))


def _charges(tree: Tree, _lexicon: Lexicon) -> Tree:
    """Return the tree with "A did B, a charge A denies" as a clause with a charge beside it."""
    tokens = list(tree.tokens)
    for verb in tree.tokens:
        subject = tree.subject(verb)
        clauses = [t for t in tree.of(verb, "ccomp") if t.index < verb.index]
        charges = [t for t in tree.of(verb, "dobj") if t.lemma in STATEMENTS]
        if verb.dep != "ROOT" or subject is None or not clauses or not charges:
            continue
        clause, charge = clauses[-1], charges[0]
        if clause.index < charge.index < subject.index:
            tokens[clause.index] = replace(clause, head=clause.index, dep="ROOT")
            tokens[charge.index] = replace(charge, head=clause.index, dep="appos")
            tokens[verb.index] = replace(verb, head=charge.index, dep="relcl")
    return Tree(tuple(tokens))


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
