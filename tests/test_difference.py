"""What a match differs in from what was said (agent/difference.py)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.difference import differences, in_words
from agent.document import Extent
from agent.ground import Finder, Words
from agent.schema import Difference
from bakery import FINDER, SENTENCES, TEXT
from readings import document


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ([], "the oven was new"),
        ([("normalised", "'", "’")], "We can't say"),
        ([("normalised", "-", "—")], "oven - bought"),
        ([("normalised", "i", "I")], "it lost 3.5 tonnes"),
        (
            [("normalised", "“", ""), ("normalised", "'", "’"), ("normalised", "”", "")],
            "“We can't say”",
        ),
        ([("elided", " ... ", ", the owner, ")], "Max Orr ... said"),
        ([("elided", " […]", "")], "It lost 3.5 tonnes […]"),
        ([("edited", " [of flour]", "")], "It lost 3.5 tonnes [of flour]"),
        ([("edited", "[t]", "T")], "[t]he oven was checked"),
        ([("edited", "[The bakery] ", "")], "[The bakery] will pay every bill"),
        (
            [("normalised", "'", "’"), ("elided", " (...) ", " — bought in 1998 — ")],
            "The bakery's oven (...) caught fire",
        ),
    ],
)
def test_differences_are_told(expected: list[tuple[str, str, str]], said: str) -> None:
    """What the string has and what the article has in its place, and why that may be."""
    spans = FINDER.find(Words(said), Extent(0, len(TEXT)), content=True)
    told = differences(said, spans, TEXT)
    assert expected == [(each.match, each.returned, each.stands) for each in told]
    assert all(each.stands == TEXT[each.at :][: len(each.stands)] for each in told)


def undo(said: str, text: str) -> str:
    """Return the string, from its spans and the differences that are told of them."""
    finder = Finder(document(text))
    spans = finder.find(Words(said), Extent(0, len(text)), content=True)
    parts, done = [], spans[0].start
    for each in differences(said, spans, text):
        parts += [text[done : each.at], each.returned]
        done = each.at + len(each.stands)
    return "".join([*parts, text[done : spans[-1].end]])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_differences_lose_nothing(data: st.DataObject) -> None:
    """The article's words with the differences undone are the model's string, to the character."""
    sentence = data.draw(st.sampled_from(SENTENCES))
    dress = {" ": [" ", "\u00a0", "  ", " ... "], "’": ["’", "'"], "—": ["—", "-", "--"]}
    said = "".join(data.draw(st.sampled_from(dress[c])) if c in dress else c for c in sentence)
    if FINDER.find(Words(said), Extent(0, len(TEXT)), content=True):
        assert said.strip() == undo(said, TEXT)


@pytest.mark.parametrize(
    ("words", "returned", "stands"),
    [
        ("has “'” for “’”", "'", "’"),
        ("has U+0020 for U+00A0", " ", "\u00a0"),
        ("has “kU+00AD” for “k”", "k\u00ad", "k"),
        ("adds “[of flour]”", " [of flour]", ""),
        ("has “[it]” for “The oven”", "[it]", "The oven"),
    ],
)
def test_difference_is_told_in_words(words: str, returned: str, stands: str) -> None:
    """A reader sees both sides, also of what can't be seen."""
    one = Difference(match="edited", returned=returned, stands=stands, at=0)
    assert f"the reading {words}" == in_words([one, one])
