"""Where words may be cut off (agent/borders.py)."""

from __future__ import annotations

import pytest

from agent.borders import is_denied, is_whole

CUT = "No ship from un-docked Nor\u00adwich may sail; O’Neil isn’t sure 10–15 of 5 million did."


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (True, "No ship"),
        (True, "un-docked Nor\u00adwich may sail"),
        (True, "O’Neil isn’t sure"),
        (True, "10–15 of 5 million did"),
        (False, "docked Nor\u00adwich"),
        (False, "wich may sail"),
        (False, "No ship from un"),
        (False, "Neil isn’t"),
        (False, "O’Neil is"),
        (False, "O’Neil isn"),
        (False, "15 of"),
        (False, "sure 10"),
        (False, "10–15 of 5"),
        (False, "million did"),
    ],
)
def test_a_word_or_number_is_never_cut(whole: bool, part: str) -> None:
    """Hyphens, apostrophes, soft hyphens, ranges and magnitudes hold a word or number together."""
    start = CUT.index(part)
    assert whole == is_whole(CUT, start, start + len(part))


@pytest.mark.parametrize(
    ("denied", "part"),
    [
        (True, "ship from un-docked Nor\u00adwich may sail"),
        (True, "O’Neil has"),
        (True, "seen a ship"),
        (False, "No ship from un-docked Nor\u00adwich may sail"),
        (False, "O’Neil has never seen a ship"),
        (False, "No one asked"),
        (False, "It rained"),
    ],
)
def test_negation_beside_the_words_belongs_to_them(denied: bool, part: str) -> None:
    """A content that begins or ends at a not is cut off from it; another sentence's is none."""
    text = CUT.replace(
        "O’Neil isn’t sure", "O’Neil has never seen a ship. No one asked. It rained."
    )
    start = text.index(part)
    assert denied == is_denied(text, start, start + len(part))


@pytest.mark.parametrize("count", [1, 20, 500, 50_000])
@pytest.mark.parametrize("unseen", ["\u200b", "\ufe0f", "\U000e0041"], ids=ascii)
def test_unseen_characters_open_no_word(unseen: str, count: int) -> None:
    """However many stand in a word, it isn't cut there."""
    hidden = unseen * count
    text = f"It is un{hidden}likely."
    start = text.index("likely")
    assert not is_whole(text, start, start + len("likely"))
    assert not is_whole(text, 0, start - count)
    assert is_whole(text, 0, len(text))
