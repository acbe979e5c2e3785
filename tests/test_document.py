"""Paragraphs, zones, datelines, days and flags (agent/document.py), and language detection."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.document import Article, Document, Extent, parse_day, read_document
from agent.language import detect_language

BODY = "The council met on Monday and put the vote off for a week."
MORE = "Residents had asked for a longer debate about the new bridge."


def read(*blocks: str, between: str = "\n\n", title: str | None = None) -> Document:
    """Return the document of the blocks with blank lines between them."""
    return read_document(Article(between.join(blocks), title=title))


def zones(document: Document) -> list[str]:
    """Return the zone of each block."""
    return [block.zone for block in document.blocks]


def sentences(document: Document) -> list[str]:
    """Return the words of each sentence."""
    return [sentence.extent.of(document.text) for sentence in document.sentences]


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ("boilerplate", "icon-telegram icon-print icon-facebook"),
        ("boilerplate", "Share on Facebook | Tweet"),
        ("boilerplate", "Share this story via e-mail"),
        ("boilerplate", "Advertisement"),
        ("boilerplate", "Read more: Bridge vote put off again"),
        ("boilerplate", "© 2021 The Valley Post. All rights reserved."),
        ("boilerplate", "Subscribe to our newsletter for daily updates."),
        ("boilerplate", "This website uses cookies to improve your visit."),
        ("boilerplate", "* * *"),
        ("dateline", "Tue Mar 02 2021"),
        ("dateline", "Tuesday, March 2, 2021"),
        ("dateline", "Published 3 May 2021"),
        ("dateline", "Last updated: 3 May 2021, 10:15 p.m. GMT | 4 min read"),
        ("dateline", "By Jane Doe"),
        ("dateline", "By Jane Doe and Max de Wit | 3 May 2021"),
        ("caption", "File photo: the old bridge"),
        ("caption", "The old bridge in spring. Image: Max de Wit."),
        ("caption", "Photo by Jane Doe"),
        ("caption", "The mayor at the bridge (AP Photo/Jane Doe)"),
        ("subheading", "A Vote That Nobody Wanted"),
        ("subheading", "What happens next"),
        ("body", "Share prices fell."),
        ("body", "By 2030 the bridge will be closed."),
        ("body", "In May 2021 the bridge was shut."),
        ("body", "Related costs rose by a third."),
        ("body", "- a list item without a stop"),
        ("body", "The mayor said:"),
    ],
)
def test_zone_of_a_block_within_the_body(expected: str, line: str) -> None:
    """A block between two paragraphs has the zone that a reader would give it."""
    assert ["headline", "body", expected, "body"] == zones(read("Vote put off", BODY, line, MORE))


@pytest.mark.parametrize(
    ("expected", "blocks"),
    [
        (["headline", "headline", "body"], ["Vote put off", "Council Wants More Time", BODY]),
        (["headline", "dateline", "body"], ["Vote put off", "3 May 2021", BODY]),
        (["dateline", "headline", "body"], ["3 May 2021", "Vote put off", BODY]),
        (["headline", "caption", "body"], ["Vote put off", "the old bridge in 2008.", BODY]),
        (
            ["headline", "dateline", "caption", "body"],
            ["Vote put off", "3 May 2021", "Boats near the old bridge.", BODY],
        ),
        (["headline", "body"], ["Will the bridge be closed?", BODY]),
        (["headline", "body"], ["Bridge closed, says head of the U.S.", BODY]),
        (["body", "body"], [BODY, MORE]),
        (["body"], ["The council met on Monday"]),
        (["headline", "boilerplate", "body", "boilerplate"], ["Vote", "News", BODY, "News"]),
        (
            ["headline", "body", "boilerplate", "boilerplate", "boilerplate"],
            ["Vote", BODY, "Related articles", "Bridge Shut Again", "Mayor Under Fire"],
        ),
    ],
)
def test_zones_at_the_edges_of_an_article(expected: list[str], blocks: list[str]) -> None:
    """Headlines stand before the body; repeated rows and lists of links are boilerplate."""
    assert expected == zones(read(*blocks))


def test_title_makes_a_headline_of_a_line_with_a_full_stop() -> None:
    """A block that equals the title is the headline whatever its punctuation."""
    assert ["headline", "body"] == zones(read("The vote is off.", BODY, title="The vote  is off."))


@pytest.mark.parametrize(
    ("expected", "quote"),
    [
        (["pull_quote"], ["“We will not be rushed into this.” — Ann Lee"]),
        (["pull_quote", "pull_quote"], ["“We will not be rushed into this.”", "- Ann Lee"]),
        (["pull_quote"], ["“We will not be rushed into this.”"]),
        (["pull_quote"], ["“We will not be rushed into this.” Ann Lee"]),
        (["pull_quote"], ["We will not be rushed into this. Ann Lee"]),
        (["body"], ["“We will not be asked to do this.”"]),
        (["body"], ["“We will not be rushed into this,” Ann Lee told the council."]),
    ],
)
def test_pull_quotes_are_signed_or_repeat_the_body(expected: list[str], quote: list[str]) -> None:
    """A quotation that is only a quotation is body, unless signed or said elsewhere."""
    said = "The mayor, Ann Lee, said on Monday: “We will not be rushed into this.” She then left."
    assert ["headline", "body", *expected, "body"] == zones(read("Vote off", BODY, *quote, said))


@pytest.mark.parametrize(
    "dateline",
    [
        "BONN: ",
        "BONN — ",
        "NEW YORK (Reuters) - ",
        "BONN, June 3 - ",
        "ST. LOUIS, Mo. (AP) -- ",
        "Bonn (DPA) – ",
        "Monday, May 3, 2021 ",
    ],
)
def test_dateline_is_left_out_of_its_sentence(dateline: str) -> None:
    """The first sentence of the body begins after the place, day and agency."""
    document = read("Vote put off", dateline + BODY)
    assert BODY == sentences(document)[1]
    assert dateline + BODY == document.blocks[1].extent.of(document.text)


def test_speakers_of_a_transcript_stay_in_their_sentences() -> None:
    """A name in capitals that comes again is a speaker, not a place."""
    document = read("MAYOR: It is late.", "PRESS: Is it?", "MAYOR: It is.")
    assert ["MAYOR: It is late.", "PRESS: Is it?", "MAYOR: It is."] == sentences(document)


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
    assert she and "She left." == she.extent.of(text)
    assert document.sentence_at(at("\n")) is None
    assert document.sentence_at(len(text)) is None
    run = document.quotation_at(Extent(at("Why"), at("Why") + 1))
    assert run and "“Why?”" == run.extent.of(text)
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
    ("expected", "written"),
    [
        ("2021-03-02", "Tue Mar 02 2021"),
        ("2021-03-02", "Tuesday, March 2, 2021"),
        ("2016-09-07", "7 September 2016"),
        ("2016-09-07", "7th of Sept. 2016"),
        ("2016-09-07", "Sept. 7, 2016"),
        ("2016-09-07", "2016-09-07T08:30:00Z"),
        ("2015-12-25", "25/12/2015"),
        ("2015-12-25", "12/25/2015"),
        (None, "12/09/2015"),
        (None, "31 February 2015"),
        (None, "May 2015"),
        (None, ""),
    ],
)
def test_parse_day_reads_the_usual_forms(expected: str | None, written: str) -> None:
    """Full dates become ISO days; ambiguous or impossible ones are None."""
    assert expected == parse_day(written)


def test_date_comes_from_the_article_or_its_dateline() -> None:
    """A given date wins; else the dateline's; a date in the body is no date of the article."""
    text = f"Vote put off\n\nPublished 3 May 2021\n\n{BODY}"
    assert "2020-01-02" == read_document(Article(text, date="Jan. 2, 2020")).date
    assert "2021-05-03" == read_document(Article(text, date="some day")).date
    assert read("Vote put off", "The council met on 3 May 2021 and left.").date is None


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
        (("NUL characters", "bidirectional control characters", "no body text"), "\0\u200f"),
    ],
)
def test_flags_tell_what_is_odd(expected: tuple[str, ...], text: str) -> None:
    """Flags are sorted and say what a reader of the record should know."""
    assert expected == read_document(Article(text)).flags


PIECES = st.sampled_from(
    [
        "\n",
        "\n\n",
        "\r\n",
        " ",
        ". ",
        "“",
        "”",
        '"',
        "'",
        "‘",
        "’",
        "«",
        "»",
        "Vote",
        "the",
        "3 May 2021",
    ]
    + [
        "BONN: ",
        "By Ann Lee",
        "Tweet",
        "- Ann",
        "\0",
        "\u00a0",
        "\ufeff",
        "\u200f",
        "🎉",
        "?",
        "(",
        ")",
        "Mr.",
    ]
)


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
        assert sentence.extent in block.extent and sentence.zone == block.zone
    for run in document.quotations:
        assert run.inner and all(inner in run.extent for inner in run.inner)
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
