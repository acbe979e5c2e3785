"""Claim units: what is cut apart and what stays whole (agent/clauses.py).

Rules of docs/guidelines.md on short sentences, with the real parser.
"""

from __future__ import annotations

import pytest

from agent.extract import Resources
from readings import by_tree, claims_of, labels_of

ASSERT = ("assert", "positive", "certain")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            ["The mill closed", "the workers left the valley"],
            "The mill closed and the workers left the valley.",
        ),
        (
            ["The council sold the mill", "bought a ferry"],
            "The council sold the mill and bought a ferry.",
        ),
        (["The bridge is old", "the road is new"], "The bridge is old, but the road is new."),
        (["The mill closed", "the workers left"], "The mill closed; the workers left."),
        (["the mayor was away", "the dam broke"], "While the mayor was away, the dam broke."),
        (
            ["The tower ... leans to the east", "was finished in 1912"],
            "The tower, which was finished in 1912, leans to the east.",
        ),
        (
            ["The storm flooded the harbour", "killing two sailors"],
            "The storm flooded the harbour, killing two sailors.",
        ),
        (["The clinic offers care, food and shelter"], "The clinic offers care, food and shelter."),
        (
            ["The clerk, a father of three, was arrested in 2019"],
            "The clerk, a father of three, was arrested in 2019.",
        ),
        (
            ["A woman who saw the fire called the police"],
            "A woman who saw the fire called the police.",
        ),
        (
            ["The dam broke because the pillars were weak"],
            "The dam broke because the pillars were weak.",
        ),
        (["Amid growing worry, the council met"], "Amid growing worry, the council met."),
        (["The “miracle dam” broke"], "The “miracle dam” broke."),
        (["The book “A Dam Breaks” was sold out"], "The book “A Dam Breaks” was sold out."),
        (["the dam broke"], "However, the dam broke."),
    ],
)
def test_article_voice_is_cut_into_propositions(
    resources: Resources, expected: list[str], text: str
) -> None:
    """Rules 1 and 2: what can be true apart is apart; nouns, names and restrictions stay whole."""
    found = by_tree(resources, text)
    assert [("", content) for content in expected] == claims_of(found)
    assert [ASSERT] * len(expected) == labels_of(found)
