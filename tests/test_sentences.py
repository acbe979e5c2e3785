"""Sentence borders (agent/sentences.py)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.quotation import Extent, find_quotations, trim
from agent.sentences import MOST_CHARS, cut_overlong, split_sentences


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text of one paragraph."""
    extent = trim(text, 0, len(text))
    runs, _ = find_quotations(text, [extent])
    return [sentence.of(text) for sentence in split_sentences(text, extent, runs)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Lee met Dr. J. K. Poe and Lt. Col. Kay.", "They spoke."],
        ["The U.S. Senate met in Washington, D.C. on Sept. 12.", "It sat."],
        ["He lives in the U.S.", "The rest left."],
        ["It opened at 5 p.m. on Friday.", "It shut at 9 p.m.", "She slept."],
        ["No. 5 won.", "See p. 7 and vol. 2.", "He said no.", "Then he left."],
        ["Acme Inc. and Bolt Co. merged.", "It cost $3.5 million.", "20 people came."],
        ["“No, we can’t say,” he said.", "He left."],
        ["“Who is it?” she asked.", "“I am.", "You?” he said."],
        ["“Why now?” Ann Lee asked.", "Nobody knew."],
        ["He said “I am here.”", "Then he left."],
        ['He said "It broke.', 'We mended it."', "She nodded."],
        ["He called it “the end”.", "She did not."],
        ["It ended (in 2011).", "(It had begun badly.)", "Then came rain."],
        ["« C’est fini. »", "Il part."],
        ["The site example.com/a.Html was down.", "The iPhone sold.", "eBay rose."],
        ["It rose... and fell.", "It fell…", "Later it rose."],
        ["It rained; 40 roads shut.", "What?!", "Yes!"],
        ["She left.", "🎉 He stayed."],
        ["Plan B.", "He chose it."],
        ["Rain\u00a0fell\u00ad.", "It\u200b was\r\nlate."],
        ["1. The first thing.", "In 2015.", "After that."],
        ["It was late.\u200f”", "Then\ufeff he left."],
        ["“It works [...]", "Prices fell.”", "He left."],
        ["“It works [. . .]", "The price fell.”", "He left."],
        ["“It works […].", "Prices fell.”", "He left."],
        ["“It works…", "Prices fell.”", "He left."],
        ["“It works [...] and so [...] I bought it.”", "He left."],
        ["“It works.", "[...] Prices fell.”", "He left."],
        ["The old bridge in St. Ives, D.C.", "Photo: A. N. Lee"],
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    """Abbreviations, initials, decimals and marks end nothing; closers stay with their sentence."""
    assert expected == sentences_of(" ".join(expected))


ALPHABET = st.sampled_from(list("aB1. ,?!'\"“”„‘’«»()[]—-\n\r\t\u00a0\u00ad\u200f\ufeff\0🎉…s:"))


@settings(deadline=None)  # other work on the machine must not fail it
@given(st.text(ALPHABET, max_size=60) | st.text(max_size=60))
def test_any_text_gives_ordered_sentences(text: str) -> None:
    """Sentences lie in the text, in order and apart, and no letter is lost between them."""
    extent = trim(text, 0, len(text))
    runs, _ = find_quotations(text, [extent])
    end = extent.start
    for sentence in split_sentences(text, extent, runs):
        assert end <= sentence.start < sentence.end
        assert not any(character.isalnum() for character in text[end : sentence.start])
        opens = sentence.start in {extent.start, *(run.extent.start for run in runs)}
        assert opens or text[sentence.start] not in "”»)]"
        end = sentence.end
    assert extent.end in (end, extent.start)


@pytest.mark.parametrize(
    "text",
    [
        "." * 100_000,
        ". " * 60_000,
        "a. " * 60_000,
        '." ' * 60_000,
        "[...] A " * 20_000,
        "It ran. " * 25_000,
    ],
    ids=lambda text: text[:6],
)
def test_hostile_text_is_cut_in_linear_time(text: str) -> None:
    """Stops piled up cost no more than their length."""
    start = time.perf_counter()
    sentences_of(text)
    assert time.perf_counter() - start < 20


# ---- sentences without an end -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "unit"),
    [
        ("rose; ", "the lake rose, and it rose; "),
        ("fell, ", "the lake rose and fell, "),
        ("rose – ", "the lake rose – "),
        ("rose ", "rose "),
        ("rose\u00a0", "rose\u00a0"),
    ],
)
def test_overlong_sentence_is_cut_at_a_mark(expected: str, unit: str) -> None:
    """At a semicolon, else at another mark, else at a blank, and at most MOST_CHARS further on."""
    text = f"It {unit * (3 * MOST_CHARS // len(unit))}"
    pieces = cut_overlong(text, trim(text, 0, len(text)))
    assert 3 <= len(pieces) <= 6
    for piece in pieces[:-1]:
        assert MOST_CHARS // 2 - 1 <= piece.end - piece.start <= MOST_CHARS
        assert text[: piece.end + 1].endswith(expected)


def test_overlong_word_stays_whole() -> None:
    """Nothing is cut within a word, however long it is."""
    word = "a" * (2 * MOST_CHARS)
    text = f"It {word} rose."
    pieces = cut_overlong(text, Extent(0, len(text)))
    assert [f"It {word}", "rose."] == [piece.of(text) for piece in pieces]


@settings(deadline=None)
@given(st.lists(st.text(ALPHABET, min_size=1, max_size=40) | st.just("x" * 999), max_size=30))
def test_pieces_of_any_sentence_hold_all_of_it(words: list[str]) -> None:
    """Pieces are in order, begin and end with what can be seen, and lose none of it."""
    text = " ".join(words) * 9
    pieces = cut_overlong(text, trim(text, 0, len(text)))
    assert [trim(text, piece.start, piece.end) for piece in pieces] == pieces
    edges = [0, *(at for piece in pieces for at in (piece.start, piece.end)), len(text)]
    assert sorted(edges) == edges
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        assert trim(text, start, end).start == trim(text, start, end).end
    for piece in pieces:
        assert piece.end - piece.start <= MOST_CHARS or " " not in piece.of(text)[MOST_CHARS:]
