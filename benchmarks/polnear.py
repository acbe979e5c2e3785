"""Attributions scored against PolNeAR, which people annotated in US political news.

The corpus: https://github.com/networkdynamics/PolNeAR (Newell, Margolin, Ruths 2018). It isn't ours
and lies elsewhere: FOLDER is one of its parts (data/dev, data/test), with `text/NAME.txt` and
`attributions/NAME_ANNOTATOR.ann`.

    python benchmarks/polnear.py FOLDER [--without-model]

An attribution is a source, a cue and a content, in pieces. One is found where the contents'
letters have a Dice of .5 or more, one to one (docs/metrics.md 2.2); *full* where those of the
sources have too. PolNeAR also counts what people do about things (votes, plans, support), which
aren't claims by our guidelines (evals/gold/README.md): recall can't come near 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from agent.api import open_document
from agent.document import Article
from agent.engine import Engine
from agent.engines import build_engine
from agent.engines.scripted import ScriptedEngine
from agent.extract import Resources, extract
from agent.files import load_resources
from agent.schema import Claim, Link, Span
from agent.settings import load_settings
from evals.align import assign, dice
from evals.figures import Rate
from evals.intervals import ratio_interval

Letters = frozenset[int]


@dataclass(frozen=True, slots=True)
class Attribution:
    """The letters of a content and of its source; no source where none is named."""

    content: Letters
    source: Letters | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one article: found in gold and prediction, with the right source, predicted, in gold."""

    found: int
    full: int
    predicted: int
    gold: int


def letters(text: str, places: Sequence[tuple[int, int]]) -> Letters:
    """Return where the letters and digits of some stretches are."""
    return frozenset(i for start, end in places for i in range(start, end) if text[i].isalnum())


def read_ann(text: str, ann: str) -> list[Attribution]:
    """Return the attributions of a brat file: lines T (a stretch in pieces) and E (an event)."""
    places: dict[str, list[tuple[int, int]]] = {}
    found: list[Attribution] = []
    events: list[dict[str, list[tuple[int, int]]]] = []
    for line in ann.splitlines():
        key, _, rest = line.partition("\t")
        if key.startswith("T"):
            spread = rest.partition("\t")[0].partition(" ")[2]
            pieces = [piece.split(" ") for piece in spread.split(";")]
            places[key] = [(int(start), int(end)) for start, end in pieces]
        elif key.startswith("E"):
            roles: dict[str, list[tuple[int, int]]] = {}
            for part in rest.split():
                role, _, target = part.partition(":")
                roles.setdefault(role.rstrip("0123456789"), []).extend(places[target])
            events.append(roles)
    for roles in events:
        if roles.get("Content"):
            source = letters(text, roles["Source"]) if roles.get("Source") else None
            found.append(Attribution(letters(text, roles["Content"]), source))
    return found


def attributions(text: str, claims: Sequence[Claim]) -> list[Attribution]:
    """Return the record's attributions: claims of one innermost cue are one."""
    attributed = [claim for claim in claims if claim.attribution.chain]
    ordered = sorted(attributed, key=_cue)
    found = []
    for _, group in groupby(ordered, key=_cue):
        members = list(group)
        content = [span for claim in members for span in claim.content]
        mention = _innermost(members[0]).mention
        source = _letters(text, [mention]) if mention else None
        found.append(Attribution(_letters(text, content), source))
    return found


def _innermost(claim: Claim) -> Link:
    return claim.attribution.chain[-1]


def _cue(claim: Claim) -> tuple[int, str]:
    cue = _innermost(claim).cue
    return (cue.start, "") if cue else (-1, claim.split_group or claim.id)


def _letters(text: str, spans: Sequence[Span]) -> Letters:
    return letters(text, [(span.start, span.end) for span in spans])


def compare(predicted: Sequence[Attribution], gold: Sequence[Attribution]) -> Counts:
    """Return the counts of one article."""
    weights = np.array([[_weigh(p, g) for g in gold] for p in predicted])
    pairs = assign(weights) if weights.size else []
    full = sum(_same(predicted[i].source, gold[j].source) for i, j in pairs)
    return Counts(len(pairs), full, len(predicted), len(gold))


def _weigh(p: Attribution, g: Attribution) -> float:
    overlap = dice(p.content, g.content)
    return overlap + 0.01 * _same(p.source, g.source) if overlap >= 0.5 else 0.0


def _same(one: Letters | None, other: Letters | None) -> bool:
    if one is None or other is None:
        return one is other
    return dice(one, other) >= 0.5


def score(folder: Path, resources: Resources, engine: Engine) -> Iterator[tuple[str, Counts]]:
    """Yield the counts of each article; where several people annotated it, the first one's."""
    for path in sorted((folder / "text").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        notes = sorted((folder / "attributions").glob(f"{path.stem}_*.ann"))
        if not notes:
            continue
        document = open_document(Article(text, id=path.stem), force=True)
        claims = extract(document, resources, engine).claims
        gold = read_ann(text, notes[0].read_text(encoding="utf-8"))
        yield path.stem, compare(attributions(text, claims), gold)


def report(counts: Sequence[Counts]) -> Iterator[str]:
    """Yield the figures over all articles, with intervals by article."""
    figures = {
        "precision": [Rate(c.found, c.predicted) for c in counts],
        "recall": [Rate(c.found, c.gold) for c in counts],
        "F1": [Rate(2 * c.found, c.predicted + c.gold) for c in counts],
        "full F1": [Rate(2 * c.full, c.predicted + c.gold) for c in counts],
    }
    predicted, gold = sum(c.predicted for c in counts), sum(c.gold for c in counts)
    yield f"{len(counts)} articles, {gold} attributions, {predicted} predicted"
    for name, rates in figures.items():
        one = ratio_interval(rates)
        ends = "" if one.low is None or one.high is None else f" [{one.low:.3f}, {one.high:.3f}]"
        yield f"{name:10} {one.value or 0:.3f}{ends}"


def main() -> None:
    """Print the figures of a part of the corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without-model", action="store_true", help="tree and rules alone")
    options = parser.parse_args()
    settings = load_settings()
    resources = load_resources(settings)
    if options.without_model:
        counts = list(score(options.folder, resources, ScriptedEngine(lambda _: "none")))
    else:
        with build_engine(settings) as engine:
            counts = list(score(options.folder, resources, engine))
    if not counts:
        sys.exit(f"{options.folder}: no text/*.txt with attributions/*.ann")
    for name, one in counts:
        print(f"{name[:50]:51} found {one.found:3} full {one.full:3} of {one.gold:3}")  # noqa: T201
    print("\n".join(report([one for _, one in counts])))  # noqa: T201


if __name__ == "__main__":
    main()
