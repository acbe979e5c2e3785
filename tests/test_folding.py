"""Texts that count as the same (agent/folding.py)."""

from __future__ import annotations

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
