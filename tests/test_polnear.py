"""The benchmark on PolNeAR (benchmarks/polnear.py), on a text of our own in the corpus' form."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engines.scripted import ScriptedEngine
from agent.extract import Resources
from polnear import Attribution, Counts, compare, letters, read_ann, report, score

TEXT = "The mayor said the dam is safe. Engineers doubt that it will hold. It rained.\n"
ANN = """T1\tSource 0 9\tThe mayor
T2\tCue 10 14\tsaid
T3\tContent 15 30\tthe dam is safe
T4\tAttribution 10 14\tsaid
E1\tAttribution:T4 Source:T1 Cue:T2 Content:T3
T5\tCue 32 47\tEngineers doubt
T6\tContent 48 55;56 65\tthat it will hold
T7\tAttribution 32 47\tx
E2\tAttribution:T7 Cue:T5 Content2:T6
"""


def test_annotation_is_read_as_the_corpus_has_it() -> None:
    """Contents in pieces and numbered roles are joined; an event may have no source."""
    first, second = read_ann(TEXT, ANN)
    assert letters(TEXT, [(0, 9)]) == first.source
    assert (None, letters(TEXT, [(48, 65)])) == (second.source, second.content)


def test_score_counts_what_is_found_and_what_is_full(resources: Resources, tmp_path: Path) -> None:
    """Both attributions are found; where gold names no source, one that is named isn't full."""
    for name, content in (("text/a.txt", TEXT), ("attributions/a_x.ann", ANN)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    found = dict(score(tmp_path, resources, ScriptedEngine(lambda _: "none")))
    assert {"a": Counts(found=2, full=1, predicted=2, gold=2)} == found


@pytest.mark.parametrize(
    ("found", "predicted"),
    [
        (1, [Attribution(frozenset({1, 2, 3}), None)]),
        (0, [Attribution(frozenset({3, 9, 8}), None)]),
        (1, [Attribution(frozenset({1, 2, 3, 4}), None), Attribution(frozenset({1, 2}), None)]),
        (0, []),
    ],
)
def test_attribution_is_found_once_by_half_its_letters(
    found: int, predicted: list[Attribution]
) -> None:
    """Half of the letters are enough, one to one."""
    assert found == compare(predicted, [Attribution(frozenset({1, 2, 3}), None)]).found


def test_report_gives_intervals_by_article() -> None:
    """F1 is 2 found / (predicted + gold), summed over articles."""
    lines = list(report([Counts(2, 1, 2, 4), Counts(1, 1, 2, 2)]))
    assert "2 articles, 6 attributions, 4 predicted" == lines[0]
    assert lines[3].startswith("F1         0.600 [")
