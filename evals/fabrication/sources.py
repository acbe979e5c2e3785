"""Sources, cues and hedges that aren't in the article, or aren't where they could be meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from agent.document import Extent
from evals.fabrication import words as w
from evals.fabrication.trials import Piece, Trial, letters
from evals.gold_form import GoldSpan

Attribute = Callable[[str, Piece, Random], Iterator[Trial]]


def claim_of(kind: str, piece: Piece, **fields: str) -> Trial:
    """Return a gold claim as a trial: true but for the fields that are given."""
    chain = piece.claim.attribution.chain
    inner = chain[-1] if chain else None
    cues = piece.claim.confidence_cues
    true = {
        "content": piece.words,
        "source": inner.mention.text if inner and inner.mention else "",
        "cue": inner.cue.text if inner and inner.cue else "",
        "hedge": cues[0].text if cues else "",
    }
    page = piece.page
    return Trial(kind, page.case.id, page.text, **{**true, **fields})  # type: ignore[arg-type]


def alone(trial: Trial) -> Trial:
    """Return the trial without source, cue and hedge: its content alone decides."""
    return replace(trial, source="", cue="", hedge="")


def _named(kind: str, piece: Piece, name: str) -> Iterator[Trial]:
    if piece.claim.attribution.chain:
        yield claim_of(kind, piece, source=name, target="source")


def _made_up(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    yield from _named(kind, piece, rng.choice(w.SPEAKERS))


def _full_names(piece: Piece) -> list[list[str]]:
    names = [name.split() for name in piece.page.names]
    return [name for name in names if len(name) == 2 and all(part[0].isupper() for part in name)]


def _altered(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    for _, last in _full_names(piece)[:3]:
        yield from _named(kind, piece, f"{rng.choice(w.FIRST_NAMES)} {last}")


def _mixed(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    names = _full_names(piece)
    if len(names) > 1:
        (first, _), (_, last) = rng.sample(names, 2)
        if f"{first} {last}".lower() not in piece.page.text.lower():
            yield from _named(kind, piece, f"{first} {last}")


def _status(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    for name in _full_names(piece)[:3]:
        string = f"{rng.choice(w.STATUS)} {' '.join(name)}"
        if not piece.page.places(string):
            yield from _named(kind, piece, string)


def _later(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    """Yield body claims with a source that is named three paragraphs later at the earliest."""
    names = piece.page.names
    late = [
        name for name in names if piece.page.block_at(piece.page.places(name)[0]) > piece.block + 2
    ]
    once = len(piece.page.places(piece.words)) == 1
    if late and once and piece.claim.zone == "body":
        yield from _named(kind, piece, rng.choice(late))


def _inside(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    """Yield quotations with a speaker that only the quotation itself names."""
    names = [t.strip(".,?!’'”") for t in piece.words.split()[1:] if t[:1].isupper() and len(t) > 3]
    for name in names:
        places = piece.page.places(name)
        inside = [at for at in places if piece.extent.start <= at < piece.extent.end]
        if piece.quoted and places and inside == places:
            yield from _named(kind, piece, name)


def _spots(piece: Piece) -> list[GoldSpan]:
    """Return content, sources and cues of a claim."""
    links = piece.claim.attribution.chain
    return [*piece.claim.content, *(s for x in links for s in (x.mention, x.cue) if s)]


def _cue_made_up(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    if piece.claim.attribution.chain:
        yield claim_of(kind, piece, cue=rng.choice(w.CUES), target="cue")


def _cue_far(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    """Yield claims with another claim's cue that stands in none of their paragraphs."""
    page = piece.page
    own = {page.block_at(spot.start) for spot in _spots(piece)}
    own |= {page.block_at(at) for at in page.places(claim_of(kind, piece).source)}
    cues = [x.cue.text for c in page.case.gold.claims for x in c.attribution.chain if x.cue]
    both = [(cue, [*page.places(cue), *page.places(cue.capitalize())]) for cue in cues]
    far = [cue for cue, places in both if not own & {page.block_at(at) for at in places}]
    if far and piece.claim.attribution.chain:
        yield claim_of(kind, piece, cue=rng.choice(far), target="cue")


def _hedge_made_up(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    yield claim_of(kind, piece, hedge=rng.choice(w.HEDGES), target="hedge")


def _hedge_far(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    """Yield claims with a hedge that stands in none of their sentences."""
    page = piece.page
    held = [page.document.sentence_at(spot.start) for spot in _spots(piece)]
    own = [sentence.extent for sentence in held if sentence]
    cues = [cue.text for c in page.case.gold.claims for cue in c.confidence_cues]
    far = [cue for cue in cues if not any(_holds(own, at) for at in page.places(cue))]
    if far:
        yield claim_of(kind, piece, hedge=rng.choice(far), target="hedge")


def _holds(extents: list[Extent], at: int) -> bool:
    return any(extent.start <= at < extent.end for extent in extents)


SOURCES: dict[str, tuple[str, Attribute]] = {
    "source made up": ("nobody of that name is there", _made_up),
    "source, first name changed": ("the surname is true", _altered),
    "source, two names mixed": ("one’s first name, another’s surname", _mixed),
    "source, status added": ("Former minister before a true name", _status),
    "cue made up": ("a reporting word that the article hasn’t", _cue_made_up),
    "hedge made up": ("a hedge that the article hasn’t", _hedge_made_up),
}
PLACES: dict[str, tuple[str, Attribute]] = {
    "source named much later": ("three paragraphs on at the earliest", _later),
    "source in its own words only": ("named by the quotation alone", _inside),
    "cue from elsewhere": ("from another paragraph", _cue_far),
    "hedge from elsewhere": ("from another sentence", _hedge_far),
}


# ---- what strings can't tell -------------------------------------------------------------------


def _near(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
    """Yield claims with another source of the same or a neighbouring paragraph."""
    chain = piece.claim.attribution.chain
    mine = {link.entity for link in chain}
    others = [
        span.text
        for entity in piece.page.case.gold.entities
        if entity.id not in mine
        for span in entity.mentions
        if abs(piece.page.block_at(span.start) - piece.block) <= 1
    ]
    if others:
        yield from _named(kind, piece, rng.choice(others))


def _turned_chain(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    chain = piece.claim.attribution.chain
    if len(chain) > 1 and chain[0].mention and chain[-1].mention:
        inner, outer = chain[0].mention.text, chain[-1].mention.text
        yield claim_of(kind, piece, source=inner, outer=outer, target="source")


def _two_clauses(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    """Yield the subject of one clause with the end of another of the same sentence."""
    same = [
        p
        for p in piece.page.contents
        if p.claim.sentence == piece.claim.sentence and p.extent.start >= piece.extent.end
    ]
    for other in same[:1]:
        tokens = other.words.split()
        string = f"{' '.join(piece.words.split()[:2])} ... {' '.join(tokens[len(tokens) // 2 :])}"
        yield alone(claim_of(kind, piece, content=string))


def _frame_left_out(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    """Yield what was denied, asked or left open as something that the article states."""
    if piece.claim.act in {"deny", "decline", "disclaim", "question"}:
        yield alone(claim_of(kind, piece))


def _furniture(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    gold = piece.page.case.gold
    zones = [z.span.text for z in gold.zones or [] if z.type in {"boilerplate", "date", "dateline"}]
    for line in (line.strip() for zone in zones for line in re.split(r"[\n|·]", zone)):
        if sum(ch.isalnum() for ch in line) > 2:
            yield alone(claim_of(kind, piece, content=line))


BEYOND: dict[str, tuple[str, Attribute]] = {
    "source swapped, near": ("another source of that paragraph or the next", _near),
    "chain turned round": ("the outer source as the inner one", _turned_chain),
    "ellipsis, two clauses": (
        "subject and predicate of one sentence, not of one clause",
        _two_clauses,
    ),
    "furniture": ("date, byline, buttons as a claim: kept where our zones miss them", _furniture),
    "frame left out": ("what was denied or asked, as stated", _frame_left_out),
}


def is_new(string: str, text: str) -> bool:
    """Tell whether words in this order stand nowhere in the text."""
    return letters(string) not in letters(text)
