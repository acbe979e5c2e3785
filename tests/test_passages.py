"""Who speaks a quotation (agent/passages.py).

Rules of docs/guidelines.md on short sentences, with the real parser.
"""

from __future__ import annotations

import pytest

from agent.extract import Resources
from readings import by_tree, claims_of

VOSS = "Marta Voss (said)"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            [(VOSS, "The dam is safe"), (VOSS, "It was checked twice")],
            "“The dam is safe. It was checked twice,” Marta Voss said.",
        ),
        ([(VOSS, "It rained"), (VOSS, "It froze")], "“It rained,” said Marta Voss. “It froze.”"),
        (
            [(VOSS, "It rained"), (VOSS, "it froze")],
            "“It rained,” Marta Voss said, “and then it froze.”",
        ),
        (
            [(VOSS, "It rained"), (VOSS, "It froze"), ("", "the dam broke")],
            "“It rained,” Marta Voss said. “It froze.” Then the dam broke.",
        ),
        (
            [(VOSS, "It rained"), ("", "saw it"), (VOSS, "It froze")],
            "“It rained,” said Marta Voss, who saw it. “It froze.”",
        ),
        (
            [(VOSS, "It rained"), ("Jan Lind (said)", "It froze")],
            "“It rained,” Marta Voss said. “It froze,” said Jan Lind.",
        ),
        ([(VOSS, "It rained"), (VOSS, "It froze")], "“It rained,” said Marta Voss.\n\n“It froze.”"),
        (
            [(VOSS, "It rained"), (VOSS, "It froze"), ("", "The dam broke")],
            "Marta Voss said: “It rained.\n\n“It froze.”\n\nThe dam broke.",
        ),
        ([("", "Marta Voss came in"), ("", "It rained")], "Marta Voss came in. “It rained.”"),
    ],
)
def test_quotation_has_its_speaker(
    resources: Resources, expected: list[tuple[str, str]], text: str
) -> None:
    """Each sentence of a quotation is a claim of who speaks it, and so is one that goes on."""
    assert expected == claims_of(by_tree(resources, text))
