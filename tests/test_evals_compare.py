"""Two runs and more: exact-match tests, the table of a matrix, the history and its trend."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_runs import Sayso
from eval_samples import (
    GOOD,
    INVENTED,
    Record,
    answer,
    make_run,
    read_denied,
    read_partly,
    read_right,
    read_unsourced,
    write_run,
)
from evals.compare import compare
from evals.form import HEADLINES, RunFile
from evals.gold import Case, load_cases
from evals.history import add_runs, draw_trend
from evals.intervals import holm
from evals.matrix import tabulate
from evals.run_file import save_run
from lying_server import LyingServer


@pytest.fixture
def cases(eval_home: Path) -> list[Case]:
    """Return the three articles in ./gold."""
    return load_cases([eval_home / "gold"])


def run_of(cases: list[Case], read: Callable[[Case], Record] = read_right, **more: Any) -> RunFile:
    """Return a run that reads every article in one way."""
    return make_run([read(case) for case in cases], cases, **more)


# ---- two runs ---------------------------------------------------------------------------------


def test_tallies_count_claims_and_test_documents(cases: list[Case]) -> None:
    """Each claim that newly fails is counted; its p comes from documents, here three alike."""
    found = compare(run_of(cases), run_of(cases, read_unsourced))
    tallies = {t.what: (t.gained, t.lost) for t in found.tallies}
    assert {"found": (0, 0), "attributed": (0, 9), "full": (0, 9)} == tallies
    by_what = {t.what: t.p for t in found.tallies}
    assert 1.0 == by_what["found"]
    assert by_what["attributed"] == pytest.approx(2 / 2**3, abs=0.03)  # all signs alike


def test_tallies_have_no_p_for_one_document(cases: list[Case]) -> None:
    """With one document nothing can be said about others."""
    found = compare(run_of(cases[:1]), run_of(cases[:1], read_denied))
    assert [None] * 3 == [tally.p for tally in found.tallies]


# ---- the matrix -------------------------------------------------------------------------------


def read_last_short(case: Case) -> Record:
    """Return the right reading of an article, and of c half of it."""
    return read_partly(case, 3) if case.id == "c" else read_right(case)


def test_table_is_adjusted_for_all_its_cells(cases: list[Case]) -> None:
    """Every run is set beside the first, and Holm's correction covers the whole table."""
    first = run_of(cases, read_last_short)
    cells = tabulate({"x": first, "y": run_of(cases), "z": run_of(cases, read_denied)})
    assert [(run, name) for run in "xyz" for name in HEADLINES] == [(c.run, c.name) for c in cells]
    assert [None] * 3 == [cell.difference for cell in cells[:3]]
    raw = [cell.difference.p for cell in cells[3:] if cell.difference]
    assert holm([p or 0 for p in raw]) == [cell.p_holm for cell in cells[3:]]
    assert all((cell.p_holm or 0) >= (p or 0) for cell, p in zip(cells[3:], raw, strict=True))
    same = compare(first, run_of(cases)).changes[0].difference
    assert same == cells[3].difference


def test_compare_takes_more_than_two(sayso_eval: Sayso) -> None:
    """Several runs give a table, each against the first."""
    write_run("a.json", read_right)
    write_run("b.json", read_denied)
    write_run("c.json", read_unsourced)
    ran = sayso_eval("compare", "a.json", "b.json", "c.json")
    assert 0 == ran.code
    rows = [line.split()[0] for line in ran.out.splitlines() if ".json" in line]
    assert ["a.json", "b.json", "c.json"] * 3 == rows
    assert "−.750" in ran.out


def test_matrix_runs_models_and_compares(sayso_eval: Sayso) -> None:
    """Each model is run and kept, the table shows both, and a second time nobody is asked."""
    with LyingServer(*[answer(GOOD)] * 3, answer(INVENTED)) as server:
        options = ["-m", "large", "-m", "small", "--base-url", server.base_url, "-o", "out/runs"]
        ran = sayso_eval("matrix", "gold", *options)
        again = sayso_eval("matrix", "gold", *options)
        assert 6 == len(server.requests)
    assert (0, 0) == (ran.code, again.code)
    assert ran.out == again.out
    kept = {path.name for path in Path("out/runs").iterdir()}
    assert {f"{m}{end}" for m in ("large", "small") for end in (".json", ".replies.jsonl")} == kept
    claim = ran.out.split("\n\n")[0].splitlines()
    assert "claim F1" in claim[0]
    assert ["large", "small"] == [line.split()[0] for line in claim[1:]]
    assert "1.000 [1.000, 1.000]" in claim[1]
    assert ".667 [.667, .667]" in claim[2]


def test_matrix_refuses_two_of_one_name(sayso_eval: Sayso) -> None:
    """Runs that would overwrite each other aren't begun."""
    models = ["-m", "one/m.gguf", "-m", "two/m.gguf"]
    ran = sayso_eval("matrix", "gold", *models, "-o", "runs")
    assert (2, "") == (ran.code, ran.out)
    assert "two models or folders of prompts have one name" in ran.err


# ---- the history ------------------------------------------------------------------------------


def test_history_grows_and_shows_the_trend(sayso_eval: Sayso) -> None:
    """Runs are added once, by time; the line goes from the lowest to the highest figure."""
    for day, read in enumerate((read_partly, read_unsourced, read_right), 1):
        created = f"2025-01-0{day}T00:00:00+00:00"
        write_run(f"{day}.json", read, run_id=f"r{day}", created=created)
    sayso_eval("history", "h.jsonl", "3.json", "1.json")
    ran = sayso_eval("history", "h.jsonl", "2.json", "1.json")
    lines = [json.loads(line) for line in Path("h.jsonl").read_text("utf-8").splitlines()]
    assert ["r1", "r2", "r3"] == [line["run_id"] for line in lines]
    assert [0.0, 0.25, 1.0] == [line["figures"]["attributed"] for line in lines]
    trend = ran.out.splitlines()[-1].split()
    assert ["trend", "▁██", "▁▃█", "▁▃█"] == trend[:4]
    assert ran.out == sayso_eval("history", "h.jsonl").out


def test_history_leaves_other_gold_out_of_the_trend(cases: list[Case], sayso_eval: Sayso) -> None:
    """A run by other gold is marked, and isn't in the line."""
    old = run_of(cases, read_partly, run_id="old", created="2024-01-01T00:00:00+00:00")
    hashes = old.manifest.hashes.model_copy(update={"gold": "other"})
    manifest = old.manifest.model_copy(update={"hashes": hashes})
    save_run(old.model_copy(update={"manifest": manifest}), Path("old.json"))
    write_run("new.json", read_right)
    ran = sayso_eval("history", "h.jsonl", "old.json", "new.json")
    rows = ran.out.splitlines()
    assert ["*", " "] == [row[0] for row in rows[1:3]]
    assert ["trend", "█", "█", "█", "█"] == rows[3].split()
    assert rows[4].startswith("* other gold or scoring code")


def test_rescored_run_is_another_entry(cases: list[Case]) -> None:
    """The same run under other metrics is added, under the same ones it isn't."""
    run = run_of(cases)
    hashes = run.manifest.hashes.model_copy(update={"metrics": "new"})
    again = run.model_copy(update={"manifest": run.manifest.model_copy(update={"hashes": hashes})})
    assert 1 == len(add_runs(add_runs([], [run]), [run]))
    assert 2 == len(add_runs(add_runs([], [run]), [again]))


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there's no history in h.jsonl"), ("{}\n", "h.jsonl, line 1, is no entry")],
)
def test_bad_history_ends_with_2(sayso_eval: Sayso, content: str | None, message: str) -> None:
    """A history that isn't there or isn't one is refused with its place."""
    if content is not None:
        Path("h.jsonl").write_text(content, encoding="utf-8")
    ran = sayso_eval("history", "h.jsonl")
    assert (2, "") == (ran.code, ran.out)
    assert message in ran.err


@pytest.mark.parametrize(
    ("expected", "values"),
    [("", []), ("", [None]), ("█", [0.5]), ("██", [0.5, 0.5]), ("▁ █", [0.0, None, 1.0])],
)
def test_trend_of_few_values(expected: str, values: list[float | None]) -> None:
    """One value, equal values and gaps are drawn without dividing by nothing."""
    assert expected == draw_trend(values)
