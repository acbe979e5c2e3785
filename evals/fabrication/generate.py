"""All trials of all kinds over some gold articles: the same for the same gold, seed and number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from typing import Literal

from agent.files import load_prompts
from agent.schema import DocumentDraft
from evals.fabrication.cuts import CUTS
from evals.fabrication.dress import CONTENTS, UNDECLARED, WHOLE, Dress
from evals.fabrication.sources import BEYOND, PLACES, SOURCES, alone, claim_of, is_new
from evals.fabrication.spoilt import SPOILT, Spoil
from evals.fabrication.trials import Page, Piece, Trial

SEED = 20251124
EACH = 50

Group = Literal["fabricated", "true", "beyond strings", "undeclared"]
GROUPS: dict[Group, str] = {
    "fabricated": "Fabricated: none may come back as found",
    "true": "True, in other dress: all should be found",
    "beyond strings": "Not a matter of strings: each word stands where it may be meant",
    "undeclared": "True, in a dress that isn't declared: refused by design",
}
Make = Callable[[str, Piece, Random], Iterator[Trial]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to spoil or dress a claim.

    alone: the string alone is judged, not where it stands. contents: only gold's own contents will
    do, and no sentences, which hold source and cue too.
    """

    name: str
    group: Group
    says: str
    make: Make
    alone: bool = True
    contents: bool = False


def kinds() -> list[Kind]:
    """Return all kinds, in the order in which they're reported."""
    return [
        *(Kind(n, "fabricated", says, _spoil(f, new=True)) for n, (says, f) in SPOILT.items()),
        Kind("examples’ words", "fabricated", "what the prompt's examples claim", _of_examples),
        *(
            Kind(n, "fabricated", says, _spoil(f), n != "into furniture", n.endswith("a hedge"))
            for n, (says, f) in CUTS.items()
        ),
        *(Kind(n, "fabricated", says, make, contents=True) for n, (says, make) in SOURCES.items()),
        *(Kind(n, "fabricated", says, make, False, True) for n, (says, make) in PLACES.items()),
        *(Kind(n, "true", says, _dress(f)) for n, (says, f) in CONTENTS.items()),
        *(Kind(n, "true", says, make, contents=True) for n, (says, make) in WHOLE.items()),
        *(Kind(n, "beyond strings", says, make, False, True) for n, (says, make) in BEYOND.items()),
        *(Kind(n, "undeclared", says, _dress(f)) for n, (says, f) in UNDECLARED.items()),
    ]


def generate(pages: Sequence[Page], *, each: int = EACH, seed: int = SEED) -> list[Trial]:
    """Return up to so many trials of each kind; fewer where the articles give no more."""
    return [trial for kind in kinds() for trial in _of_kind(kind, pages, each, seed)]


def _of_kind(kind: Kind, pages: Sequence[Page], each: int, seed: int) -> list[Trial]:
    """Return trials of a kind: contents first, then whole sentences, drawn from all articles."""
    rng = Random(f"{seed} {kind.name}")  # noqa: S311 - a drawing, no secret
    found: dict[tuple[str, ...], Trial] = {}
    whole = [] if kind.contents else [p.sentences for p in pages]
    for pieces in ([p.contents for p in pages], whole):
        drawn = list(chain.from_iterable(pieces))
        rng.shuffle(drawn)
        for piece in drawn:
            for trial in kind.make(kind.name, piece, rng):
                found.setdefault((trial.document, trial.string, trial.source, trial.content), trial)
            if len(found) >= 4 * each:
                break
        if len(found) >= each:
            break
    trials = list(found.values())
    return trials if len(trials) <= each else rng.sample(trials, each)


def _spoil(spoil: Spoil, *, new: bool = False) -> Make:
    """Return trials of spoilt contents. new: only words in an order that stands nowhere."""

    def make(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
        for string in spoil(piece, rng):
            text = piece.page.text
            if string.strip() and (not new or is_new(string, text)):
                yield alone(claim_of(kind, piece, content=string))

    return make


def _dress(dress: Dress) -> Make:
    def make(kind: str, piece: Piece, rng: Random) -> Iterator[Trial]:
        for string, truth in dress(piece, rng):
            yield alone(claim_of(kind, piece, content=string, truth=truth))

    return make


def _of_examples(kind: str, piece: Piece, _rng: Random) -> Iterator[Trial]:
    for example in load_prompts()["claims"].examples:
        for claim in DocumentDraft.model_validate_json(example.answer).claims:
            if is_new(claim.content, piece.page.text):
                yield alone(claim_of(kind, piece, content=claim.content))
