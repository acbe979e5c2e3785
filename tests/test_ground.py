"""Where sources, cues and hedges may stand, and what is rejected (agent/ground.py)."""

from __future__ import annotations

import pytest

from agent.document import Extent
from agent.ground import Finding, FoundSource, Words, ground
from bakery import DOC, TEXT, sentence
from readings import document

PAPER = """Rain ends early

It rained for a week, Ann Lee said.

The dam held. It may break, she warned.

The dyke held too.

Nobody was hurt.

Max Orr denied it. “Ivo ran, and Ida swam,” he said.
"""


@pytest.mark.parametrize(
    ("reason", "content", "mention", "cue"),
    [
        (None, "The dam held", "Ann Lee", "said"),
        (None, "The dyke held too", "Ann Lee", None),
        (None, "The dyke held too", "Max Orr", None),
        (None, "Rain ends early", "Max Orr", None),
        (
            "the source stands only where it can't be meant",
            "It rained for a week",
            "Max Orr",
            "said",
        ),
        ("the source stands only where it can't be meant", "Ivo ran", "Ivo", "said"),
        (None, "Ivo ran", "Ida", "said"),
        (None, "Ivo ran", "he", "said"),
        ("the source doesn't stand in the article", "Ivo ran", "Ada", "said"),
    ],
)
def test_source_stands_where_it_can_be_meant(
    reason: str | None, content: str, mention: str, cue: str | None
) -> None:
    """Named before its words or in the two paragraphs after them, and not in them alone."""
    whole = document(PAPER)
    source = FoundSource(Words(mention), Words(cue) if cue else None)
    held = whole.sentence_at(PAPER.index(content))
    assert held is not None
    kept, lost = ground([Finding((Words(content),), (source,), held.extent)], whole)
    assert ([reason] if reason else []) == [each.reason for each in lost]
    assert ([] if reason else [mention]) == [
        k.chain[0].mention.text for k in kept if k.chain[0].mention
    ]


@pytest.mark.parametrize(
    ("found", "content", "mention", "cue", "hedge"),
    [
        ((True, True), "It may break", "she", "warned", "may"),
        ((True, True), "The dam held", "Ann Lee", "said", "The dam"),
        ((True, False), "The dyke held too", "The dyke", "held", "may"),
        ((False, False), "Nobody was hurt", "Ann Lee", "warned", "may"),
        ((False, True), "It may break", "she", "denied", "warned"),
    ],
)
def test_cue_and_hedge_stand_by_their_claim(
    found: tuple[bool, bool], content: str, mention: str, cue: str, hedge: str
) -> None:
    """A cue of another paragraph and a hedge of another sentence are left out."""
    whole = document(PAPER)
    source = FoundSource(Words(mention), Words(cue))
    held = whole.sentence_at(PAPER.index(content))
    assert held is not None
    finding = Finding((Words(content),), (source,), held.extent, confidence_cues=(Words(hedge),))
    ((kept,), _) = ground([finding], whole)
    assert found == (kept.chain[0].cue is not None, bool(kept.confidence_cues))


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
