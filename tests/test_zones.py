"""Zones of blocks and the day of an article (agent/zones.py, agent/furniture.py)."""

from __future__ import annotations

import time

import pytest

from agent.document import Article, read_document
from blocks import BODY, MORE, read, sentences, zones


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
        ("boilerplate", "(Reporting by Jane Doe in Bonn; editing by Max de Wit)"),
        ("boilerplate", "Reporting by Jane Doe and Max de Wit in Bonn; Writing by Bo Xu."),
        ("boilerplate", "Additional reporting by Jane Doe"),
        ("boilerplate", "Jane Doe in Bonn contributed to this report."),
        ("boilerplate", "Tags: bridges, votes"),
        ("boilerplate", "Share on WhatsApp | Post | 12 comments"),
        ("boilerplate", "Have a story? Ring our newsroom"),
        ("boilerplate", "[Photo]"),
        ("dateline", "EXCLUSIVE by Jane Doe"),
        ("dateline", "By our transport correspondent"),
        ("dateline", "By Valley Post staff"),
        ("dateline", "Fri 07 May 2021, 8.30pm"),
        ("dateline", "Fri 07 May 2021, 8.30pm | Roads desk"),
        ("dateline", "7.v.2021 · Roads · by Jane Doe"),
        ("dateline", "Posted May 7, 2021 • 3 min read • Filed under: Roads and rail"),
        ("dateline", "Last updated: 8.30pm"),
        ("dateline", "Last updated: an hour after the vote"),
        ("dateline", "Updated 3 hours ago"),
        ("caption", "The mayor spoke in Bonn, Md. Image: Valley Museum."),
        ("caption", "The mayor’s note to Max de Wit Image: Valley Museum / Jane Doe."),
        ("caption", "The old bridge in spring. Photo: J. R. Doe Jr."),
        ("caption", "The old bridge in spring. Credit: example.com/bridge"),
        ("caption", "The old bridge in spring (photo: Jane Doe)."),
        ("caption", "The old bridge in spring. (Photo by Jane Doe)"),
        ("caption", "The old bridge in spring. Photograph by Jane Doe"),
        ("caption", "Credit: Jane Doe"),
        ("subheading", "A Vote That Nobody Wanted"),
        ("subheading", "Who pays for it?"),
        ("subheading", "A bridge too far: what now?"),
        ("subheading", "What happens next"),
        ("body", "Share prices fell."),
        ("body", "By 2030 the bridge will be closed."),
        ("body", "In May 2021 the bridge was shut."),
        ("body", "Related costs rose by a third."),
        ("body", "- a list item without a stop"),
        ("body", "The mayor said:"),
        ("body", "Press: Who pays for it?"),
        ("body", "“Who pays for it?”"),
        ("body", "It is late. Who pays for it?"),
        ("body", "Is it right that the town should pay for a bridge which nobody wanted?"),
        ("body", "He kept one photo: his mother’s."),
        ("body", "Reporting by the Valley Post showed that nobody had asked."),
        ("body", "Updated rules for 3 bridges are in force."),
        ("body", "On 7 May 2021 the Roads desk was shut."),
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
        "BONN, June 3, 2021 (DPA) - ",
        "BONN, 3 June 2021 (Valley Press) — ",
        "BONN, 27 Jan. 2021 — ",
        "Bonn, 3 June 2021 (DPA) – ",
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


def test_date_comes_from_the_article_or_its_dateline() -> None:
    """A given date wins; else the dateline's; a date in the body is no date of the article."""
    text = f"Vote put off\n\nPublished 3 May 2021\n\n{BODY}"
    assert "2020-01-02" == read_document(Article(text, date="Jan. 2, 2020")).date
    assert "2021-05-03" == read_document(Article(text, date="some day")).date
    assert read("Vote put off", "The council met on 3 May 2021 and left.").date is None


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ("2021-01-27", f"BONN, 27 Jan. 2021 (Valley Press) — {BODY}"),
        ("2021-06-03", f"BONN, June 3, 2021 (DPA) - {BODY}"),
        ("2021-05-07", "7.v.2021 · Roads · by Jane Doe"),
        ("2021-05-07", "Fri 07 May 2021, 8.30pm | Roads desk"),
    ],
)
def test_date_is_read_from_every_kind_of_dateline(expected: str, line: str) -> None:
    """Its own row or the start of the first sentence, with section or agency."""
    assert expected == read("Vote put off", line, MORE).date


@pytest.mark.parametrize(
    "line",
    [
        "A.B." * 40,
        "Photo: " + "A.B. " * 18,
        "Reporting by " + "Ann and " * 40,
        "(Reporting by " + "Ann " * 80,
        "7 May 2021 " + "| " * 70,
        "A" + ", A b c d" * 17,
        "By " + "a-b " * 39,
        "Image: " * 50,
        "Why " * 14 + "?",
    ],
    ids=lambda line: line[:9],
)
def test_hostile_lines_take_linear_time(line: str) -> None:
    """A line that nearly fits a pattern, many times over, is read in no time."""
    start = time.perf_counter()
    read("Vote put off", *[line] * 500, BODY)
    assert time.perf_counter() - start < 20
