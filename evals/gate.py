"""The gate: is a run good enough beside a baseline? And its answer for a CI server.

Source: docs/metrics.md, the harness, 7 and 17.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Literal
from xml.etree import ElementTree as ET

from agent.wording import plain
from evals.compare import compare_counts, pair_documents
from evals.form import HEADLINES, RunDocument, RunFile
from evals.history import describe_run

Verdict = Literal["pass", "fail", "inconclusive", "errors"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate says about one thing. detail: why, for a person."""

    name: str
    verdict: Verdict
    detail: str


def judge(run: RunFile, baseline: RunFile, margin: float, max_errors: float) -> list[Finding]:
    """Return the gate's findings: critical checks, errors, and each headline figure.

    margin: the drop of F1 that is put up with. max_errors: share of readings that may fail.

    Raises:
        ConfigError: the runs can't be compared, or there is nothing to judge.
    """
    pairs = pair_documents(baseline, run)
    figures = [_judge_figure(name, pairs, run, baseline, margin) for name in HEADLINES]
    return [_judge_checks(run), _judge_errors(run, max_errors), *figures]


def _judge_checks(run: RunFile) -> Finding:
    checks = run.figures.checks if run.figures else []
    failed = [c for c in checks if c.passed is False]
    what = "; ".join(f"{c.document} {c.name} {c.claim} {c.detail}".strip() for c in failed)
    judged = sum(c.passed is not None for c in checks)
    detail = what or f"{judged} hold, {len(checks) - judged} had nothing to judge"
    return Finding("critical checks", "fail" if failed else "pass", detail)


def _judge_errors(run: RunFile, max_errors: float) -> Finding:
    share = error_share(run)
    detail = f"{share:.1%} of the readings failed, {max_errors:.1%} may"
    return Finding("run errors", "errors" if share > max_errors else "pass", detail)


def error_share(run: RunFile) -> float:
    """Return the share of readings that failed."""
    readings = [reading for document in run.documents for reading in document.readings]
    return sum(bool(r.error) for r in readings) / len(readings) if readings else 0.0


def _judge_figure(
    name: str,
    pairs: Sequence[tuple[RunDocument, RunDocument]],
    run: RunFile,
    baseline: RunFile,
    margin: float,
) -> Finding:
    change = compare_counts(name, pairs)
    found = change.difference
    if found.value is None:
        return Finding(f"{name} F1", "inconclusive", "nothing to compare")
    said = f"{change.a or 0:.3f} -> {change.b or 0:.3f} ({found.value:+.3f}"
    if found.low is None or found.high is None:  # one document
        room = max(margin, _epoch_noise(name, run, baseline))
        verdict: Verdict = "fail" if -found.value > room else "pass"
        detail = f"{said}, {room:.3f} is put up with; one document, by epochs)"
        return Finding(f"{name} F1", verdict, detail)
    detail = f"{said}, 95 % {found.low:+.3f} to {found.high:+.3f}, margin {margin:.3f})"
    if found.high < 0 and -found.value > margin:
        verdict = "fail"
    else:
        verdict = "inconclusive" if found.low < -margin else "pass"
    return Finding(f"{name} F1", verdict, detail)


def _epoch_noise(name: str, *runs: RunFile) -> float:
    """Return twice the standard error of the difference of epoch means, 0 without epochs."""
    variance = 0.0
    for run in runs:
        values = run.figures.strict.counts[name].epochs if run.figures else []
        known = [value for value in values if value is not None]
        if len(known) > 1:
            variance += statistics.variance(known) / len(known)
    return 2 * sqrt(variance)


# ---- for a CI server --------------------------------------------------------------------------


def conclude(findings: Sequence[Finding], *, strict: bool) -> Verdict:
    """Return the verdict of all findings together. strict: what can't be told counts as failed."""
    verdicts = {finding.verdict for finding in findings}
    if "errors" in verdicts:
        return "errors"
    if "fail" in verdicts or (strict and "inconclusive" in verdicts):
        return "fail"
    return "inconclusive" if "inconclusive" in verdicts else "pass"


def write_junit(findings: Sequence[Finding], run: RunFile, *, strict: bool) -> str:
    """Return the findings as JUnit XML, each a test case.

    Source: https://github.com/testmoapp/junitxml, the schema that CI servers read.
    """
    tags = {"fail": "failure", "errors": "error", "inconclusive": "skipped"}
    if strict:
        tags["inconclusive"] = "failure"
    found = [tags.get(finding.verdict, "") for finding in findings]
    totals = {"tests": len(found), "failures": found.count("failure")}
    totals |= {"errors": found.count("error"), "skipped": found.count("skipped")}
    counts = {name: str(number) for name, number in totals.items()}
    root = ET.Element("testsuites", {"name": "sayso eval", **counts})
    about = {"name": "gate", "timestamp": run.manifest.created, **counts}
    suite = ET.SubElement(root, "testsuite", about)
    for finding, tag in zip(findings, found, strict=True):
        case = ET.SubElement(suite, "testcase", classname="sayso.eval.gate", name=finding.name)
        if tag:
            ET.SubElement(case, tag, message=plain(finding.detail))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def write_summary(
    findings: Sequence[Finding], run: RunFile, baseline: RunFile, *, strict: bool
) -> str:
    """Return the findings as JSON, with the headline figures of both runs."""
    summary = {
        "verdict": conclude(findings, strict=strict),
        "findings": [asdict(finding) for finding in findings],
        "run": describe_run(run).model_dump(mode="json"),
        "baseline": describe_run(baseline).model_dump(mode="json"),
    }
    return json.dumps(summary, ensure_ascii=False, indent=1) + "\n"
