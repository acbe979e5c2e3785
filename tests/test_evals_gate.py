"""The gate: what it lets pass, what it refuses, with which code, and what it tells a CI server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from agent.schema import Extraction
from command_runs import Sayso
from eval_samples import make_run, read_denied, read_partly, read_right, read_unsourced, write_run
from evals.form import RunFile
from evals.gold import Case, load_cases
from evals.run_file import load_run, save_run, score_run

ROOT = Path(__file__).parents[1]
GOLD = ROOT / "evals" / "gold"
MAIN = ROOT / "evals" / "runs" / "main.json"
Read = Callable[[Case], Extraction]


def read_three(case: Case) -> Extraction:
    """Return the headline and three of the four claims of an article."""
    return read_partly(case, 4)


def fail(_: Case) -> None:
    """Read nothing: the engine failed."""


def test_gate_passes_the_same_reading(sayso_eval: Sayso) -> None:
    """A run that is as good as the baseline passes, even strictly."""
    write_run("r.json", read_right)
    assert 0 == sayso_eval("gate", "r.json", "--baseline", "r.json", "--strict").code


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (read_denied, "FAIL         critical checks: a non_answer_not_denied c4"),
        (read_unsourced, "FAIL         attributed F1: 1.000 -> 0.250"),
        (read_partly, "FAIL         claim F1: 1.000 -> 0.000"),
    ],
    ids=["denied", "unsourced", "silent"],
)
def test_gate_fails_a_worse_reading(sayso_eval: Sayso, read: Read, message: str) -> None:
    """Denials made of non-answers, lost sources and lost claims end with 1."""
    write_run("good.json", read_right)
    write_run("worse.json", read)
    ran = sayso_eval("gate", "worse.json", "--baseline", "good.json")
    assert 1 == ran.code
    assert message in ran.out


def test_gate_tells_errors_from_failures(sayso_eval: Sayso) -> None:
    """Too many readings that failed end with 6: the tool broke, not the test."""
    write_run("good.json", read_right)
    write_run("failed.json", fail)
    assert 6 == sayso_eval("gate", "failed.json", "--baseline", "good.json").code


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_gate_says_when_it_cannot_tell(sayso_eval: Sayso, strict: list[str], code: int) -> None:
    """Where the interval spans the margin the gate is inconclusive; --strict makes that fail."""
    write_run("good.json", read_right)
    write_run("r.json", read_right, read_right, read_three)
    ran = sayso_eval("gate", "r.json", "--baseline", "good.json", *strict)
    assert code == ran.code
    assert "INCONCLUSIVE claim F1" in ran.out


def test_gate_judges_one_document_by_epochs(sayso_eval: Sayso) -> None:
    """With one document the epochs' spread is what is put up with."""
    case = load_cases([Path("gold/a.json")])
    loose = make_run([[read_right(case[0]), read_partly(case[0], 3)]], case)
    save_run(loose, Path("loose.json"))
    save_run(make_run([read_partly(case[0], 3)], case), Path("worse.json"))
    assert 0 == sayso_eval("gate", "worse.json", "--baseline", "loose.json").code
    save_run(make_run([read_right(case[0])], case), Path("steady.json"))
    assert 1 == sayso_eval("gate", "worse.json", "--baseline", "steady.json").code


def without_sources(file: RunFile) -> RunFile:
    """Return a run as if the reading no longer saw who speaks."""
    raw = file.model_dump(by_alias=True)
    for document in raw["documents"]:
        for claim in document["readings"][0]["record"]["claims"]:
            claim["attribution"] = {"kind": "none", "chain": []}
    return RunFile.model_validate(raw)


def test_gate_guards_the_committed_run(sayso_eval: Sayso) -> None:
    """The committed run passes against itself, and fails when its sources are taken away."""
    assert 0 == sayso_eval("gate", str(MAIN), "--baseline", str(MAIN)).code
    spoilt = score_run(without_sources(load_run(MAIN)), load_cases([GOLD]))
    save_run(spoilt, Path("spoilt.json"))
    assert 1 == sayso_eval("gate", "spoilt.json", "--baseline", str(MAIN)).code


# ---- for a CI server --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "strict", "tags"),
    [
        (read_right, [], ["", "", "", "", ""]),
        (read_three, [], ["", "", "skipped", "skipped", "skipped"]),
        (read_three, ["--strict"], ["", "", "failure", "failure", "failure"]),
        (read_denied, [], ["failure", "", "", "", "failure"]),
        (fail, [], ["", "error", "failure", "failure", "failure"]),
    ],
    ids=["right", "inconclusive", "strict", "failed", "errors"],
)
def test_gate_writes_junit(
    sayso_eval: Sayso, read: Read, strict: list[str], tags: list[str]
) -> None:
    """Each finding is a test case, and the head counts what became of them."""
    write_run("good.json", read_right)
    write_run("r.json", *([read_right, read_right, read] if read is read_three else [read]))
    sayso_eval("gate", "r.json", "--baseline", "good.json", "--junit", "gate.xml", *strict)
    (suite,) = ET.parse("gate.xml").getroot()  # noqa: S314  (we wrote it)
    names = ["critical checks", "run errors", "claim F1", "attributed F1", "tuple F1"]
    assert names == [case.get("name") for case in suite]
    assert tags == ["".join(child.tag for child in case) for case in suite]
    wanted = {"tests": 5, "failures": "failure", "errors": "error", "skipped": "skipped"}
    assert {n: tags.count(t) if isinstance(t, str) else t for n, t in wanted.items()} == {
        name: int(suite.get(name, "-1")) for name in wanted
    }


def test_gate_writes_a_summary(sayso_eval: Sayso) -> None:
    """The JSON file holds the verdict, the findings, and the headline figures of both runs."""
    write_run("good.json", read_right)
    write_run("r.json", read_unsourced)
    sayso_eval("gate", "r.json", "--baseline", "good.json", "--json", "gate.json")
    summary = json.loads(Path("gate.json").read_text("utf-8"))
    assert "fail" == summary["verdict"]
    assert ["pass", "pass", "pass", "fail", "fail"] == [f["verdict"] for f in summary["findings"]]
    figures = [summary[name]["figures"]["attributed"] for name in ("run", "baseline")]
    assert [0.25, 1.0] == figures
