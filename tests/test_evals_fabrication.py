"""Spoilt and true replies on the grounding gate, and the counting of them (evals/fabrication)."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from evals.fabrication.gate import Outcome, answer
from evals.fabrication.generate import GROUPS, generate, kinds
from evals.fabrication.tally import Failure, Row, describe, is_passed, tally
from evals.fabrication.trials import Page, Trial, letters, read_pages
from evals.gold import load_cases

GOLD = Path(__file__).parents[1] / "evals" / "gold"
EACH = 8


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    """Return our gold articles."""
    return read_pages(load_cases([GOLD]))


@pytest.fixture(scope="module")
def trials(pages: list[Page]) -> list[Trial]:
    """Return a few trials of each kind."""
    return generate(pages, each=EACH)


@pytest.fixture(scope="module")
def outcomes(trials: list[Trial]) -> list[tuple[Trial, Outcome]]:
    """Return what our gate makes of them."""
    return [(trial, answer(trial)) for trial in trials]


GROUP = {kind.name: kind.group for kind in kinds()}


def test_there_are_kinds_enough() -> None:
    """At least twenty ways to spoil a reply and twenty to redress one, each with its own name."""
    groups = Counter(GROUP.values())
    assert len(kinds()) == len(GROUP)
    assert groups["fabricated"] >= 20
    assert groups["true"] >= 20


def test_trials_are_the_same_each_time(pages: list[Page], trials: list[Trial]) -> None:
    """One seed gives one set of trials; another seed another one."""
    assert trials == generate(pages, each=EACH)
    assert trials != generate(pages, each=EACH, seed=1)


def test_every_kind_is_tried(trials: list[Trial]) -> None:
    """No kind is empty, and none has more trials than were asked for."""
    tried = Counter(trial.kind for trial in trials)
    assert GROUP.keys() == tried.keys()
    assert max(tried.values()) == EACH


def test_nothing_fabricated_is_accepted(outcomes: list[tuple[Trial, Outcome]]) -> None:
    """Not under any flag: no spoilt string comes back as found."""
    spoilt = [pair for pair in outcomes if GROUP[pair[0].kind] == "fabricated"]
    assert [] == [(t.kind, t.string, o.found) for t, o in spoilt if o.found]


def test_hardly_anything_true_is_lost(outcomes: list[tuple[Trial, Outcome]]) -> None:
    """At most one in a hundred true strings in other dress isn't found in its own words."""
    true = [pair for pair in outcomes if GROUP[pair[0].kind] == "true"]
    lost = [(t.kind, t.string, o.flag) for t, o in true if not o.keeps(t)]
    assert len(lost) <= 0.01 * len(true), lost


def test_other_dress_is_always_told(outcomes: list[tuple[Trial, Outcome]]) -> None:
    """What isn't the article's character by character has another flag, and differences."""
    found = [(t, o) for t, o in outcomes if o.found and t.target == "content"]
    same = [t.string.strip() == o.found for t, o in found]
    assert same == [outcome.flag == "exact" for _, outcome in found]
    assert same == [not outcome.differences for _, outcome in found]


@pytest.mark.parametrize("kind", ["source swapped, near", "frame left out"])
def test_gate_does_not_pretend_to_judge_attribution(
    kind: str, outcomes: list[tuple[Trial, Outcome]]
) -> None:
    """A wrong speaker who stands nearby passes: that is no matter of strings, and is counted."""
    assert all(outcome.found for trial, outcome in outcomes if trial.kind == kind)


def test_a_leaky_gate_is_found_out(
    trials: list[Trial], outcomes: list[tuple[Trial, Outcome]]
) -> None:
    """One that accepts by likeness fails, one that rejects all fails, ours passes."""
    for leaky in (lambda t: Outcome(t.string, "exact"), lambda _: Outcome("", "none")):
        assert not is_passed(tally(trials, leaky))
    ours = {id(trial): outcome for trial, outcome in outcomes}
    tables = tally(trials, lambda trial: ours[id(trial)])
    assert is_passed(tables)
    assert GROUPS.keys() == tables.keys()


def test_rows_add_up(trials: list[Trial]) -> None:
    """Each table ends with the sum of its rows, and every trial is in one row."""
    tables = tally(trials, lambda trial: Outcome("", "none"))
    assert len(trials) == sum(rows[-1].tried for rows in tables.values())
    for rows in tables.values():
        assert rows[-1].tried == sum(row.tried for row in rows[:-1])
    assert 0 == len(tables["fabricated"][-1].failures)
    assert tables["true"][-1].tried == len(tables["true"][-1].failures)
    lines = list(describe(tables, failures=1))
    assert 4 == sum(line.startswith("### ") for line in lines)
    assert any("gave 'nothing' (none)" in line for line in lines)


@pytest.mark.parametrize(
    ("low", "high", "failed", "tried"),
    [(0.0, 0.0713, 0, 50), (0.0035, 0.1050, 1, 50), (0.9287, 1.0, 50, 50), (0.0, 1.0, 0, 0)],
)
def test_interval_is_wilsons(low: float, high: float, failed: int, tried: int) -> None:
    """The score interval without continuity correction: 0 of 50 is at most 7.1 %."""
    failure = Failure(Trial("kind", "document", "text", "content"), Outcome("", ""))
    row = Row("", "", tried, [failure] * failed)
    assert (low, high) == pytest.approx(row.interval, abs=1e-4)


@pytest.mark.parametrize(
    ("kept", "found", "truth"),
    [
        (True, "“It’s on,” he said", "It's on, he said."),
        (True, "co\u00adop", "coop"),
        (False, "It is on", "It’s on"),
        (False, "", "It"),
    ],
)
def test_kept_is_judged_by_the_words(kept: bool, found: str, truth: str) -> None:
    """Marks and blanks don't matter, any letter does, and nothing is never kept."""
    trial = replace(Trial("kind", "document", "text", "content"), truth=truth)
    assert kept == Outcome(found, "exact").keeps(trial)
    assert letters(truth).strip()


def test_command_fails_where_the_gate_leaks(tmp_path: Path) -> None:
    """`sayso eval fabricate` prints the four tables and ends with 0 for our gate."""
    command = [sys.executable, "-m", "evals", "fabricate", str(GOLD / "ferry.json"), "--each", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    assert 4 == done.stdout.count("| **all** |")
