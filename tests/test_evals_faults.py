"""Tests of the error classes: one wrong thing about a claim puts it in the class of that thing."""

from __future__ import annotations

from typing import Any

import pytest

from agent.schema import Claim, Extraction
from evals.baselines import read_oracle
from evals.faults import CLASSES, Finding, count_classes, find_chain_faults, find_faults
from evals.gold import Case
from evals.items import Chain
from evals.score import score_document
from gold_samples import claim, make_case, raw_gold, record

REOPEN = "the bridge will reopen on Monday"
RUIZ = [("ruiz", "Mayor Ana Ruiz")]
CLOSE = "The bridge may close again in winter"
NESTED = [("post", "the Harbour Post"), ("engineers", "engineers")]
COST = "The repair cost 4 million euros"


def find(extraction: Extraction | None, case: Case | None = None) -> list[Finding]:
    """Return the findings about the sample, or about another gold of its text."""
    case = case or make_case()
    return find_faults(case, extraction, score_document(case, extraction))


def test_gold_itself_has_no_fault() -> None:
    """Gold as a record: every core claim is right, every optional one optional."""
    findings = find(read_oracle(make_case()))
    assert ["optional", "right", "right", "right", "right"] == [f.outcome for f in findings]
    assert dict.fromkeys(CLASSES, 0) == count_classes(findings)


def test_nothing_read_is_all_missed() -> None:
    """An empty record misses each core claim; the optional headline is no error."""
    assert {"missed": 4} == {k: n for k, n in count_classes(find(record())).items() if n}


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [
        (["span only"], claim("p", "bridge will reopen on Monday", RUIZ)),
        (["wrong entity"], claim("p", REOPEN, [("post", "the Harbour Post")])),
        (["unresolved alias"], claim("p", REOPEN, [("nobody", "winter")])),
        (["article voice misattributed", "wrong kind"], claim("p", REOPEN)),
        (["wrong act"], claim("p", REOPEN, RUIZ, act="wish")),
        (["polarity flip"], claim("p", REOPEN, RUIZ, polarity="negative")),
        (["under-confident"], claim("p", REOPEN, RUIZ, confidence="possible")),
        (["over-confident"], claim("p", CLOSE, NESTED)),
        (["collapsed chain"], claim("p", CLOSE, NESTED[1:], confidence="possible")),
        (["wrong order"], claim("p", CLOSE, NESTED[::-1], confidence="possible")),
        (["article voice misattributed", "wrong kind"], claim("p", COST, RUIZ)),
        (["spurious", "boilerplate"], claim("p", "Share this page")),
    ],
)
def test_fault_has_its_class(expected: list[str], predicted: Claim) -> None:
    """One prediction with one fault is in that class, and in no other that it doesn't entail."""
    found = [f for f in find(record(predicted)) if f.predicted is not None]
    assert [tuple(expected)] == [f.faults for f in found]


def test_duplicate_is_the_second_of_two() -> None:
    """Of two equal predictions one is right; the other is spurious and a duplicate."""
    findings = find(record(claim("a", COST), claim("b", COST)))
    outcomes = sorted((f.outcome, f.faults) for f in findings if f.predicted)
    assert [("right", ()), ("spurious", ("spurious", "duplicate"))] == outcomes


def test_merge_and_split_name_both_sides() -> None:
    """A prediction over two claims and the one it hides are merged; pieces are split."""
    raw = raw_gold()
    halves: list[dict[str, Any]] = [dict(raw["claims"][3], id=id_) for id_ in ("c3", "c5")]
    text = raw["claims"][3]["content"][0]
    for half, words in zip(halves, ("The repair cost", "4 million euros"), strict=True):
        start = text["start"] + text["text"].index(words)
        half["content"] = [{"start": start, "end": start + len(words), "text": words}]
    raw["claims"][3:4] = halves
    merged = find(record(claim("p", COST)), make_case(raw))
    assert 2 == count_classes(merged)["merged"]
    split = find(record(claim("a", "The repair cost"), claim("b", "4 million euros")))
    assert 2 == count_classes(split)["split"]


def test_rejected_claims_are_listed_last() -> None:
    """What the text doesn't bear out has no place: it comes last, as not verbatim."""
    last = find(record(claim("a", COST), rejected=1))[-1]
    assert ("rejected", ("not verbatim",), "not in the text") == (
        last.outcome,
        last.faults,
        last.reason,
    )


def test_no_record_is_said() -> None:
    """Without a usable record all is missed, and the page is told why."""
    assert "no record" in find(None)[-1].reason


@pytest.mark.parametrize(
    ("expected", "p", "g"),
    [
        ("article voice misattributed", (), ("a",)),
        ("article voice misattributed", ("a",), ()),
        ("wrong order", ("b", "a"), ("a", "b")),
        ("collapsed chain", ("a",), ("a", "b")),
        ("wrong entity", ("a", "b"), ("b",)),
        ("wrong entity", ("c",), ("a", "b")),
        ("unresolved alias", ("?him",), ("a",)),
    ],
)
def test_chain_fault_is_told_apart(expected: str, p: Chain, g: Chain) -> None:
    """Two chains that differ fall in exactly one class."""
    assert [expected] == find_chain_faults(p, g)
