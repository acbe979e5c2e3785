"""A history of runs: a JSON line each, and the line that their headline figures draw over time.

Figures are one line only where gold and scoring code are the same: a row with others is shown,
and left out of the trend. Source: docs/metrics.md, the harness, 17.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from agent.errors import ConfigError
from evals.form import HEADLINES, KAPPA, Form, PromptUse, RunFile
from evals.words import figure

BARS = "▁▂▃▄▅▆▇█"


class Entry(Form):
    """One run in the history. figures: the headline F1s and kappa of confidence."""

    run_id: str
    created: str
    commit: str | None
    dirty: bool | None
    models: list[str]
    reading: str | None
    prompts: list[PromptUse]
    gold: str
    metrics: str
    documents: int
    figures: dict[str, float | None]

    @property
    def basis(self) -> tuple[str, str]:
        """What must be equal for figures to be comparable."""
        return self.gold, self.metrics


def describe_run(run: RunFile) -> Entry:
    """Return what the history keeps of a run.

    Raises:
        ConfigError: the run isn't scored.
    """
    m = run.manifest
    if run.figures is None:
        raise ConfigError(f"run {m.run_id} isn't scored yet: `sayso eval score` does it")
    strict = run.figures.strict
    figures = {name: strict.counts[name].f1.value for name in HEADLINES}
    return Entry(
        run_id=m.run_id,
        created=m.created,
        commit=m.commit,
        dirty=m.dirty,
        models=m.models,
        reading=m.reading,
        prompts=m.prompts,
        gold=m.hashes.gold,
        metrics=m.hashes.metrics,
        documents=len(run.documents),
        figures={**figures, KAPPA: strict.fields["confidence"].kappa.value},
    )


def load_history(path: Path, *, new: bool) -> list[Entry]:
    """Return the entries of a history file, the oldest first. new: it needn't exist.

    Raises:
        ConfigError: it can't be read, has no entry, or a line is none.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"can't read the history {path}: {error}") from error
    if not lines and not new:
        raise ConfigError(f"there's no history in {path}: name runs to add to it")
    entries = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append(Entry.model_validate_json(line))
        except ValidationError as error:
            raise ConfigError(
                f"{path}, line {number}, is no entry of a history: mend or remove it"
            ) from error
    return entries


def add_runs(entries: Sequence[Entry], runs: Sequence[RunFile]) -> list[Entry]:
    """Return the history with some runs added, by time; one that is there stays as it is."""
    known = {(entry.run_id, entry.basis) for entry in entries}
    new = [entry for run in runs if ((entry := describe_run(run)).run_id, entry.basis) not in known]
    return sorted([*entries, *new], key=lambda entry: entry.created)


def write_history(entries: Sequence[Entry]) -> str:
    """Return the text of a history file."""
    return "".join(f"{entry.model_dump_json()}\n" for entry in entries)


# ---- for people -------------------------------------------------------------------------------


def describe_history(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield a row for each run, then the trend of those that are comparable with the last."""
    names = (*HEADLINES, KAPPA)
    heads = "".join(f"{name:>18}" for name in names)
    yield f"  {'run':26}{'commit':14}{'docs':>5}{heads}  model"
    for entry in entries:
        mark = " " if entry.basis == entries[-1].basis else "*"
        commit = (entry.commit or "none")[:12] + "+" * bool(entry.dirty)
        cells = "".join(f"{figure(entry.figures.get(name)):>18}" for name in names)
        models = ", ".join(entry.models) or "none"
        yield f"{mark} {entry.created:26}{commit:14}{entry.documents:5}{cells}  {models}"
    alike = [entry for entry in entries if entry.basis == entries[-1].basis]
    lines = "".join(f"{draw_trend([e.figures.get(n) for e in alike[-16:]]):>18}" for n in names)
    yield f"  {'trend':45}{lines}"
    if len(alike) < len(entries):
        yield "* other gold or scoring code: not comparable with the last run, not in the trend"


def draw_trend(values: Sequence[float | None]) -> str:
    """Return values as bars, from the lowest to the highest of them; a gap for none.

    >>> draw_trend([0.5, None, 0.6, 0.7])
    '▁ ▅█'
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, reach = min(known), max(known) - min(known)
    steps = len(BARS) - 1

    def bar(value: float) -> str:
        return BARS[round((value - low) / reach * steps) if reach else steps]

    return "".join(" " if value is None else bar(value) for value in values)
