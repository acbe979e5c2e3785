"""Paragraphs, lookups and flags (agent/document.py), and language detection."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.document import Article, Extent, read_document
from agent.language import detect_language
from blocks import BODY, MORE, read, sentences, zones


@pytest.mark.parametrize("between", ["\n\n", "\r\n\r\n", "\r\r", "\n \u00a0\n", "\n", "\r\n", "\r"])
def test_paragraphs_are_found_with_every_line_ending(between: str) -> None:
    """Blank lines part paragraphs, and so do single line ends in a text that isn't wrapped."""
    document = read("Vote put off", "3 May 2021", BODY, MORE, between=between)
    assert ["Vote put off", "3 May 2021", BODY, MORE] == sentences(document)


def test_wrapped_lines_are_joined_to_a_paragraph() -> None:
    """Lines that end at a fixed column are one paragraph, the headline above is not."""
    paragraph = (
        "The council met on Monday and put the vote off\n"
        "for a week. Residents had asked for a longer\n"
        "debate about the new bridge, said Ann\n"
        "Lee-Fortescue, the mayor."
    )
    last = "It will meet again on Friday."
    document = read("Vote put off", "By Jane Doe", paragraph, last, between="\n")
    assert ["headline", "dateline", "body", "body"] == zones(document)
    assert [paragraph, last] == [b.extent.of(document.text) for b in document.blocks[2:]]
    assert "The council met on Monday and put the vote off\nfor a week." == sentences(document)[2]


def test_lookups_find_sentence_and_quotation() -> None:
    """Places in the text lead to their sentence and to the quotation run that they touch."""
    document = read("Vote put off", "“No,” said Ann. She left. “Why?” asked Max.")
    text = document.text
    at = text.index
    she = document.sentence_at(at("She"))
    assert she
    assert "She left." == she.extent.of(text)
    assert document.sentence_at(at("\n")) is None
    assert document.sentence_at(len(text)) is None
    run = document.quotation_at(Extent(at("Why"), at("Why") + 1))
    assert run
    assert "“Why?”" == run.extent.of(text)
    assert document.quotation_at(Extent(at("She"), at("left"))) is None
    assert document.quotation_at(Extent(0, len(text))) == document.quotations[0]


@pytest.mark.parametrize("between", ["Advertisement", "Image: Ann Lee at work"])
def test_quotation_goes_on_past_what_stands_between_its_paragraphs(between: str) -> None:
    """An advertisement or a caption in the middle of a long quotation doesn't end it."""
    document = read("Vote off", "Ann Lee said: “We act.", between, "“We do it now.” She left.")
    (run,) = document.quotations
    assert ["We act.", "We do it now."] == [inner.of(document.text) for inner in run.inner]
    assert () == document.flags


def test_readable_leaves_out_datelines_and_boilerplate() -> None:
    """Claims are looked for in everything but dates, bylines, buttons and notices."""
    document = read("Vote put off", "3 May 2021", "Share | Tweet", BODY)
    assert ["headline", "body"] == [sentence.zone for sentence in document.readable()]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ((), BODY),
        ((), "\ufeff" + BODY),
        ((), BODY + " 👩\u200d🔬"),
        (("no body text",), ""),
        (("no body text",), "Share | Tweet\n\nAdvertisement"),
        (("unbalanced quotation marks",), BODY + " “So it goes."),
        (("bidirectional control characters",), "\u202e" + BODY),
        (("invisible characters",), BODY.replace("council", "coun\u00adcil")),
        (("NUL characters",), BODY + "\0"),
        (("overlong sentence cut",), BODY + " It rose" + " and rose" * 250),
        ((), BODY + " It rose" + " and rose" * 200),
        (("NUL characters", "bidirectional control characters", "no body text"), "\0\u200f"),
    ],
)
def test_flags_tell_what_is_odd(expected: tuple[str, ...], text: str) -> None:
    """Flags are sorted and say what a reader of the record should know."""
    assert expected == read_document(Article(text)).flags


MARKS = ["\n", "\n\n", "\r\n", " ", ". ", "?", "(", ")", "“", "”", '"', "'", "‘", "’", "«", "»"]
WORDS = ["Vote", "the", "3 May 2021", "BONN: ", "By Ann Lee", "Tweet", "- Ann", "Mr.", "[...] "]
ODDITIES = ["\0", "\u00a0", "\ufeff", "\u200f", "🎉", " | ", "Photo: A. ", "(Reporting by "]
PIECES = st.sampled_from(MARKS + WORDS + ODDITIES)


@settings(deadline=None)  # other work on the machine must not fail it
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=80))
def test_any_text_gives_parts_in_order(text: str) -> None:
    """Parts lie in the text, in order and apart; a sentence never leaves its block."""
    document = read_document(Article(text))
    for parts in (document.blocks, document.sentences, document.quotations):
        end = 0
        for part in parts:
            assert end <= part.extent.start < part.extent.end <= len(text)
            end = part.extent.end
    for sentence in document.sentences:
        block = document.blocks[sentence.block]
        assert sentence.extent in block.extent
        assert sentence.zone == block.zone
    for run in document.quotations:
        assert run.inner
        assert all(inner in run.extent for inner in run.inner)
    assert text == document.text


@pytest.mark.parametrize(
    "text",
    [
        "word " * 40_000,
        "It ran. “So?” " * 15_000,
        "\u200f" * 100_000,
        "\0 " * 100_000,
        "Ab cd\n" * 30_000,
        "A" * 200_000,
        "AB " * 60_000,
        "Ab " * 60_000,
        "x" + " " * 200_000 + "y.",
        "facebook " * 20_000,
        "May 3, " * 30_000,
        '"We will go to the town now and then." Jo\n\n' * 4_000,
        "ABC, D: The cat sat.\n\n" * 8_000,
        "'a \"b “c «d " * 15_000,
    ],
    ids=lambda text: text[:6],
)
def test_hostile_articles_take_linear_time(text: str) -> None:
    """A text of 200,000 characters is read in seconds, whatever it holds."""
    start = time.perf_counter()
    read_document(Article(text))
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("und", ""),
        ("und", "Vote put off"),
        ("und", "123 456 789 101 112 131 415 161 718"),
        ("en", BODY),
        ("en", "MAYOR MEETS BRIDGE BUILDERS IN ROTTERDAM"),
        ("en", "Müller, García, Nguyễn and O’Brien meet in Łódź"),
        ("en", "“No,” said Ana García Márquez de Souza."),
        ("de", "Der Rat hat die Abstimmung gestern um eine Woche verschoben."),
        ("de", "DER RAT HAT DIE ABSTIMMUNG GESTERN UM EINE WOCHE VERSCHOBEN."),
        ("fr", "Le conseil a reporté hier le vote d’une semaine."),
        ("es", "El consejo aplazó ayer la votación una semana."),
        ("ru", "Совет вчера отложил голосование на неделю."),
        ("nl", "De raad heeft de stemming gisteren een week uitgesteld."),
    ],
)
def test_language_is_detected_with_english_as_the_doubtful_case(expected: str, text: str) -> None:
    """Foreign sentences are told; names, capitals and short texts don't make English foreign."""
    assert expected == detect_language(text)


def test_language_of_the_caller_is_kept() -> None:
    """The reader doesn't detect the language itself."""
    assert "und" == read_document(Article(BODY)).language
    assert "de" == read_document(Article(BODY), "de").language


def test_import_of_language_loads_no_model() -> None:
    """The detector and numpy are imported on first use only."""
    code = "import agent.language, sys; print('py3langid' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "False False" == done.stdout.strip()
