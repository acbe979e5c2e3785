"""Our gate, as the document way uses it: a trial is answered as a model's reply would be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from agent.difference import differences
from agent.document import Document, Extent
from agent.ground import Finder, Grounded, ground
from agent.listed import as_finding
from agent.schema import ClaimDraft, Difference, SourceDraft, Span
from evals.fabrication.trials import Trial, as_document, letters


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the string that was tried. found: the words that came back for it, or "".

    flag: how they were found, in the words of whoever found them; the reason where they weren't.
    differences: between the string and the words, as a reader can be told.
    """

    found: str
    flag: str
    differences: tuple[Difference, ...] = ()

    def keeps(self, trial: Trial) -> bool:
        """Tell whether the words that came back are those that the string stands for."""
        return bool(self.found) and letters(self.found) == letters(trial.truth)


def answer(trial: Trial) -> Outcome:
    """Return what our gate makes of a trial."""
    document, finder = _prepared(trial.text)
    claim = _draft(trial)
    options = finder.options(claim.content, content=True)
    place = Extent(options[0][0].start, options[0][-1].end) if options else None
    finding = as_finding(finder, [], claim, place, Extent(0, len(trial.text)))
    kept, rejected = ground([finding], document)
    if not kept:
        return Outcome("", rejected[0].reason)
    spans = _spans(kept[0], trial)
    if not spans:
        return Outcome("", "left out")
    hull = trial.text[spans[0].start : spans[-1].end]
    flag = max((span.match for span in spans), key=_RANK.index)
    return Outcome(hull, flag, differences(trial.string, spans, trial.text))


_RANK = ["exact", "normalised", "edited", "elided"]


@lru_cache(maxsize=64)
def _prepared(text: str) -> tuple[Document, Finder]:
    document = as_document(text)
    return document, Finder(document)


def _draft(trial: Trial) -> ClaimDraft:
    """Return the trial as a model would send it."""
    outer = [SourceDraft(name=trial.outer, cue="")] if trial.outer else []
    inner = [SourceDraft(name=trial.source, cue=trial.cue)] if trial.source or trial.cue else []
    return ClaimDraft(
        content=trial.content,
        sources=outer + inner,
        act="assert",
        polarity="positive",
        confidence="certain",
        hedge=trial.hedge,
    )


def _spans(grounded: Grounded, trial: Trial) -> list[Span]:
    """Return where the string that was tried came to lie, [] for nowhere."""
    if trial.target == "content":
        return list(grounded.content)
    if trial.target == "hedge":
        return list(grounded.confidence_cues)
    inner = grounded.chain[-1]
    place = inner.mention if trial.target == "source" else inner.cue
    return [place] if place else []
