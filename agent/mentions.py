"""Phrases by which somebody is spoken of: names, nouns for a person, pronouns; who only is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from agent.document import Extent
from agent.lexicon import Lexicon
from agent.passages import Passage
from agent.sources import HUMAN, noun_phrase
from agent.syntax import Token, extent_of

NAMED = frozenset({"PERSON", "ORG"})
APART = frozenset({"'s", "’s", "s", "the"})  # stand beside a name
INSIDE = frozenset({"ccomp", "relcl", "acl", "advcl", "xcomp"})


def names(passages: Sequence[Passage]) -> list[Extent]:
    """Return the names of persons and bodies, in text order."""
    return [extent_of(run) for run in _runs(passages)]


def surnames(passages: Sequence[Passage]) -> frozenset[str]:
    """Return the last words of the full names of persons, in small letters.

    Where the parser takes a surname alone for a body's, the full name tells.
    """
    persons = (run for run in _runs(passages) if run[0].entity == "PERSON" and len(run) > 1)
    return frozenset(run[-1].text.lower() for run in persons if run[-1].text[:1].isupper())


def humans(passages: Sequence[Passage], lexicon: Lexicon) -> list[Extent]:
    """Return the subjects of sentences that name one person by a noun ("the driver")."""
    return [
        noun_phrase(passage.tree, token)
        for passage in passages
        for token in passage.tree.tokens
        if token.dep == "nsubj"
        and token.tag == "NN"
        and (token.lemma.endswith(HUMAN) or token.lemma in lexicon.persons)
        and not is_only_spoken_of(passage, token)
    ]


def pronouns(passages: Sequence[Passage]) -> list[Extent]:
    """Return the subject pronouns of the third person outside direct speech, in text order."""
    return [
        Extent(t.start, t.end)
        for passage in passages
        for t in passage.tree.tokens
        if t.dep in {"nsubj", "nsubjpass"}
        and t.text.lower() in {"he", "she", "they"}
        and passage.run_of(t) is None
    ]


def is_only_spoken_of(passage: Passage, subject: Token) -> bool:
    """Tell whether the subject's clause stands in another: in what is said, or beside it."""
    verb = passage.tree.head(subject)
    return any(t.dep in INSIDE for t in (verb, *passage.tree.ancestors(verb)))


def _runs(passages: Sequence[Passage]) -> Iterator[list[Token]]:
    """Yield the tokens of each name."""
    for passage in passages:
        for kind, run in groupby(passage.tree.tokens, key=_kind):
            if kind:
                yield list(run)


def _kind(token: Token) -> str:
    return token.entity if token.entity in NAMED and token.text.lower() not in APART else ""
