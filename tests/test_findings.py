"""From passages to findings (agent/findings.py).

Rules of docs/guidelines.md on short sentences, with the real parser.
"""

from __future__ import annotations

import pytest

from agent.extract import Resources
from readings import by_tree, claims_of, words


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("the leak", "Marta Voss declined to comment on the leak."),
        ("what caused the leak", "Officials do not know what caused the leak."),
        ("the dam was safe", "Marta Voss asked whether the dam was safe."),
        (None, "Marta Voss denied that the dam is leaking."),
        (None, "Marta Voss hopes that the dam will hold."),
    ],
)
def test_non_answer_has_a_topic(resources: Resources, topic: str | None, text: str) -> None:
    """Rule 9: what a question or a non-answer is about is marked; other acts have no topic."""
    (claim,) = by_tree(resources, text).claims
    assert topic == (claim.topic and claim.topic.text)


def test_headline_is_read_and_furniture_is_not(resources: Resources) -> None:
    """Rules 10 and 11: a headline gives claims of its zone; bylines and buttons give none."""
    text = (
        "Dam breaks after rain\n\nBy Ann Lee\n\nSELBY, 4 March 2024: The dam broke on Monday.\n\n"
        "Share this article"
    )
    found = by_tree(resources, text)
    assert [("headline", "Dam breaks after rain"), ("body", "The dam broke on Monday")] == [
        (claim.zone, words(claim.content)) for claim in found.claims
    ]


def test_headline_names_its_source_behind_a_colon(resources: Resources) -> None:
    """Rule 6: a colon is the cue of who stands behind it."""
    found = by_tree(resources, "Dam breaks after rain: council\n\nThe dam broke on Monday.")
    assert ("council (:)", "Dam breaks after rain") == claims_of(found)[0]


def test_subheading_without_a_verb_claims_nothing(resources: Resources) -> None:
    """A label of what follows is no statement; a subheading that says something is."""
    text = "Dam breaks\n\nThe dam broke, and Selby was under water.\n\n{}\n\nIt had been old."
    zones = [
        [c.zone for c in by_tree(resources, text.format(sub)).claims if c.zone == "subheading"]
        for sub in ("Hostage swap", "Farmers lost their money")
    ]
    assert [[], ["subheading"]] == zones
