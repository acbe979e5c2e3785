"""Claims as sentences of their own (agent/standalone.py), alone and in the record."""

from __future__ import annotations

import pytest

from agent.extract import Resources
from agent.standalone import date_in, predicate, sentence
from agent.syntax import Token
from readings import by_tree

TUESDAY = "2024-03-05"


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        ("closed yesterday (4 March 2024)", "closed yesterday"),
        ("closes today (5 March 2024)", "closes today"),
        ("closes tomorrow (6 March 2024)", "closes tomorrow"),
        ("Yesterday (4 March 2024) it closed", "Yesterday it closed"),
        ("closed on Monday (4 March 2024)", "closed on Monday"),
        ("closed on Tuesday (5 March 2024)", "closed on Tuesday"),
        ("closed on Wednesday (28 February 2024)", "closed on Wednesday"),
        ("closed last Tuesday (27 February 2024)", "closed last Tuesday"),
        ("closes next Monday (11 March 2024)", "closes next Monday"),
        ("will close on Friday (8 March 2024)", "will close on Friday"),
        ("may close on Friday (8 March 2024)", "may close on Friday"),
        ("is to close on Friday (8 March 2024)", "is to close on Friday"),
        ("may have closed on Friday (1 March 2024)", "may have closed on Friday"),
        ("closed this month (March 2024)", "closed this month"),
        ("closed earlier this year (2024)", "closed earlier this year"),
        ("closed last month (February 2024)", "closed last month"),
        ("closed last year (2023)", "closed last year"),
        ("last year’s (2023) flood", "last year’s flood"),
        ("Sunday's (3 March 2024) match", "Sunday's match"),
        ("closed on Monday, 12 February", "closed on Monday, 12 February"),
        ("closed on Monday March 4", "closed on Monday March 4"),
        ("USA Today closed", "USA Today closed"),
        ("closed this week", "closed this week"),
        ("the todays of old, a Mondayish mood", "the todays of old, a Mondayish mood"),
    ],
)
def test_relative_date_is_explained(expected: str, content: str) -> None:
    """A day, month or year that only the article's date tells is added in brackets."""
    assert expected == date_in(content, TUESDAY)
    assert content == date_in(content, None)


@pytest.mark.parametrize(
    ("expected", "day", "content"),
    [
        ("last month (December 2023)", "2024-01-31", "last month"),
        ("next month (January 2025)", "2024-12-01", "next month"),
        ("yesterday (29 February 2024)", "2024-03-01", "yesterday"),
        ("tomorrow (1 January 2025)", "2024-12-31", "tomorrow"),
    ],
)
def test_relative_date_goes_over_borders(expected: str, day: str, content: str) -> None:
    """The turn of a month or a year is no trouble."""
    assert expected == date_in(content, day)


def test_weekday_to_come_can_be_told_from_outside() -> None:
    """Who urges to strike on Friday means the next one, though the words don't say so."""
    assert "strike on Friday (8 March 2024)" == date_in("strike on Friday", TUESDAY, future=True)


@pytest.mark.parametrize(
    ("expected", "names", "cue", "link", "spoken"),
    [
        ("It rained.", [], "", "that", False),
        ("A cook said that it rained.", ["a cook"], "said", "that", False),
        ("A cook said that it rained.", ["a cook"], "told", "that", False),
        ("A cook told Max that it rained.", ["a cook"], "told", "Max that", False),
        ("A cook says: “it rained”.", ["a cook"], "tells", ":", True),
        ("A cook praised “it rained”.", ["a cook"], "praised", "", True),
        ("According to a cook, it rained.", ["a cook"], "According to", "according to", False),
        (
            "According to a cook, cited by the Sun, it rained.",
            ["the Sun", "a cook"],
            "According to",
            "according to",
            False,
        ),
        (
            "According to the Sun, citing Max, a cook said that it rained.",
            ["the Sun", "Max", "a cook"],
            "said",
            "that",
            False,
        ),
        ("It was reported that it rained.", ["unspecified source"], "was reported", "that", False),
        (
            "According to an unspecified source, it rained.",
            ["unspecified source"],
            "said",
            "that",
            False,
        ),
    ],
)
def test_sentence_names_the_chain(
    expected: str, names: list[str], cue: str, link: str, spoken: bool
) -> None:
    """Outer sources come first, then who says it and how; it's a sentence with a full stop."""
    assert expected == sentence("it rained,", names=names, cue=cue, link=link, spoken=spoken)


@pytest.mark.parametrize(
    ("expected", "body", "names"),
    [
        ("Did it rain?", "did it rain?", []),
        ("Max said: “Did it rain?”", "Did it rain?", ["Max"]),
        ("It rained.", "it rained.", []),
        ("It rained…", "it rained…", []),
        ("80 boats sank.", "80 boats sank", []),
    ],
)
def test_sentence_ends_once(expected: str, body: str, names: list[str]) -> None:
    """A mark that ends the content is not doubled."""
    assert expected == sentence(body, names=names, cue="said", link=":", spoken=True)


def token(text: str, pos: str = "VERB", tag: str = "VBD", dep: str = "ROOT") -> Token:
    """Return a token of which only words and labels count."""
    return Token(0, 0, len(text), text, text, pos, tag, dep, 0)


@pytest.mark.parametrize(
    ("expected", "tokens", "plural", "by"),
    [
        ("warned", [token("warned")], False, False),
        ("said", [token(":", "PUNCT")], False, False),
        ("said", [token("citing", tag="VBG")], False, False),
        ("was asking", [token("asking", tag="VBG")], False, False),
        ("were asking", [token("asking", tag="VBG")], True, False),
        ("voiced the claim", [token("claim", "NOUN", "NN")], False, False),
        (
            "has confirmed",
            [token("has"), token("been", dep="auxpass"), token("confirmed")],
            False,
            True,
        ),
    ],
)
def test_cue_becomes_a_predicate(
    expected: str, tokens: list[Token], plural: bool, by: bool
) -> None:
    """A cue that doesn't fit behind a name (colon, participle, noun, passive) is made to."""
    cue = " ".join(t.text for t in tokens)
    assert expected == predicate(cue, tokens, plural=plural, by=by)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (["Ann Lee urged rowers to stay at home."], "Ann Lee urged rowers to stay at home."),
        (["Ann Lee asked whether the lake rose."], "Ann Lee asked whether the lake rose."),
        (
            ["Ann Lee told reporters that the lake rose."],
            "Ann Lee told reporters that the lake rose.",
        ),
        (
            ["Ann Lee said: “The lake rose”.", "Ann Lee said: “It froze”."],
            "“The lake rose,” said Ann Lee. “It froze.”",
        ),
        (["Ann Lee asked: “Why did the lake rise?”"], "“Why did the lake rise?” Ann Lee asked."),
        (["Ann Lee said that she saw the lake."], "Ann Lee said she saw the lake."),
        (
            ["Ann Lee came.", "Ann Lee said that the lake rose."],
            "Ann Lee came. She said the lake rose.",
        ),
        (["A rower said that the lake rose."], "The lake rose, a rower said."),
        (["According to the rowers, the lake rose."], "The lake rose, according to the rowers."),
        (
            ["According to the Selby Post, two rowers said that the lake rose."],
            "The Selby Post reported, citing two rowers, that the lake rose.",
        ),
        (["It was reported that the lake rose."], "It was reported that the lake rose."),
        (
            ["The mayor said that the lake will close on Friday (8 March 2024)."],
            "The mayor said the lake will close on Friday.",
        ),
        (
            ["The mayor promised to close the lake on Friday (8 March 2024)."],
            "The mayor promised to close the lake on Friday.",
        ),
        (["Is the lake safe?"], "Is the lake safe?"),
    ],
)
def test_claim_stands_alone(resources: Resources, expected: list[str], text: str) -> None:
    """In the record each claim is a sentence that can be read without the article."""
    assert expected == [claim.text for claim in by_tree(resources, text, TUESDAY).claims]
