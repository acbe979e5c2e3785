"""Speech act, polarity and confidence (agent/commitment.py).

Rules of docs/guidelines.md on short sentences, with the real parser.
"""

from __future__ import annotations

import pytest

from agent.extract import Resources
from readings import by_tree, claims_of, labels_of

VOSS = "Marta Voss (said)"
OPEN = ("unknown", "uncommitted")


@pytest.mark.parametrize(
    ("act", "polarity", "confidence", "source", "content", "text"),
    [
        (
            "deny",
            "negative",
            "certain",
            "Marta Voss (denied)",
            "the dam is leaking",
            "Marta Voss denied that the dam is leaking.",
        ),
        (
            "deny",
            "negative",
            "certain",
            "Marta Voss (denied)",
            "the allegation",
            "Marta Voss denied the allegation.",
        ),
        (
            "deny",
            "negative",
            "certain",
            "The company (denied)",
            "taking bribes",
            "The company denied taking bribes.",
        ),
        (
            "decline",
            *OPEN,
            "Marta Voss (declined to comment)",
            "the leak",
            "Marta Voss declined to comment on the leak.",
        ),
        (
            "decline",
            *OPEN,
            "Marta Voss (has declined to confirm)",
            "the leak",
            "Marta Voss has declined to confirm the leak.",
        ),
        (
            "decline",
            *OPEN,
            "Marta Voss (declined to say)",
            "the dam would be repaired",
            "Marta Voss declined to say whether the dam would be repaired.",
        ),
        (
            "decline",
            *OPEN,
            "The ministry (did not comment on)",
            "the leak",
            "The ministry did not comment on the leak.",
        ),
        ("decline", *OPEN, VOSS, "No comment", "“No comment,” Marta Voss said."),
        ("decline", *OPEN, "Neither the club nor the warden (said)", "on which day it broke",
         "Neither the club nor the warden said on which day it broke."),
        ("decline", *OPEN, "Neither club (responded to)", "emails from farmers",
         "Neither club responded to emails from farmers."),
        ("disclaim", *OPEN, "Marta Voss (said she did not know anything about)", "the leak",
         "Marta Voss said she did not know anything about the leak."),
        ("disclaim", *OPEN, "", "It was not immediately clear who shut the dam",
         "It was not immediately clear who shut the dam."),
        ("assert", "positive", "certain", VOSS, "We not only mended the dam",
         "“We not only mended the dam,” Marta Voss said."),
        ("assert", "positive", "certain", VOSS, "This is a year when we want to build dams",
         "“This is a year when we want to build dams,” Marta Voss said."),
        ("assert", "negative", "certain", VOSS, "she would “never” leave",
         "Marta Voss said she would “never” leave."),
        ("assert", "positive", "certain", "", "The dam was intended to hold",
         "The dam was intended to hold."),
        (
            "disclaim",
            *OPEN,
            "Officials (do not know)",
            "what caused the leak",
            "Officials do not know what caused the leak.",
        ),
        (
            "disclaim",
            *OPEN,
            "Marta Voss (said she did not know)",
            "the dam is safe",
            "Marta Voss said she did not know whether the dam is safe.",
        ),
        (
            "disclaim",
            *OPEN,
            "Marta Voss (was unsure)",
            "the dam would hold",
            "Marta Voss was unsure whether the dam would hold.",
        ),
        (
            "disclaim",
            *OPEN,
            VOSS,
            "We do not know why it leaked",
            "“We do not know why it leaked,” Marta Voss said.",
        ),
        (
            "disclaim",
            *OPEN,
            "",
            "It is unclear whether the dam is safe",
            "It is unclear whether the dam is safe.",
        ),
        (
            "question",
            *OPEN,
            "Marta Voss (asked)",
            "the dam was safe",
            "Marta Voss asked whether the dam was safe.",
        ),
        (
            "question",
            *OPEN,
            "Marta Voss (wondered)",
            "why the dam had leaked",
            "Marta Voss wondered why the dam had leaked.",
        ),
        (
            "question",
            *OPEN,
            "Marta Voss (asked)",
            "Who will pay",
            "“Who will pay?” Marta Voss asked.",
        ),
        (
            "wish",
            "positive",
            "uncommitted",
            "Marta Voss (hopes)",
            "the dam will hold",
            "Marta Voss hopes that the dam will hold.",
        ),
        (
            "wish",
            "positive",
            "uncommitted",
            "Marta Voss (hopes)",
            "visit the dam",
            "Marta Voss hopes to visit the dam.",
        ),
        (
            "wish",
            "positive",
            "uncommitted",
            "Marta Voss (expressed her hope)",
            "the dam would hold",
            "Marta Voss expressed her hope that the dam would hold.",
        ),
        (
            "wish",
            "positive",
            "uncommitted",
            VOSS,
            "I hope the dam holds",
            "“I hope the dam holds,” Marta Voss said.",
        ),
        (
            "request",
            "positive",
            "uncommitted",
            "Marta Voss (urged)",
            "leave the valley",
            "Marta Voss urged residents to leave the valley.",
        ),
        (
            "request",
            "positive",
            "uncommitted",
            "The council (called for)",
            "an inquiry into the leak",
            "The council called for an inquiry into the leak.",
        ),
        (
            "request",
            "positive",
            "uncommitted",
            "Marta Voss (demanded)",
            "the dam be repaired",
            "Marta Voss demanded that the dam be repaired.",
        ),
        (
            "request",
            "positive",
            "uncommitted",
            VOSS,
            "Leave the valley now",
            "“Leave the valley now,” Marta Voss said.",
        ),
        (
            "congratulate",
            "positive",
            "certain",
            "Marta Voss (congratulated the engineers on)",
            "the repair",
            "Marta Voss congratulated the engineers on the repair.",
        ),
        (
            "congratulate",
            "positive",
            "certain",
            "Marta Voss (thanked the engineers for)",
            "their work",
            "Marta Voss thanked the engineers for their work.",
        ),
        (
            "commit",
            "positive",
            "certain",
            "Marta Voss (promised)",
            "repair the dam",
            "Marta Voss promised to repair the dam.",
        ),
        (
            "commit",
            "positive",
            "certain",
            "Marta Voss (pledged)",
            "the dam would be repaired",
            "Marta Voss pledged that the dam would be repaired.",
        ),
        (
            "commit",
            "positive",
            "certain",
            "The council (agreed)",
            "repair the dam",
            "The council agreed to repair the dam.",
        ),
        (
            "other",
            "positive",
            "certain",
            "Marta Voss (apologised for)",
            "the delay",
            "Marta Voss apologised for the delay.",
        ),
        (
            "assert",
            "negative",
            "certain",
            VOSS,
            "She was never told of the leak",
            "She was never told of the leak, Marta Voss said.",
        ),
    ],
)  # fmt: skip
def test_speech_act_is_the_innermost_source_s(
    resources: Resources,
    act: str,
    polarity: str,
    confidence: str,
    source: str,
    content: str,
    text: str,
) -> None:
    """Rule 8: declining, not knowing and denying are three things; a wish commits to nothing."""
    found = by_tree(resources, text)
    assert [(source, content)] == claims_of(found)
    assert [(act, polarity, confidence)] == labels_of(found)


@pytest.mark.parametrize(
    ("polarity", "confidence", "hedges", "text"),
    [
        ("positive", "certain", [], "Marta Voss said the dam is safe."),
        ("positive", "certain", ["will"], "The dam will hold."),
        ("positive", "certain", ["certainly"], "The dam is certainly safe."),
        ("positive", "certain", ["is set to"], "The dam is set to open in May."),
        ("positive", "certain", ["will"], "The council is convinced that the dam will hold."),
        ("positive", "certain", [], "Marta Voss confirmed that the dam leaked."),
        ("positive", "probable", ["probably"], "The dam probably leaked."),
        ("positive", "probable", ["likely"], "The dam is likely to leak next year."),
        ("positive", "probable", ["appears"], "The dam appears to be leaking."),
        ("positive", "probable", ["plans"], "The council plans to sell the mill."),
        ("positive", "probable", ["believes"], "Marta Voss believes the dam leaked."),
        ("positive", "probable", ["expects"], "The ministry expects the dam to hold."),
        ("positive", "probable", ["probably"], "Marta Voss said the dam will probably hold."),
        ("positive", "possible", ["might"], "The dam might leak."),
        ("positive", "possible", ["Perhaps"], "Perhaps the dam leaked."),
        ("positive", "possible", ["reportedly"], "The dam is reportedly leaking."),
        ("positive", "possible", ["may"], "Marta Voss said the dam may leak."),
        ("positive", "possible", ["might"], "Marta Voss warned that the dam might break."),
        ("positive", "possible", ["suggests"], "The report suggests that the dam leaked."),
        ("positive", "possible", ["fears"], "Marta Voss fears that the dam leaked."),
        ("positive", "possible", ["is worried"], "Marta Voss is worried that the dam will break."),
        ("positive", "possible", ["could"], "Marta Voss believes the dam could leak."),
        ("negative", "certain", [], "The dam does not leak."),
        ("negative", "certain", [], "No engineer saw the leak."),
        ("negative", "certain", [], "Nobody saw the leak."),
        ("negative", "certain", [], "Marta Voss said no decision has been taken."),
        ("negative", "probable", ["unlikely"], "The dam is unlikely to leak."),
        ("negative", "probable", ["unlikely"], "Marta Voss said the dam is unlikely to leak."),
        ("negative", "probable", ["doubts"], "Marta Voss doubts that the dam will hold."),
        (
            "negative",
            "probable",
            ["does not think"],
            "Marta Voss does not think that the dam will hold.",
        ),
    ],
)
def test_confidence_is_the_weakest_word_s(
    resources: Resources, polarity: str, confidence: str, hedges: list[str], text: str
) -> None:
    """Rule 9: the strongest hedge wins, negation is apart, the words that decided are kept."""
    found = by_tree(resources, text)
    assert [("assert", polarity, confidence)] == labels_of(found)
    assert hedges == [span.text for span in found.claims[0].confidence_cues]
