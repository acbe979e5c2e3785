"""Models and prompts side by side: each run against the first one, adjusted for their number.

Source: docs/metrics.md 2.7, and the harness, 13.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evals.compare import compare_counts, pair_documents
from evals.form import HEADLINES, Estimate, RunFile
from evals.intervals import Interval, holm
from evals.words import figure, with_interval


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one run. difference: to the first run, None for that run itself.

    p_holm: adjusted for all cells of the table together.
    """

    run: str
    name: str
    estimate: Estimate
    difference: Interval | None
    p_holm: float | None = None


def tabulate(runs: Mapping[str, RunFile]) -> list[Cell]:
    """Return the headline figures of some runs, by their names; the first one is the baseline.

    Raises:
        ConfigError: the runs aren't over the same gold, or weren't scored alike.
    """
    first, *others = runs
    cells = [_cell(name, first, runs[first], None) for name in HEADLINES]
    for other in others:
        pairs = pair_documents(runs[first], runs[other])
        cells += [
            _cell(name, other, runs[other], compare_counts(name, pairs).difference)
            for name in HEADLINES
        ]
    known = [i for i, cell in enumerate(cells) if cell.difference and cell.difference.p is not None]
    adjusted = holm([_p(cells[i]) for i in known])
    for i, p in zip(known, adjusted, strict=True):
        cells[i] = replace(cells[i], p_holm=p)
    return cells


def _cell(name: str, run: str, file: RunFile, difference: Interval | None) -> Cell:
    assert file.figures is not None  # noqa: S101  (pair_documents refuses a run without)
    return Cell(run, name, file.figures.strict.counts[name].f1, difference)


def _p(cell: Cell) -> float:
    return cell.difference.p if cell.difference and cell.difference.p is not None else 1.0


def describe_table(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield the table, one part for each figure."""
    width = max(len(cell.run) for cell in cells) + 2
    for name in HEADLINES:
        head = f"{name} F1, 95 % interval"
        yield f"{'':{width}}{head:28}{'to first':>9}   {'95 % interval':20}{'p':>8}{'p Holm':>8}"
        for cell in cells:
            if cell.name == name:
                yield f"{cell.run:{width}}{with_interval(cell.estimate):28}{_say(cell)}".rstrip()
        yield ""


def _say(cell: Cell) -> str:
    """Return how a run differs from the first one, "" for that one itself."""
    d = cell.difference
    if d is None:
        return ""
    ends = "n/a" if d.low is None else f"[{figure(d.low)}, {figure(d.high)}]"
    return f"{figure(d.value):>9}   {ends:20}{figure(d.p):>8}{figure(cell.p_holm):>8}"
