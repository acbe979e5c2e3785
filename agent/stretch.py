"""A stretch of text, letter by letter: what a listed claim says, and what only attributes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent.clauses import spans
from agent.document import Extent, Quotation
from agent.ground import Finder, Finding, Words
from agent.passages import Passage
from agent.schema import Span
from agent.syntax import VERBAL, Token

NEAR = 60  # characters between a source and its cue
LEADING = frozenset({"that", "to", "whether"})
SMALL = frozenset({"ADP", "DET", "CCONJ", "SCONJ", "PART", "PUNCT", "SPACE"})
LONGEST_NAME = 4  # words that a parser may take for a clause: "Police spokesman Jim Rose"


@dataclass(frozen=True, slots=True)
class Stretch:
    """The text and its passages, by where they start.

    owner: the number of the clause that a letter belongs to, as the tree draws it.
    """

    finder: Finder
    passages: Mapping[int, Passage]
    owner: Mapping[int, int]

    def objection(self, finding: Finding) -> str:
        """Return why a listed claim can't be one, "" where it can."""
        place = self.place(finding)
        if place:
            letters = self.letters(place)
            frame = self.frame(finding, Extent(place[0].start, place[-1].end), letters)
            if frame and not self._has_word(letters - frame):
                return "the words only tell who says something, not what"
        mentions = [source.mention for source in finding.chain if source.mention]
        if any(self._is_clause(self.finder.first(m, finding.passage)) for m in mentions):
            return "the source is a clause, not somebody"
        return ""

    # ---- places ------------------------------------------------------------------------------

    def place(self, finding: Finding) -> list[Extent]:
        """Return where the content stands, [] where it doesn't."""
        found = (self.finder.find(w, finding.passage, content=True) for w in finding.content)
        return [Extent(span.start, span.end) for spans in found for span in spans]

    def letters(self, extents: Iterable[Extent]) -> frozenset[int]:
        """Return the places of the letters and digits in the extents."""
        return letters_in(self.finder.text, extents)

    def stands(self, finding: Finding) -> bool:
        """Tell whether every source of the claim has a place in the text."""
        return all(
            self.finder.first(source.mention, finding.passage) is not None
            for source in finding.chain
            if source.mention is not None
        )

    def run(self, hull: Extent) -> Quotation | None:
        """Return the quotation run in which the whole stretch lies."""
        run = self.finder.document.quotation_at(hull)
        return run if run is not None and hull in run.extent else None

    def sentences(self, hull: Extent) -> Iterator[Passage]:
        """Yield the passages that share a character with the extent."""
        for sentence in self.finder.document.sentences:
            if sentence.extent.overlaps(hull) and sentence.extent.start in self.passages:
                yield self.passages[sentence.extent.start]

    # ---- what is said, and what only tells who says it -----------------------------------------

    def frame(self, finding: Finding, hull: Extent, letters: frozenset[int]) -> frozenset[int]:
        """Return the letters of a content that attribute it: by the model's words or the tree's."""
        if self.run(hull) is not None:
            return frozenset()  # the speaker's own words
        found = self.letters(self._own_frame(finding, hull))
        for passage in self.sentences(hull):
            for cue in passage.cues:
                words = self.letters([cue.extent])
                spoken = self.run(cue.extent) is not None
                if cue.content and words <= letters - self.owner.keys() and not spoken:
                    inside = self.letters([passage.sentence.extent]) & letters
                    found |= inside - self.owner.keys()
        return found

    def _own_frame(self, finding: Finding, hull: Extent) -> Iterator[Extent]:
        """Yield the claim's own cues inside its content, and the sources beside them."""
        for source in finding.chain:
            names = self.inside(source.mention, hull)
            for cue in self.inside(source.cue, hull):
                beside = [name for name in names if _gap(name, cue) <= NEAR]
                if beside or cue.start == hull.start:
                    yield from (cue, *beside[:1])

    def _has_word(self, letters: frozenset[int]) -> bool:
        """Tell whether one of the letters belongs to a word that means something by itself."""
        places = [Extent(at, at + 1) for at in (min(letters), max(letters))] if letters else []
        passages = [passage for place in places for passage in self.sentences(place)]
        tokens = [token for passage in passages for token in passage.tree.tokens]
        return any(t.pos not in SMALL and not letters.isdisjoint(_range(t)) for t in tokens)

    def _is_clause(self, place: Span | None) -> bool:
        """Tell whether a source is a clause with its own subject; "the man who left" is none."""
        extent = Extent(place.start, place.end) if place else Extent(0, 0)
        for passage in self.sentences(extent):
            tokens = passage.tree.within(extent)
            tops = [t for t in tokens if passage.tree.head(t) not in tokens or t.head == t.index]
            for token in tops if len(tokens) > LONGEST_NAME else ():
                if token.pos in VERBAL and token.text.islower():  # "Rose" is no verb
                    return passage.tree.subject(token) in tokens
        return False

    def inside(self, words: Words | None, hull: Extent) -> list[Extent]:
        """Return the places of a string within an extent."""
        options = self.finder.options(words.text) if words else []
        places = [Extent(option[0].start, option[-1].end) for option in options]
        return [place for place in places if place in hull]

    def words(self, hull: Extent, said: frozenset[int]) -> tuple[Words, ...]:
        """Return what is left of a content, sentence by sentence, trimmed."""
        found: list[Extent] = []
        for passage in self.sentences(hull):
            tokens = [t for t in passage.tree.tokens if not said.isdisjoint(_range(t))]
            while tokens and tokens[0].text.lower() in LEADING:
                tokens = tokens[1:]
            found += spans(passage.tree, [token.index for token in tokens])
        return tuple(Words(extent.of(self.finder.text), extent.start) for extent in found)


def letters_in(text: str, extents: Iterable[Extent]) -> frozenset[int]:
    """Return the places of the letters and digits in the extents of a text.

    >>> sorted(letters_in("A b, c", [Extent(0, 1), Extent(2, 4)]))
    [0, 2]
    """
    return frozenset(i for e in extents for i in range(e.start, e.end) if text[i].isalnum())


def _range(token: Token) -> range:
    return range(token.start, token.end)


def _gap(one: Extent, other: Extent) -> int:
    return max(one.start - other.end, other.start - one.end)
