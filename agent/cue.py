"""A candidate reporting cue: the words that may attribute, whose they are, what they govern."""

from __future__ import annotations

from dataclasses import dataclass

from agent.complements import Form
from agent.document import Extent
from agent.lexicon import Sense
from agent.sources import Source, find_source, verb_group
from agent.syntax import Token, Tree

ASSERT = Sense("assert", "certain", frozenset({"clause"}))


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


def plain_cue(tree: Tree, verb: Token, clause: Token, last: Token | None = None) -> Cue:
    """Return the cue of a verb that asserts a clause."""
    source = find_source(tree, verb)
    extent = verb_group(tree, verb, last)
    named = Source(source.extent, source.head, extent, "speaker", source.implicit)
    return Cue(verb.index, extent, ASSERT, "clause", named, (clause.index,))
