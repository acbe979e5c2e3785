"""Claim units: a sentence cut into the propositions that can be true apart.

GUIDELINES rules 1, 2 and 4 as operations on the tree: coordinated predicates, later relative
clauses, participles and contrasts are units of their own; coordinated nouns aren't.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.cue import Cue
from agent.document import Extent
from agent.syntax import VERBAL, Token, Tree

CONTRAST = frozenset({"while", "whereas", "although", "though", "so"})
PREPOSITIONAL = frozenset(
    """depending according including regarding concerning following given based compared
    owing""".split()
)
OPENERS = frozenset({"as", "since", "because"})
CHOICES = frozenset({"choice", "option", "alternative", "nothing", "anything"})
BREAKS = frozenset({";", ":", "—", "–", "--", "-"})


@dataclass(frozen=True, slots=True)
class Unit:
    """One proposition: its own tokens, where it hangs, and by what.

    parent: index of the unit above, None at the top. cue: index of the cue whose content it
    begins, else None. relation: dependency label of the link to the unit above.
    """

    head: int
    tokens: tuple[int, ...]
    parent: int | None
    relation: str
    cue: int | None = None


def cut(tree: Tree, cues: Sequence[Cue], apart: Callable[[Token, Token], bool]) -> list[Unit]:
    """Return the units, parents before children.

    apart(child, head): True where a border that the tree doesn't know (of a quotation) lies
    between the two.
    """
    content = {
        index: number
        for number, cue in enumerate(cues)
        if cue.form != "according"
        for index in cue.content
    }
    speaking = {cue.head for cue in cues if cue.content}
    bare = {cue.head for cue in cues if cue.form == "bare"}
    unit_of: dict[int, int] = {}
    made: list[tuple[int, list[int], int | None, str, int | None]] = []
    started: set[int] = set()
    for token in _top_down(tree):
        is_root = token.head == token.index
        number = content.get(token.index)
        # the several heads of one content ("call X | Y") make one unit
        twin = (
            next((unit_of[i] for i in cues[number].content if i in unit_of), None)
            if number is not None
            else None
        )
        if twin is not None:
            unit_of[token.index] = twin
            made[twin][1].append(token.index)
            continue
        splits = (
            is_root
            or number is not None
            or apart(token, tree.head(token))
            or _splits(tree, token, started)
            or (token.index in speaking and token.dep in {"advcl", "relcl", "parataxis"})
            or (token.index in bare and token.dep == "advcl" and _as(tree, token))
        )
        if splits:
            parent = None if is_root else unit_of[token.head]
            made.append((token.index, [token.index], parent, token.dep, number))
            unit_of[token.index] = len(made) - 1
            started.add(token.index)
        else:
            unit_of[token.index] = unit_of[token.head]
            made[unit_of[token.head]][1].append(token.index)
    return [Unit(h, tuple(sorted(t)), p, r, c) for h, t, p, r, c in made]


def spans(tree: Tree, tokens: Sequence[int]) -> list[Extent]:
    """Return the stretches that the tokens cover, trimmed; a gap of punctuation doesn't divide."""
    runs: list[list[Token]] = []
    for index in sorted(tokens):
        token = tree.tokens[index]
        if runs and _adjoins(tree, runs[-1][-1].index, index):
            runs[-1].append(token)
        else:
            runs.append([token])
    trimmed = (_trim(_closed(tree, run)) for run in runs)
    return [Extent(run[0].start, run[-1].end) for run in trimmed if run]


def _closed(tree: Tree, run: list[Token]) -> list[Token]:
    """Return the run with the mark that closes its quotation, which may hang elsewhere."""
    after = tree.tokens[run[-1].index + 1 : run[-1].index + 2]
    closes = after and after[0].tag == "''" and _opened(run[1:])
    return [*run, after[0]] if closes else run


def _adjoins(tree: Tree, left: int, right: int) -> bool:
    return all(t.pos in {"PUNCT", "SPACE"} for t in tree.tokens[left + 1 : right])


def _trim(run: list[Token]) -> list[Token]:
    """Take punctuation, conjunctions and subordinators off the ends."""
    while run and (
        run[-1].pos == "CCONJ"
        or (_is_mark(run[-1]) and run[-1].text not in {")", "]", "%"} and not _closes(run))
    ):
        run = run[:-1]
    while run and (
        run[0].pos == "CCONJ"
        or (_is_mark(run[0]) and run[0].text not in {"(", "[", "$", "£", "€", "#"})
        or (run[0].tag == "IN" and run[0].text.lower() == "that")
        or (
            run[0].dep == "mark"
            and run[0].text.lower() in CONTRAST | OPENERS | {"that", "whether", "if"} - {"if"}
        )
    ):
        run = run[1:]
    if any(t.text == ")" for t in run[-1:]) and not any(t.text == "(" for t in run):
        run = run[:-1]
    return run


def _closes(run: list[Token]) -> bool:
    """Tell whether the run ends in a quotation mark whose other half is within it."""
    return run[-1].tag == "''" and _opened(run[1:-1])


def _opened(tokens: Sequence[Token]) -> bool:
    """Tell whether a quotation that begins among the tokens isn't closed there."""
    return sum((t.tag == "``") - (t.tag == "''") for t in tokens) > 0


def _is_mark(token: Token) -> bool:
    return not any(ch.isalnum() for ch in token.text)


def _top_down(tree: Tree) -> list[Token]:
    order: list[Token] = []
    level = tree.roots()
    while level:
        order.extend(level)
        level = [child for token in level for child in tree.children[token.index]]
    return order


def _splits(tree: Tree, token: Token, started: set[int]) -> bool:
    """Tell whether the token begins a proposition of its own below its head."""
    head = tree.head(token)
    if token.dep == "conj":
        either = any(t.text.lower() == "or" for t in tree.of(head, "cc"))
        if either and tree.subject(token) is None:
            return False  # one of two is claimed, and neither alone
        if any(tree.tokens[t.index - 1].lemma in CHOICES for t in tree.of(head, "cc")):
            return False  # "had no choice but to go"
        apart = head.index in started and _predicates(tree, token) and _predicates(tree, head)
        return apart and not _shares_all(tree, token, head)
    if token.dep == "relcl":
        return _after(tree, token) in {",", "-", "–", "—"}
    if token.dep == "advcl":
        return _adverbial(tree, token, head)
    if token.dep in {"appos", "npadvmod"}:
        return bool(tree.of(token, "relcl")) and _after(tree, token) in {",", "-", "–", "—"}
    if token.dep in {"ccomp", "parataxis"}:
        return bool(tree.subject(token) and tree.subject(head)) and (
            token.dep == "parataxis"
            or token.index < head.index
            or _break_between(tree, token, head)
        )
    if token.dep == "prep" and token.text.lower() == "with":
        return _after(tree, token) == "," and any(
            t.dep == "pcomp" or (t.dep == "pobj" and tree.of(t, "acl", "relcl"))
            for t in tree.of(token, "pcomp", "pobj")
        )
    return False


def _as(tree: Tree, token: Token) -> bool:
    marks = tree.of(token, "mark", "advmod")
    return _after(tree, token) == "," and any(t.text.lower() == "as" for t in marks)


def _shares_all(tree: Tree, token: Token, head: Token) -> bool:
    """Tell whether two verbs share whatever follows: "washed and dried the plates"."""
    between = tree.tokens[head.index + 1 : token.index]
    active = bool(tree.of(token, "dobj")) and token.tag not in {"VB", "VBG"}
    if active and tree.of(head, "auxpass"):
        return False  # "were fined and lost a session"
    return tree.subject(token) is None and all(
        t.dep in {"cc", "punct", "prt", "advmod", "preconj"}
        or (t.dep == "conj" and t.pos in VERBAL)
        for t in between
    )


def _adverbial(tree: Tree, token: Token, head: Token) -> bool:
    marks = {t.text.lower() for t in tree.of(token, "mark", "advmod")}
    if tree.subject(token) is None:
        participle = token.tag in {"VBG", "VBN"} and not marks
        participle = participle and token.text.lower() not in PREPOSITIONAL
        return participle and token.index > head.index and _after(tree, token) == ","
    if marks & CONTRAST:
        return True
    return bool(marks & OPENERS - {"because"}) and token.index < head.index


def _after(tree: Tree, token: Token) -> str:
    """Return the text just before the token's subtree."""
    first = tree.subtree(token)[0].index
    return tree.tokens[first - 1].text if first else ""


def _predicates(tree: Tree, token: Token) -> bool:
    return token.pos in VERBAL or bool(tree.of(token, "cop", "aux", "nsubj"))


def _break_between(tree: Tree, one: Token, other: Token) -> bool:
    low, high = sorted((one.index, other.index))
    return any(t.text in BREAKS for t in tree.tokens[low:high])
