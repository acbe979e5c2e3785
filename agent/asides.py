"""Sentences with a source set in behind the verb of saying, parsed without it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.document import Document, Extent
from agent.syntax import VERBAL, Parser, Tree

_ASIDE = re.compile(
    r",\s+((?:citing|quoting)\b[^“”\"]{3,120}?),(?=\s+that\b)"
    r"|\s+((?:citing|quoting)\b[^“”\",]{3,120}?)(?=\s+that\b)"
)


def with_asides(document: Document, extents: Sequence[Extent], parse: Parser) -> list[Tree]:
    """Return the tree of each extent, "said, quoting a friend, that" parsed without its aside."""
    texts = [e.of(document.text) for e in extents]
    asides = [_ASIDE.search(text) for text in texts]
    blanked = [
        text[: a.start()] + " " * (a.end() - a.start()) + text[a.end() :] if a else text
        for text, a in zip(texts, asides, strict=True)
    ]
    inner = iter(parse([a[a.lastindex or 0] for a in asides if a]))
    found = []
    for extent, tree, aside in zip(extents, parse(blanked), asides, strict=True):
        whole = tree
        if aside:
            before = [t.index for t in tree.tokens if t.end <= aside.start()]
            extra = next(inner).shifted(aside.start(aside.lastindex or 0))
            whole = inserted(tree, extra, max(before, default=0))
            root = next(iter(extra.roots()), None)
            verbs = [i for i in before if tree.tokens[i].pos in VERBAL]
            if root is not None and verbs:  # "reported Tuesday, citing ..."
                at = max(before) + 1 + root.index
                tokens = list(whole.tokens)
                tokens[at] = replace(tokens[at], head=verbs[-1])
                whole = Tree(tuple(tokens))
        found.append(whole.shifted(extent.start))
    return found


def inserted(tree: Tree, aside: Tree, after: int) -> Tree:
    """Return the tree with the aside's tokens put in after a token, on which its root hangs."""
    count = len(aside.tokens)
    before = after + 1
    place = {t.index: t.index if t.index < before else t.index + count for t in tree.tokens}
    outer = [replace(t, index=place[t.index], head=place[t.head]) for t in tree.tokens]
    middle = [
        replace(
            t,
            index=t.index + before,
            head=after if t.head == t.index else t.head + before,
            dep="advcl" if t.head == t.index else t.dep,
        )
        for t in aside.tokens
    ]
    return Tree((*outer[:before], *middle, *outer[before:]))
