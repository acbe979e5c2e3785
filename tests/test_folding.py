"""Texts that count as the same (agent/folding.py)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.folding import fold


@given(st.text(alphabet='ab \u00ad“"—-\n\u00a0é…ﬁ', max_size=30))
def test_folded_text_leads_back_to_its_origin(text: str) -> None:
    """Each folded character has an origin, in order, that folds to it."""
    folded, origin = fold(text)
    assert len(folded) == len(origin)
    assert sorted(origin) == origin
    assert folded == "".join(fold(text[i])[0] for i in dict.fromkeys(origin))


@pytest.mark.parametrize(
    "unseen",
    "\u00ad\u061c\u180e\u200b\u200d\u2063\ufeff\ufe00\ufe0f\U000e0001\U000e0041\U000e007f\U000e0100\U000e01ef",
    ids=ascii,
)
def test_characters_without_width_are_dropped(unseen: str) -> None:
    """They part no word, stand for nothing, and places lead over them."""
    assert ("rose", [0, 1, 4, 5]) == fold(f"ro{unseen * 2}se")


@pytest.mark.parametrize("seen", ["\u202e", "\u0301", "\u20e3", "\U000e0080", "\ufffd"], ids=ascii)
def test_other_characters_are_kept(seen: str) -> None:
    """What turns the order of letters or stands on them isn't dropped."""
    assert f"ro{seen}se" == fold(f"ro{seen}se")[0]
