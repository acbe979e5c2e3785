"""What a model lists, held against what the tree draws: so the document way's claims are whole.

The model tells what is claimed, by whom and how. The tree knows where a clause ends, which words
weaken it and which clauses nobody listed:
- a content that is nearly a clause, or lies in a quotation, becomes the clause that it's from;
- a content that holds its own source or cue is cut down to what is said;
- no label is firmer than the words allow, and none goes where our rules see nothing;
- a quotation is read to its end, and so are the clauses that no attribution covers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.bounds import bounded, with_places
from agent.document import Extent, Quotation
from agent.ground import Finder, Finding, FoundSource, Words
from agent.names import fold_name
from agent.passages import Passage
from agent.schema import Rejected
from agent.stretch import Stretch, letters_in

SAME = 0.75  # Dice of two contents' letters, from which they're one
MOST = SAME / (2 - SAME)  # share of a clause without which no content has that Dice with it
HALF = 0.5


def reconcile(
    finder: Finder, passages: Sequence[Passage], drawn: Sequence[Finding], listed: Sequence[Finding]
) -> tuple[list[Finding], list[Rejected]]:
    """Return the listed claims mended, with the drawn ones that they leave open, in text order.

    Then those that can't be meant. drawn: what the tree tells of the same stretch of text, every
    string with its place.
    """
    speech = {run for passage in passages for run in passage.speech}
    clauses = _clauses(finder, speech, drawn)
    owner = {letter: number for number, c in enumerate(clauses) for letter in c.letters}
    by_start = {passage.sentence.extent.start: passage for passage in passages}
    stretch = Stretch(finder, by_start, owner)
    objections = [_objection(stretch, finding) for finding in listed]
    refused = [objection for objection in objections if objection]
    meant = [f for f, objection in zip(listed, objections, strict=True) if not objection]
    sheet = _Sheet(stretch, clauses, speech, _spoken(finder, speech, meant))
    mended = [each for finding in meant for each in sheet.mended(finding)]
    others = {f.content for f in mended if f.chain and stretch.stands(f)}  # not the article's own
    kept = [f for f in mended if f.chain or f.content not in others]
    found = [*kept, *sheet.left_out(kept)]
    return sorted(found, key=lambda finding: finding.content[0].at or 0), refused


@dataclass(frozen=True, slots=True)
class _Clause:
    """A claim that the tree draws. letters: where its letters and digits stand."""

    finding: Finding
    letters: frozenset[int]
    run: Quotation | None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The clauses of a stretch of text, and its quotations.

    speech: those that are somebody's words. spoken: the sources that the model names for them.
    """

    stretch: Stretch
    clauses: Sequence[_Clause]
    speech: Collection[Quotation]
    spoken: Mapping[Quotation, tuple[FoundSource, ...]]

    def mended(self, finding: Finding) -> list[Finding]:
        """Return a listed claim as the clauses that it's from, else as it is or cut."""
        place = self.stretch.place(finding)
        if not place:
            return [finding]  # ground() rejects it with the reason
        hull = Extent(place[0].start, place[-1].end)
        letters = self.stretch.letters(place)
        said = letters - self.stretch.frame(finding, hull, letters)
        touched = self._touched(finding, said)
        numbers = self._matching(said, hull, touched)
        if numbers:
            clauses = [self.clauses[number] for number in sorted(numbers)]
            return [self._as_clause(finding, clause, letters - said) for clause in clauses]
        if said != letters:
            content = self.stretch.words(hull, said)
            finding = replace(finding, content=content or finding.content)
        nearest = max(touched, key=lambda number: touched[number], default=None)
        if nearest is None:
            return [bounded(self._voiced(finding, hull, None), None, said)]
        clause = self.clauses[nearest]
        piece = touched[nearest] < HALF * len(clause.letters)
        voiced = self._voiced(finding, hull, clause.finding)
        return [bounded(voiced, clause.finding, said, piece=piece)]

    def left_out(self, mended: Sequence[Finding]) -> Iterator[Finding]:
        """Yield the clauses that the list leaves open: the article's own, the rest of a quotation.

        A claim whose source doesn't stand in the text leaves its clause open.
        """
        contents = [
            self.stretch.letters(self.stretch.place(f)) for f in mended if self.stretch.stands(f)
        ]
        covered = frozenset[int]().union(*contents)
        for clause in self.clauses:
            within = any(content and content <= clause.letters for content in contents)
            if within or len(clause.letters & covered) >= HALF * len(clause.letters):
                continue
            chain = self.spoken.get(clause.run) if clause.run else None
            if chain is not None and clause.run is not None:
                inner = [s for s in clause.finding.chain if _lies(s.cue, clause.run.extent)]
                yield replace(clause.finding, chain=(*chain, *inner))
            elif not clause.finding.chain:
                yield clause.finding

    # ---- clauses -------------------------------------------------------------------------------

    def _touched(self, finding: Finding, said: frozenset[int]) -> Counter[int]:
        """Return the letters in each clause, those apart that hold the claim's own cue."""
        touched = Counter(
            self.stretch.owner[letter] for letter in said if letter in self.stretch.owner
        )
        for source in finding.chain:
            spots = self.stretch.inside(source.cue, finding.passage)
            cue = min(
                spots,
                key=lambda spot: not said.isdisjoint(self.stretch.letters([spot])),
                default=None,
            )
            for letter in self.stretch.letters([cue]) if cue else ():
                touched.pop(self.stretch.owner.get(letter, -1), None)
        return touched

    def _matching(self, said: frozenset[int], hull: Extent, touched: Counter[int]) -> list[int]:
        """Return the clauses that the content stands for, [] for none."""
        sizes = {number: len(self.clauses[number].letters) for number in touched}
        most = [n for n in touched if touched[n] >= MOST * sizes[n]]
        whole = sum(sizes[n] for n in most)
        if most and 2 * sum(touched[n] for n in most) >= SAME * (whole + len(said)):
            return most
        run = self.stretch.run(hull)
        if run is None:
            return []
        quoted = self.stretch.letters(run.inner)
        within = [n for n in touched if self.clauses[n].letters <= quoted or said == quoted]
        parts = [n for n in within if touched[n] >= HALF * sizes[n]]
        return parts or sorted(within, key=lambda n: -touched[n])[:1]

    def _as_clause(self, finding: Finding, clause: _Clause, frame: frozenset[int]) -> Finding:
        """Return the claim with the clause's content, and the sources that its own words named."""
        drawn = clause.finding
        named = {fold_name(source.mention.text) for source in finding.chain if source.mention}
        told = [
            source
            for source in drawn.chain
            if source.mention is not None
            and source.cue is not None
            and self.stretch.letters([_extent(source.cue)]) <= frame
            and fold_name(source.mention.text) not in named
        ]
        link = drawn.link if drawn.chain else finding.link
        whole = replace(
            finding,
            content=drawn.content,
            passage=drawn.passage,
            chain=(*with_places(finding.chain, drawn.chain), *told),
            clausal=drawn.clausal if drawn.chain else finding.clausal,
            link=link,
            subject=drawn.subject if link != "to" else None,
        )
        hull = Extent(min(clause.letters), max(clause.letters) + 1)
        return bounded(self._voiced(whole, hull, drawn), drawn, clause.letters)

    def _voiced(self, finding: Finding, hull: Extent, drawn: Finding | None) -> Finding:
        """Return the claim; one in a quotation, without a source, has that of the quotation."""
        run = self.stretch.run(hull)
        if finding.chain or run is None or run not in self.speech:
            return finding
        return replace(finding, chain=self.spoken.get(run) or (drawn.chain if drawn else ()))


def _clauses(
    finder: Finder, speech: Collection[Quotation], drawn: Sequence[Finding]
) -> list[_Clause]:
    clauses = []
    for finding in drawn:
        extents = [_extent(words) for words in finding.content]
        run = finder.document.quotation_at(extents[0])
        inside = run is not None and run in speech and all(e in run.extent for e in extents)
        clauses.append(_Clause(finding, letters_in(finder.text, extents), run if inside else None))
    return clauses


def _spoken(
    finder: Finder, speech: Collection[Quotation], listed: Sequence[Finding]
) -> dict[Quotation, tuple[FoundSource, ...]]:
    """Return the sources of each quotation: those of the first claim in it that has any."""
    spoken: dict[Quotation, tuple[FoundSource, ...]] = {}
    for finding in listed:
        at = finding.content[0].at
        run = None if at is None else finder.document.quotation_at(Extent(at, at + 1))
        if run is not None and run in speech and finding.chain:
            spoken.setdefault(run, finding.chain)
    return spoken


def _objection(stretch: Stretch, finding: Finding) -> Rejected | None:
    reason = stretch.objection(finding)
    if not reason:
        return None
    strings = [words.text for words in finding.content]
    strings += [source.mention.text for source in finding.chain if source.mention]
    span = stretch.finder.span(finding.passage)
    return Rejected(stage="check", reason=reason, strings=strings, passage=span)


def _extent(words: Words) -> Extent:
    start = words.at or 0
    return Extent(start, start + len(words.text))


def _lies(words: Words | None, extent: Extent) -> bool:
    return words is not None and words.at is not None and _extent(words) in extent
