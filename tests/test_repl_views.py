"""What the REPL shows of an article and its record (agent/repl/article.py, views.py)."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console, RenderableType

from agent.document import Article, read_document
from agent.errors import InputError
from agent.repl import article, views
from agent.repl.article import Layout
from agent.repl.desk import clean
from agent.repl.parse import find_claim
from agent.repl.session import restore, reviewed, select
from agent.repl.views import narrowed
from agent.rows import json_text
from agent.schema import Difference, Extraction, Rejected, Review
from sample_records import TEXT, claim, sample, span

DOCUMENT = read_document(Article(TEXT), "en")
EVIL = "\x1b]0;owned\x07\x1b[2J[bold]\u202e"


def shown(*what: RenderableType, width: int = 80, colour: bool = False) -> str:
    """Return what a terminal would show, blanks at the ends of lines left out."""
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=colour,
        color_system="standard" if colour else None,
    )
    console.print(*what, sep="\n")
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def shown_article(record: Extraction, layout: Layout) -> str:
    """Return the sample article as it's shown."""
    blocks = article.blocks(TEXT, DOCUMENT.blocks, record, record.claims, layout)
    return shown(*blocks, width=layout.width)


def unwrapped(record: Extraction) -> str:
    """Return the sample article as it's shown, in one line."""
    return " ".join(shown_article(record, Layout(80, plain=True)).split())


def test_claims_stand_in_brackets_with_number_and_sign() -> None:
    """What colour tells is told by marks too: number, certainty, where a claim ends."""
    text = unwrapped(sample())
    for mark in (
        "[1?: Harbour tunnel may close until May]",
        "It [3: opened in 1974]",
        "“[5: We will not gamble with lives],”",
        "declined to confirm [7-: the cost of the works]",
        "[10~: a second tunnel is likely to be built]",
    ):
        assert mark in text


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("width", range(40, 90, 7))
def test_mark_of_a_claim_is_on_the_line_of_its_first_word(width: int, plain: bool) -> None:
    """No line ends between a claim's number and the words that it numbers, and none is too long."""
    lines = shown_article(sample(), Layout(width, plain=plain)).splitlines()
    text = [line.partition("│")[0].rstrip() for line in lines]
    assert [] == [line for line in text if re.search(r"\[\S+:\Z", line)]
    assert width >= max(map(len, lines))


def test_sources_stand_in_the_margin() -> None:
    """Beside each paragraph stands who says which claims, unnamed sources marked as such."""
    lines = shown_article(sample(), Layout(200)).splitlines()
    beside = [line.partition("│")[2].strip() for line in lines]
    assert "4?: Tarnholm Courier ← city engineers (unnamed)" in beside
    assert "5, 6, 7-, 8, 9: Asta Lind" in beside


def test_plain_layout_has_no_columns() -> None:
    """For a screen reader the sources stand below the paragraph, and nothing is drawn."""
    text = shown_article(sample(), Layout(80, plain=True))
    assert "\n    5, 6, 7-, 8, 9: Asta Lind\n" in text
    assert not set("│─╭╰┃") & set(text)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_article_keeps_within_the_width(width: int) -> None:
    """No line is wider than the terminal."""
    lines = shown_article(sample(), Layout(width)).splitlines()
    assert width >= max(map(len, lines))


def test_every_word_of_the_article_is_shown() -> None:
    """Marks are put in and nothing is left out."""
    text = shown_article(sample().model_copy(update={"claims": []}), Layout(80, plain=True))
    assert TEXT.split() == text.split()


def test_content_in_parts_goes_on_with_dots() -> None:
    """A claim of two spans bears its number at both."""
    parts = claim(4, "the repairs", []).model_copy(
        update={"content": [span("the repairs"), span("take months")]}
    )
    record = sample().model_copy(update={"claims": [parts]})
    assert "[4: the repairs] could […4: take months]" in unwrapped(record)


def test_verdict_stands_in_the_mark() -> None:
    """A reviewed claim says so where it stands."""
    record = _reviewed(5, "wrong")
    assert "[5 wrong: We will not gamble with lives]" in unwrapped(record)


def _reviewed(number: int, status: str, note: str = "") -> Extraction:
    review = Review.model_validate(
        {"status": status, "by": "ann", "at": "2026-01-02T03:04:05+00:00", "note": note}
    )
    session = restore(json_text(sample()), "x.json")
    assert session is not None
    record = reviewed(session, f"c{number:02}", review).record
    assert record is not None
    return record


def test_colour_goes_by_confidence() -> None:
    """Each level has its own colour."""
    record = sample()
    text = shown(
        *article.blocks(TEXT, DOCUMENT.blocks, record, record.claims, Layout(120)), colour=True
    )
    for colour, words in (("33", "the repairs could take months"), ("32", "opened in 1974")):
        assert f"\x1b[{colour}m{words}" in text


# ---- lists ------------------------------------------------------------------------------------


def test_claim_is_listed_with_source_words_and_manner() -> None:
    """Two lines: who says what; how, and how sure."""
    text = shown(views.claims(sample(), sample().claims))
    assert (
        "4?   Tarnholm Courier ← city engineers (unnamed): the repairs could take months\n"
        "     reported: “According to”; raised as possible: “could”\n"
    ) in text
    assert "3    the article: The harbour tunnel opened in 1974.\n     stated as fact" in text


@pytest.mark.parametrize(
    ("numbers", "filters"),
    [
        (["c01", "c04"], {"confidence": "possible"}),
        (["c01", "c04", "c10"], {"confidence": "possible,probable"}),
        (["c05", "c06", "c07", "c08", "c09"], {"source": "LIND"}),
        (["c06"], {"source": "lind", "act": "deny"}),
        (["c04"], {"source": "courier"}),
        (["c08"], {"words": "fine way"}),
        ([], {"review": "ok"}),
        (["c01"], {"zone": "headline"}),
        (["c02", "c03"], {"kind": "none", "zone": "body"}),
    ],
)
def test_filter_selects_claims(numbers: list[str], filters: dict[str, str]) -> None:
    """All conditions must hold; a source counts wherever it stands in the chain."""
    found = select(sample(), filters)
    assert numbers == [c.id for c in found]
    assert narrowed(sample(), found, filters).startswith(f"{len(numbers)} of 10 claims: ")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (4, "possible: raised as possible, because of “could”"),
        (2, "certain: stated as fact, since nothing softens it"),
        (7, "uncommitted: no position taken, since the source declines to comment"),
        (4, "← city engineers (anonymous, cue “According to”)"),
        (2, "the article: no source is named"),
        (4, "It opened in 1974. According to city engineers quoted by the Tarnholm Courier, [the"),
        (10, "score     61% likely to be read right"),
        (6, "says it is not so"),
    ],
)
def test_claim_in_full_tells_why(number: int, words: str) -> None:
    """Context, chain, cues and the reason for the level."""
    record = sample()
    text = shown(views.claim(record, DOCUMENT, find_claim(record, str(number))), width=120)
    assert words in text


def test_context_of_a_headline_is_the_headline() -> None:
    """The first sentence of the body isn't told beside the headline, nor the other way round."""
    headline, first = (
        views.context(DOCUMENT, find_claim(sample(), number)).plain for number in ("1", "2")
    )
    assert "[Harbour tunnel may close until May]" == headline
    assert first.startswith("[The harbour tunnel was shut")


def test_claim_in_full_shows_what_was_rejected_there() -> None:
    """A rejected item of the same sentence stands with its reason, those of others don't."""
    refused = [
        Rejected(stage="ground", reason="not in the text", strings=["x"], passage=span(words))
        for words in ("It opened in 1974.", "the ferry was")
    ]
    record = sample().model_copy(update={"rejected": refused})
    text = shown(views.claim(record, DOCUMENT, find_claim(record, "3")))
    assert 1 == text.count("rejected  not in the text: “x” (stage ground)")


def test_claim_in_full_shows_what_was_returned_otherwise() -> None:
    """Where the model's words aren't the article's, both are shown."""
    record = sample()
    one = record.claims[3].model_copy(
        update={"differences": [Difference(match="edited", returned="[it]", stands="the", at=3)]}
    )
    text = shown(views.claim(record.model_copy(update={"claims": [one]}), DOCUMENT, one))
    assert "differs   the reading has “[it]” for “the”" in text
    assert "found edited" in text


def test_claim_in_full_shows_the_verdict() -> None:
    """Who judged it, when, and with which note."""
    record = _reviewed(4, "ok", "as printed")
    text = shown(views.claim(record, DOCUMENT, find_claim(record, "4")))
    assert "review    ok: as printed (ann 2026-01-02T03:04:05+00:00)" in text


def test_sources_are_counted() -> None:
    """Claims by level, what is passed on, and who gave no answer."""
    text = shown(views.sources(sample()), width=200)
    lind = (
        "person; 5 claims: 4 stated as fact, 1 no position taken; "
        "declines, denies or doesn't know: 6, 7"
    )
    assert f"Asta Lind           {lind}" == text.splitlines()[0]
    assert "Tarnholm Courier    organization; passes on 4" in text


# ---- what an article can't do -----------------------------------------------------------------


def evil_record() -> Extraction:
    """Return a record whose every text holds escape sequences and markup."""
    record = sample()
    value = record.model_dump(mode="json", by_alias=True)
    value["document"]["title"] = EVIL
    for entity in value["entities"]:
        entity["name"] = EVIL + entity["name"]
        entity["aliases"] = [EVIL]
    for one in value["claims"]:
        one["text"] = EVIL + one["text"]
        one["differences"] = [{"match": "edited", "returned": EVIL, "stands": EVIL, "at": 0}]
        one["review"] = {"status": "ok", "by": EVIL, "at": EVIL, "note": EVIL}
        for part in (one["content"], one["confidence_cues"]):
            for place in part:
                place["text"] = EVIL + place["text"]
        for link in one["attribution"]["chain"]:
            if link["cue"]:
                link["cue"]["text"] = EVIL
    for refused in value["rejected"]:
        refused["reason"], refused["strings"] = EVIL, [EVIL]
    return Extraction.model_validate(value)


def test_article_steers_no_terminal() -> None:
    """Escape sequences, markup and direction marks of an article are shown, not obeyed."""
    record = evil_record()
    text = TEXT.replace("It opened", f"{EVIL}It opened")
    document = read_document(Article(text), "en")
    screens = [
        *article.blocks(text, document.blocks, record, record.claims, Layout(80)),
        views.claims(record, record.claims),
        views.claim(record, document, record.claims[3]),
        views.sources(record),
        views.who(record, record.entities[0]),
        views.rejected(record),
    ]
    told = shown(*screens, clean(EVIL)) + narrowed(record, [], {"words": EVIL})
    assert not set("\x1b\x07\u202e") & set(told)
    assert "[bold]" in told


# ---- records and sessions from files ----------------------------------------------------------


def test_record_in_json_is_taken_up() -> None:
    """What extract -f json wrote can be looked at and judged, without reading anew."""
    session = restore(json_text(sample()), "tunnel.json")
    assert session is not None
    assert (sample(), TEXT) == (session.record, session.article and session.article.text)
    assert session == restore(session.model_dump_json(by_alias=True), "tunnel.session.json")


@pytest.mark.parametrize("text", ["Rain fell on Monday.", '{"format": "other/1"}', "{"])
def test_other_file_is_no_session(text: str) -> None:
    """A text or some other JSON is left to be read as an article."""
    assert restore(text, "x.json") is None


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("x.json was exported without the article's text", json_text(sample(), with_text=False)),
        ("x.json is damaged at claims / 0 / id", json_text(sample()).replace('"c01"', "1", 1)),
        ("c01 doesn't stand in the text", json_text(sample()).replace("Harbour", "Harbor", 2)),
        ("x.json is damaged", json_text(sample())[:-200]),
    ],
)
def test_damaged_record_is_refused(message: str, text: str) -> None:
    """A record is taken up whole or not at all, and the message says what is wrong."""
    with pytest.raises(InputError, match=message):
        restore(text, "x.json")
