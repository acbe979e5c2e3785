"""What became of the trials, by kind and over all of a group, with intervals.

The intervals are Wilson's and take trials as independent, which trials of one article aren't
quite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scipy.stats import binomtest  # type: ignore[import-untyped]

from evals.fabrication.gate import Outcome
from evals.fabrication.generate import GROUPS, Group, Kind, kinds
from evals.fabrication.trials import Trial

SPOILT: frozenset[Group] = frozenset({"fabricated", "beyond strings"})
MOST_LOST = 0.01  # of true words in other dress


@dataclass(frozen=True, slots=True)
class Failure:
    """A trial that went wrong: accepted where it's spoilt, lost where it's true."""

    trial: Trial
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """The trials of a kind or group. flags: how the ones that were found were found."""

    name: str
    says: str
    tried: int
    failures: list[Failure]
    flags: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """The share that went wrong."""
        return len(self.failures) / self.tried if self.tried else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the rate."""
        if not self.tried:
            return 0.0, 1.0
        found = binomtest(len(self.failures), self.tried).proportion_ci(method="wilson")
        return float(found.low), float(found.high)


def tally(trials: Sequence[Trial], answer: Callable[[Trial], Outcome]) -> dict[Group, list[Row]]:
    """Return the rows of each group's kinds, the whole group's last."""
    outcomes = [(trial, answer(trial)) for trial in trials]
    tables: dict[Group, list[Row]] = {}
    for group in GROUPS:
        rows = [
            _row(kind, [pair for pair in outcomes if pair[0].kind == kind.name])
            for kind in kinds()
            if kind.group == group
        ]
        tables[group] = [*rows, total(rows)]
    return tables


def _row(kind: Kind, outcomes: Iterable[tuple[Trial, Outcome]]) -> Row:
    pairs = list(outcomes)
    failures = [Failure(t, o) for t, o in pairs if _fails(kind.group, t, o)]
    flags = Counter(outcome.flag for _, outcome in pairs if outcome.found)
    return Row(kind.name, kind.says, len(pairs), failures, flags)


def _fails(group: Group, trial: Trial, outcome: Outcome) -> bool:
    return bool(outcome.found) if group in SPOILT else not outcome.keeps(trial)


def total(rows: Sequence[Row]) -> Row:
    """Return all rows as one."""
    failures = [failure for row in rows for failure in row.failures]
    flags = sum((row.flags for row in rows), Counter[str]())
    return Row("all", "", sum(row.tried for row in rows), failures, flags)


def is_passed(tables: dict[Group, list[Row]]) -> bool:
    """Tell whether nothing fabricated was accepted, and hardly anything true lost."""
    return not tables["fabricated"][-1].failures and tables["true"][-1].rate <= MOST_LOST


def describe(tables: dict[Group, list[Row]], *, failures: int = 0) -> Iterator[str]:
    """Yield the tables as Markdown. failures: how many of each kind are shown after its row."""
    for group, rows in tables.items():
        went = "accepted" if group in SPOILT else "lost"
        yield from (f"### {GROUPS[group]}", "")
        yield from (f"| kind | tried | {went} | 95 % |", "|---|---|---|---|")
        for row in rows:
            yield f"| {_named(row)} | {row.tried} | {len(row.failures)} | {_interval(row)} |"
        yield ""
        for row in rows[:-1]:
            for failure in row.failures[:failures]:
                trial, outcome = failure.trial, failure.outcome
                came = outcome.found or "nothing"
                yield (
                    f"- {row.name}, {trial.document}: {trial.string!r} gave {came!r} "
                    f"({outcome.flag})"
                )


def _named(row: Row) -> str:
    return f"{row.name}: {row.says}" if row.says else f"**{row.name}**"


def _interval(row: Row) -> str:
    low, high = row.interval
    return f"{row.rate:.1%} [{low:.1%}, {high:.1%}]"
