"""What an ellipsis may leave out (agent/elision.py)."""

from __future__ import annotations

import pytest

from agent.elision import objection_to_cut


@pytest.mark.parametrize(
    ("objection", "before", "gap", "after"),
    [
        ("", "The dam", ", built in 1900,", " held"),
        ("", "The dam", " held and", " stood"),
        ("", "The dam", ", which may not last,", " held"),
        ("", "The dam", ", she believes,", " held"),
        ("", "The dam", " ", "held"),
        ("", "It held", ", and the dyke broke.", ""),
        (
            "what is left out is no aside: is thought to have",
            "The dam",
            " is thought to have",
            " held",
        ),
        ("what is left out is no aside: stopped short of", "He", " stopped short of", " lying"),
        (
            "what is left out turns the meaning: never",
            "We will",
            ", I promise, never",
            ", ever, go",
        ),
        ("what is left out turns the meaning: may", "The dam", " may break and", " fall"),
        (
            "what is left out turns the meaning: hopes",
            "She",
            ", who is 40, hopes to win and",
            " go",
        ),
        ("what is left out turns the meaning: believe", "The dam", ", I believe,", " held"),
        ("a quotation is left without its words: fatal", "It was “", "fatal", "” to him"),
    ],
)
def test_ellipsis_leaves_out_asides_only(objection: str, before: str, gap: str, after: str) -> None:
    """Between marks or up to an and; nothing that makes it firmer, weaker or the opposite."""
    assert objection == objection_to_cut(before, gap, after)
