"""Strings to places: what is found, how, and what is rejected (agent/ground.py)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.document import Document, Extent
from agent.ground import Finder, Finding, FoundSource, Words, fold, ground
from readings import document

TEXT = """Bakery shut after fire

By Ann Lee

SELBY: The bakery’s oven — bought in 1998 — caught fire on Monday, and 12 of its 130\u00a0workers \
were hurt. It lost 3.5 tonnes of flour worth $1,200.

“We can’t say why it burned [so fast], but the oven was new. The oven was checked twice,” Max \
Orr, the owner, said. Max Orr said the co\u00adoperative “will pay every bill.”

Insurers can't pay before May--if at all. The oven was old, a rival said.

Share this article
"""
DOC = document(TEXT)
FINDER = Finder(DOC)


def found(text: str, near: Extent | None = None, at: int | None = None) -> list[tuple[str, str]]:
    """Return match and words of each span that the words of a content get."""
    near = near or Extent(0, len(TEXT))
    spans = FINDER.find(Words(text, at), near, content=True)
    assert [s.text for s in spans] == [TEXT[s.start : s.end] for s in spans]
    return [(s.match, s.text) for s in spans]


@pytest.mark.parametrize(
    ("match", "words", "text"),
    [
        ("exact", "caught fire on Monday", "caught fire on Monday"),
        ("exact", "caught fire", "  caught fire\n"),
        ("exact", "12", "12"),
        ("exact", "3.5 tonnes", "3.5 tonnes"),
        ("exact", "$1,200", "$1,200"),
        ("exact", "Bakery shut after fire", "Bakery shut after fire"),
        ("exact", "it burned [so fast], but", "it burned [so fast], but"),
        ("exact", "We can’t say", "We can’t say"),
        ("normalised", "The bakery’s oven", "The bakery's oven"),
        ("normalised", "We can’t say", "We can't say"),
        ("normalised", "Insurers can't pay", "Insurers can’t pay"),
        ("normalised", "“will pay every bill.”", '"will pay every bill."'),
        ("normalised", "oven — bought", "oven - bought"),
        ("normalised", "oven — bought", "oven – bought"),
        ("normalised", "before May--if at all", "before May—if at all"),
        ("normalised", "130\u00a0workers", "130 workers"),
        ("normalised", "130\u00a0workers", "130\nworkers"),
        ("normalised", "caught fire on Monday", "caught  fire\r\n\ton Monday"),
        ("normalised", "co\u00adoperative", "cooperative"),
        ("normalised", "caught fire", "caught \u200bfi\u00adre"),
        ("normalised", "Max Orr, the owner, said. Max", "Max Orr, the owner, said.\nMax"),
    ],
)
def test_words_are_found_as_they_are_or_folded(match: str, words: str, text: str) -> None:
    """Marks, dashes, white space and soft hyphens are the same; the span is the text's own."""
    assert [(match, words)] == found(text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ["The bakery’s oven", "caught fire on Monday"],
            "The bakery's oven ... caught fire on Monday",
        ),
        (["It lost", "flour"], "It lost … flour"),
        (["It lost", "flour"], "It lost [...] flour"),
        (["It lost", "flour"], "It lost (…) flour"),
        (["It lost", "tonnes", "worth $1,200."], "It lost...tonnes . . . worth $1,200."),
        (
            ["We can’t say why", "The oven was checked twice"],
            "We can't say why ... The oven was checked twice",
        ),
        (["The oven was old", "rival"], "The oven was old ... rival"),
        (["We can’t say", "but the oven"], "We can’t say [it ...] ... [and] but the oven"),
    ],
)
def test_ellipsis_parts_are_found_in_one_sentence_or_quotation(words: list[str], text: str) -> None:
    """Each part has its span, in order, within a sentence or a quotation of several sentences."""
    assert [("elided", word) for word in words] == found(text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["It lost 3.5 tonnes"], "It lost 3.5 tonnes [of flour]"),
        (["will pay every bill"], "[The bakery] will pay every bill"),
        (["caught fire", "and 12"], "caught fire [this week] and 12"),
    ],
)
def test_bracketed_words_are_left_out(words: list[str], text: str) -> None:
    """What a model adds in brackets has no place; what stands around it has."""
    assert [("edited", word) for word in words] == found(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("the oven wasn't new", id="not added"),
        pytest.param("We can say why it burned", id="not dropped"),
        pytest.param("Insurers can", id="not cut off"),
        pytest.param("We can", id="not cut off, curly"),
        pytest.param("13 of its 130 workers", id="another number"),
        pytest.param("1", id="part of a number"),
        pytest.param("30", id="end of a number"),
        pytest.param("3", id="before the point"),
        pytest.param("5 tonnes", id="behind the point"),
        pytest.param("200", id="behind the comma"),
        pytest.param("1,200", id="without its currency"),
        pytest.param("It lost 3.6 tonnes", id="another decimal"),
        pytest.param("caught fire on Monday and burned all night", id="true, then made up"),
        pytest.param("on Monday, and of its 130 workers", id="word dropped"),
        pytest.param("caught fire on Sunday", id="word changed"),
        pytest.param("Caught fire", id="letter changed"),
        pytest.param("The bakery’s oven caught fire", id="joined without a mark"),
        pytest.param("It lost flour", id="words left out without a mark"),
        pytest.param("It lost ... The oven was old", id="parts of two sentences"),
        pytest.param("the oven was new ... will pay every bill", id="parts of two quotations"),
        pytest.param("It lost ... Max Orr", id="parts of two blocks"),
        pytest.param("caught fire ... The bakery’s oven", id="parts out of order"),
        pytest.param("It lost ... ten tonnes", id="one part made up"),
        pytest.param("It lost ... It lost", id="one part twice"),
        pytest.param("burned [so quickly], and then", id="edited, then made up"),
        pytest.param("akery", id="part of a word"),
        pytest.param("the oven was ne", id="last word cut"),
        pytest.param("", id="empty"),
        pytest.param(" \n", id="blank"),
        pytest.param("...", id="dots only"),
        pytest.param("—", id="dash only"),
        pytest.param("“”", id="marks only"),
        pytest.param("[sic]", id="brackets only"),
        pytest.param("SELBY", id="dateline"),
        pytest.param("Ann Lee", id="byline"),
        pytest.param("Share this article", id="button"),
    ],
)
def test_words_that_do_not_stand_there_are_rejected(text: str) -> None:
    """Nothing is accepted by likeness: one changed, dropped or added word or digit rejects."""
    assert [] == found(text)
    everywhere = Extent(0, len(TEXT))
    kept, lost = ground([Finding((Words(text),), (), everywhere)], DOC)
    assert [] == kept
    assert [("ground", [text])] == [(each.stage, each.strings) for each in lost]


def place(words: str, nth: int = 0) -> int:
    """Return where the words stand for the nth time."""
    return [m.start() for m in re.finditer(re.escape(words), TEXT)][nth]


def sentence(words: str) -> Extent:
    """Return the sentence that the words stand in."""
    held = DOC.sentence_at(place(words))
    assert held is not None
    return held.extent


@pytest.mark.parametrize(
    ("expected", "words", "near", "at"),
    [
        pytest.param(0, "The oven was", "checked", None, id="in the passage"),
        pytest.param(1, "The oven was", "Insurers", None, id="next after it"),
        pytest.param(0, "The oven was", "Monday", None, id="next of several after it"),
        pytest.param(1, "The oven was", "checked", "rival", id="nearest to where it's expected"),
        pytest.param(0, "The oven was", "rival", "Monday", id="nearest, before the passage"),
        pytest.param(1, "Max Orr", "will pay", None, id="in the passage, not the first"),
    ],
)
def test_nearest_occurrence_is_taken(expected: int, words: str, near: str, at: str | None) -> None:
    """Of several places: nearest to the expected one, else in the passage, else nearest to it."""
    where = place(at) if at else None
    (span,) = FINDER.find(Words(words, where), sentence(near))
    assert place(words, expected) == span.start


def test_source_and_cue_are_not_sought_in_the_content() -> None:
    """A name and a cue that the content holds too are those beside it; hedges are the content's."""
    text = "“Ann said it may rain, and Ann said no more,” Ann said. He may know why, Max said."
    whole = document(text)
    source = FoundSource(Words("Ann"), Words("said"))
    content = Words("Ann said it may rain, and Ann said no more")
    passage = Extent(0, text.index(" He"))
    finding = Finding((content,), (source,), passage, confidence_cues=(Words("may"),))
    ((one,), lost) = ground([finding], whole)
    (link,) = one.chain
    assert link.mention
    assert link.cue
    assert [] == lost
    assert ("Ann said. He", "said. He") == (
        text[link.mention.start :][:12],
        text[link.cue.start :][:8],
    )
    assert [text.index("may")] == [span.start for span in one.confidence_cues]


def test_cue_belongs_to_the_source_beside_it() -> None:
    """Where two sources say something, each has its own verb."""
    text = "Ann said it rained and Max said it snowed."
    finding = Finding(
        (Words("it snowed"),), (FoundSource(Words("Max"), Words("said")),), Extent(0, len(text))
    )
    ((one,), _) = ground([finding], document(text))
    assert one.chain[0].cue
    assert text.rindex("said") == one.chain[0].cue.start


@pytest.mark.parametrize(
    ("mention", "cue", "reason"),
    [
        ("Max Ott", "said", "the source doesn't stand in the article"),
        ("", "said", "the source doesn't stand in the article"),
        ("Max Orr", "shouted", None),
        (None, "said", None),
    ],
)
def test_source_that_does_not_stand_there_rejects(
    mention: str | None, cue: str, reason: str | None
) -> None:
    """A made-up source rejects the finding; a made-up cue is only left out."""
    source = FoundSource(None if mention is None else Words(mention), Words(cue))
    finding = Finding((Words("the oven was new"),), (source,), sentence("oven was new"))
    kept, lost = ground([finding], DOC)
    assert ([] if reason is None else [reason]) == [each.reason for each in lost]
    if kept:
        assert (cue in TEXT) == (kept[0].chain[0].cue is not None)


def test_a_mark_is_found_only_where_it_is_expected() -> None:
    """A colon may be a cue: at its own offset, and nowhere else."""
    colon = TEXT.index(":")
    near = Extent(colon - 5, colon + 5)
    assert [":"] == [s.text for s in FINDER.find(Words(":", colon), near)]
    assert [] == FINDER.find(Words(":", colon + 1), near)
    assert [] == FINDER.find(Words(":"), near)


@given(st.text(alphabet='ab \u00ad“"—-\n\u00a0', max_size=30))
def test_folded_text_leads_back_to_its_origin(text: str) -> None:
    """Each folded character has an origin, in order, that folds to it."""
    folded, origin = fold(text)
    assert len(folded) == len(origin)
    assert sorted(set(origin)) == origin
    assert folded == "".join(fold(text[i])[0] for i in origin)


# ---- mutations --------------------------------------------------------------------------------

# Without the bracketed words: a model's brackets mean something else.
SENTENCES = [re.sub(r"\[.*\]", "", s.extent.of(TEXT)) for s in DOC.readable()]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return a piece of a sentence with a word dropped or added, or a digit changed."""
    tokens = draw(st.sampled_from(SENTENCES)).split()
    first = draw(st.integers(0, len(tokens) - 2))
    piece = tokens[first : draw(st.integers(first + 2, len(tokens)))]
    at = draw(st.integers(0, len(piece) - 1))
    how = draw(st.sampled_from(["drop", "add", "digit"]))
    if how == "drop":
        del piece[at]
    elif how == "add":
        piece.insert(at, draw(st.sampled_from(["not", "never", "oven", "12", "Max"])))
    else:
        digit = draw(st.sampled_from("0123456789"))
        piece[at] = re.sub(r"\d", digit, piece[at], count=1)
    return " ".join(piece)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_mutated_words_are_never_accepted(text: str) -> None:
    """A changed string is found only where it stands in the text all the same."""
    stands = fold(text)[0].strip() in fold(TEXT)[0]
    assert stands or not found(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abc .,“”\"'[]…12-\n", max_size=40), st.data())
def test_found_words_are_the_words_of_the_text(text: str, data: st.DataObject) -> None:
    """In any text, the spans of any string fold to that string, but for its dots and brackets."""
    start = data.draw(st.integers(0, len(text)))
    wanted = data.draw(st.text(alphabet="abc .…[]12'", max_size=8) | st.just(text[start:]))
    whole: Document = document(text)
    spans = Finder(whole).find(Words(wanted), Extent(0, len(text)), content=True)
    assert [text[s.start : s.end] for s in spans] == [s.text for s in spans]
    assert sorted(spans, key=lambda s: s.start) == spans
    if spans and spans[0].match in {"exact", "normalised"}:
        assert fold(wanted)[0].strip() == fold(spans[0].text)[0].strip()
    for span in spans:
        assert fold(span.text)[0].strip() in fold(wanted)[0]
