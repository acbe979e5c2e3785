"""A parsed sentence as data: tokens, heads, subtrees. No parser lives here.

Labels are those of spaCy's English models (ClearNLP dependencies, Penn tags, OntoNotes entities).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from agent.document import Extent

VERBAL = frozenset({"VERB", "AUX"})


@dataclass(frozen=True, slots=True)
class Token:
    """One token. start, end: code points into the document's text. head: index, own for a root."""

    index: int
    start: int
    end: int
    text: str
    lemma: str
    pos: str
    tag: str
    dep: str
    head: int
    entity: str = ""


@dataclass(frozen=True)
class Tree:
    """The dependency tree (or trees) over the tokens of one sentence."""

    tokens: tuple[Token, ...]

    @cached_property
    def children(self) -> tuple[tuple[Token, ...], ...]:
        """For each token its dependents, left to right."""
        found: list[list[Token]] = [[] for _ in self.tokens]
        for token in self.tokens:
            if token.head != token.index:
                found[token.head].append(token)
        return tuple(tuple(row) for row in found)

    def of(self, token: Token, *deps: str) -> list[Token]:
        """Return the dependents of `token` that stand in one of the relations, left to right."""
        return [child for child in self.children[token.index] if child.dep in deps]

    def head(self, token: Token) -> Token:
        """Return the token's head; a root is its own."""
        return self.tokens[token.head]

    def ancestors(self, token: Token) -> Iterator[Token]:
        """Yield the heads above the token, nearest first."""
        while token.head != token.index:
            token = self.tokens[token.head]
            yield token

    def subtree(self, token: Token, skip: Callable[[Token], bool] | None = None) -> list[Token]:
        """Return the token and all below it in text order, less what `skip` names."""
        found = [token]
        stack = list(self.children[token.index])
        while stack:
            child = stack.pop()
            if skip and skip(child):
                continue
            found.append(child)
            stack.extend(self.children[child.index])
        return sorted(found, key=lambda each: each.index)

    def subject(self, verb: Token) -> Token | None:
        """Return the verb's own subject, or None."""
        found = self.of(verb, "nsubj", "nsubjpass")
        return found[0] if found else None

    def roots(self) -> list[Token]:
        """Return the tokens that have no head."""
        return [token for token in self.tokens if token.head == token.index]

    def within(self, extent: Extent) -> list[Token]:
        """Return the tokens that lie inside the extent."""
        return [t for t in self.tokens if extent.start <= t.start and t.end <= extent.end]

    def shifted(self, by: int) -> Tree:
        """Return the same tree with all offsets moved by `by`."""
        moved = (replace(t, start=t.start + by, end=t.end + by) for t in self.tokens)
        return Tree(tuple(moved))


def joined(trees: Sequence[Tree], heads: Sequence[tuple[int, str] | None]) -> Tree:
    """Return one tree of several in text order.

    heads: for each tree, where its root hangs (index in the joined tree, relation), or None where
    it stays a root.
    """
    tokens: list[Token] = []
    for tree, hung in zip(trees, heads, strict=True):
        base = len(tokens)
        for token in tree.tokens:
            moved = replace(token, index=token.index + base, head=token.head + base)
            if hung and token.head == token.index:
                moved = replace(moved, head=hung[0], dep=hung[1])
            tokens.append(moved)
    return Tree(tuple(tokens))


Parser = Callable[[Sequence[str]], Iterable[Tree]]
"""From sentences to trees, one per sentence in order; offsets count from each sentence's start."""


def extent_of(tokens: Sequence[Token]) -> Extent:
    """Return the extent from the first token to the last, gaps included.

    >>> extent_of([Token(n, s, s + 2, "", "", "", "", "", 0) for n, s in enumerate((3, 6))])
    Extent(start=3, end=8)
    """
    return Extent(min(t.start for t in tokens), max(t.end for t in tokens))


def is_negated(tree: Tree, token: Token) -> bool:
    """Tell whether "not", "never", "no", "neither" is on the token, or "has yet to" before it."""
    words = {t.text.lower() for t in tree.of(token, "neg", "det", "advmod", "preconj")}
    for subject in tree.of(token, "nsubj"):
        words |= {t.text.lower() for t in tree.of(subject, "preconj", "det")} & {"neither"}
    return bool(words & {"not", "n't", "no", "never", "neither"}) or is_yet_to(tree, token)


def is_yet_to(tree: Tree, verb: Token) -> bool:
    """Tell whether the verb stands in "has yet to ..."."""
    above = tree.head(verb)
    yet = any(t.text.lower() == "yet" for t in tree.of(above, "advmod"))
    return verb.dep == "xcomp" and above.lemma == "have" and yet
